"""Batches of samples, and the ring buffer that keeps the last ones for RESEND."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class SampleBatch:
    """Samples in order of time; where ``numbers`` jumps, the sensor lost some."""

    numbers: NDArray[np.int64]
    """Count of the instants at which a sample was due, (n,); never wraps."""
    t_us: NDArray[np.int64]
    """Device time of each, (n,)."""
    counts: NDArray[np.int16]
    """Raw values, (n, axes)."""
    clipped: NDArray[np.bool_]
    """Whether any axis is at the end of its range, (n,)."""

    def __len__(self) -> int:
        return self.numbers.size

    def __getitem__(self, which: slice) -> SampleBatch:
        return SampleBatch(self.numbers[which], self.t_us[which], self.counts[which], self.clipped[which])

    @staticmethod
    def empty(axes: int) -> SampleBatch:
        """No samples of so many axes."""
        none = np.empty(0, dtype=np.int64)
        return SampleBatch(none, none, np.empty((0, axes), dtype=np.int16), np.empty(0, dtype=np.bool_))

    def then(self, later: SampleBatch) -> SampleBatch:
        """Both, one after the other."""
        return SampleBatch(
            np.concatenate([self.numbers, later.numbers]),
            np.concatenate([self.t_us, later.t_us]),
            np.concatenate([self.counts, later.counts]),
            np.concatenate([self.clipped, later.clipped]),
        )

    def pieces(self, size: int) -> list[SampleBatch]:
        """Cut into packets of at most ``size`` samples; no packet reaches over a loss."""
        jumps = np.flatnonzero(np.diff(self.numbers) > 1) + 1
        edges = [0, *jumps.tolist(), len(self)]
        return [
            self[at : min(at + size, stop)]
            for start, stop in pairwise(edges)
            for at in range(start, stop, size)
        ]


class RingBuffer:
    """The last samples of a stream, in memory of a fixed size."""

    def __init__(self, capacity: int, axes: int, reserve: int) -> None:
        """Keep ``capacity`` samples and a ``reserve``, which is there but not promised.

        A central that learns the index of the oldest sample requests it some time later.
        """
        capacity += reserve
        self._reserve = reserve
        self._kept = SampleBatch(
            np.zeros(capacity, dtype=np.int64),
            np.zeros(capacity, dtype=np.int64),
            np.zeros((capacity, axes), dtype=np.int16),
            np.zeros(capacity, dtype=np.bool_),
        )
        self._written = 0
        self.oldest = 0
        """Number from which on all is here that the sensor did not lose."""

    def add(self, batch: SampleBatch) -> None:
        """Keep samples, over the oldest ones."""
        if len(batch) == 0:
            return
        capacity = len(self._kept)
        forgotten = self._written + len(batch) - capacity
        if forgotten > self._written:
            self.oldest = int(batch.numbers[forgotten - self._written - 1]) + 1
        elif forgotten > 0:
            self.oldest = self._number_of(forgotten - 1) + 1
        at = (self._written + np.arange(len(batch)))[-capacity:] % capacity
        last = batch[-capacity:]
        self._kept.numbers[at] = last.numbers
        self._kept.t_us[at] = last.t_us
        self._kept.counts[at] = last.counts
        self._kept.clipped[at] = last.clipped
        self._written += len(batch)

    @property
    def promised(self) -> int:
        """Number from which on all stays here for as long as the reserve lasts."""
        soon_forgotten = self._written + self._reserve - len(self._kept)
        return self._number_of(soon_forgotten) if soon_forgotten > 0 else self.oldest

    def _number_of(self, position: int) -> int:
        """Number of a sample that is here, by how many were added before it."""
        return int(self._kept.numbers[position % len(self._kept)])

    def copy(self, first: int, count: int) -> SampleBatch:
        """Copy the samples numbered from ``first`` on; those lost in the sensor are not among them."""
        capacity = len(self._kept)
        at = np.arange(max(0, self._written - capacity), self._written) % capacity
        numbers = self._kept.numbers[at]
        low, high = np.searchsorted(numbers, [first, first + count])
        at = at[low:high]
        kept = self._kept
        return SampleBatch(kept.numbers[at], kept.t_us[at], kept.counts[at], kept.clipped[at])
