"""What people see in a terminal: tables, lines, a progress bar. Loads rich."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from imurep.counting.assessment.form_metrics import form_of
from imurep.events import ExerciseSet, GapEvent, PhaseChange, Rep, State
from imurep.formatting.form_text import exercise_lines, form_text
from imurep.formatting.labels import (
    UNKNOWN,
    clock_text,
    notes,
    range_text,
    reps_text,
    seconds_text,
    tempo_text,
)
from imurep.tempo import median_tempo, tempo_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from rich.console import RenderableType

    from imurep.events import Event

_LONG_S = 1.0
"""A progress bar shows after this time only; short work stays quiet."""


def console() -> Console:
    """Standard output; names of files in it are never taken for markup."""
    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False)


def table(*columns: str, left: Sequence[str] = (), title: str | None = None) -> Table:
    """Make an empty table; columns are right-aligned and never cut, but for those in ``left``."""
    made = Table(
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title=title,
        title_justify="left",
        title_style="bold",
        caption_justify="left",
    )
    for name in columns:
        if name in left:
            made.add_column(name, overflow="fold", min_width=8)
        else:
            made.add_column(name, justify="right", no_wrap=True)
    return made


def set_table(sets: Sequence[ExerciseSet], first_us: int) -> Table:
    """One row per set; a column that would be empty is left out."""
    columns: dict[str, list[str]] = {
        "#": [str(number) for number in range(1, len(sets) + 1)],
        "start": [clock_text(found.start_us - first_us) for found in sets],
        "exercise": [found.exercise for found in sets],
        "reps": [str(found.repetitions) for found in sets],
        "partial": [str(sum(rep.partial for rep in found.reps) or "") for found in sets],
        "tempo": [tempo_text(median_tempo(found.reps)) for found in sets],
        "top hold": [seconds_text(median_tempo(found.reps)[3]) for found in sets],
        "range": [range_text(found.reps) for found in sets],
    }
    kept = {name: cells for name, cells in columns.items() if any(cells)}
    made = table(*kept, left=("exercise",))
    made.caption = _footnotes(sets)
    for row in zip(*kept.values(), strict=True):
        made.add_row(*row)
    return made


def set_words(sets: Sequence[ExerciseSet], lines_deg: Mapping[str, float]) -> Group:
    """Below the table: for each set which exercise it was and why, and how well it was done."""
    parts: list[RenderableType] = []
    for number, found in enumerate(sets, start=1):
        form = form_text(form_of(found, line_deg=lines_deg.get(found.exercise)))
        parts.append(Text(f"set {number}", style="bold"))
        parts += [Padding(Text(line), (0, 0, 0, 2)) for line in (*exercise_lines(found), form)]
    return Group(*parts, Text())


def rep_table(found: ExerciseSet, first_us: int, title: str, lines_deg: Mapping[str, float]) -> Table:
    """One row per rep."""
    form_of_set = form_of(found, line_deg=lines_deg.get(found.exercise))
    calibrated = form_of_set.over_line_deg is not None
    columns = ("rep", "start", "tempo", "top hold", "range", "peak", "momentum", "top", "notes")
    made = table(*columns, left=("notes",), title=title)
    against = (
        "+ over, - under your straight line" if calibrated else "+ higher, - lower than this set's usual top"
    )
    made.caption = f"momentum: 0 lifted to 100 thrown; top: {against}"
    for number, (rep, form) in enumerate(zip(found.reps, form_of_set.reps, strict=True), start=1):
        top_deg = form.over_line_deg if calibrated else form.from_habit_deg
        made.add_row(
            str(number),
            clock_text(rep.start_us - first_us, tenths=True),
            tempo_text(tempo_of(rep)),
            seconds_text(rep.top_hold_s),
            f"{'~' if rep.range_estimated else ''}{rep.range_of_motion_deg:.0f}°",
            f"{rep.peak_rate_dps:.0f}°/s",
            UNKNOWN if form.momentum is None else f"{form.momentum:.0f}",
            UNKNOWN if top_deg is None else f"{round(top_deg):+d}°",
            ", ".join(["partial"] * rep.partial + ["over"] * form.over),
        )
    return made


def event_line(event: Event, first_us: int) -> str:
    """One event in words."""
    match event:
        case Rep(state=State.WITHDRAWN):
            return f"{clock_text(event.start_us - first_us, tenths=True):>8}  rep {event.id} withdrawn"
        case Rep():
            tempo = tempo_text(tempo_of(event))
            size = f"{event.range_of_motion_deg:.0f}°{' partial' if event.partial else ''}"
            when = clock_text(event.top_us - first_us, tenths=True)
            return f"{when:>8}  rep {event.id} {event.state}  {tempo}  {size}"
        case PhaseChange():
            when = clock_text(event.time_us - first_us, tenths=True)
            return f"{when:>8}  {event.phase.replace('_', ' ')}"
        case GapEvent():
            when = clock_text(event.start_us - first_us, tenths=True)
            return f"{when:>8}  gap of {(event.end_us - event.start_us) / 1e6:.2f} s"
        case ExerciseSet():
            when = clock_text(event.start_us - first_us, tenths=True)
            return f"{when:>8}  set {event.id} {event.state}  {reps_text(event)} reps"


def _footnotes(sets: Sequence[ExerciseSet]) -> str | None:
    """Each note once, with the sets that it is about; below the table, where there is room for words."""
    numbers: dict[str, list[str]] = {}
    for number, found in enumerate(sets, start=1):
        for note in notes(found):
            numbers.setdefault(note, []).append(str(number))
    lines = [
        note if len(about) == len(sets) else f"set {', '.join(about)}: {note}"
        for note, about in numbers.items()
    ]
    return "\n".join(lines) or None


class ProgressBar:
    """A bar on standard error, if that is a terminal and the work takes its time."""

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = Console(stderr=True, markup=False, emoji=False)
        self._wanted = self._console.is_terminal and not quiet
        self._progress: Progress | None = None
        self._clock = clock
        self._begin_s = self._last_s = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def show(self, fraction: float, what: str) -> None:
        """Show how far the work is, 0 to 1, and what it is at."""
        now_s = self._clock()
        if not self._wanted or now_s - self._begin_s < _LONG_S or now_s - self._last_s < 0.1:
            return
        self._last_s = now_s
        if self._progress is None:
            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TaskProgressColumn(),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._progress.start()
            self._progress.add_task(what, total=1.0)
        self._progress.update(self._progress.task_ids[0], completed=fraction, description=what)
