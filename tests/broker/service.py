"""``python -m tests.broker.service DIRECTORY PORT``: a service that counts sets without doing any.

It tells of numbered sets, as sessions do, to the real log and the real
publisher. Started again after a kill, it tells the last ones anew, as a session
that is taken up does, and goes on. Lines on standard input make the disk full
(``full``) and free again (``free``), or end it (``end``).
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from imurep.cli.live_view import log_to_stderr
from imurep.events import Link, SensorStatus
from imurep.log import FILE_NAME, SetLogWriter
from imurep.log.cached_user_data import CachedPlans
from imurep.mqtt.broker_config import BrokerConfig
from imurep.mqtt.publisher import BACKOFF_FIRST_S, BACKOFF_MOST_S, Publisher
from imurep.mqtt.state_announcer import StateAnnouncer
from imurep.mqtt.topics import Topics
from imurep.service.clock import ServiceClock
from imurep.service.set_log_listener import SetLogListener
from imurep.util.backoff import Backoff
from tests.broker.sets import BEGAN, SENSOR, exercise_set, session_event

if TYPE_CHECKING:
    from imurep.mqtt.interfaces import Incoming, Message

PER_S = 30
CORRECTED_EVERY = 20
CORRECTED_EVERY = 10
"""Of so many sets one is told in a second version, right after the first."""


def print_json(**what: object) -> None:
    """One line for the test; the clock is the same in all processes."""
    print(json.dumps({"at_s": time.monotonic(), **what}), flush=True)


async def main(directory: Path, port: int) -> None:
    rng = Random(1)  # noqa: S311 keeps no secret
    topics = Topics()
    announcer = StateAnnouncer(
        topics,
        CachedPlans(),
        now_utc=ServiceClock(BEGAN).utc,
        version="test",
        lines_deg=lambda *_: {},
    )
    log = SetLogWriter(directory / FILE_NAME)
    publisher = Publisher(
        config=BrokerConfig(port=port, client_id="imurep-chaos"),
        topics=topics,
        log=log,
        announcer=announcer,
        backoff=Backoff(rng, first_s=BACKOFF_FIRST_S, most_s=BACKOFF_MOST_S),
        rng=rng,
    )
    listeners = (SetLogListener(log, announcer.set_payload), publisher)
    known = await log.since(BEGAN)
    number = max(0, len(known) - CORRECTED_EVERY)
    running = [
        asyncio.create_task(part) for part in (log.run(), publisher.run(NoCommands()), _watch(publisher, log))
    ]
    for listener in listeners:
        listener.status(SensorStatus(sensor=SENSOR, link=Link.STREAMING))
    ended = asyncio.Event()
    orders = asyncio.create_task(_obey(ended))
    while not ended.is_set():
        for version in (1, 2)[: 1 + (number % CORRECTED_EVERY == 0)]:
            for listener in listeners:
                listener.event(session_event(exercise_set(number, version=version)))
        number += 1
        await asyncio.sleep(1 / PER_S)
    print_json(produced=number)
    await log.flush()  # what is not written yet is not pending
    while not publisher.is_connected or await log.pending(1):  # noqa: ASYNC110 only a test waits for that
        await asyncio.sleep(0.05)
    publisher.stop()
    await running[1]
    for task in (*running, orders):
        task.cancel()
    await log.close()
    print_json(drained=True)


class NoCommands:
    """Does nothing that is asked for."""

    async def handle(self, incoming: Incoming) -> list[Message]:  # noqa: ARG002 the role's signature
        return []


async def _obey(ended: asyncio.Event) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    while line := await asyncio.to_thread(sys.stdin.readline):
        match line.strip():
            case "full":
                resource.setrlimit(resource.RLIMIT_FSIZE, (1, most))
            case "free":
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            case "end":
                ended.set()
                return


async def _watch(publisher: Publisher, log: SetLogWriter) -> None:
    """Say when it is connected and when not, and what is wrong with the disk."""
    was: tuple[bool, str] | None = None
    while True:
        now = publisher.is_connected, log.problem
        if now != was:
            print_json(connected=now[0], problem=now[1])
            was = now
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    log_to_stderr()
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
