"""``python -m tests.radio.paced SPEED SINCE_UNIX_S ...``: `imurep run`, living faster, in JSON lines.

What is behind the two numbers are options of `imurep run`. At SINCE_UNIX_S the wall clock was right; it has
run too fast since then, for a service that is killed and started again just as for one that runs on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from imurep.cli.live_view import log_to_stderr
from imurep.cli.settings_options import add_service, flags
from imurep.config import load
from imurep.events import ExerciseSet, GapEvent, Rep, State
from imurep.service.assembly import run_service
from imurep.service.clock import PacedLoop, ServiceClock

if TYPE_CHECKING:
    from imurep.config import Settings
    from imurep.events import SensorStatus, SessionEvent


class JsonView:
    """Prints what a test waits for."""

    def __init__(self) -> None:
        self._reps: dict[str, State] = {}

    def event(self, session_event: SessionEvent) -> None:
        match session_event.event:
            case Rep(id=name, state=state):
                self._reps[name] = state
                _print_json(reps=sum(state is not State.WITHDRAWN for state in self._reps.values()))
            case ExerciseSet() as found:
                _print_json(set=asdict(found))
            case GapEvent() as gap:
                _print_json(
                    gap=[session_event.utc(at_us).timestamp() for at_us in (gap.start_us, gap.end_us)]
                )
            case _:
                pass

    def status(self, status: SensorStatus) -> None:
        _print_json(link=status.link, detail=status.detail)


def _print_json(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def _serve(settings: Settings, speed: float, since_unix_s: float) -> None:
    paced_s = (time.time() - since_unix_s) * speed
    utc = datetime.fromtimestamp(since_unix_s, UTC) + timedelta(seconds=paced_s)
    await run_service(settings, [JsonView()], clock=ServiceClock(utc))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.radio.paced", description=__doc__)
    parser.add_argument("speed", type=float)
    parser.add_argument("since_unix_s", type=float)
    add_service(parser)
    args = parser.parse_args()
    log_to_stderr()
    with asyncio.Runner(loop_factory=lambda: PacedLoop(args.speed)) as runner:
        runner.run(_serve(load(args.config, flags(args)), args.speed, args.since_unix_s))


if __name__ == "__main__":
    main()
