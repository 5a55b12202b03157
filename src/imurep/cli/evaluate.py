"""``imurep evaluate``: score the counter against recordings whose counts, or reps and phases, are known."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imurep.cli.arguments import positive_int
from imurep.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imurep.evaluate import CountedRecording, Trial, Truth

_DESCRIPTION = """\
Counts the recordings in DIR and compares the counts with the truth:

index.json, a list of true counts
  {"file": "a.csv.gz", "seconds": 37.0, "reps": 11, "tolerance": 0,
   "dataset": "mine", "activity": "deadlift"}
where reps above 1 is a set, 1 a single bend, 0 daily life without a set; null
is not scored;

NAME.truth.json beside a recording, in DIR or below: its sets, reps and phases.
"""

_EPILOG = """\
examples:
  imurep evaluate recordings                   exercises are recognised
  imurep evaluate --told recordings            exercises are given
  imurep evaluate --each shared/data           every file with a wrong count
  imurep evaluate --json recordings | jq .truth.pooled
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
        "directory",
        metavar="DIR",
        type=Path,
        help="a directory with recordings, and index.json, *.truth.json or both",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object for programs")
    parser.add_argument("--each", action="store_true", help="list every file with a wrong count")
    parser.add_argument(
        "--told",
        action="store_true",
        help="give the counter the exercise if a truth file names just one",
    )
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
    from imurep.cli import index_scores, truth_scores  # noqa: PLC0415 loads rich
    from imurep.cli.tables import ProgressBar, console  # noqa: PLC0415 loads rich

    directory: Path = args.directory
    truths = [evaluate.read_truth(path, directory) for path in evaluate.find_truths(directory)]
    rows = evaluate.read_index(directory) if _has_index(directory, truths) else ()
    wanted = [_trial(truth, given=args.told) for truth in truths]
    trials = tuple(dict.fromkeys((*evaluate.plan_trials(rows), *wanted)))
    with ProgressBar() as bar:
        counted = evaluate.count_recordings(
            directory,
            trials,
            jobs=args.jobs,
            done=lambda number: bar.show(number / len(trials), f"{number} of {len(trials)}"),
        )
    score = evaluate.score_counts(rows, {trial: one.counts for trial, one in counted.items()})
    metrics = evaluate.truth_metrics(_comparisons(truths, wanted, counted)) if truths else None
    if args.json:
        fields: dict[str, Any] = index_scores.index_fields(score)
        if metrics is not None:
            fields["truth"] = {"told": args.told, **truth_scores.truth_fields(metrics)}
        print(json.dumps(fields, allow_nan=False))
        return 0
    if rows:
        index_scores.print_index(score, console(), each=args.each)
    if metrics is not None:
        truth_scores.print_truth(metrics, console(), each=args.each, given=args.told)
    return 0


def _has_index(directory: Path, truths: Sequence[Truth]) -> bool:
    if (directory / "index.json").exists():
        return True
    if not truths:
        msg = (
            f"{directory}: neither index.json nor *.truth.json in it; give a directory with recordings "
            "and their truth (see docs/how-to/benchmark-your-own-counter.md)"
        )
        raise RecordingError(msg)
    return False


def _trial(truth: Truth, *, given: bool) -> Trial:
    from imurep.evaluate import Trial  # noqa: PLC0415 loads numpy, scipy, vqf

    return Trial(truth.file, exercise=truth.exercise if given else None)


def _comparisons(
    truths: Sequence[Truth], wanted: Sequence[Trial], found: Mapping[Trial, CountedRecording]
) -> list[Any]:
    from imurep.evaluate import compare  # noqa: PLC0415 loads numpy, scipy, vqf

    return [compare(truth, found[trial]) for truth, trial in zip(truths, wanted, strict=True)]
