"""``python -m tests.benchmarks.service TRANSPORT DIRECTORY EXERCISE SENSORS SECONDS``: the service, measured.

In a process of its own and in real time; prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.config import Bluetooth, Data, Settings
from imurep.events import ExerciseSet, Link, Rep
from imurep.service.assembly import run_service
from imurep.service.clock import ServiceClock

if TYPE_CHECKING:
    from imurep.events import SensorStatus, SessionEvent

WARM_PART = 0.1
"""Of the time, before measuring: connecting, and what is loaded at first use, is not what streaming costs."""


@dataclass
class Watch:
    """Notes when reps are first told of."""

    sensors: int
    published_unix_s: dict[str, float] = field(default_factory=dict)
    reps: dict[str, list[str]] = field(default_factory=dict)
    """Ids of the reps of its newest set, by sensor."""
    streaming: set[str] = field(default_factory=set)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def event(self, session_event: SessionEvent) -> None:
        match session_event.event:
            case Rep(id=name):
                self.published_unix_s.setdefault(name, time.time())
            case ExerciseSet(reps=reps):
                self.reps[session_event.sensor] = [rep.id for rep in reps]
            case _:
                pass

    def status(self, status: SensorStatus) -> None:
        if status.link is Link.STREAMING:
            self.streaming.add(status.sensor)
        if len(self.streaming) == self.sensors:
            self.complete.set()


async def _measure(transport: str, directory: Path, exercise: str, sensors: int, seconds: float) -> None:
    watch = Watch(sensors)
    cpu_part = 0.0

    async def measured() -> None:
        nonlocal cpu_part
        await watch.complete.wait()
        await asyncio.sleep(WARM_PART * seconds)
        begin_s, used_s = time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        cpu_part = (time.process_time() - used_s) / (time.perf_counter() - begin_s)

    settings = Settings(
        sensors=("ble",) * sensors,
        exercise=exercise,
        bluetooth=Bluetooth(backend=f"bumble:{transport}"),
        data=Data(directory=directory),
    )
    await run_service(settings, [watch], clock=ServiceClock(), until=measured())
    published_unix_s = {
        sensor: [watch.published_unix_s[name] for name in names] for sensor, names in watch.reps.items()
    }
    print(json.dumps({"cpu_part": cpu_part, "told_unix_s": published_unix_s}))


if __name__ == "__main__":
    transport, directory, exercise, sensors, seconds = sys.argv[1:]
    asyncio.run(_measure(transport, Path(directory), exercise, int(sensors), float(seconds)))
