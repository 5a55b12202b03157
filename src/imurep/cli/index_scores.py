"""The scores of counts in ``index.json``, as tables and as fields of a JSON object. Loads rich."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from imurep.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

    from imurep.evaluate import CountScore, QuietCountScore


def print_index(score: CountScore, out: Console, *, each: bool) -> None:
    """Print how many counts are right."""
    named = ("data set", "activity")
    if score.sets:
        counted = table(
            *named,
            "right",
            "mean abs error",
            "in one set",
            "split",
            left=named,
            title="Sets, exercise recognised",
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
        ("Sets, exercise given", score.with_exercise),
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


def index_fields(score: CountScore) -> dict[str, Any]:
    """Counts and scores as fields of a JSON object."""
    return {
        "sets": [asdict(part) for part in score.sets],
        "told": [asdict(part) for part in score.with_exercise],
        "singles": [asdict(part) for part in score.singles],
        "quiet": [_hours(part) for part in score.quiet],
        "misses": [asdict(miss) for miss in score.misses],
        "headline": {"right": score.right, "total": score.total, **_hours(score.headline)},
    }


def _print_misses(score: CountScore, out: Console) -> None:
    if not score.misses:
        out.print("every file is right")
    for miss in score.misses:
        got = " + ".join(map(str, miss.got)) or "none"
        options = f" with {miss.trial.options}" if miss.trial.options else ""
        out.print(f"{miss.file}: {miss.why}, true {miss.expected}, got {got}{options}", soft_wrap=True)
    out.print()


def _headline(score: CountScore) -> str:
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


def _hours(part: QuietCountScore) -> dict[str, Any]:
    return {
        "dataset": part.dataset,
        "hours": part.hours,
        "false_sets": part.false_sets,
        "false_reps": part.false_reps,
        "in_headline": part.in_headline,
        "false_sets_per_hour": part.false_sets_per_hour,
        "false_reps_per_hour": part.false_reps_per_hour,
    }
