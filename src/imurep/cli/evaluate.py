"""``imurep evaluate``: score the counter against recordings whose counts are known."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imurep.cli.arguments import positive_int

if TYPE_CHECKING:
    from rich.console import Console

    from imurep.evaluate import QuietScore, Score

_DESCRIPTION = """\
Counts the recordings in DIR and compares with the true counts in
DIR/index.json, a list of
  {"file": "a.csv.gz", "seconds": 37.0, "reps": 11, "tolerance": 0,
   "dataset": "mine", "activity": "deadlift"}
where reps above 1 is a set, 1 a single bend, 0 daily life without a set, and
null is not scored.
"""

_EPILOG = """\
examples:
  imurep evaluate shared/data
  imurep evaluate --each shared/data           every file that is off
  imurep evaluate --json shared/data | jq .headline
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "evaluate",
        help="score the counter on recordings whose counts are known",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "directory", metavar="DIR", type=Path, help="a directory with index.json and recordings"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object for programs")
    parser.add_argument("--each", action="store_true", help="list every file that is off")
    parser.add_argument(
        "--jobs",
        type=positive_int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="count in N processes (default: one per processor, here %(default)s)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Count, score and print."""
    from imurep import evaluate  # noqa: PLC0415 loads numpy, scipy, vqf
    from imurep.cli.output import ProgressBar, console  # noqa: PLC0415 loads rich

    rows = evaluate.read_index(args.directory)
    trials = evaluate.plan(rows)
    with ProgressBar() as bar:
        counts = evaluate.run(
            args.directory,
            trials,
            jobs=args.jobs,
            done=lambda number: bar.show(number / len(trials), f"{number} of {len(trials)}"),
        )
    score = evaluate.score(rows, counts)
    if args.json:
        print(json.dumps(_fields(score), allow_nan=False))
    else:
        _print(score, console(), each=args.each)
    return 0


def _print(score: Score, out: Console, *, each: bool) -> None:
    from imurep.cli.output import table  # noqa: PLC0415 loads rich

    named = ("data set", "activity")
    if score.sets:
        counted = table(
            *named, "right", "mean abs error", "in one set", "split", left=named, title="Sets, nothing told"
        )
        for part in score.sets:
            counted.add_row(
                part.dataset,
                part.activity,
                f"{part.right}/{part.total}",
                f"{part.mean_abs_error:.2f}",
                f"{part.in_one_set}/{part.total}",
                str(part.split),
            )
        out.print(counted)
    for title, parts in (
        ("Sets, told the exercise", score.told),
        ("Single bends, --min-reps 1", score.singles),
    ):
        if parts:
            exact = table(*named, "right", left=named, title=title)
            for line in parts:
                exact.add_row(line.dataset, line.activity, f"{line.right}/{line.total}")
            out.print(exact)
    if score.quiet:
        quiet = table(
            "data set",
            "hours",
            "false sets/h",
            "false reps/h",
            "",
            left=("data set", ""),
            title="Quiet hours",
        )
        for hours in score.quiet:
            quiet.add_row(
                hours.dataset,
                f"{hours.hours:.2f}",
                f"{hours.false_sets_per_hour:.2f}",
                f"{hours.false_reps_per_hour:.2f}",
                "" if hours.in_headline else "(not in the headline)",
            )
        out.print(quiet)
    if each:
        _print_misses(score, out)
    out.print(_headline(score), soft_wrap=True, style="bold")


def _print_misses(score: Score, out: Console) -> None:
    if not score.misses:
        out.print("every file is right")
    for miss in score.misses:
        got = " + ".join(map(str, miss.got)) or "none"
        options = f" with {miss.trial.options}" if miss.trial.options else ""
        out.print(f"{miss.file}: {miss.why}, true {miss.expected}, got {got}{options}", soft_wrap=True)
    out.print()


def _headline(score: Score) -> str:
    parts = []
    if score.total:
        percent = 100 * score.right / score.total
        parts.append(f"sets counted right {score.right}/{score.total} ({percent:.1f} %)")
    all_hours = score.headline
    if all_hours.hours:
        parts.append(
            f"false sets/h {all_hours.false_sets_per_hour:.2f}, "
            f"false reps/h {all_hours.false_reps_per_hour:.2f} over {all_hours.hours:.1f} h"
        )
    return "headline: " + (", ".join(parts) or "nothing in the index can be scored")


def _fields(score: Score) -> dict[str, Any]:
    return {
        **asdict(score),
        "quiet": [_hours(part) for part in score.quiet],
        "headline": {"right": score.right, "total": score.total, **_hours(score.headline)},
    }


def _hours(part: QuietScore) -> dict[str, Any]:
    rates = {
        "false_sets_per_hour": part.false_sets_per_hour,
        "false_reps_per_hour": part.false_reps_per_hour,
    }
    return {**asdict(part), **rates}
