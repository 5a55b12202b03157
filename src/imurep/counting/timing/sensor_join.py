"""Accelerometer and gyroscope in packets of their own become samples of both."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.timing.spacing import MISSING_PERIODS
from imurep.events import Gap, ImuBlock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imurep.counting.timing.timing_params import SensorJoinParams


class SensorJoin:
    """Interpolates the gyroscope (linearly) at the accelerometer's sample times.

    An accelerometer sample waits for the gyroscope's next, for ``wait_s`` at
    most; one without gyroscope samples around it is left out, and what is
    left out is a gap. Both inputs are blocks with the values in ``acc_ms2``.
    """

    def __init__(self, params: SensorJoinParams) -> None:
        self._wait_us = params.wait_s * 1e6
        self._acc = _SampleQueue()
        self._gyr = _SampleQueue()
        self._last_us: int | None = None

    def push_acc(self, items: Sequence[ImuBlock | Gap]) -> list[ImuBlock | Gap]:
        """Take accelerometer samples; return what can be joined."""
        self._acc.append(items)
        return self._join()

    def push_gyr(self, items: Sequence[ImuBlock | Gap]) -> list[ImuBlock | Gap]:
        """Take gyroscope samples; return what can be joined."""
        self._gyr.append(items)
        return self._join()

    def _join(self) -> list[ImuBlock | Gap]:
        acc, gyr = self._acc, self._gyr
        out: list[ImuBlock | Gap] = []
        if len(acc.time_us) and len(gyr.time_us):
            ready = int(np.searchsorted(acc.time_us, gyr.time_us[-1], side="right"))
            if ready:
                out = self._joined(acc.time_us[:ready], acc.values[:ready])
                acc.drop(ready)
        # Bounded: neither waits for the other for longer than this.
        if len(acc.time_us):
            acc.drop(int(np.searchsorted(acc.time_us, acc.time_us[-1] - self._wait_us)))
        if len(gyr.time_us):
            oldest_us = gyr.time_us[-1] - self._wait_us
            if self._last_us is not None:
                oldest_us = max(oldest_us, self._last_us)
            # The one before is needed to interpolate from.
            gyr.drop(max(0, int(np.searchsorted(gyr.time_us, oldest_us)) - 1))
        return out

    def _joined(self, time_us: NDArray[np.int64], acc_ms2: NDArray[np.float64]) -> list[ImuBlock | Gap]:
        gyr = self._gyr
        after = np.searchsorted(gyr.time_us, time_us)  # never beyond the end: these samples are ready
        before = np.maximum(after - 1, 0)
        exact = gyr.time_us[after] == time_us
        near = (after > 0) & (gyr.time_us[after] - gyr.time_us[before] <= MISSING_PERIODS * 1e6 / gyr.rate_hz)
        good = exact | near
        time_us, acc_ms2 = time_us[good], acc_ms2[good]
        if len(time_us) == 0:
            return []
        gyr_rads = np.column_stack(
            [np.interp(time_us, gyr.time_us, gyr.values[:, axis]) for axis in range(3)]
        )
        rate_hz = self._acc.rate_hz
        previous_us = time_us[0] if self._last_us is None else self._last_us
        spacing_us = np.diff(time_us, prepend=previous_us)
        cuts = np.flatnonzero(spacing_us > MISSING_PERIODS * 1e6 / rate_hz).tolist()
        out: list[ImuBlock | Gap] = []
        for first, end in pairwise(sorted({0, *cuts, len(time_us)})):
            if first in cuts:
                last_us = int(time_us[first] - spacing_us[first])
                out.append(Gap(last_us + round(1e6 / rate_hz), int(time_us[first])))
            out.append(
                ImuBlock(
                    time_us=time_us[first:end],
                    acc_ms2=acc_ms2[first:end],
                    gyr_rads=gyr_rads[first:end],
                    rate_hz=rate_hz,
                )
            )
        self._last_us = int(time_us[-1])
        return out


class _SampleQueue:
    """Samples that wait."""

    def __init__(self) -> None:
        self.time_us: NDArray[np.int64] = np.empty(0, np.int64)
        self.values: NDArray[np.float64] = np.empty((0, 3))
        self.rate_hz = 1.0

    def append(self, items: Sequence[ImuBlock | Gap]) -> None:
        blocks = [item for item in items if isinstance(item, ImuBlock)]  # gaps show in the times
        if blocks:
            self.time_us = np.concatenate((self.time_us, *(block.time_us for block in blocks)))
            self.values = np.concatenate((self.values, *(block.acc_ms2 for block in blocks)))
            self.rate_hz = blocks[-1].rate_hz

    def drop(self, rows: int) -> None:
        self.time_us = self.time_us[rows:]
        self.values = self.values[rows:]
