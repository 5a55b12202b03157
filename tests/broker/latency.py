"""How long an event of a rep takes to a subscriber, beside what the broker takes by itself."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from tests.broker.harness import standing, watching
from tests.broker.mosquitto import Mosquitto
from tests.broker.sets import rep, session_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REP_TOPIC, BARE_TOPIC = "imurep/back-strap/event/rep", "bare"
PAUSE_S = 0.02
REPS = 12
"""In each set."""


@dataclass(frozen=True)
class Latency:
    """Of many messages, in seconds."""

    median_s: float
    p95_s: float
    slowest_s: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        return cls(median(seconds), quantiles(seconds, n=20)[-1], max(seconds))


async def latencies(count: int) -> tuple[Latency, Latency]:
    """Of events of reps, from the pipeline's event to a subscriber, and of as many bare bytes."""
    with tempfile.TemporaryDirectory() as name, Mosquitto(Path(name)) as broker:
        async with watching(broker.port) as watcher, standing(Path(name), broker.port) as harness:
            await harness.connected()

            async def measure(topic: str, send: Callable[[int], object]) -> list[float]:
                found: list[float] = []
                for number in range(count):
                    began_s = time.perf_counter()
                    send(number)
                    await watcher.until(lambda: len(watcher.on(topic)) > len(found))
                    found.append(time.perf_counter() - began_s)
                    await asyncio.sleep(PAUSE_S)
                return found

            def rep_done(number: int) -> None:
                which, of_set = divmod(number, REPS)
                for listener in harness.listeners:
                    listener.event(session_event(rep(of_set, set_id=f"session-{which}")))

            def bare_message(_: int) -> None:
                watcher.client.publish(BARE_TOPIC, payload, qos=0)

            reps = await measure(REP_TOPIC, rep_done)
            payload = watcher.on(REP_TOPIC)[-1]
            bare = await measure(BARE_TOPIC, bare_message)
    return Latency.of(reps), Latency.of(bare)
