"""Times, tempos and sets as short text, for tables, pictures and pages alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.events import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.events import ExerciseSet, Rep
    from imurep.tempo import Tempo

UNKNOWN = "–"  # noqa: RUF001 not a minus
"""Stands for what is not known."""

PHASE_LABELS = {
    Phase.ECCENTRIC: "eccentric",
    Phase.BOTTOM_HOLD: "bottom hold",
    Phase.CONCENTRIC: "concentric",
    Phase.TOP_HOLD: "top hold",
}


def clock_text(duration_us: int, *, tenths: bool = False) -> str:
    """A time from the start as ``m:ss`` or ``m:ss.t``; hours stay minutes."""
    count = round(duration_us / (100_000 if tenths else 1_000_000))
    minutes, rest = divmod(abs(count), 600 if tenths else 60)
    seconds = f"{rest / 10:04.1f}" if tenths else f"{rest:02d}"
    return f"{'-' if count < 0 else ''}{minutes}:{seconds}"


def tempo_text(tempo: Tempo) -> str:
    """Write a tempo as ``3.1-1.0-2.0-1.1``."""
    return "-".join(number_text(value) for value in tempo)


def number_text(value: float | None) -> str:
    """Write seconds to a tenth, without the unit."""
    return UNKNOWN if value is None else f"{value:.1f}"


def seconds_text(value: float | None) -> str:
    """Write seconds to a tenth."""
    return UNKNOWN if value is None else f"{value:.1f} s"


def reps_text(found: ExerciseSet) -> str:
    """Number of reps, and how many of them are partial."""
    partial = sum(rep.partial for rep in found.reps)
    return f"{found.repetitions} ({partial} partial)" if partial else str(found.repetitions)


def total_text(sets: Sequence[ExerciseSet]) -> str:
    """How many sets and reps in all."""
    reps = sum(found.repetitions for found in sets)
    return f"{len(sets)} set{'' if len(sets) == 1 else 's'}, {reps} rep{'' if reps == 1 else 's'}"


def range_text(reps: Sequence[Rep]) -> str:
    """Mean range of motion of the full reps (of all, if none is full)."""
    full = [rep for rep in reps if not rep.partial] or reps
    if not full:
        return UNKNOWN
    about = "~" if any(rep.range_estimated for rep in full) else ""
    return f"{about}{sum(rep.range_of_motion_deg for rep in full) / len(full):.0f}°"


def notes(found: ExerciseSet) -> list[str]:
    """What limits the figures of a set, one note each."""
    found_notes = []
    if not found.gyroscope:
        found_notes.append("accelerometer only, so phases are coarser")
    if found.top_assumed:
        found_notes.append("which end is the top is assumed, upright was not seen")
    if found.gaps:
        found_notes.append(f"{found.gaps} gap{'s' if found.gaps > 1 else ''} in the data")
    return found_notes


def nothing_text(min_reps: int, exercise: str | None) -> str:
    """Message for a recording in which nothing was counted, with what to try."""
    what = "no rep" if min_reps == 1 else f"no set of {min_reps} or more reps"
    tries = [] if min_reps == 1 else ["--min-reps 1"]
    if exercise is None:
        tries.append("--exercise NAME if you know what was done")
    return f"{what} found" + (f"; try {', or '.join(tries)}" if tries else "")
