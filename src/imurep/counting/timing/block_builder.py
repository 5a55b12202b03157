"""Times, row by row, become blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imurep.events import Gap, ImuBlock

if TYPE_CHECKING:
    from numpy.typing import NDArray


class BlockBuilder:
    """Collects the blocks of one call; neighbours at the same rate become one, a view of the rows given."""

    def __init__(self, acc_ms2: NDArray[np.float64], gyr_rads: NDArray[np.float64] | None) -> None:
        self._acc_ms2 = acc_ms2
        self._gyr_rads = gyr_rads
        self._items: list[ImuBlock | Gap] = []
        self._times_us: list[NDArray[np.int64]] = []
        self._first = 0
        self._end = 0
        self._rate_hz = 0.0

    def rows(self, first: int, times_us: NDArray[np.int64], rate_hz: float) -> None:
        """Add samples: their times, and their row in the values."""
        if self._times_us and rate_hz != self._rate_hz:
            self._close()
        if not self._times_us:
            self._first, self._rate_hz = first, rate_hz
        self._times_us.append(times_us)
        self._end = first + len(times_us)

    def gap(self, start_us: int, end_us: int) -> None:
        """Add a gap before the samples to come."""
        self._close()
        self._items.append(Gap(start_us, end_us))

    def items(self) -> list[ImuBlock | Gap]:
        """Return all that was collected."""
        self._close()
        return self._items

    def _close(self) -> None:
        if not self._times_us:
            return
        rows = slice(self._first, self._end)
        self._items.append(
            ImuBlock(
                time_us=self._times_us[0] if len(self._times_us) == 1 else np.concatenate(self._times_us),
                acc_ms2=self._acc_ms2[rows],
                gyr_rads=None if self._gyr_rads is None else self._gyr_rads[rows],
                rate_hz=self._rate_hz,
            )
        )
        self._times_us = []
