"""The whole chain as programs of their own: a simulated sensor, the service, and a real broker between it
and a dashboard.

Both programs live faster than the world. Nothing depends on how fast the machine is: the sensor keeps all
that it took, and whoever waits, waits for what programs and messages say.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.radio.programs import PacedService, Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RING_S = 3600
"""So much the sensor keeps, which is more than any workout here takes."""


class Service(PacedService):
    """The service, and what is waited for."""

    def until_sets(self, sets: int, *, over: bool = False) -> None:
        """Wait until so many sets have begun, or until so many are over."""
        seen: set[str] = set()

        def enough(line: str) -> bool:
            event = json.loads(line).get("set")
            if event and (event["state"] == "final" or not over):
                seen.add(event["id"])
            return len(seen) >= sets

        self.until(enough)


class Chain:
    """A worn sensor, and a service that is started, killed and started again beside it."""

    def __init__(self, sensor: Program, directory: Path, broker_port: int, speed: float) -> None:
        self.sensor = sensor
        self._transport = sensor.word("ready")
        self._directory = directory
        self._broker_port = broker_port
        self._speed = speed
        self._since_unix_s = time.time()

    def serve(self) -> Service:
        """Start the service; each has the data that the one before it left."""
        return Service(
            *("--backend", f"bumble:{self._transport}", "--data-dir", self._directory),
            *("--mqtt", f"mqtt://127.0.0.1:{self._broker_port}", "--no-web"),
            speed=self._speed,
            since_unix_s=self._since_unix_s,
        )


@contextmanager
def chain(directory: Path, broker_port: int, *workout: object, speed: float) -> Iterator[Chain]:
    """A sensor on somebody who does a workout (options of ``serve``) as soon as a service listens."""
    with Program("firmware_sim", "serve", *workout, "--speed", speed, "--ring", RING_S) as sensor:
        yield Chain(sensor, directory, broker_port, speed)
