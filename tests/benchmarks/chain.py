"""The whole chain in one process and in virtual time: simulated sensors, air, Bluetooth stack, service."""

from __future__ import annotations

import asyncio
import tempfile
import time
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.workout import Session
from firmware_sim.radio.air import AirConditions
from imurep.events import Rep
from tests.benchmarks.latency import latencies, taken
from tests.radio.multi_sensor_env import ANY, MultiSensorEnv, now_s, trained
from tests.virtual_time import VirtualTimeLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from tests.benchmarks.latency import Latency, Taken

KINDS = ("back_extension_45", "good_morning", "deadlift", "romanian_deadlift")
REPS = 10

ResultT = TypeVar("ResultT")


def one_set(seed: int, reps: int = REPS) -> Session:
    """Make a workout of one set, each of the usual exercises in turn."""
    return Session(sets=(SetPlan(exercise=EXERCISES[KINDS[seed % len(KINDS)]], reps=reps),))


def virtual_latencies(interval_s: float, sets: int) -> list[Latency]:
    """Latencies on a clock on which computing takes no time: those of batching, radio and counting."""

    async def count(seed: int, directory: Path) -> list[Latency]:
        async with MultiSensorEnv(directory, AirConditions(interval_s=interval_s)) as env:
            sensor = await env.sensor(one_set(seed), seed=seed)
            running = env.serve()
            await trained(sensor)
            listener = await running.stop()
        first_s: dict[str, float] = {}
        for at_s, session_event in listener.events:
            if isinstance(session_event.event, Rep):
                first_s.setdefault(session_event.event.id, at_s)
        reps = listener.the_set().reps
        assert len(reps) == REPS
        assert sensor.wearer.begin_s is not None
        (came,) = map(taken, running.kept())
        published_s = [first_s[rep.id] for rep in reps]
        return latencies(sensor.wearer, sensor.wearer.begin_s, published_s, came.samples)

    return list(chain.from_iterable(_run(partial(count, seed)) for seed in range(sets)))


def crowd(sensors: int) -> tuple[list[Taken], float]:
    """What came from so many sensors at once; and the processor time of all ends, in cores."""

    async def train(directory: Path) -> tuple[list[Taken], float]:
        async with MultiSensorEnv(directory) as env:
            for seed in range(sensors):
                await env.sensor(one_set(seed, reps=4), seed=seed)
            begin_s, used_s = now_s(), time.process_time()
            running = env.serve(*[ANY] * sensors)
            await asyncio.gather(*map(trained, env.sensors))
            cores = (time.process_time() - used_s) / (now_s() - begin_s)
            await running.stop()
        return list(map(taken, running.kept())), cores

    return _run(train)


def _run(what: Callable[[Path], Coroutine[Any, Any, ResultT]]) -> ResultT:
    with (
        tempfile.TemporaryDirectory(prefix="imurep-bench-") as directory,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        return runner.run(what(Path(directory)))
