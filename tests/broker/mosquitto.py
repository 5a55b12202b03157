"""A real broker that a test may stop, kill and start again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Self

import pytest

from imurep.service.demo_broker import find_mosquitto, free_port, mosquitto_settings

if TYPE_CHECKING:
    from pathlib import Path

_START_S = 60.0


def program() -> str:
    """Path of mosquitto; without it the test is skipped, or fails where all has to be there."""
    found = find_mosquitto()
    if found is None:
        why = "needs mosquitto, which is not installed (apt install mosquitto)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return found


class Mosquitto:
    """One broker; what it keeps survives in ``directory``."""

    def __init__(self, directory: Path, *, more: str = "", anonymous: bool = True) -> None:
        self.port = free_port()
        self._program = program()
        self._settings = directory / "mosquitto.conf"
        settings = mosquitto_settings(self.port, directory)
        if not anonymous:
            settings = settings.replace("allow_anonymous true", "allow_anonymous false")
        self._settings.write_text(settings + more, encoding="utf-8")
        self._log = directory / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)

    def start(self) -> None:
        """Start; comes back when it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-c", str(self._settings)], stdout=log, stderr=log
            )
        for _ in range(round(_START_S / 0.02)):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        pytest.fail(f"mosquitto does not answer: {self._log.read_text(encoding='utf-8')[-2000:]}")

    def end(self, how: signal.Signals) -> None:
        """Stop (SIGTERM) or kill it."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None
