"""``python -m tests.accuracy.recognition``: score the recognition of exercises, and the momentum score.

Simulated sessions of seeds that no test uses, each in a mounting of its own;
made movements that are none of ours; with ``--data DIR``, real ones too.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from firmware_sim.programs.cli import main as simulate
from imurep import analyze
from imurep.cli.tables import console, table
from imurep.counting.assessment.form_metrics import form_of
from imurep.events import ExerciseSet, State
from imurep.exercises import EXERCISES, UNKNOWN
from imurep.offline.replay import Replay
from tests.accuracy.other_movements import made, real
from tests.accuracy.sessions import SWING
from tests.accuracy.targets import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imurep.events import Event

VARIATIONS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "tempo": ("--tempo", "3-1-2-1"),
    "loaded": ("--load", "40", "--arms", "bar"),
    "on the chest": ("--place", "chest"),
    "no gyroscope": ("--acc-only",),
    "momentum": ("--momentum",),
}
STRICT = ("plain", "tempo", "loaded", "on the chest", "no gyroscope")
HINGES = {UNKNOWN, *EXERCISES["deadlift"].group, *EXERCISES["good_morning"].group}
REAL = ("flextail", "dsa", "mhealth")
NO_SET = "(no set)"
REAL_HINGES = ("flextail deadlift", "mhealth waist_bend")


class Asked(NamedTuple):
    exercise: str
    variation: str
    seed: int


class RecognisedSet(NamedTuple):
    """One set: its group when it is announced, with its third rep, at its end, and its momentum score."""

    third: tuple[str, ...]
    last: tuple[str, ...]
    momentum: float | None


class Found(NamedTuple):
    """What was recognised: the sessions' sets, and the names that other movements got, by their kind."""

    sets: dict[Asked, list[RecognisedSet]]
    others: dict[str, Counter[str]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.recognition", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="real recordings, with an index.json")
    parser.add_argument("--seed", type=int, default=77_000, metavar="N", help="first seed (default: 77000)")
    parser.add_argument("--each", type=int, default=4, metavar="N", help="sessions of each kind (default: 4)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes")
    args = parser.parse_args()
    found = recognised(args.seed, args.each, args.data, args.jobs)
    print_tables(found)
    for line in lines(found):
        console().print(f"{line.what}: {line.reached} (target {line.target})", soft_wrap=True)


def recognised(seed: int, each: int, data: Path | None, jobs: int) -> Found:
    """Simulate so many sessions of each kind and look at each; with ``data``, at real movements too."""
    asked = [
        Asked(exercise, variation, seed + 1000 * at + number)
        for at, exercise in enumerate(EXERCISES)
        for variation in VARIATIONS
        for number in range(each)
        if not (exercise == SWING and variation in {"tempo", "momentum"})  # a slow swing is none
    ]
    with ProcessPoolExecutor(jobs) as pool:
        sets = dict(zip(asked, pool.map(_simulated, asked, chunksize=4), strict=True))
    named: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for other in [*made(seed, 2 * each), *(real(data) if data else ())]:
        last = _last(analyze(other.time_us, other.acc_ms2, other.gyr_rads))
        named[other.kind].update([one.exercise for one in last] or [NO_SET])
    return Found(sets, named)


def print_tables(found: Found) -> None:
    """Print what was recognised, by variation and by movement."""
    shown = table("variation", "sets", "third rep", "end", left=("variation",), title="Right group")
    for variation in VARIATIONS:
        its = {asked: sets for asked, sets in found.sets.items() if asked.variation == variation}
        shown.add_row(variation, *map(str, _right(its)))
    out = console()
    out.print(shown)
    shown = table("movement", "sets", "unknown", "named", left=("movement", "named"), title="None of ours")
    for kind, counts in found.others.items():
        rest = ", ".join(f"{name} {n}" for name, n in counts.items() if name not in {UNKNOWN, NO_SET})
        shown.add_row(kind, str(counts.total() - counts[NO_SET]), str(counts[UNKNOWN]), rest)
    out.print(shown)


def lines(found: Found) -> Iterator[Line]:
    """What is reached."""
    total, third, last = _right(found.sets)
    yield _share("right group by the third rep", third, total, 0.95)
    yield Line("right group at the end", "", f"{last / total:.4f} ({last}/{total})", None)
    strange = {kind: counts for kind, counts in found.others.items() if kind not in REAL_HINGES}
    yield _share("unknown movement called unknown", *_unknown(strange.values()), 0.9)
    real_ones = [counts for kind, counts in strange.items() if kind.startswith(REAL)]
    if real_ones:
        unknown, sets = _unknown(real_ones)
        yield Line("  of real people", "", f"{unknown}/{sets}", None)
        hinges = {name for kind in REAL_HINGES for name in found.others.get(kind, ())} - {NO_SET}
        yield Line(
            "real deadlifts and waist bends", "hinge, unknown", ", ".join(sorted(hinges)), hinges <= HINGES
        )
    yield _momentum(found.sets)


def _share(what: str, right: int, total: int, least: float) -> Line:
    return Line(what, f">= {least:g}", f"{right / total:.4f} ({right}/{total})", right >= least * total)


def _unknown(named: Iterable[Counter[str]]) -> tuple[int, int]:
    counts = list(named)
    return sum(c[UNKNOWN] for c in counts), sum(c.total() - c[NO_SET] for c in counts)


def _simulated(asked: Asked) -> list[RecognisedSet]:
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        out = f"{folder}/it"
        options = ["--exercise", asked.exercise, "--sets", "1x8", "--seed", str(asked.seed)]
        simulate(["record", out, *options, *VARIATIONS[asked.variation]])
        events = list(Replay(f"{out}.jsonl.gz").events())
    firsts: dict[str, ExerciseSet] = {}
    for event in events:
        if isinstance(event, ExerciseSet):
            firsts.setdefault(event.id, event)
    return [
        RecognisedSet(firsts[one.id].exercise_group, one.exercise_group, form_of(one).momentum)
        for one in _last(events)
    ]


def _last(events: Iterable[Event]) -> list[ExerciseSet]:
    return [one for one in events if isinstance(one, ExerciseSet) and one.state is State.FINAL]


def _right(found: dict[Asked, list[RecognisedSet]]) -> tuple[int, int, int]:
    """Sets, and how many have the right group: by the third rep, at the end."""
    groups = [
        (EXERCISES[asked.exercise].group, found_set) for asked, sets in found.items() for found_set in sets
    ]
    return (
        len(groups),
        sum(found_set.third == group for group, found_set in groups),
        sum(found_set.last == group for group, found_set in groups),
    )


def _momentum(found: dict[Asked, list[RecognisedSet]]) -> Line:
    def scores(variations: Sequence[str]) -> list[float]:
        return [
            found_set.momentum
            for asked, sets in found.items()
            if asked.variation in variations and asked.exercise != SWING
            for found_set in sets
            if found_set.momentum is not None
        ]

    strict, thrown = scores(STRICT), scores(["momentum"])
    wins = sum((one > other) + 0.5 * (one == other) for other in strict for one in thrown)
    auc = wins / (len(strict) * len(thrown))
    text = f"{len(strict)} strict up to {max(strict):.0f}, {len(thrown)} thrown from {min(thrown):.0f} on"
    return Line("momentum score, AUC", ">= 0.95", f"{auc:.4f} ({text})", auc >= 0.95)


if __name__ == "__main__":
    main()
