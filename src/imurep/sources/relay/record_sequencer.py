"""Puts the records of phones in order, each once, whatever the network does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imurep.sources.relay.codec import Record

SESSIONS = 32
"""How many sessions of one phone are remembered, the newest ones."""
EARLY = 16
"""How many records wait for one before them; a phone has fewer under way."""


class RecordSequencer:
    """Knows the next record of each session, and keeps those that came too early."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}
        self._early: dict[tuple[str, int], Record] = {}

    def next_number(self, session: str) -> int:
        """Number of the next record of a session of which there was a record."""
        return self._next[session]

    def in_order(self, record: Record) -> Iterator[Record]:
        """All records whose turn it is with this one; none for a record that came before.

        For an unknown session (the service is new), and where the phone has lost
        records, the order continues with the oldest record that the phone has.
        """
        number = max(self._next.pop(record.session, 0), record.oldest)
        if record.number >= number and len(self._early) < EARLY:
            self._early[record.session, record.number] = record
        due = self._early.pop((record.session, number), None)
        while due is not None:
            number += 1
            yield due
            due = self._early.pop((record.session, number), None)
        self._next[record.session] = number
        late = [key for key in self._early if key[0] == record.session and key[1] < number]
        for key in late:
            del self._early[key]
        while len(self._next) > SESSIONS:
            del self._next[next(iter(self._next))]
