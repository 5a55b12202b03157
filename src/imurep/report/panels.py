"""What each panel of a report shows: a set, or a part of a long one, and its title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.counting.assessment.form_metrics import OVER_DEG
from imurep.exercises import UNKNOWN, title_of
from imurep.formatting.labels import tempo_text
from imurep.tempo import median_tempo

if TYPE_CHECKING:
    from imurep.counting.assessment.form_metrics import SetForm
    from imurep.events import ExerciseSet, Rep
    from imurep.report.view import SessionView

REPS_PER_PANEL = 30
"""More cannot be labelled legibly side by side; a longer set continues in a further panel."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A set, or a part of a long one: ``first`` is the number of its first rep, from 0."""

    number: int
    found: ExerciseSet
    first: int

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The reps of this part."""
        return self.found.reps[self.first : self.first + REPS_PER_PANEL]


def panels(view: SessionView) -> list[Panel]:
    """All sets in order, long ones in parts."""
    return [
        Panel(number, found, first)
        for number, found in enumerate(view.sets, start=1)
        for first in range(0, max(1, found.repetitions), REPS_PER_PANEL)
    ]


def title(view: SessionView, part: Panel) -> str:
    """The line of text over a panel."""
    found = part.found
    some = (
        f", {part.first + 1} to {part.first + len(part.reps)} shown"
        if len(part.reps) < found.repetitions
        else ""
    )
    partial = " (hatched: partial)" if any(rep.partial for rep in part.reps) else ""
    exercise = "" if found.exercise == UNKNOWN else f"{title_of(found.exercise)}, "
    tempo = tempo_text(median_tempo(found.reps))
    form = view.form(found)
    momentum = "" if form.momentum is None else f", momentum {form.momentum:.0f} of 100"
    return (
        f"set {part.number}: {exercise}{reps_text(found)}{some}{partial}, median tempo {tempo} s{momentum}"
        f"{_line_text(form)}"
    )


def _line_text(form: SetForm) -> str:
    if form.over_line_deg is None:
        return ""
    return f", {form.over} over the straight line by more than {OVER_DEG:.0f}°"


def reps_text(found: ExerciseSet) -> str:
    """How many reps a set has, in words."""
    return f"{found.repetitions} rep{'' if found.repetitions == 1 else 's'}"
