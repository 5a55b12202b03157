"""The scores of truth files, as tables and as fields of a JSON object. Loads rich."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from imurep.cli.tables import table
from imurep.formatting.labels import PHASE_LABELS, UNKNOWN

if TYPE_CHECKING:
    from rich.console import Console

    from imurep.evaluate import Agreement, ExerciseMetrics, PhaseMetrics, RecordingComparison, TruthMetrics


def print_truth(score: TruthMetrics, out: Console, *, each: bool, given: bool) -> None:
    """Print how well reps, sets, phases and ranges agree with truth files."""
    how = "exercise given" if given else "exercise recognised"
    pooled = score.pooled
    if pooled.sets:
        _print_reps(score, out, how)
        _print_tempo(score, out)
        _print_phases(pooled, out)
    quiet = score.quiet
    if each:
        for one in score.off:
            out.print(_off_text(one), soft_wrap=True)
    parts = []
    if pooled.sets:
        parts.append(
            f"rep F1 {_figure(pooled.f1)} over {pooled.reps} reps, "
            f"sets exact {pooled.exact_sets}/{pooled.sets} in {score.recordings} recordings"
        )
    if quiet.hours:
        parts.append(
            f"false sets/h {quiet.false_sets_per_hour:.2f}, false reps/h {quiet.false_reps_per_hour:.2f} "
            f"over {quiet.hours:.2f} h without exercise"
        )
    out.print(
        f"truth files, {how}: " + (", ".join(parts) or "nothing in them to score"),
        soft_wrap=True,
        style="bold",
    )


def _print_reps(score: TruthMetrics, out: Console, how: str) -> None:
    reps = table("exercise", "reps", "precision", "recall", "F1", left=("exercise",), title=f"Reps, {how}")
    sets = table(
        "exercise",
        "sets",
        "exact",
        "first rep",
        "last rep",
        "start",
        "end",
        left=("exercise",),
        title="Sets; first and last reps found; mean absolute error of start and end",
    )
    for part in _rows(score):
        reps.add_row(
            part.exercise, str(part.reps), _figure(part.precision), _figure(part.recall), _figure(part.f1)
        )
        sets.add_row(
            part.exercise,
            str(part.sets),
            str(part.exact_sets),
            str(part.first_reps),
            str(part.last_reps),
            _mean(part.start_error_s),
            _mean(part.end_error_s),
        )
    out.print(reps)
    out.print(sets)


def _print_tempo(score: TruthMetrics, out: Console) -> None:
    tempo = table(
        "exercise",
        *(PHASE_LABELS[part.phase].removesuffix(" hold") for part in score.pooled.phases),
        "holds",
        "range",
        left=("exercise",),
        title="Mean absolute error: phases in ms, of so many allowed; range. Top holds: F1",
    )
    for part in _rows(score):
        tempo.add_row(
            part.exercise,
            *(_of_bound(phase) for phase in part.phases),
            _figure(part.top_holds.f1),
            "" if part.range_error_deg is None else f"{part.range_error_deg.mae:.1f}°",
        )
    out.print(tempo)


def _print_phases(pooled: ExerciseMetrics, out: Console) -> None:
    phases = table(
        "pooled",
        "compared",
        "mean error",
        "abs error",
        "95 % limits",
        "within bound",
        left=("pooled",),
        title="Agreement: found less true",
    )
    for part in pooled.phases:
        error_s = part.error_s
        if error_s is not None:
            phases.add_row(
                PHASE_LABELS[part.phase],
                f"{error_s.n}/{part.total}",
                f"{error_s.mean * 1e3:+.0f} ms",
                f"{error_s.mae * 1e3:.0f} ms",
                f"{error_s.low * 1e3:+.0f} to {error_s.high * 1e3:+.0f} ms",
                f"{100 * part.within:.0f} %",
            )
    error_deg = pooled.range_error_deg
    if error_deg is not None:
        phases.add_row(
            "range",
            f"{error_deg.n}/{error_deg.n + pooled.foreign}",
            f"{error_deg.mean:+.1f}°",
            f"{error_deg.mae:.1f}°",
            f"{error_deg.low:+.1f} to {error_deg.high:+.1f}°",
            "",
        )
    out.print(phases)


def truth_fields(score: TruthMetrics) -> dict[str, Any]:
    """Comparison with the truth as fields of a JSON object."""
    quiet = score.quiet
    return {
        "recordings": score.recordings,
        "exercises": [_metrics_fields(part) for part in score.exercises],
        "pooled": _metrics_fields(score.pooled),
        "quiet": {
            **asdict(quiet),
            "false_sets_per_hour": quiet.false_sets_per_hour,
            "false_reps_per_hour": quiet.false_reps_per_hour,
        },
        "off": [_off_fields(one) for one in score.off],
    }


def _metrics_fields(part: ExerciseMetrics) -> dict[str, Any]:
    return {
        **asdict(part),
        "precision": part.precision,
        "recall": part.recall,
        "f1": part.f1,
        "phases": [{**asdict(phase), "met": phase.met} for phase in part.phases],
        "top_holds": {**asdict(part.top_holds), "f1": part.top_holds.f1},
    }


def _off_fields(one: RecordingComparison) -> dict[str, Any]:
    return {
        "file": one.quiet.file,
        "true": [len(part.matched) for part in one.sets],
        "found": [part.found_reps for part in one.sets],
        "missed_reps": [[at for at, hit in enumerate(part.matched, 1) if not hit] for part in one.sets],
        "false_reps": [part.false_reps for part in one.sets],
        "quiet_false_sets": one.quiet.false_sets,
        "quiet_false_reps": one.quiet.false_reps,
    }


def _off_text(one: RecordingComparison) -> str:
    parts = []
    for number, part in enumerate(one.sets, start=1):
        missed = ", ".join(str(at) for at, hit in enumerate(part.matched, start=1) if not hit)
        if missed or part.false_reps or not part.exact:
            got = "none" if part.found_reps is None else str(part.found_reps)
            text = f"set {number} true {len(part.matched)}, got {got}"
            text += f", missed rep {missed}" if missed else ""
            parts.append(text + (f", {part.false_reps} false" if part.false_reps else ""))
    if one.quiet.false_reps:
        parts.append(f"{one.quiet.false_sets} false sets and {one.quiet.false_reps} reps in quiet stretches")
    return f"{one.quiet.file}: {'; '.join(parts)}"


def _rows(score: TruthMetrics) -> tuple[ExerciseMetrics, ...]:
    return (*score.exercises, score.pooled) if len(score.exercises) > 1 else score.exercises


def _figure(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.4f}"


def _mean(error_s: Agreement | None) -> str:
    return UNKNOWN if error_s is None else f"{error_s.mae:.2f} s"


def _of_bound(part: PhaseMetrics) -> str:
    if part.error_s is None:
        return UNKNOWN
    return f"{part.error_s.mae * 1e3:.0f}/{part.bound_s * 1e3:.0f}{'' if part.met else '!'}"
