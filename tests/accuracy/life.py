"""``python -m tests.accuracy.life``: the counter on the simulator's variety, nothing given.

Sessions with ``--variety life``: sets of all exercises with rests of 15-240 s, sets 20 s apart, sets
worn with a Polar H10, and hours of daily life, house work and a gym floor. Seeds from 9000 on belong
to ``make score``; whoever develops takes others.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firmware_sim.programs.cli import main as simulate
from imurep.cli.tables import ProgressBar, console, table
from imurep.evaluate import CountedRecording, compare, exercise_metrics, read_truth
from imurep.events import Phase, Rep
from imurep.exercises import EXERCISES, UNKNOWN
from imurep.offline.replay import LastSets, Replay
from tests.accuracy.sessions import SWING, TEMPOS
from tests.accuracy.targets import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imurep.evaluate import PhasePair, QuietInterval, SetComparison, Truth
    from imurep.events import ExerciseSet

LIFE = ("--variety", "life")
LOADS_KG = {"deadlift": 80, "trap_bar_deadlift": 90, "romanian_deadlift": 50, "good_morning": 20, SWING: 16}
H10_RATES_HZ = (50, 100, 200, 25)
QUIET_MINUTES = 15
FLOOR = "floor_back_extension"
LONG_S = 4.0
"""Movements that take longer are reported apart."""
PHASE_S, PHASE_PART = 0.1, 0.05
"""Bound on the error of a phase without a gyroscope, and the same as a part of its movement."""
SAME_S = 0.5
"""Two tops that are nearer to each other are one."""
SHORT_REST_S = (17.0, 24.0)
RESTS_S = (15, 24, 40, 80, 400)
"""Bounds of the table of rests."""


class Asked(NamedTuple):
    """What is simulated."""

    group: str
    name: str
    seed: int
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """The rest between two sets, and whether they were counted as two."""

    rest_s: float
    apart: bool


@dataclass(frozen=True, slots=True)
class Lived:
    """One session, counted."""

    asked: Asked
    sets: tuple[SetComparison, ...]
    grouped: tuple[bool, ...]
    """For each set that was found, whether the exercise's group is right."""
    rests: tuple[Apart, ...]
    hours: dict[str, float]
    """Quiet hours by activity."""
    false_sets: Counter[str]
    """Sets that are none, by activity."""
    vanished: Counter[str]
    """Reps that were published and became nothing, by quiet activity."""
    neutral: Counter[str]
    """Sets that were counted of exercises that are not ours, by the name they got."""


Recipe = Callable[[np.random.Generator, int], list[str]]
"""Options of the n-th session of a kind."""


def asked(base: int, share: float = 1.0) -> list[Asked]:
    """All sessions on the seeds from ``base`` on, or a share of each kind."""
    found: list[Asked] = []
    for group, name, many, recipe in _kinds():
        for at in range(max(1, round(share * many))):
            seed = base + len(found)
            options = recipe(np.random.default_rng(seed), at)
            found.append(Asked(group, name, seed, (*options, *LIFE, "--seed", str(seed))))
    return found


def _kinds() -> Iterator[tuple[str, str, int, Recipe]]:
    """Group, name, number of sessions, and their options."""
    for exercise in EXERCISES:
        yield "sets", exercise, 11, _sets(exercise, 3)
        yield "rests of 20 s", exercise, 4, _with(_sets(exercise, 3), "--rest", "20")
        yield "Polar H10", exercise, 5, _on_h10(_sets(exercise, 2))
    yield "sets", "mixed", 12, _mixed
    for day, pieces in (("plain", 16), ("house", 32), ("gym", 32)):
        quiet = _with(_nothing, "--exercise", "none", "--day", day, "--minutes", str(QUIET_MINUTES))
        yield "quiet", day, pieces, _with(quiet, "--rate", "52")
        yield "quiet, Polar H10", day, pieces // 2, _on_h10(quiet)


def _nothing(_rng: np.random.Generator, _at: int) -> list[str]:
    return []


def _with(recipe: Recipe, *options: str) -> Recipe:
    return lambda rng, at: [*recipe(rng, at), *options]


def _on_h10(recipe: Recipe) -> Recipe:
    def worn(rng: np.random.Generator, at: int) -> list[str]:
        rate_hz = H10_RATES_HZ[at % len(H10_RATES_HZ)]
        return [*recipe(rng, at), "--sensor", "polar-h10", "--rate", str(rate_hz)]

    return worn


def _sets(exercise: str, sets: int) -> Recipe:
    def drawn(rng: np.random.Generator, _at: int) -> list[str]:
        reps = int(rng.integers(12, 26)) if exercise == SWING else int(rng.integers(3, 14))
        options = ["--exercise", exercise, "--sets", f"{sets}x{reps}"]
        if exercise != SWING and rng.random() < 0.4:
            options += ["--tempo", TEMPOS[int(rng.integers(len(TEMPOS)))]]
        if exercise in LOADS_KG:
            options += ["--load", f"{LOADS_KG[exercise] * rng.uniform(0.5, 1.5):.0f}"]
        return options

    return drawn


def _mixed(rng: np.random.Generator, _at: int) -> list[str]:
    names = rng.permutation(list(EXERCISES))[:4]
    return [word for name in names for word in ("--block", f"{name}:1x{int(rng.integers(4, 13))}")]


def live_through(sessions: Sequence[Asked], jobs: int) -> list[Lived]:
    """Simulate and count them all, in several processes."""
    context = multiprocessing.get_context("spawn")
    found = []
    with ProcessPoolExecutor(jobs, mp_context=context) as pool, ProgressBar() as bar:
        for number, one in enumerate(pool.map(_lived, sessions), 1):
            found.append(one)
            bar.show(number / len(sessions), f"{number} of {len(sessions)}")
    return found


def _lived(one: Asked) -> Lived:
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            simulate(["record", str(directory / "it"), *one.options])
        truth = read_truth(directory / "it.truth.json", directory)
        replay = Replay(directory / truth.file)
        last = LastSets()
        reps: dict[str, Rep] = {}
        for event in replay.events():
            last.add(event)
            if isinstance(event, Rep):
                reps[event.id] = event
        counted = CountedRecording(last.in_order(), replay.first_us)
    return _judged(one, truth, counted, reps.values())


def _judged(
    one: Asked,
    truth: Truth,
    counted: CountedRecording,
    reps: Iterable[Rep],
) -> Lived:
    def at_s(rep: Rep) -> float:
        return (rep.top_us - counted.first_us) / 1e6

    def what(time_s: float) -> str:
        inside = (_activity(part) for part in truth.quiet if part.start_s <= time_s < part.end_s)
        return next(inside, "")

    shares = [_shares(truth, [at_s(rep) for rep in of.reps]) for of in counted.sets]
    false_sets: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for of, shared in zip(counted.sets, shares, strict=True):
        middle_s = at_s(of.reps[len(of.reps) // 2])
        if any(part.start_s <= middle_s < part.end_s for part in truth.neutral):
            other[of.exercise] += 1
        elif not shared:
            false_sets[what(middle_s)] += 1
    kept_s = [at_s(rep) for of in counted.sets for rep in of.reps]
    vanished = Counter(what(top_s) for top_s in _vanished([at_s(rep) for rep in reps], kept_s))
    del vanished[""]
    hours: defaultdict[str, float] = defaultdict(float)
    for part in truth.quiet:
        hours[_activity(part)] += (part.end_s - part.start_s) / 3600
    rests = [
        Apart(two.start_s - first.end_s, not any({at, at + 1} <= shared.keys() for shared in shares))
        for at, (first, two) in enumerate(pairwise(truth.sets))
    ]
    return Lived(
        one,
        compare(truth, counted).sets,
        tuple(_groups(truth, counted.sets, shares)),
        tuple(rests),
        dict(hours),
        false_sets,
        vanished,
        other,
    )


def _activity(part: QuietInterval) -> str:
    """What is done, without the way of doing it."""
    return part.what.partition(":")[0]


def _vanished(published_s: Iterable[float], kept_s: Iterable[float]) -> Iterator[float]:
    """Tops that were published and are no longer there; what was found twice is one."""
    kept = np.sort(np.array([-np.inf, *kept_s, np.inf]))
    last_s = -np.inf
    for top_s in sorted(published_s):
        at = int(np.searchsorted(kept, top_s))
        if top_s - last_s > SAME_S and min(top_s - kept[at - 1], kept[at] - top_s) > SAME_S:
            yield top_s
            last_s = top_s


def _shares(truth: Truth, tops_s: Sequence[float]) -> Counter[int]:
    """How many of a found set's tops lie in each true set."""
    return Counter(
        at
        for at, one in enumerate(truth.sets)
        for top_s in tops_s
        if one.start_s - 0.3 <= top_s <= one.end_s + 0.3
    )


def _groups(truth: Truth, sets: Sequence[ExerciseSet], shares: Sequence[Counter[int]]) -> Iterator[bool]:
    for at, true in enumerate(truth.sets):
        most, number = max(((shared[at], number) for number, shared in enumerate(shares)), default=(0, 0))
        if most:
            yield sets[number].exercise_group == EXERCISES[true.exercise].group


def lines(found: Sequence[Lived]) -> Iterator[Line]:
    """What is reached."""
    by_group: defaultdict[str, list[Lived]] = defaultdict(list)
    for one in found:
        by_group[one.asked.group].append(one)
    gyroscope = [one for group in ("sets", "rests of 20 s") for one in by_group[group]]
    if gyroscope:
        yield from _counted("", gyroscope)
        yield _share("group right", [hit for one in gyroscope for hit in one.grouped], 0.9)
        yield _short_rests(gyroscope)
    if by_group["Polar H10"]:
        yield from _counted("Polar H10, ", by_group["Polar H10"])
        yield from _phases(by_group["Polar H10"])
    for group in ("quiet", "quiet, Polar H10"):
        yield from _quiet(group, by_group[group])
    if found:
        yield _neutral(found)


def _counted(what: str, found: Sequence[Lived]) -> Iterator[Line]:
    sets = [part for one in found for part in one.sets]
    rated = exercise_metrics("all", sets)
    yield _share(f"{what}sets exact", [one.exact for one in sets], 0.97)
    least = 0.98 if what else 0.995
    f1 = rated.f1 or 0.0
    yield Line(f"{what}rep F1", f">= {least:g}", f"{f1:.4f} over {rated.reps} reps", f1 >= least)
    if not what:
        yield _share("first rep", [one.matched[0] for one in sets], 0.99)
        yield _share("last rep", [one.matched[-1] for one in sets], 0.99)
    hours = sum(sum(one.hours.values()) for one in found)
    false = sum(one.false_sets.total() for one in found)
    yield Line(f"{what}false sets beside them", "", f"{false} in {hours:.1f} h", None)


def _share(what: str, hits: Sequence[bool], least: float) -> Line:
    part = sum(hits) / max(1, len(hits))
    return Line(what, f">= {least:g}", f"{part:.4f} ({sum(hits)}/{len(hits)})", part >= least)


def _short_rests(found: Sequence[Lived]) -> Line:
    low_s, high_s = SHORT_REST_S
    rests = [rest.apart for one in found for rest in one.rests if low_s <= rest.rest_s < high_s]
    return _share(f"rests of {low_s:g} to {high_s:g} s keep two sets apart", rests, 0.95)


def _phases(found: Sequence[Lived]) -> Iterator[Line]:
    parts: dict[str, list[PhasePair]] = {"": [], ", over 4 s": [], ", floor": []}
    for one in found:
        for of in one.sets:
            for phase in of.phases:
                if phase.found_s is not None:
                    name = (
                        ", floor" if of.exercise == FLOOR else ", over 4 s" if phase.longer_s > LONG_S else ""
                    )
                    parts[name].append(phase)
    for name, phases in parts.items():
        for what, kinds in (
            ("movements", {Phase.CONCENTRIC, Phase.ECCENTRIC}),
            ("holds", {Phase.TOP_HOLD, Phase.BOTTOM_HOLD}),
        ):
            its = [one for one in phases if one.phase in kinds]
            if its:
                errors_s = [abs((one.found_s or 0.0) - one.true_s) for one in its]
                bounds_s = [max(PHASE_S, PHASE_PART * one.longer_s) for one in its]
                within = fmean(error <= bound for error, bound in zip(errors_s, bounds_s, strict=True))
                mae_s, bound_s = fmean(errors_s), fmean(bounds_s)
                yield Line(
                    f"Polar H10, {what}{name}, mean absolute error",
                    f"<= {1e3 * bound_s:.0f} ms" if not name else "",
                    f"{1e3 * mae_s:.0f} ms, {100 * within:.0f} % within, {len(its)}",
                    None if name else mae_s <= bound_s,
                )


def _quiet(group: str, found: Sequence[Lived]) -> Iterator[Line]:
    for day in dict.fromkeys(one.asked.name for one in found):
        its = [one for one in found if one.asked.name == day]
        hours = sum(sum(one.hours.values()) for one in its)
        false = sum(one.false_sets.total() for one in its)
        vanished = sum(one.vanished.total() for one in its)
        what = f"{group}, {day}"
        text = f"{false / hours:.2f} ({false} in {hours:.1f} h)"
        yield Line(f"{what}, false sets an hour", "<= 0.1", text, false <= 0.1 * hours)
        text = f"{vanished / hours:.2f} ({vanished})"
        yield Line(f"{what}, reps an hour that became nothing", "<= 2", text, vanished <= 2 * hours)


def _neutral(found: Sequence[Lived]) -> Line:
    names: Counter[str] = Counter()
    for one in found:
        names += one.neutral
    ours = ", ".join(f"{name} {many}" for name, many in names.most_common() if name != UNKNOWN)
    text = f"{names[UNKNOWN]} of {names.total()}" + (f" ({ours})" if ours else "")
    return Line("other exercises, counted ones called unknown", "", text, None)


def print_tables(found: Sequence[Lived]) -> None:
    """Print sets by exercise, two sets by the rest between them, and quiet hours by activity."""
    out = console()
    shown = table(
        "group", "exercise", "sets", "exact", "reps", "F1", left=("group", "exercise"), title="Sets"
    )
    groups: defaultdict[tuple[str, str], list[SetComparison]] = defaultdict(list)
    for one in found:
        for of in one.sets:
            groups[one.asked.group, of.exercise].append(of)
    for (group, name), sets in sorted(groups.items()):
        rated = exercise_metrics(name, sets)
        exact = f"{rated.exact_sets}"
        shown.add_row(group, name, f"{rated.sets}", exact, f"{rated.reps}", f"{rated.f1 or 0:.3f}")
    out.print(shown)
    shown = table("rest", "pairs", "kept apart", left=("rest",), title="Two sets")
    rests = [rest for one in found for rest in one.rests]
    for low_s, high_s in pairwise(RESTS_S):
        its = [rest.apart for rest in rests if low_s <= rest.rest_s < high_s]
        shown.add_row(f"{low_s}-{high_s} s", f"{len(its)}", f"{sum(its)}")
    out.print(shown)
    shown = table("activity", "hours", "false sets", "vanished reps", left=("activity",), title="Quiet")
    hours: defaultdict[str, float] = defaultdict(float)
    false: Counter[str] = Counter()
    vanished: Counter[str] = Counter()
    for one in found:
        for name, many in one.hours.items():
            hours[name] += many
        false += one.false_sets
        vanished += one.vanished
    for name in sorted(hours, key=lambda name: (-false[name], -vanished[name], name)):
        shown.add_row(name, f"{hours[name]:.2f}", f"{false[name]}", f"{vanished[name]}")
    out.print(shown)


def print_off(found: Sequence[Lived]) -> None:
    """Print what does not agree, and the options that make it again."""
    for one in found:
        parts = [
            f"{of.exercise} {len(of.matched)}->{'none' if of.found_reps is None else of.found_reps}"
            for of in one.sets
            if not of.exact or not all(of.matched)
        ]
        parts += [f"false set: {what}" for what in one.false_sets.elements()]
        if parts:
            console().print(f"{'; '.join(parts)}: {' '.join(one.asked.options)}", soft_wrap=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.life", description=__doc__)
    parser.add_argument("--seed", type=int, default=1000, metavar="N", help="first seed (default: 1000)")
    parser.add_argument("--share", type=float, default=0.2, metavar="X", help="part of it all (default: 0.2)")
    parser.add_argument("--only", action="append", metavar="GROUP", help="leave the others out; repeatable")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes")
    args = parser.parse_args()
    chosen = [one for one in asked(args.seed, args.share) if not args.only or one.group in args.only]
    found = live_through(chosen, args.jobs)
    print_tables(found)
    for line in lines(found):
        console().print(
            f"{line.what}: {line.reached} {line.target and f'(target {line.target})'}", soft_wrap=True
        )
    print_off(found)


if __name__ == "__main__":
    main()
