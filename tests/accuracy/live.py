"""How soon reps are shown live, and how many are shown that are none.

A person hears a tone as soon as a rep is first published. Its delay is that of the
packet which brings it, behind the rep's true top. A rep that is withdrawn later
was a phantom.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.programs.cli import main as simulate
from imurep.evaluate import read_truth
from imurep.events import ExerciseSet, Rep, State
from imurep.exercises import EXERCISES
from imurep.offline.replay import Replay
from tests.accuracy.targets import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imurep.evaluate import TrueRep, Truth
    from imurep.events import Event

    Delivered = tuple[int, Event]
    """An event, and when the packet that brought it arrived, in us."""

EACH = 3
"""Simulated sessions of each exercise."""
DAILY = 12
"""Simulated sessions of daily life, of ten minutes."""
LATE_S = 0.5
FIRST_REPS = 3
"""Before the top of this rep nobody can know that it is a set."""
NEAR_S = 20.0
"""A phantom that is nearer than this to a true set is at its edge."""
LEAST_S = 1.0
"""A rep that is shorter (one that ends at the top) is taken to be so long."""


def simulated(seed: int, jobs: int) -> list[LiveRecord]:
    """Simulate sessions of each exercise and of daily life, and count them live."""
    workouts = [
        ("--exercise", exercise, "--sets", "2x8", "--rest", "45")
        for exercise in EXERCISES
        for _ in range(EACH)
    ]
    daily = [("--exercise", "none", "--minutes", "10")] * DAILY
    options = [(*one, "--seed", str(seed + at)) for at, one in enumerate([*workouts, *daily])]
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(_simulated, options))


def _simulated(options: Sequence[str]) -> LiveRecord:
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            simulate(["record", str(directory / "it"), *options])
        truth = read_truth(directory / "it.truth.json", directory)
        return compare_live(truth, replay_shown(directory / truth.file))


def lines(records: Sequence[LiveRecord]) -> Iterator[Line]:
    """What is reached."""
    yield _delay("shown by the third top, p95", [at for one in records for at in one.third_s])
    yield _delay("later reps behind their tops, p95", [at for one in records for at in one.later_s])
    edges, sets = sum(one.edge_phantoms for one in records), sum(one.sets for one in records)
    yield Line("reps shown and withdrawn, at sets", "", f"{edges} at {sets} sets", None)
    count, hours = sum(one.quiet_phantoms for one in records), sum(one.quiet_h for one in records)
    yield Line(
        "reps shown and withdrawn, elsewhere", "<= 2 /h", f"{count} in {hours:.2f} h", count <= 2 * hours
    )


def _delay(what: str, delays_s: Sequence[float]) -> Line:
    p95_s = float(np.percentile(delays_s, 95))
    late = sum(delay_s > LATE_S for delay_s in delays_s)
    return Line(what, f"<= {LATE_S:g} s", f"{p95_s:+.2f} s ({late}/{len(delays_s)} later)", p95_s <= LATE_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRep:
    """A rep as it was shown; seconds from the recording's first sample."""

    first_s: float
    """When its first version was delivered."""
    top_s: float
    """Its top, in its last version."""
    stands: bool
    """It was not withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRecord:
    """What was shown of one recording."""

    sets: int
    """True sets."""
    third_s: tuple[float, ...]
    """For each of them whose first three reps were found: when all three were shown, behind the third top."""
    later_s: tuple[float, ...]
    """For each later rep that was found: when it was shown, behind its top."""
    edge_phantoms: int
    """Reps shown within or near a true set, and withdrawn."""
    quiet_phantoms: int
    """Other reps shown, and withdrawn."""
    quiet_h: float
    """Hours away from true sets."""


def replay_shown(path: Path) -> list[ShownRep]:
    """Count a recording as its packets arrived."""
    replay = Replay(path)
    arrival_us = 0

    def note(us: int) -> None:
        nonlocal arrival_us
        arrival_us = us

    delivered = [(arrival_us, event) for event in replay.events(note, live=True)]
    return shown_reps(delivered, replay.first_us)


def shown_reps(delivered: Iterable[Delivered], zero_us: int) -> list[ShownRep]:
    """Give each rep that was shown; the first sample is of ``zero_us``."""
    first_us: dict[str, int] = {}
    last: dict[str, Rep] = {}
    standing: set[str] = set()
    for at_us, event in delivered:
        if isinstance(event, Rep):
            first_us.setdefault(event.id, at_us)
            last[event.id] = event
        elif isinstance(event, ExerciseSet) and event.state is State.FINAL:
            standing |= {rep.id for rep in event.reps}
    return [
        ShownRep(
            first_s=(first_us[name] - zero_us) / 1e6,
            top_s=(rep.top_us - zero_us) / 1e6,
            stands=name in standing,
        )
        for name, rep in last.items()
    ]


def compare_live(truth: Truth, shown: Sequence[ShownRep]) -> LiveRecord:
    """Compare what was shown of a recording with its true sets."""
    third_s: list[float] = []
    later_s: list[float] = []
    for one in truth.sets:
        found_s = [_shown_s(rep, shown) for rep in one.reps]
        first_s = [at for at in found_s[:FIRST_REPS] if at is not None]
        if len(first_s) == FIRST_REPS:
            third_s.append(max(first_s) - one.reps[FIRST_REPS - 1].top_s)
        later_s += [
            at - rep.top_s
            for rep, at in list(zip(one.reps, found_s, strict=True))[FIRST_REPS:]
            if at is not None
        ]
    spans = [(one.start_s - NEAR_S, one.end_s + NEAR_S) for one in truth.sets]
    phantoms = [rep for rep in shown if not rep.stands]
    at_edges = sum(any(start <= rep.first_s < end for start, end in spans) for rep in phantoms)
    busy_s = sum(end - start for start, end in spans)
    return LiveRecord(
        sets=len(truth.sets),
        third_s=tuple(third_s),
        later_s=tuple(later_s),
        edge_phantoms=at_edges,
        quiet_phantoms=len(phantoms) - at_edges,
        quiet_h=max(0.0, truth.duration_s - busy_s) / 3600,
    )


def _shown_s(rep: TrueRep, shown: Sequence[ShownRep]) -> float | None:
    """When a true rep was shown; None if it was not found."""
    reach_s = max(rep.end_s - rep.start_s, LEAST_S) / 2
    near = [one for one in shown if one.stands and abs(one.top_s - rep.top_s) < reach_s]
    return min(near, key=lambda one: abs(one.top_s - rep.top_s)).first_s if near else None
