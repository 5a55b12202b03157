"""A mosquitto of the test's own."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from tests.programs import program

if TYPE_CHECKING:
    from pathlib import Path

UP_S = 10.0


class Mosquitto:
    """Listens on a port of loopback that stays the same through restarts."""

    def __init__(self, directory: Path, *, user: tuple[str, str] | None = None) -> None:
        directory.mkdir(exist_ok=True)
        self.port = _free_port()
        self._config = directory / "mosquitto.conf"
        lines = [
            "set_tcp_nodelay true",
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {'false' if user else 'true'}",
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # else it drops its rights and cannot read what root made
        if user is not None:
            passwords = directory / "passwords"
            subprocess.run(
                [program("mosquitto_passwd"), "-c", "-b", str(passwords), *user],
                check=True,
                capture_output=True,
            )
            lines.append(f"password_file {passwords}")
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [program("mosquitto"), "-c", str(self._config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + UP_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        self.stop()
        msg = "mosquitto does not come up"
        raise AssertionError(msg)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
