"""``python -m tests.accuracy.identify``: score the recognition of exercises, and the momentum score.

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

from firmware_sim.cli import main as simulate
from imurep import analyze
from imurep.cli.output import console, table
from imurep.exercises import EXERCISES, UNKNOWN
from imurep.model import ExerciseSet, State
from imurep.replay import Replay
from imurep.stages.form import form_of
from tests.accuracy.others import made, real
from tests.accuracy.sessions import SWING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imurep.model import Event

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
REAL_HINGES = ("flextail deadlift", "mhealth waist_bend")


class Asked(NamedTuple):
    exercise: str
    variation: str
    seed: int


class Told(NamedTuple):
    """One set: its group when it is announced, with its third rep, at its end, and its momentum score."""

    third: tuple[str, ...]
    last: tuple[str, ...]
    momentum: float | None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.identify", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="real recordings, with an index.json")
    parser.add_argument("--seed", type=int, default=77_000, metavar="N", help="first seed (default: 77000)")
    parser.add_argument("--each", type=int, default=4, metavar="N", help="sessions of each kind (default: 4)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes")
    args = parser.parse_args()
    asked = [
        Asked(exercise, variation, args.seed + 1000 * at + number)
        for at, exercise in enumerate(EXERCISES)
        for variation in VARIATIONS
        for number in range(args.each)
        if not (exercise == SWING and variation in {"tempo", "momentum"})  # a slow swing is none
    ]
    with ProcessPoolExecutor(args.jobs) as pool:
        found = dict(zip(asked, pool.map(_simulated, asked, chunksize=4), strict=True))
    out = console()
    _print_groups(found)
    others = [*made(args.seed, 2 * args.each), *(real(args.data) if args.data else ())]
    named: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for other in others:
        sets = _last(analyze(other.time_us, other.acc_ms2, other.gyr_rads))
        named[other.kind].update([one.exercise for one in sets] or ["(no set)"])
    shown = table("movement", "sets", "unknown", "named", left=("movement", "named"), title="None of ours")
    for kind, counts in named.items():
        total = counts.total() - counts["(no set)"]
        rest = ", ".join(f"{name} {n}" for name, n in counts.items() if name not in {UNKNOWN, "(no set)"})
        shown.add_row(kind, str(total), str(counts[UNKNOWN]), rest)
    out.print(shown)
    strange = [counts for kind, counts in named.items() if kind not in REAL_HINGES]
    total, unknown = sum(c.total() - c["(no set)"] for c in strange), sum(c[UNKNOWN] for c in strange)
    out.print(f"unknown movement called unknown: {unknown}/{total} = {unknown / total:.3f} (target 0.9)")
    hinges = [name for kind in REAL_HINGES for name in named[kind] if name != "(no set)"]
    if hinges:
        out.print(f"real hinges are hinges or unknown: {set(hinges) <= HINGES}")
    _print_momentum(found)


def _simulated(asked: Asked) -> list[Told]:
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
        Told(firsts[one.id].exercise_group, one.exercise_group, form_of(one).momentum)
        for one in _last(events)
    ]


def _last(events: Iterable[Event]) -> list[ExerciseSet]:
    return [one for one in events if isinstance(one, ExerciseSet) and one.state is State.FINAL]


def _print_groups(found: dict[Asked, list[Told]]) -> None:
    shown = table("variation", "sets", "third rep", "end", left=("variation",), title="Right group")
    totals = [0, 0, 0]
    for variation in VARIATIONS:
        counts = [0, 0, 0]
        for asked, sets in found.items():
            if asked.variation == variation:
                group = EXERCISES[asked.exercise].group
                counts[0] += len(sets)
                counts[1] += sum(told.third == group for told in sets)
                counts[2] += sum(told.last == group for told in sets)
        shown.add_row(variation, *map(str, counts))
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
    out = console()
    out.print(shown)
    total, third, last = totals
    out.print(f"right group by the third rep: {third}/{total} = {third / total:.3f} (target 0.95)")
    out.print(f"right group at the end: {last}/{total} = {last / total:.3f}\n")


def _print_momentum(found: dict[Asked, list[Told]]) -> None:
    def scores(variations: Sequence[str]) -> list[float]:
        return [
            told.momentum
            for asked, sets in found.items()
            if asked.variation in variations and asked.exercise != SWING
            for told in sets
            if told.momentum is not None
        ]

    strict, thrown = scores(STRICT), scores(["momentum"])
    wins = sum((one > other) + 0.5 * (one == other) for other in strict for one in thrown)
    auc = wins / (len(strict) * len(thrown))
    console().print(
        f"momentum score: AUC {auc:.3f} (target 0.95), {len(strict)} strict sets up to {max(strict):.0f}, "
        f"{len(thrown)} thrown ones from {min(thrown):.0f} on",
        soft_wrap=True,
    )


if __name__ == "__main__":
    main()
