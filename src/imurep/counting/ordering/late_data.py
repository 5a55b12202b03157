"""Data that come after counting went on without them: go back to the hole, and count again.

Where a hole is given up, a copy of the count is put aside and the packets from
there on are kept. When samples of the hole come after all, the copy takes all
packets in order and becomes the count: its state is what it would be, had they
come in time. What that makes of the events is told as corrections.

Nothing is kept while there is no hole. After ``keep_s`` a hole is forgotten,
and the copy moves on to the next one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from imurep.counting.ordering.event_revisions import EventRevisions
from imurep.counting.ordering.ordering_params import LateDataParams
from imurep.counting.ordering.reorder_buffer import Hole, fill
from imurep.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.counting.ordering.reorder_buffer import Ordered
    from imurep.events import Event, Instruction, Packet


class Count(Protocol):
    """What packets go through in order."""

    def push(self, item: Packet | Instruction, *, watched: bool = True) -> list[Event]:
        """Count a packet, or do as told; unless ``watched``, it was shown before.

        Raises PacketError for a packet of no use.
        """

    def copy(self) -> Self:
        """Make another one that stands where this one stands."""


CountT = TypeVar("CountT", bound=Count)


class Rewinder(Generic[CountT]):
    """Keeps a count that can go back to where samples are missing."""

    def __init__(self, count: CountT, params: LateDataParams | None = None) -> None:
        """Begin with a count that has seen nothing."""
        self.count = count
        """As it stands."""
        self._params = params or LateDataParams()
        self._revisions = EventRevisions()
        self._past = count
        """As it stood at the first item of the log; the count itself when that is empty."""
        self._log: list[Ordered] = []  # empty, or begins with a hole or with what came of one
        self._late_us: int | None = None
        """When samples last came that are not counted yet."""

    @property
    def incomplete(self) -> bool:
        """Whether samples are missing that would still be counted if they came."""
        return bool(self._log)

    def push(self, item: Ordered) -> list[Event]:
        """Take what is next in order; give the events that follow. Raises PacketError as the count does."""
        if isinstance(item, Hole):
            if not self._log:
                self._past = self.count.copy()
                self._revisions.mark()
            self._log.append(item)
            return []
        if self._log:
            self._log.append(item)
        return self.tell(self.count.push(item))

    def tell(self, events: list[Event]) -> list[Event]:
        """Give events of the count in the versions that come next outside."""
        return self._revisions.publish(events)

    def late(self, packet: Packet) -> list[Event]:
        """Take a packet that was sent again; give corrections when it was the last one to wait for."""
        if not fill(self._log, packet):
            return []
        self._late_us = packet.arrival_us
        if packet.backfill_end or not any(isinstance(item, Hole) for item in self._log):
            return self._recount()
        return []

    def tick(self, now_us: int) -> list[Event]:
        """Give the corrections that are due, and forget what is too old, now that something has arrived."""
        if not self._log:
            return []
        params = self._params
        events: list[Event] = []
        hole = self._log[0]
        is_old = (isinstance(hole, Hole) and hole.until_us + params.keep_s * 1e6 < now_us) or len(
            self._log
        ) > params.most_items
        if self._late_us is not None and (is_old or now_us - self._late_us > params.settle_s * 1e6):
            events = self._recount()
        elif is_old:
            del self._log[0]
            self._settle(self._move_on(watched=False))
        return events

    def flush(self) -> list[Event]:
        """Give the corrections that are due at the end of the data."""
        return [] if self._late_us is None else self._recount()

    def _recount(self) -> list[Event]:
        """Count again from the first hole on, with what came of it."""
        self._late_us = None
        self.count = self._past
        settled = self._move_on(watched=True)
        if self._log:
            self._past = self.count.copy()
        rest = _through(self.count, self._log, watched=True)
        corrections = self._revisions.correct(settled + rest)
        self._settle(settled)
        return corrections

    def _move_on(self, *, watched: bool) -> list[Event]:
        """Take the copy, and the beginning of the log, up to the first hole that is left."""
        at = next((at for at, item in enumerate(self._log) if isinstance(item, Hole)), len(self._log))
        events = _through(self._past, self._log[:at], watched=watched)
        del self._log[:at]
        return events

    def _settle(self, events: list[Event]) -> None:
        if self._log:
            self._revisions.advance_mark(events)
        else:
            self._past = self.count
            self._revisions.clear_mark()


def _through(count: Count, items: Iterable[Ordered], *, watched: bool) -> list[Event]:
    events: list[Event] = []
    for item in items:
        if not isinstance(item, Hole):
            # One that cannot be used was refused the first time, or changes nothing that was told.
            with suppress(PacketError):
                events += count.push(item, watched=watched)
    return events
