"""Where gravity points in the sensor, on a steady grid of about 52 steps a second.

With a gyroscope the 6-axis filter VQF tells the direction of gravity while the
sensor moves (Laidig and Seel 2023, doi:10.1016/j.inffus.2022.10.014). Without
one, the low-passed accelerometer is taken for gravity: good while the movement
is slow, and late by the filter's delay, which the time stamps take back.

From here on everything happens on the grid: one step for every ``k`` samples,
so that 26, 52, 104 and 208 Hz sensors give the later stages the same picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.signal import butter, sosfilt, sosfilt_zi
from vqf import VQF

from imurep.errors import ConfigError
from imurep.model import Gap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.model import ImuBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class OrientationParams:
    """What can be set."""

    grid_hz: float = 52.0
    """Steps a second that the grid comes closest to."""
    cutoff_hz: float = 1.0
    """Corner of the low-pass that makes gravity out of an accelerometer alone."""
    restart_s: float = 0.5
    """A gap longer than this makes the filter start anew: the sensor may have turned in it."""
    other_rate: float = 0.2
    """A rate that differs by more than this share is another one."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if min(self.grid_hz, self.cutoff_hz, self.restart_s) <= 0:
            msg = "grid_hz, cutoff_hz and restart_s must be positive"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """Consecutive steps of the grid."""

    time_us: NDArray[np.int64]
    """Instant of ``gravity``, shape (n,)."""
    gravity: NDArray[np.float64]
    """Unit vector that points up, in the sensor frame, shape (n, 3)."""
    rate_rads: NDArray[np.float64]
    """Mean angular rate over the step that ends at ``time_us``, sensor frame, shape (n, 3)."""
    force_ms2: NDArray[np.float64]
    """Mean magnitude of the specific force over the step, shape (n,)."""
    force2_m2s4: NDArray[np.float64]
    """Mean of its square, shape (n,)."""


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
        self._tilt: _Tilt = (
            _WithGyroscope(rate_hz)
            if gyroscope
            else _AccelerometerOnly(rate_hz, self.per_step, self._params.cutoff_hz)
        )
        self._pending: _Samples | None = None
        self._restart_us = round(self._params.restart_s * 1e6)

    def suits(self, block: ImuBlock) -> bool:
        """Whether a block comes from the sensor as it was started, at about the rate it had."""
        return (block.gyr_rads is not None) == self._gyroscope and abs(
            block.rate_hz / self._rate_hz - 1
        ) < self._params.other_rate

    def push(self, item: ImuBlock | Gap) -> Motion | None:
        """Take samples; give the steps that they complete, None when there is none."""
        if isinstance(item, Gap):
            self._pending = None
            if item.end_us - item.start_us > self._restart_us:
                self._tilt.restart()
            return None
        samples = self._tilt.follow(item)
        if self._pending is not None:
            samples = self._pending.joined(samples)
        steps, rest = divmod(len(samples.time_us), self.per_step)
        whole = steps * self.per_step
        self._pending = samples.cut(whole, whole + rest) if rest else None
        return self._steps(samples.cut(0, whole) if rest else samples) if steps else None

    def flush(self) -> Motion | None:
        """Give what the filter still holds back at the end of the data."""
        samples = self._tilt.tail()
        return None if samples is None else self._steps(samples)

    def _steps(self, samples: _Samples) -> Motion:
        k = self.per_step
        gravity, rate_rads = self._tilt.steps(samples, k)
        force2 = _squared_norm(samples.acc_ms2)
        return Motion(
            time_us=samples.time_us[k - 1 :: k] - self._tilt.delay_us,
            gravity=gravity,
            rate_rads=rate_rads,
            force_ms2=_mean_of_groups(np.sqrt(force2), k),
            force2_m2s4=_mean_of_groups(force2, k),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """Samples and what the filter made of them, one row for each."""

    time_us: NDArray[np.int64]
    acc_ms2: NDArray[np.float64]
    filtered: NDArray[np.float64]

    def cut(self, start: int, stop: int) -> _Samples:
        return _Samples(self.time_us[start:stop], self.acc_ms2[start:stop], self.filtered[start:stop])

    def joined(self, later: _Samples) -> _Samples:
        return _Samples(
            np.concatenate((self.time_us, later.time_us)),
            np.concatenate((self.acc_ms2, later.acc_ms2)),
            np.concatenate((self.filtered, later.filtered)),
        )


class _Tilt(Protocol):
    """A way to gravity."""

    delay_us: int

    def follow(self, block: ImuBlock) -> _Samples:
        """Filter a block."""

    def steps(self, samples: _Samples, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give gravity and angular rate for each group of ``k`` samples."""

    def tail(self) -> _Samples | None:
        """Give what the filter's delay holds back."""

    def restart(self) -> None:
        """Forget the orientation, keep what is known of the sensor."""


class _WithGyroscope:
    """VQF, 6D. A filtered row is a quaternion (w, x, y, z) and the angular rate without its bias."""

    delay_us = 0

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._vqf = VQF(1 / rate_hz)

    def follow(self, block: ImuBlock) -> _Samples:
        gyr = block.gyr_rads
        if gyr is None:
            msg = "a block without gyroscope; ask suits() first"
            raise ValueError(msg)
        scaled = gyr if block.rate_hz == self._rate_hz else gyr * (self._rate_hz / block.rate_hz)
        found = self._vqf.updateBatch(scaled, block.acc_ms2)
        rows = np.empty((len(gyr), 7))
        rows[:, :4] = found["quat6D"]
        np.subtract(gyr, found["bias"], out=rows[:, 4:])
        return _Samples(block.time_us, block.acc_ms2, rows)

    def steps(self, samples: _Samples, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        w, x, y, z = samples.filtered[k - 1 :: k, :4].T
        gravity = np.empty((len(w), 3))
        gravity[:, 0] = 2 * (x * z - w * y)
        gravity[:, 1] = 2 * (y * z + w * x)
        gravity[:, 2] = w * w - x * x - y * y + z * z
        return gravity, _mean_of_groups(samples.filtered[:, 4:], k)

    def tail(self) -> None:
        return None

    def restart(self) -> None:
        bias, sigma = self._vqf.getBiasEstimate()
        self._vqf.resetState()
        self._vqf.setBiasEstimate(bias, sigma)


class _AccelerometerOnly:
    """A causal Butterworth low-pass of second order."""

    def __init__(self, rate_hz: float, per_step: int, cutoff_hz: float) -> None:
        self._rate_hz = rate_hz
        self._per_step = per_step
        self._sos = butter(2, min(cutoff_hz, rate_hz / 5), fs=rate_hz, output="sos")
        # Group delay of a second-order Butterworth low-pass at zero frequency.
        self.delay_us = round(math.sqrt(2) / (2 * math.pi * cutoff_hz) * 1e6)
        self._state: NDArray[np.float64] | None = None
        self._last: ImuBlock | None = None
        self._gravity: NDArray[np.float64] | None = None
        self._step_s = per_step / rate_hz

    def follow(self, block: ImuBlock) -> _Samples:
        if self._state is None:
            self._state = sosfilt_zi(self._sos)[:, :, np.newaxis] * block.acc_ms2[0]
        filtered, self._state = sosfilt(self._sos, block.acc_ms2, axis=0, zi=self._state)
        self._last = block
        return _Samples(block.time_us, block.acc_ms2, filtered)

    def steps(self, samples: _Samples, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        force = samples.filtered[k - 1 :: k]
        norm = np.sqrt(_squared_norm(force))
        # In free fall and from a dead sensor there is no direction: any will do, none is held.
        gravity = np.where(
            norm[:, np.newaxis] > 1e-6, force / np.maximum(norm, 1e-6)[:, np.newaxis], (0, 0, 1)
        )
        before = np.empty_like(gravity)
        before[1:] = gravity[:-1]
        before[0] = gravity[0] if self._gravity is None else self._gravity
        self._gravity = gravity[-1]
        # Of a rotation only the part that turns gravity can be seen: g_now x g_before.
        return gravity, _cross(gravity, before) / self._step_s

    def tail(self) -> _Samples | None:
        if self._last is None or self._state is None:
            return None
        count = math.ceil(self.delay_us * self._rate_hz / 1e6 / self._per_step) * self._per_step
        acc = np.repeat(self._last.acc_ms2[-1:], count, axis=0)
        time_us = self._last.time_us[-1] + (np.arange(1, count + 1) * (1e6 / self._rate_hz)).astype(np.int64)
        filtered, self._state = sosfilt(self._sos, acc, axis=0, zi=self._state)
        return _Samples(time_us, acc, filtered)

    def restart(self) -> None:
        self._state = None
        self._gravity = None


def _squared_norm(v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of squares by plain additions: a reduction could round differently with the block's length."""
    x, y, z = v.T
    total: NDArray[np.float64] = x * x + y * y + z * z
    return total


def _mean_of_groups(values: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    if k == 1:
        return values
    total = values[0::k] + values[1::k]
    for i in range(2, k):
        total += values[i::k]
    return total * (1 / k)


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.empty_like(a)
    for i, (j, k) in enumerate(((1, 2), (2, 0), (0, 1))):
        out[:, i] = a[:, j] * b[:, k] - a[:, k] * b[:, j]
    return out
