"""Versions of reps and sets, also where counting goes back and finds something else.

Counting reports reps and sets in version 0. A version is the number of
reports; where counting went back, it is larger than any that was published.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.events import ExerciseSet, Rep, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.events import Event

    Versioned = Rep | ExerciseSet


class EventRevisions:
    """Gives events their versions, and corrects those that a recount contradicts.

    It remembers the open set and, while there is a mark, all that was published since.
    """

    def __init__(self) -> None:
        """Begin before the first event."""
        self._published: dict[str, Versioned] = {}
        """What was published last of each rep and set; the reps in a set are in version 0."""
        self._counted: dict[str, Versioned] = {}
        """What counting has reported last, in the version that the number of its reports gives."""
        self._at_mark: dict[str, Versioned] | None = None
        """What counting had reported last at the mark."""
        self._ended: set[str] = set()
        """Sets that have ended since the mark."""

    def publish(self, events: list[Event]) -> list[Event]:
        """Take what counting reports next; return it in versions that were not published before."""
        if not events:
            return events
        out = [
            self._publish(_report(self._counted, event)) if isinstance(event, (Rep, ExerciseSet)) else event
            for event in events
        ]
        self._ended |= _ended(events)
        if self._at_mark is None:
            self._forget(self._ended)
        return out

    def mark(self) -> None:
        """Remember from here on: counting may come back to this point."""
        self._at_mark = dict(self._counted)

    def advance_mark(self, events: Iterable[Event]) -> None:
        """Move the mark past what counting reported next."""
        if self._at_mark is not None:
            events = list(events)
            _report_all(self._at_mark, events)
            self._forget(_ended(events))

    def clear_mark(self) -> None:
        """Counting will not come back any more."""
        self._at_mark = None
        self._forget(self._ended)

    def correct(self, events: list[Event]) -> list[Event]:
        """Take all that a recount reports from the mark on; return what differs from what was published.

        Phases and gaps are not corrected.
        """
        self._counted = dict(self._at_mark or {})
        _report_all(self._counted, events)
        self._ended = _ended(events)
        out: list[Event] = [
            self._publish(replace(published, state=State.WITHDRAWN))
            for published in list(self._published.values())
            if published.id not in self._counted and published.state is not State.WITHDRAWN
        ]
        # A set holds its reps as they were published.
        for event in sorted(self._counted.values(), key=lambda event: isinstance(event, ExerciseSet)):
            published = self._published.get(event.id)
            if published is None or published.state is State.WITHDRAWN:
                differs = event.state is not State.WITHDRAWN
            else:
                differs = replace(event, version=published.version) != published
            if differs:
                out.append(self._publish(event))
        return out

    def _publish(self, event: Versioned) -> Versioned:
        published = self._published.get(event.id)
        if published is not None and published.version >= event.version:
            event = replace(event, version=published.version + 1)
        self._published[event.id] = event
        if isinstance(event, Rep):
            return event
        return replace(event, reps=tuple(self._published_rep(rep) for rep in event.reps))

    def _published_rep(self, rep: Rep) -> Rep:
        published = self._published.get(rep.id) or self._counted.get(rep.id)
        return published if isinstance(published, Rep) else rep

    def _forget(self, sets: set[str]) -> None:
        """Forget sets that have ended for good, and their reps."""
        if not sets:
            return
        for known in (self._published, self._counted, self._at_mark or {}):
            for event in list(known.values()):
                if (event.set_id if isinstance(event, Rep) else event.id) in sets:
                    del known[event.id]
        self._ended = self._ended - sets


def _report(counted: dict[str, Versioned], event: Versioned) -> Versioned:
    """Note what is reported of a rep or a set; return it in the version of the report."""
    before = counted.get(event.id)
    event = replace(event, version=1 if before is None else before.version + 1)
    counted[event.id] = event
    return event


def _report_all(counted: dict[str, Versioned], events: Iterable[Event]) -> None:
    for event in events:
        if isinstance(event, (Rep, ExerciseSet)):
            _report(counted, event)


def _ended(events: Iterable[Event]) -> set[str]:
    """Sets that end: with their final version, or with the withdrawal of a rep."""
    ended = set()
    for event in events:
        if isinstance(event, ExerciseSet) and event.state is not State.PROVISIONAL:
            ended.add(event.id)
        elif isinstance(event, Rep) and event.state is State.WITHDRAWN:
            ended.add(event.set_id)
    return ended
