"""Which samples of a stream have been received, and which are missing and can still be requested.

Indices in here are unwrapped: they grow past 2**32. The index of a packet is taken
as the one that is nearest to the newest index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices.open_imu.wire import INDEX_MODULUS, SEQUENCE_MODULUS, Flag

if TYPE_CHECKING:
    from imurep.devices.open_imu.wire import PacketHeader

_HALF = INDEX_MODULUS // 2
_MAX_RANGES = 1000  # far more than a minute of packets; a bound for a sensor that never sends again


class ReceivedSamples:
    """The samples of one stream.

    Args:
        first_index: Index of the stream's first sample, where the sensor gave it; without it the stream
            begins with the first packet.
    """

    def __init__(self, first_index: int | None = None) -> None:
        self._next = first_index
        self._sequence: int | None = None  # of the next packet
        self._oldest: int | None = None  # older samples are gone
        self._missing: list[tuple[int, int]] = []

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Half-open ranges of samples that can still be requested, oldest first."""
        return list(self._missing)

    def missing_in(self, first: int, end: int) -> int:
        """Number of samples that are missing in ``[first, end)``."""
        return sum(max(0, min(b, end) - max(a, first)) for a, b in self._missing)

    def live(self, header: PacketHeader) -> None:
        """Account for a live packet: skipped samples are missing, unless the sensor never had them."""
        first, end = self.interval(header)
        overrun = header.flags & Flag.OVERRUN and header.sequence == self._sequence
        self._reach(first, lost=not overrun)
        self.remove(first, end)
        self._next = max(self._next or first, end)
        self._sequence = (header.sequence + 1) % SEQUENCE_MODULUS

    def ended(self, index: int) -> None:
        """Account for the end of the stream, before this index."""
        self._reach(self._unwrapped(index), lost=True)

    def backfill(self, header: PacketHeader) -> None:
        """Account for a packet that was requested."""
        self.remove(*self.interval(header))

    def interval(self, header: PacketHeader) -> tuple[int, int]:
        """Unwrapped indices of a packet's samples, half-open."""
        first = self._unwrapped(header.first_index)
        return first, first + header.size

    def gone(self, oldest_index: int, lead: int = 0) -> int:
        """Account for samples that are gone: those before this index, and ``lead`` after it; give the end."""
        oldest = self._unwrapped(oldest_index) + lead
        if self._oldest is None or oldest > self._oldest:
            self._oldest = oldest
            self._missing = [(max(a, oldest), b) for a, b in self._missing if b > oldest]
        return oldest

    def remove(self, first: int, end: int) -> None:
        """Remove ``[first, end)`` from what is missing: it was received, or never will be."""
        if self._missing and first < self._missing[-1][1]:
            kept = [part for a, b in self._missing for part in ((a, min(b, first)), (max(a, end), b))]
            self._missing = [(a, b) for a, b in kept if a < b]

    def _reach(self, index: int, *, lost: bool) -> None:
        """Advance to an index."""
        expected = index if self._next is None else self._next
        self._next = max(expected, index)
        first = expected if self._oldest is None else max(expected, self._oldest)
        if lost and first < index:
            self._missing = [*self._missing[1 - _MAX_RANGES :], (first, index)]

    def _unwrapped(self, index: int) -> int:
        if self._next is None:
            return index
        return self._next + (index - self._next + _HALF) % INDEX_MODULUS - _HALF
