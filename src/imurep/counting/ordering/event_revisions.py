"""What has been told of reps and sets, when counting had to go back.

After that the count begins again at an earlier point, and its versions with
it; outside, a version never comes twice. So versions are given here: that of
the count, or one more than was told before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.events import ExerciseSet, Rep, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.events import Event

    Counted = Rep | ExerciseSet


class Told:
    """Gives events their versions, and corrects those that a new count says otherwise.

    What is remembered is the open set; from a ``mark`` on, all that was told since.
    """

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._told: dict[str, Counted] = {}
        """As the count said it, in the version in which it was told."""
        self._at_mark: dict[str, Counted] | None = None
        """What the count said at the mark, as far as it can still change."""
        self._closed: set[str] = set()
        """Sets that the count has ended since the mark."""

    def tell(self, events: list[Event]) -> list[Event]:
        """Take what the count says next; give it in versions that were not told before."""
        if not events:
            return events
        out = [self._next(event) if isinstance(event, (Rep, ExerciseSet)) else event for event in events]
        self._closed |= _closed(events)
        if self._at_mark is None:
            self._forget(self._closed)
        return out

    def mark(self) -> None:
        """Remember from here on: the count may come back to this point."""
        if self._at_mark is None:
            self._at_mark = dict(self._told)

    def settle(self, events: Iterable[Event]) -> None:
        """Move the mark on, past what the count said next."""
        if self._at_mark is not None:
            events = list(events)
            self._at_mark |= _last(events)
            self._forget(_closed(events))

    def unmark(self) -> None:
        """The count will not come back any more."""
        self._at_mark = None
        self._forget(self._closed)

    def correct(self, events: list[Event]) -> list[Event]:
        """Take all that a new count says from the mark on; give what that makes different from what was told.

        Of phases and gaps nothing is corrected.
        """
        counted = (self._at_mark or {}) | _last(events)
        self._closed = _closed(events)
        out: list[Event] = [
            self._next(replace(told, state=State.WITHDRAWN))
            for told in list(self._told.values())
            if told.id not in counted and told.state is not State.WITHDRAWN
        ]
        # A set holds its reps as they were told.
        for event in sorted(counted.values(), key=lambda event: isinstance(event, ExerciseSet)):
            told = self._told.get(event.id)
            untold = told is None or told.state is State.WITHDRAWN
            if not (untold and event.state is State.WITHDRAWN) and (told is None or _differ(told, event)):
                out.append(self._next(event))
        return out

    def _next(self, event: Counted) -> Counted:
        told = self._told.get(event.id)
        if told is not None and told.version >= event.version:
            event = replace(event, version=told.version + 1)
        self._told[event.id] = event
        if isinstance(event, Rep):
            return event
        return replace(event, reps=tuple(self._rep_told(rep) for rep in event.reps))

    def _rep_told(self, rep: Rep) -> Rep:
        told = self._told.get(rep.id)
        return told if isinstance(told, Rep) else rep

    def _forget(self, sets: set[str]) -> None:
        """Let go of sets that have ended for good, and of their reps."""
        if not sets:
            return
        for of in (self._told, self._at_mark or {}):
            for event in list(of.values()):
                if (event.set_id if isinstance(event, Rep) else event.id) in sets:
                    del of[event.id]
        self._closed = self._closed - sets


def _last(events: Iterable[Event]) -> dict[str, Counted]:
    """What is said last of each rep and set."""
    return {event.id: event for event in events if isinstance(event, (Rep, ExerciseSet))}


def _closed(events: Iterable[Event]) -> set[str]:
    """Sets that end: with their last version, or with the withdrawal of what was told of them."""
    closed = set()
    for event in events:
        if isinstance(event, ExerciseSet) and event.state is not State.PROVISIONAL:
            closed.add(event.id)
        elif isinstance(event, Rep) and event.state is State.WITHDRAWN:
            closed.add(event.set_id)
    return closed


def _differ(one: Counted, other: Counted) -> bool:
    return _content(one) != _content(other)


def _content(event: Counted) -> Counted:
    """Leave out the versions."""
    if isinstance(event, ExerciseSet):
        return replace(event, version=0, reps=tuple(replace(rep, version=0) for rep in event.reps))
    return replace(event, version=0)
