"""``python -m tests.accuracy``: score the counter on real recordings and on fresh simulated sessions."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.cli import main as imurep
from imurep.cli.tables import ProgressBar, console
from imurep.cli.truth_scores import print_truth
from imurep.evaluate import truth_metrics
from tests.accuracy import cut_bends, knobs, life, live, recognition, straight_line
from tests.accuracy.outcomes import count_all
from tests.accuracy.sessions import sessions
from tests.accuracy.targets import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from tests.accuracy.outcomes import Outcome
    from tests.accuracy.sessions import Session
    from tests.accuracy.targets import Line

FORM, KNOBS = "form", "knobs"
LIVE, LIFE = "live", "life"
EACH = 6
"""Sessions of each exercise and variation in which it is to be recognised."""
LIFE_SEED = 50_000
"""From the first seed on to that of the sessions as varied as life."""
PEOPLE = 60
"""People on each bench whose tops are compared with their straight line."""
MARKS = {True: "ok", False: "MISSED", None: ""}


def main(argv: Sequence[str] | None = None) -> None:
    args = _arguments(argv)
    out = console()
    data: Path | None = args.data
    if data is not None and not (data / "index.json").is_file():
        out.print(f"No index.json in {data}: real recordings are left out.\n")
        data = None
    if data is not None:
        out.print(f"Real recordings in {data}\n", style="bold")
        imurep(["evaluate", str(data), "--jobs", str(args.jobs)])
        out.print()
        _print_lines(cut_bends.lines(data))
    begin_s = time.monotonic()
    groups = {one.group for one in sessions(args.seed)} | {FORM, LIVE, LIFE, KNOBS}
    wanted = set(args.only or groups)
    if not wanted <= groups:
        sys.exit("no such group; see --help")
    chosen = [one for one in sessions(args.seed) if one.group in wanted]
    outcomes = _count(chosen, args.jobs, out)
    if FORM in wanted:
        found = recognition.recognised(args.seed + 114_000, EACH, data, args.jobs)
        recognition.print_tables(found)
        alike = straight_line.tops_of_all(args.seed + 34_000, PEOPLE, args.jobs, alike=True)
        anew = straight_line.tops_of_all(args.seed + 36_000, PEOPLE, args.jobs, alike=False)
        print("Recognition and form, nothing given\n")
        _print_lines(recognition.lines(found))
        _print_lines([*straight_line.lines("worn alike", alike), *straight_line.lines("any mounting", anew)])
    if LIVE in wanted:
        print("Live, nothing given\n")
        _print_lines(live.lines(live.simulated(args.seed + LIFE_SEED, args.jobs)))
    lives = life.live_through(life.asked(args.seed + LIFE_SEED), args.jobs) if LIFE in wanted else []
    if lives:
        life.print_tables(lives)
        print("As varied as life, nothing given\n")
        _print_lines(life.lines(lives))
    if KNOBS in wanted:
        others = [] if data is None else [data, *sorted((data.parent / "data_synth").glob("*/"))]
        knobs.print_table(
            [*knobs.recorded(), *(trial for folder in others for trial in knobs.of_folder(folder))]
        )
    print("What does not agree, and the options that make it again:\n")
    _print_off(outcomes, out)
    life.print_off(lives)
    print()
    out.print(
        f"{len(chosen)} simulated sessions from seed {args.seed} on, {time.monotonic() - begin_s:.0f} s",
        style="bold",
    )


def _count(chosen: Sequence[Session], jobs: int, out: Console) -> list[Outcome]:
    """Count simulated sessions, without their exercise and with it; print how that agrees with the truth."""
    with ProgressBar() as bar:
        outcomes = count_all(
            chosen, jobs, lambda number: bar.show(number / len(chosen), f"{number} of {len(chosen)}")
        )
    for given in (False, True):
        its = [one for one in outcomes if one.exercise_given is given]
        plain = [one.comparison for one in its if one.session.group == "plain"]
        if plain:
            print_truth(truth_metrics(plain), out, each=False, given=given)
            out.print()
        if its:
            print(f"Simulated sessions, {'exercise given' if given else 'nothing given'}\n")
            _print_lines(lines(its))
    return outcomes


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="real recordings with an index.json")
    parser.add_argument("--seed", type=int, default=9000, metavar="N", help="first seed (default: 9000)")
    parser.add_argument(
        "--only",
        action="append",
        metavar="GROUP",
        help="leave the others out; repeatable: plain, 'accelerometer only', slip, 'good link', 'bad link', "
        "gap, rate, variation, mounting, daily, form, live, life, knobs",
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes")
    return parser.parse_args(argv)


def _print_lines(found: Iterable[Line]) -> None:
    for one in found:
        print(f"{MARKS[one.met]:8}{one.what:52}{one.target:>14}  {one.reached}")
    print()


def _print_off(outcomes: Sequence[Outcome], out: Console) -> None:
    """Print what does not agree, and the command that makes it again."""
    for one in truth_metrics(outcome.comparison for outcome in outcomes).off:
        outcome = next(outcome for outcome in outcomes if outcome.comparison is one)
        parts = [
            f"{len(part.matched)}->{'none' if part.found_reps is None else part.found_reps}"
            + (
                f" missed {[at for at, hit in enumerate(part.matched, 1) if not hit]}"
                if not all(part.matched)
                else ""
            )
            + (f" false {part.false_reps}" if part.false_reps else "")
            for part in one.sets
        ]
        quiet = one.quiet
        if quiet.false_reps:
            parts.append(f"quiet: {quiet.false_sets} sets, {quiet.false_reps} reps")
        how = "given" if outcome.exercise_given else "not given"
        out.print(
            f"{outcome.session.group}, {how}: {'; '.join(parts)}: {' '.join(outcome.session.arguments)}",
            soft_wrap=True,
        )


if __name__ == "__main__":
    main()
