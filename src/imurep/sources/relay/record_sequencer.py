"""Each record once and in its order, whatever the way does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imurep.sources.relay.codec import Record

SESSIONS = 32
"""The last of one phone, of which something may still be under way."""
EARLY = 16
"""Records that wait for one before them; a phone has fewer on the way."""


class Order:
    """Which record of each session comes next, and those that came before their turn."""

    def __init__(self) -> None:
        self._wanted: dict[str, int] = {}
        self._early: dict[tuple[str, int], Record] = {}

    def wanted(self, session: str) -> int:
        """Number of the next record of a session that was heard of."""
        return self._wanted[session]

    def in_turn(self, record: Record) -> Iterator[Record]:
        """All whose turn it is now that this one came; a record that came before is in none.

        Where nothing is known of a session (the service is new), and where the
        phone has lost some, it goes on with the oldest that the phone has.
        """
        wanted = max(self._wanted.pop(record.session, 0), record.oldest)
        if record.number >= wanted and len(self._early) < EARLY:
            self._early[record.session, record.number] = record
        due = self._early.pop((record.session, wanted), None)
        while due is not None:
            wanted += 1
            yield due
            due = self._early.pop((record.session, wanted), None)
        self._wanted[record.session] = wanted
        late = [key for key in self._early if key[0] == record.session and key[1] < wanted]
        for key in late:
            del self._early[key]
        while len(self._wanted) > SESSIONS:
            del self._wanted[next(iter(self._wanted))]
