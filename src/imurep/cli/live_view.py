"""What a running service shows: a board on a terminal, lines where there is none, a log for a machine."""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Self, TextIO, cast

import structlog
from rich.console import Group
from rich.live import Live
from rich.text import Text

from imurep.cli.tables import console, set_table, set_words
from imurep.events import ExerciseSet, Link, Rep, State
from imurep.exercises import title_of
from imurep.formatting.labels import (
    PHASE_LABELS,
    number_text,
    range_text,
    reps_text,
    seconds_text,
    tempo_text,
)
from imurep.live_state import LiveState
from imurep.tempo import median_tempo, tempo_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from rich.console import Console

    from imurep.events import SensorStatus, SessionEvent
    from imurep.live_state import SensorState

_LINK_STYLE = {
    Link.STREAMING: "green",
    Link.LOST: "bold red",
    Link.SEARCHING: "yellow",
    Link.CONNECTING: "yellow",
    Link.STOPPED: "dim",
}
_LOW_PERCENT = 15


def rep_line(number: int, rep: Rep) -> str:
    """One rep in words, for a list that grows."""
    partial = "  partial" if rep.partial else ""
    held = "" if rep.top_hold_s is None else f"  top held {number_text(rep.top_hold_s)} s"
    return f"rep {number:2}  {tempo_text(tempo_of(rep))}{held}  {rep.range_of_motion_deg:.0f}°{partial}"


def set_line(event: SessionEvent, found: ExerciseSet) -> str:
    """One finished set in words."""
    when = event.utc(found.start_us).astimezone()
    tempo = median_tempo(found.reps)
    return (
        f"{when:%H:%M:%S}  {title_of(found.exercise)}: {reps_text(found)} reps, tempo {tempo_text(tempo)}, "
        f"top held {seconds_text(tempo[3])}, range {range_text(found.reps)}"
    )


def sensor_lines(state: SensorState) -> Text:
    """One sensor's part of the board: its link, then its open set."""
    status = state.status
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("● ", style=_LINK_STYLE[status.link]).append(status.sensor, style="bold")
    text.append(f"  {status.link}")
    if status.battery_percent is not None:
        text.append(
            f"  battery {status.battery_percent} %", style="red" if status.battery_percent < 15 else ""
        )
    if status.rssi_dbm is not None:
        text.append(f"  {status.rssi_dbm} dBm")
    if status.detail:
        text.append(f"\n  {status.detail}", style="yellow")
    rep = state.last_rep
    if rep is not None:
        text.append("\n  ").append(f"{len(state.reps)}", style="bold")
        text.append(f" rep{'' if len(state.reps) == 1 else 's'}   {tempo_text(tempo_of(rep))}")
        held = next((one.top_hold_s for one in reversed(state.reps.values()) if one.top_hold_s), None)
        if held is not None:
            text.append(f"   top held {number_text(held)} s")
        if state.phase is not None:
            text.append(f"   {PHASE_LABELS[state.phase]}")
    return text


class TerminalView:
    """A board at the bottom of the terminal, finished sets above it."""

    def __init__(self, terminal: Console | None = None) -> None:
        """Show on ``terminal``, standard output by default."""
        self.state = LiveState()
        self._live = Live(
            console=terminal or console(),
            auto_refresh=False,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def event(self, event: SessionEvent) -> None:
        """Show what was counted."""
        self.state.event(event)
        if isinstance(event.event, ExerciseSet) and event.event.state is State.FINAL:
            self._live.console.print(set_line(event, event.event))
        self._show()

    def status(self, status: SensorStatus) -> None:
        """Show a sensor's state."""
        self.state.status(status)
        self._show()

    def _show(self) -> None:
        footer = Text("Ctrl-C ends it", style="dim")
        self._live.update(Group(*map(sensor_lines, self.state.sensors.values()), footer), refresh=True)


class LineView:
    """A line per rep and per set, for pipes and files."""

    def __init__(self) -> None:
        """Begin without having shown anything."""
        self.state = LiveState()
        self._shown: dict[str, int] = {}
        """Reps that were printed, and the number each had."""

    def event(self, event: SessionEvent) -> None:
        """Print a rep once its hold at the top is known, or it turned out to be none; a set at its end."""
        if isinstance(event.event, ExerciseSet) and event.event.state is State.FINAL:
            self._print_reps(event.sensor, held_only=False)
            _print(set_line(event, event.event))
        self.state.event(event)
        if isinstance(event.event, Rep):
            self._print_reps(event.sensor, held_only=True)
            number = self._shown.get(event.event.id)
            if number is not None and event.event.state is State.WITHDRAWN:
                del self._shown[event.event.id]
                _print(f"rep {number:2}  withdrawn")

    def status(self, status: SensorStatus) -> None:
        """Print what changed."""
        before = self.state.sensors.get(status.sensor)
        if before is None or (before.status.link, before.status.detail) != (status.link, status.detail):
            _print(": ".join(filter(None, (status.sensor, status.link, status.detail))))
        self.state.status(status)

    def _print_reps(self, sensor: str, *, held_only: bool) -> None:
        """Print those that were not yet.

        The last of a set, whose hold no next rep ends, waits for the set's end; so
        does what looks like a rep while the person gets up.
        """
        for number, rep in enumerate(self.state.sensors[sensor].reps.values(), start=1):
            known = rep.state is State.FINAL and (rep.top_hold_s is not None or not held_only)
            if known and rep.id not in self._shown:
                self._shown[rep.id] = number
                _print(rep_line(number, rep))


def _print(line: str) -> None:
    """Print a line; when the reader has gone (`imurep demo | head`), end in order, as at SIGTERM."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:  # else it would be a second one
            signal.raise_signal(signal.SIGTERM)


class LogView:
    """Log lines, for a service without a terminal."""

    def __init__(self) -> None:
        """Begin without having seen a sensor."""
        self._log = structlog.get_logger("imurep")
        self._links: dict[str, tuple[Link, str]] = {}

    def event(self, event: SessionEvent) -> None:
        """Log sets; a rep is a detail."""
        match event.event:
            case ExerciseSet(state=State.FINAL) as found:
                self._log.info(
                    "set",
                    sensor=event.sensor,
                    person=event.person,
                    id=found.id,
                    version=found.version,
                    exercise=found.exercise,
                    reps=found.repetitions,
                    tempo=tempo_text(median_tempo(found.reps)),
                )
            case Rep() as rep:
                self._log.debug(
                    "rep", sensor=event.sensor, id=rep.id, version=rep.version, state=rep.state.value
                )
            case _:
                pass

    def status(self, status: SensorStatus) -> None:
        """Log what changed about the link."""
        now = status.link, status.detail
        if self._links.get(status.sensor) != now:
            self._links[status.sensor] = now
            level = logging.WARNING if status.detail else logging.INFO
            self._log.log(level, "link", sensor=status.sensor, link=status.link.value, detail=status.detail)


def print_sets(state: LiveState, lines_deg: Callable[[str, str], Mapping[str, float]]) -> None:
    """Print the table of sets, one per session, and how well each set was done.

    ``lines_deg`` gives the straight lines of a person, as a sensor has measured them, by exercise.
    """
    shown = console()
    for _, event in groupby(state.in_order(), key=lambda one: one.session):
        session = list(event)
        sets = [one.event for one in session if isinstance(one.event, ExerciseSet)]
        shown.print(set_table(sets, session[0].first_us))
        shown.print(set_words(sets, lines_deg(session[0].person, session[0].sensor)))


class _Unfailing:
    """A file that takes what it can: a log on a full disk is no reason to stop counting."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()


def log_to_stderr(level: int = logging.INFO) -> None:
    """Structured lines on standard error: time, level, event, ``key=value``."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Unfailing(sys.stderr))),
        cache_logger_on_first_use=False,
    )
