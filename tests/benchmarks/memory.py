"""``python -m tests.benchmarks.memory MINUTES LOOKS``: what the whole chain holds on to while it runs.

One process and virtual time. Prints minutes, and the bytes in use that were not when the stream began, so
many times. What the process holds altogether would not tell: making the person takes far more, and frees it.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.hours import workout
from tests.radio.multi_sensor_env import EventCollector, MultiSensorEnv
from tests.virtual_time import VirtualTimeLoop

if TYPE_CHECKING:
    from imurep.events import SensorStatus, SessionEvent


class Forgetful(EventCollector):
    """Keeps nothing, so that what others keep is seen."""

    def event(self, event: SessionEvent) -> None:
        pass

    def status(self, status: SensorStatus) -> None:
        pass


async def _train(directory: Path, minutes: float, looks: int) -> None:
    async with MultiSensorEnv(directory) as env:
        sensor = await env.sensor(workout(60.0 * minutes))
        running = env.serve(collector=Forgetful())
        await sensor.begun.wait()
        tracemalloc.start()
        for number in range(1, looks + 1):
            await asyncio.sleep(60.0 * minutes / looks)
            gc.collect()
            print(minutes * number / looks, tracemalloc.get_traced_memory()[0], flush=True)
        await running.stop()


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="imurep-bench-") as directory,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        runner.run(_train(Path(directory), float(sys.argv[1]), int(sys.argv[2])))
