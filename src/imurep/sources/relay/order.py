"""Each record once and in its order, whatever the way does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imurep.sources.relay.wire import Record

SESSIONS = 32
"""The last of one phone, of which something may still be under way."""


class Order:
    """Which record of each session comes next.

    What comes too early is not kept: the phone has it still, and sends it again
    from the one that is wanted on.
    """

    def __init__(self) -> None:
        self._wanted: dict[str, int] = {}

    def wanted(self, session: str) -> int:
        """Number of the next record of a session that was heard of."""
        return self._wanted[session]

    def is_next(self, record: Record) -> bool:
        """Whether this is the one; then the one after it is wanted.

        Where nothing is known of a session (the service is new), and where the
        phone has lost some, it goes on with the oldest that the phone has.
        """
        wanted = max(self._wanted.pop(record.session, 0), record.oldest)
        is_next = record.number == wanted
        self._wanted[record.session] = wanted + is_next
        while len(self._wanted) > SESSIONS:
            del self._wanted[next(iter(self._wanted))]
        return is_next
