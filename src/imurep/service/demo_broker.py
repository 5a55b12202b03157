"""A broker for trying things, on this machine only: mosquitto if there is one, else one in this process."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import socket
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imurep.errors import ConfigError, SinkError
from imurep.util.child_process import supervised

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_HOST = "127.0.0.1"
_BEGIN_S = 20.0
_SBIN = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Directories that packages use and that are not always on PATH."""


@dataclass(frozen=True, slots=True)
class DemoBroker:
    """A broker that runs."""

    port: int
    kind: str
    """Which program it is, for people."""
    version: Literal["5", "3.1.1"]
    """Of MQTT."""

    @property
    def url(self) -> str:
        """Where it is."""
        return f"mqtt://{_HOST}:{self.port}"


def find_mosquitto() -> str | None:
    """Path of the program, if it is installed."""
    return shutil.which("mosquitto", path=os.pathsep.join((os.environ.get("PATH", ""), *_SBIN)))


@asynccontextmanager
async def demo_broker(directory: Path) -> AsyncIterator[DemoBroker]:
    """Run a broker on a free port; it keeps what it keeps in ``directory``.

    Raises ConfigError when there is none to run, and SinkError when it does not start.
    """
    port = free_port()
    program = find_mosquitto()
    if program is not None:
        async with _mosquitto(program, port, directory):
            yield DemoBroker(port, "mosquitto", "5")
    elif importlib.util.find_spec("amqtt") is not None:
        from imurep.service.demo_broker_amqtt import amqtt_broker  # noqa: PLC0415 an extra

        async with amqtt_broker(port):
            yield DemoBroker(port, "amqtt, MQTT 3.1.1", "3.1.1")
    else:
        msg = "there is no broker to run: install mosquitto, or pip install 'imurep[demo]'"
        raise ConfigError(msg)


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def mosquitto_settings(port: int, directory: Path) -> str:
    """Text of a configuration file: loopback only, everything on disk at once, a long queue for the slow."""
    lines = [
        "per_listener_settings false",
        "allow_anonymous true",
        "set_tcp_nodelay true",
        "persistence true",
        f"persistence_location {directory}/",
        "autosave_on_changes true",
        "autosave_interval 1",
        "max_queued_messages 20000",
        f"listener {port} {_HOST}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        lines.append("user root")  # else it becomes a user who may not write there
    return "\n".join(lines) + "\n"


@asynccontextmanager
async def _mosquitto(program: str, port: int, directory: Path) -> AsyncIterator[None]:
    settings = directory / "mosquitto.conf"
    settings.write_text(mosquitto_settings(port, directory), encoding="utf-8")
    child = await asyncio.create_subprocess_exec(
        *supervised(program, "-c", str(settings)),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,  # Ctrl-C is for the service, which still publishes its end
    )
    try:
        await _answering(child, port)
        yield
    finally:
        assert child.stdin is not None  # noqa: S101 a pipe was asked for
        child.stdin.close()
        await child.wait()


async def _answering(child: asyncio.subprocess.Process, port: int) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_BEGIN_S):
            while child.returncode is None:
                try:
                    _, writer = await asyncio.open_connection(_HOST, port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    return
    msg = "mosquitto does not start; run it by hand to see why"
    raise SinkError(msg)
