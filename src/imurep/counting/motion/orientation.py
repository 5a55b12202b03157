"""Where gravity points in the sensor, on a steady grid of about 52 steps a second.

With a gyroscope the 6-axis filter VQF gives the direction of gravity while the
sensor moves (Laidig and Seel 2023, doi:10.1016/j.inffus.2022.10.014). Without
one, the low-passed accelerometer is taken for gravity: good while the movement
is slow, and late by the filter's delay, which the time stamps take back.

From here on everything happens on the grid: one step for every ``k`` samples,
so that 26, 52, 104 and 208 Hz sensors give the later rooms the same picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from vqf import VQF

from imurep.counting.motion.motion_params import OrientationParams
from imurep.events import Gap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.events import ImuBlock


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Consecutive steps of the grid."""

    time_us: NDArray[np.int64]
    """Instant of ``gravity``, shape (n,)."""
    rows: NDArray[np.float64]
    """The columns below side by side, shape (n, 12)."""

    @property
    def gravity(self) -> NDArray[np.float64]:
        """Unit vector that points up, in the sensor frame, shape (n, 3)."""
        return self.rows[:, GRAVITY]

    @property
    def rate_rads(self) -> NDArray[np.float64]:
        """Mean angular rate over the step that ends at ``time_us``, sensor frame, shape (n, 3)."""
        return self.rows[:, RATE]

    @property
    def force_ms2(self) -> NDArray[np.float64]:
        """Mean magnitude of the specific force over the step, shape (n,)."""
        return self.rows[:, FORCE]

    @property
    def force2_m2s4(self) -> NDArray[np.float64]:
        """Mean of its square, shape (n,)."""
        return self.rows[:, FORCE2]

    @property
    def acc_ms2(self) -> NDArray[np.float64]:
        """Mean specific force over the step, sensor frame, shape (n, 3)."""
        return self.rows[:, ACC]

    @property
    def upward_ms2(self) -> NDArray[np.float64]:
        """The part of it along gravity, shape (n,).

        Without a gyroscope, where gravity is late in a movement, its mean magnitude.
        """
        return self.rows[:, UPWARD]


GRAVITY, RATE, ACC, FORCE, FORCE2, UPWARD = slice(0, 3), slice(3, 6), slice(6, 9), 9, 10, 11
"""Columns of a motion's rows."""
COLUMNS = 12


class Orientation:
    """Turns the blocks of one sensor into steps of the grid.

    The sampling rate of the first block fixes the grid; a rate that drifts
    later scales the gyroscope, as the filter's own interval stays what it was.
    """

    def __init__(self, rate_hz: float, *, gyroscope: bool, params: OrientationParams | None = None) -> None:
        """Prepare for samples that come at about ``rate_hz``."""
        self._params = params or OrientationParams()
        self.per_step = max(1, round(rate_hz / self._params.grid_hz))
        self.step_hz = rate_hz / self.per_step
        self._rate_hz = rate_hz
        self._gyroscope = gyroscope
        self._filter: _GravityFilter = (
            _VqfFilter(rate_hz, self._params)
            if gyroscope
            else _LowPassFilter(rate_hz, self.per_step, self._params.cutoff_hz)
        )
        self._held: NDArray[np.float64] | None = None
        self._pending: tuple[NDArray[np.int64], NDArray[np.float64]] | None = None
        self._restart_us = round(self._params.restart_s * 1e6)

    def suits(self, block: ImuBlock) -> bool:
        """Whether a block comes from the sensor as it was started, at about the rate it had."""
        return (block.gyr_rads is not None) == self._gyroscope and abs(
            block.rate_hz / self._rate_hz - 1
        ) < self._params.other_rate

    def push(self, item: ImuBlock | Gap) -> Motion | None:
        """Take samples; return the steps that they complete, None when there is none."""
        if isinstance(item, Gap):
            self._pending = None
            if item.end_us - item.start_us > self._restart_us:
                self._filter.restart()
                self._held = None
            return None
        return self._steps(item.time_us, self._filtered(item))

    def flush(self) -> Motion | None:
        """Return what the filter still holds back at the end of the data."""
        tail = self._filter.tail(self.per_step)
        return None if tail is None else self._steps(tail.time_us, self._filtered(tail))

    def _filtered(self, block: ImuBlock) -> NDArray[np.float64]:
        """One row for each sample: what the filter gives, then the force, its magnitude and the square."""
        rows = np.empty((len(block.time_us), self._filter.width + 5))
        self._filter.filter(block, rows)
        squares = block.acc_ms2 * block.acc_ms2
        # Plain additions: a reduction could round differently with the block's length.
        force2 = squares[:, 0] + squares[:, 1]
        force2 += squares[:, 2]
        rows[:, -5:-2] = block.acc_ms2
        rows[:, -1] = force2
        np.sqrt(force2, out=rows[:, -2])
        return rows

    def _delayed(self, force: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hold the force back until the filter gives gravity of the same instant."""
        count = self._filter.delay_steps
        if not count:
            return force
        if self._held is None:
            self._held = np.repeat(force[:1], count, axis=0)
        force = np.concatenate((self._held, force))
        self._held = force[-count:]
        return force[:-count]

    def _steps(self, time_us: NDArray[np.int64], rows: NDArray[np.float64]) -> Motion | None:
        k = self.per_step
        if self._pending is not None:
            time_us = np.concatenate((self._pending[0], time_us))
            rows = np.concatenate((self._pending[1], rows))
            self._pending = None
        rest = len(rows) % k
        if rest:
            self._pending = time_us[-rest:], rows[-rest:]
            time_us, rows = time_us[:-rest], rows[:-rest]
        if not len(rows):
            return None
        out = np.empty((len(rows) // k, COLUMNS))
        self._filter.steps(rows, k, out)
        out[:, 6:UPWARD] = self._delayed(_mean_of_groups(rows[:, -5:], k))
        if self._gyroscope:
            along = out[:, GRAVITY] * out[:, ACC]
            np.add(along[:, 0], along[:, 1], out=out[:, UPWARD])
            out[:, UPWARD] += along[:, 2]
        else:
            out[:, UPWARD] = out[:, FORCE]
        return Motion(time_us[k - 1 :: k] - self._filter.delay_us, out)


class _GravityFilter(Protocol):
    """A filter that finds gravity."""

    delay_us: int
    """How late gravity is."""
    delay_steps: int
    """The same in steps of the grid."""
    width: int
    """Columns that the filter gives for each sample."""

    def filter(self, block: ImuBlock, rows: NDArray[np.float64]) -> None:
        """Filter a block into the first columns of ``rows``, one row for each sample."""

    def steps(self, rows: NDArray[np.float64], k: int, out: NDArray[np.float64]) -> None:
        """Make gravity and angular rate of each group of ``k`` rows: the first columns of ``out``."""

    def tail(self, k: int) -> ImuBlock | None:
        """Return samples that bring out what the filter's delay holds back."""

    def restart(self) -> None:
        """Forget the orientation, keep the sensor's bias."""


class _VqfFilter:
    """VQF, 6D. It gives a quaternion (w, x, y, z) and the angular rate without its bias."""

    delay_us = 0
    delay_steps = 0
    width = 7

    def __init__(self, rate_hz: float, params: OrientationParams) -> None:
        self._rate_hz = rate_hz
        self._params = params
        self._vqf = VQF(
            1 / rate_hz,
            biasSigmaInit=params.bias_dps,
            biasClip=params.largest_bias_dps,
            restThGyr=params.rest_dps,
        )

    def __deepcopy__(self, memo: dict[int, object]) -> _VqfFilter:
        """Copy the state of the filter, an object of C++ that cannot be copied."""
        made = _VqfFilter(self._rate_hz, self._params)
        made._vqf.state = self._vqf.state
        return made

    def filter(self, block: ImuBlock, rows: NDArray[np.float64]) -> None:
        gyr = block.gyr_rads
        if gyr is None:
            msg = "a block without gyroscope; ask suits() first"
            raise ValueError(msg)
        scaled = gyr if block.rate_hz == self._rate_hz else gyr * (self._rate_hz / block.rate_hz)
        found = self._vqf.updateBatch(scaled, block.acc_ms2)
        rows[:, :4] = found["quat6D"]
        np.subtract(gyr, found["bias"], out=rows[:, 4:7])

    def steps(self, rows: NDArray[np.float64], k: int, out: NDArray[np.float64]) -> None:
        _, x, y, z = quat = rows[k - 1 :: k, :4].T
        w2, x2, y2, _ = quat + quat
        # The third row of the rotation matrix: the vertical, seen from the sensor.
        np.subtract(x2 * z, w2 * y, out=out[:, 0])
        np.add(y2 * z, w2 * x, out=out[:, 1])
        np.subtract(1.0, x2 * x + y2 * y, out=out[:, 2])
        out[:, RATE] = _mean_of_groups(rows[:, 4:7], k)

    def tail(self, k: int) -> None:  # noqa: ARG002 it has no delay
        return None

    def restart(self) -> None:
        bias, sigma = self._vqf.getBiasEstimate()
        self._vqf.resetState()
        self._vqf.setBiasEstimate(bias, sigma)


class _LowPassFilter:
    """A causal Butterworth low-pass of second order. It gives the force that is left."""

    width = 3

    def __init__(self, rate_hz: float, per_step: int, cutoff_hz: float) -> None:
        # Two fifths of what starting the service takes, and few sensors have no gyroscope.
        from scipy.signal import butter, sosfilt, sosfilt_zi  # noqa: PLC0415

        self._rate_hz = rate_hz
        self._step_s = per_step / rate_hz
        self._sos = butter(2, min(cutoff_hz, rate_hz / 5), fs=rate_hz, output="sos")
        self._resting = sosfilt_zi(self._sos)[:, :, np.newaxis]
        self._filter = sosfilt
        # Group delay of a second-order Butterworth low-pass at zero frequency.
        self.delay_steps = round(math.sqrt(2) / (2 * math.pi * cutoff_hz) / self._step_s)
        self.delay_us = round(self.delay_steps * self._step_s * 1e6)
        self._state: NDArray[np.float64] | None = None
        self._last: ImuBlock | None = None
        self._gravity: NDArray[np.float64] | None = None

    def filter(self, block: ImuBlock, rows: NDArray[np.float64]) -> None:
        if self._state is None:
            self._state = self._resting * block.acc_ms2[0]
        rows[:, :3], self._state = self._filter(self._sos, block.acc_ms2, axis=0, zi=self._state)
        self._last = block

    def steps(self, rows: NDArray[np.float64], k: int, out: NDArray[np.float64]) -> None:
        x, y, z = rows[k - 1 :: k, :3].T
        norm = np.sqrt(x * x + y * y + z * z)[:, np.newaxis]
        # In free fall and from a dead sensor there is no direction: any will do, none is held.
        alive = norm > 1e-6
        out[:, :3] = np.where(alive, rows[k - 1 :: k, :3] / np.where(alive, norm, 1.0), (0.0, 0.0, 1.0))
        gravity = out[:, :3].copy()
        before = np.empty_like(gravity)
        before[1:] = gravity[:-1]
        before[0] = gravity[0] if self._gravity is None else self._gravity
        self._gravity = gravity[-1]
        # Of a rotation only the part that turns gravity can be seen: g_now x g_before.
        for i, (j, m) in enumerate(((1, 2), (2, 0), (0, 1))):
            turned = gravity[:, j] * before[:, m] - gravity[:, m] * before[:, j]
            np.divide(turned, self._step_s, out=out[:, 3 + i])

    def tail(self, k: int) -> ImuBlock | None:
        last = self._last
        if last is None:
            return None
        count = math.ceil(self.delay_us * self._rate_hz / 1e6 / k) * k
        later_us = (np.arange(1, count + 1) * (1e6 / self._rate_hz)).astype(np.int64)
        return replace(
            last, time_us=last.time_us[-1] + later_us, acc_ms2=np.repeat(last.acc_ms2[-1:], count, axis=0)
        )

    def restart(self) -> None:
        self._state = None
        self._gravity = None


def _mean_of_groups(values: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    if k == 1:
        return values
    total = values[0::k] + values[1::k]
    for i in range(2, k):
        total += values[i::k]
    total *= 1 / k
    return total
