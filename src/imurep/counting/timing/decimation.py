"""Data faster than counting needs: the mean of each k samples takes their place."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from imurep.events import Gap, ImuBlock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.counting.timing.timing_params import RateParams


class Decimator:
    """Brings rates above ``max_hz`` down to it or less, not below half of it.

    The factor is decided at the first block. Samples are counted from there and
    from each gap, so it does not matter how they are cut into blocks. What is
    left of a group before a gap, or at the end, is left out (less than 10 ms).
    """

    def __init__(self, params: RateParams) -> None:
        self._params = params
        self._factor = 0
        self._rest: ImuBlock | None = None
        self._gap: Gap | None = None  # returned with the samples after it

    def push(self, items: list[ImuBlock | Gap]) -> list[ImuBlock | Gap]:
        """Decimate blocks; below the limit they are returned untouched."""
        if self._factor == 0:
            self._decide(items)
        if self._factor <= 1:
            return items
        out: list[ImuBlock | Gap] = []
        for item in items:
            if isinstance(item, Gap):
                self._rest = None
                # Two gaps with less than a group between them are one.
                self._gap = item if self._gap is None else Gap(self._gap.start_us, item.end_us)
            elif (block := self._decimated(item)) is not None:
                if self._gap is not None:
                    out.append(self._gap)
                    self._gap = None
                out.append(block)
        return out

    def _decide(self, items: list[ImuBlock | Gap]) -> None:
        for item in items:
            if isinstance(item, ImuBlock):
                self._factor = ceil(item.rate_hz / self._params.max_hz)
                return

    def _decimated(self, block: ImuBlock) -> ImuBlock | None:
        k = self._factor
        time_us, acc_ms2, gyr_rads = block.time_us, block.acc_ms2, block.gyr_rads
        if self._rest is not None:
            time_us = np.concatenate((self._rest.time_us, time_us))
            acc_ms2 = np.concatenate((self._rest.acc_ms2, acc_ms2))
            if gyr_rads is not None and self._rest.gyr_rads is not None:
                gyr_rads = np.concatenate((self._rest.gyr_rads, gyr_rads))
        rows = len(time_us) // k * k
        self._rest = ImuBlock(
            time_us=time_us[rows:],
            acc_ms2=acc_ms2[rows:],
            gyr_rads=None if gyr_rads is None else gyr_rads[rows:],
            rate_hz=block.rate_hz,
        )
        if rows == 0:
            return None
        first_us, last_us = time_us[:rows:k], time_us[k - 1 : rows : k]
        return ImuBlock(
            time_us=first_us + (last_us - first_us) // 2,
            acc_ms2=_means(acc_ms2[:rows], k),
            gyr_rads=None if gyr_rads is None else _means(gyr_rads[:rows], k),
            rate_hz=block.rate_hz / k,
        )


def _means(values: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Means of each k rows, added one after the other: the order of np.mean depends on the length."""
    total = values[0::k].copy()
    for i in range(1, k):
        total += values[i::k]
    total /= k
    return total
