"""Samples that come after counting went on without them: go back to where they are missing, and recount.

Where a missing range is given up, a copy of the counting state is put aside as
a checkpoint, and the packets from there on are kept. When samples of the range
come after all, the copy counts all packets in order and becomes the state: it
is what it would be, had they come in time. Events that differ are corrected.

Nothing is kept while nothing is missing. After ``keep_s`` a range is forgotten,
and the checkpoint advances to the next one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from imurep.counting.ordering.event_revisions import EventRevisions
from imurep.counting.ordering.ordering_params import OrderingParams
from imurep.counting.ordering.reorder_buffer import MissingRange, fill
from imurep.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.counting.ordering.reorder_buffer import Ordered
    from imurep.events import Event, Instruction, Packet


class Recountable(Protocol):
    """A state of the counting that packets go through in order."""

    def push(self, item: Packet | Instruction, *, observe: bool = True) -> list[Event]:
        """Count a packet, or follow an instruction; ``observe``: observers have not seen it yet.

        Raises PacketError for a packet that cannot be used.
        """

    def copy(self) -> Self:
        """Return an independent copy of the state."""


StateT = TypeVar("StateT", bound=Recountable)


class LateDataRecounter(Generic[StateT]):
    """Keeps a counting state that can go back to where samples are missing."""

    def __init__(self, state: StateT, params: OrderingParams | None = None) -> None:
        """Begin with a state before the first packet."""
        self.state = state
        """The counting state after all items so far."""
        self._params = params or OrderingParams()
        self._revisions = EventRevisions()
        self._checkpoint = state
        """The state before the first item of the log; ``state`` itself while the log is empty."""
        self._log: list[Ordered] = []  # empty, or begins with a missing range or with what came of one
        self._late_us: int | None = None
        """Arrival of the newest late samples that are not counted yet."""

    @property
    def incomplete(self) -> bool:
        """Whether samples are missing that would still be counted if they came."""
        return bool(self._log)

    def push(self, item: Ordered) -> list[Event]:
        """Take the next item in order; return its events. Raises PacketError as the state does."""
        if isinstance(item, MissingRange):
            if not self._log:
                self._checkpoint = self.state.copy()
                self._revisions.mark()
            self._log.append(item)
            return []
        if self._log:
            self._log.append(item)
        return self.publish(self.state.push(item))

    def publish(self, events: list[Event]) -> list[Event]:
        """Return events of the state in the versions in which they are published."""
        return self._revisions.publish(events)

    def push_late(self, packet: Packet) -> list[Event]:
        """Take a packet that was sent again; return corrections when no more is expected."""
        if not fill(self._log, packet):
            return []
        self._late_us = packet.arrival_us
        if packet.backfill_end or not any(isinstance(item, MissingRange) for item in self._log):
            return self._recount()
        return []

    def tick(self, now_us: int) -> list[Event]:
        """Return the corrections that are due at this arrival, and forget what is too old."""
        if not self._log:
            return []
        params = self._params
        events: list[Event] = []
        oldest = self._log[0]
        is_old = (isinstance(oldest, MissingRange) and oldest.until_us + params.keep_s * 1e6 < now_us) or len(
            self._log
        ) > params.most_late
        if self._late_us is not None and (is_old or now_us - self._late_us > params.wait_s * 1e6):
            events = self._recount()
        elif is_old:
            del self._log[0]
            self._advance_mark(self._advance_checkpoint(observe=False))
        return events

    def flush(self) -> list[Event]:
        """Return the corrections that are due at the end of the data."""
        return [] if self._late_us is None else self._recount()

    def _recount(self) -> list[Event]:
        """Count again from the first missing range on, with what came of it."""
        self._late_us = None
        self.state = self._checkpoint
        settled = self._advance_checkpoint(observe=True)
        if self._log:
            self._checkpoint = self.state.copy()
        rest = _count(self.state, self._log, observe=True)
        corrections = self._revisions.correct(settled + rest)
        self._advance_mark(settled)
        return corrections

    def _advance_checkpoint(self, *, observe: bool) -> list[Event]:
        """Count up to the first range that is still missing, and drop the log up to there."""
        at = next((at for at, item in enumerate(self._log) if isinstance(item, MissingRange)), len(self._log))
        events = _count(self._checkpoint, self._log[:at], observe=observe)
        del self._log[:at]
        return events

    def _advance_mark(self, events: list[Event]) -> None:
        if self._log:
            self._revisions.advance_mark(events)
        else:
            self._checkpoint = self.state
            self._revisions.clear_mark()


def _count(state: Recountable, items: Iterable[Ordered], *, observe: bool) -> list[Event]:
    events: list[Event] = []
    for item in items:
        if not isinstance(item, MissingRange):
            # A packet that cannot be used was refused the first time, or changes nothing.
            with suppress(PacketError):
                events += state.push(item, observe=observe)
    return events
