"""A set's exercise and form figures as text, for tables, pictures and pages alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.counting.assessment.form_metrics import OVER_DEG
from imurep.exercises import EXERCISES, UNKNOWN, title_of
from imurep.formatting.labels import tempo_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imurep.counting.assessment.form_metrics import SetForm
    from imurep.events import ExerciseSet

CALM, THROWN = 30.0, 60.0
"""Momentum scores: strict sets of the simulator stay below the first but for a lift in one second
without any pause at the bottom (up to 51), thrown ones are above the second."""
SLOWED = 20.0
"""Percent: the velocity loss at which training plans commonly end a set."""


def exercise_lines(found: ExerciseSet) -> list[str]:
    """Which exercise it was, why, and what speaks against it."""
    if found.contradiction:
        return [f"{found.contradiction}. Check the exercise that you selected, or where the sensor sits"]
    if not found.reasons:
        return []
    why = "; ".join(found.reasons)
    if found.exercise == UNKNOWN:
        return [f"exercise unknown: {why}"]
    return [] if found.reasons == ("it was told",) else [f"{title_of(found.exercise)}: {why}"]


def form_text(form: SetForm) -> str:
    """A set in one line: number of reps, straight line, momentum, and what else stands out."""
    parts = [_counts(form), _line(form), _momentum(form)]
    if form.slowing_percent is not None and form.slowing_percent >= SLOWED:
        parts.append(_slowing(form.slowing_percent))
    if form.lowering is not None:
        parts.append(f"lowering takes {form.lowering:.1f} times as long as lifting")
    return "; ".join(text for text in parts if text)


def form_lines(form: SetForm, exercise: str) -> list[str]:
    """Each figure with what it means; what is not known is left out."""
    return [text for text in _form(form, exercise) if text]


def _form(form: SetForm, exercise: str) -> Iterator[str]:
    yield _counts(form)
    yield _line(form)
    yield _momentum(form)
    if form.slowing_percent is not None:
        yield _slowing(form.slowing_percent)
    if form.lowering_s is not None:
        times = f", {form.lowering:.1f} times as long as lifting" if form.lowering is not None else ""
        yield f"lowering takes {form.lowering_s:.1f} s{times}"
    if form.on_tempo is not None and form.target_tempo_s is not None:
        tempo = tempo_text(form.target_tempo_s)
        yield f"{_reps(form.on_tempo)} near {tempo}, a common tempo for this exercise"
    if form.unsteadiness_percent is not None:
        yield f"from rep to rep the time in movement differs by {form.unsteadiness_percent:.0f} %"
    if form.over_line_deg is None and form.top_spread_deg is not None:
        known = EXERCISES.get(exercise)
        line = " (to see them against your straight line: imurep calibrate)"
        wanted = known is not None and known.form.straight_line
        yield f"tops within {form.top_spread_deg:.0f}° of their usual place{line if wanted else ''}"


def _counts(form: SetForm) -> str:
    partial = len(form.reps) - form.full
    return f"{_reps(len(form.reps))}, {f'{partial} of them partial' if partial else 'all of full range'}"


def _line(form: SetForm) -> str:
    if form.over_line_deg is None:
        return ""
    side = "over" if form.over_line_deg >= 0 else "under"
    text = f"tops {abs(form.over_line_deg):.0f}° {side} your straight line"
    if not form.over:
        return text
    return f"{text}, {form.over} of them by more than {OVER_DEG:.0f}°: stop at the line"


def _slowing(percent: float) -> str:
    tired = " (many plans end a set at 20 %)" if percent >= SLOWED else ""
    change = "slower" if percent >= 0 else "faster"
    return f"the last lifts were {abs(percent):.0f} % {change} than the first{tired}"


def _momentum(form: SetForm) -> str:
    if form.momentum is None:
        return ""
    score = f"momentum {form.momentum:.0f} of 100"
    if form.momentum < CALM:
        return f"{score}: lifted, not thrown"
    if form.momentum < THROWN:
        return f"{score}: quick; a pause at the bottom takes the bounce out of it"
    return f"{score}: thrown; pause at the bottom, lift more slowly, and stop at the top"


def _reps(count: int) -> str:
    return f"{count} rep{'' if count == 1 else 's'}"
