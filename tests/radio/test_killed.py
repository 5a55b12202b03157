"""Programs that are killed amid a set and started again: real processes, HCI over TCP, a faster clock.

Nothing here depends on how fast the machine is: a test waits for what programs say, and the sensor keeps
more than a minute, since starting a program takes a fast clock far. ``test_faults`` tests the minute.
"""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.tempo import Tempo
from firmware_sim.person.workout import Session
from firmware_sim.sensor.sensor_setup import SensorSetup
from firmware_sim.sensor.wearer import Wearer
from imurep import analyze_file
from tests.radio.programs import PacedService, Program

if TYPE_CHECKING:
    from pathlib import Path

    from firmware_sim.person.truth import TrueRep

SPEED = 6
EXERCISE = "back_extension_45"
REPS = 12
TEMPO = "1-0-1-1"
CUT_S = 8
WORKOUT = (
    *("--exercise", EXERCISE, "--sets", f"1x{REPS}", "--tempo", TEMPO),
    *("--no-lead-in", "--cut-after", CUT_S),
)


def sensor(*options: object) -> Program:
    return Program("firmware_sim", "serve", *WORKOUT, "--speed", SPEED, "--ring", 250, *options)


class Service(PacedService):
    """One that keeps a session in a directory of its own."""

    def __init__(self, directory: Path, transport: str, since_unix_s: float) -> None:
        super().__init__(
            *("--backend", f"bumble:{transport}", "--data-dir", directory, "--exercise", EXERCISE),
            speed=SPEED,
            since_unix_s=since_unix_s,
        )
        self._directory = directory

    def until_reps(self, reps: int) -> None:
        self.until(lambda line: json.loads(line).get("reps", 0) >= reps)

    def until_set(self) -> None:
        """Wait until a set is over."""
        self.until(lambda line: json.loads(line).get("set", {}).get("state") == "final")

    def sets(self) -> list[Any]:
        newest = {one["id"]: one for one in self.values_of("set")}
        return [one for one in newest.values() if one["state"] != "withdrawn"]

    def replayed(self) -> list[Any]:
        """What the one session that was kept gives when it is replayed."""
        (path,) = self._directory.glob("*.jsonl")
        assert ".unfinished" not in path.name
        return [json.loads(json.dumps(asdict(found))) for found in analyze_file(path, exercise=EXERCISE).sets]


def test_the_service_is_killed_and_started_again(tmp_path: Path) -> None:
    since_unix_s = time.time()
    with sensor() as worn:
        transport = worn.word("ready")
        with Service(tmp_path, transport, since_unix_s) as first:
            first.until_reps(4)
            first.kill()
        with Service(tmp_path, transport, since_unix_s) as second:
            second.until_set()
            assert second.stop() == 0
    assert [len(found["reps"]) for found in second.sets()] == [REPS]
    assert second.sets() == second.replayed()


@pytest.mark.parametrize("air", ["its own program", "in the sensor's program"])
def test_the_sensor_is_killed_and_started_again(tmp_path: Path, air: str) -> None:
    since_unix_s = time.time()
    with ExitStack() as programs:
        if air == "its own program":
            alone = programs.enter_context(Program("firmware_sim", "serve", "--air-only", "--speed", SPEED))
            transport = alone.word("ready")
            where: tuple[object, ...] = ("--air", transport)
        else:
            port = free_port()
            transport = f"tcp-client:127.0.0.1:{port}"
            where = ("--hci-port", port)
        first = programs.enter_context(sensor(*where))
        first.word("ready")
        service = programs.enter_context(Service(tmp_path, transport, since_unix_s))
        begin_unix_s = float(first.word("begin").split()[-1])
        service.until_reps(4)
        first.kill()
        second = programs.enter_context(sensor(*where, "--since", begin_unix_s))
        second.word("done")
        service.until_set()
        assert service.stop() == 0
    assert "lost" in service.values_of("link")
    gap = max(service.values_of("gap"), key=lambda gap: gap[1] - gap[0])
    begin_s = since_unix_s + (begin_unix_s - since_unix_s) * SPEED
    outside = [
        [rep for rep in truth() if begin_s + rep.end_s < gap[0]],
        [rep for rep in truth() if begin_s + rep.start_s > gap[1]],
    ]
    counted = sum(len(found["reps"]) for found in service.sets())
    # Fewer than three reps behind the gap need not be a set.
    assert sum(len(reps) for reps in outside if len(reps) >= 3) <= counted
    # A rep that the gap cuts, and there may be one at either end, is counted once from what is left of it.
    hidden = [rep for rep in truth() if gap[0] <= begin_s + rep.start_s and begin_s + rep.end_s <= gap[1]]
    assert counted <= REPS - len(hidden)
    assert service.sets() == service.replayed()


def truth() -> tuple[TrueRep, ...]:
    plan = SetPlan(exercise=EXERCISES[EXERCISE], reps=REPS, tempo=Tempo.parse(TEMPO))
    (found,) = Wearer(Session(sets=(plan,), lead_in=False, cut_after_s=CUT_S), SensorSetup()).sets
    return found.reps


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
