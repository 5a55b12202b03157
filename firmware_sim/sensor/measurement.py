"""From ideal signals to counts: bandwidth, sampling, offset, drift, noise, scale, range, int16."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import butter, lfilter, sosfilt, sosfilt_zi

from firmware_sim.sensor import lsm6dso, polar_h10

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.person.random_streams import RandomStreams

INT16_MAX = 32767

LSM6DSO = "lsm6dso"
POLAR_H10 = "polar-h10"
PARTS = {LSM6DSO: lsm6dso, POLAR_H10: polar_h10}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImuSettings:
    """Settings of the IMU."""

    rate_hz: int = 104
    acc_range_g: int = 8
    gyr_range_dps: int = 1000
    gyroscope: bool = True
    errors: float = 1.0
    """Scale of all errors but quantisation; 0 makes a perfect IMU."""
    part: str = LSM6DSO
    """Which part it is, one of ``PARTS``; of a Polar H10, only its accelerometer."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Output of the IMU."""

    counts: NDArray[np.int16]
    """Shape (n, 6), or (n, 3) without gyroscope: ax ay az gx gy gz."""
    clipped: NDArray[np.bool_]
    """Whether any axis of a sample is at the end of its range, (n,)."""
    acc_g_per_lsb: float
    gyr_dps_per_lsb: float | None


def measure(
    inner_s: NDArray[np.float64],
    force_ms2: NDArray[np.float64],
    rate_rads: NDArray[np.float64],
    sampled_s: NDArray[np.float64],
    imu_settings: ImuSettings,
    streams: RandomStreams,
) -> Samples:
    """Measure signals given at ``inner_s`` (evenly spaced) at the instants ``sampled_s``."""
    part = PARTS[imu_settings.part]
    acc_g = _sampled(inner_s, force_ms2 / 9.80665, sampled_s, imu_settings)
    acc_g = _with_errors(
        acc_g, sampled_s, part.accelerometer(imu_settings.acc_range_g), imu_settings, streams, "acc"
    )
    acc_scale = part.ACC_G_PER_LSB[imu_settings.acc_range_g]
    columns = [acc_g / acc_scale]
    gyr_scale = None
    if imu_settings.gyroscope:
        gyr_dps = _sampled(inner_s, np.degrees(rate_rads), sampled_s, imu_settings)
        gyr_dps = _with_errors(gyr_dps, sampled_s, lsm6dso.gyroscope(), imu_settings, streams, "gyr")
        gyr_scale = lsm6dso.GYR_DPS_PER_LSB[imu_settings.gyr_range_dps]
        columns.append(gyr_dps / gyr_scale)
    raw = np.rint(np.hstack(columns))
    clipped = np.any(np.abs(raw) > INT16_MAX, axis=1)
    counts = np.clip(raw, -INT16_MAX - 1, INT16_MAX).astype(np.int16)
    return Samples(counts, clipped, acc_scale, gyr_scale)


def _sampled(
    inner_s: NDArray[np.float64],
    signal: NDArray[np.float64],
    sampled_s: NDArray[np.float64],
    imu_settings: ImuSettings,
) -> NDArray[np.float64]:
    """Band-limit as the IMU does (causal, so a few ms late), and take the samples."""
    inner_hz = (inner_s.size - 1) / (inner_s[-1] - inner_s[0])
    sos = butter(2, PARTS[imu_settings.part].CUTOFF_PART * imu_settings.rate_hz, fs=inner_hz, output="sos")
    start = sosfilt_zi(sos)[:, :, np.newaxis] * signal[0]
    limited, _ = sosfilt(sos, signal, axis=0, zi=start)
    return np.stack([np.interp(sampled_s, inner_s, column) for column in limited.T], axis=1)


def _with_errors(
    true: NDArray[np.float64],
    t_s: NDArray[np.float64],
    axis: lsm6dso.Axis,
    imu_settings: ImuSettings,
    streams: RandomStreams,
    kind: str,
) -> NDArray[np.float64]:
    fixed = streams.named(kind, "fixed").standard_normal((3, 3))
    offset, scale, per_kelvin = fixed * np.array([[axis.offset], [axis.scale], [axis.per_kelvin]])
    noise = white_noise(streams.named(kind, "noise"), t_s.size, axis, imu_settings.rate_hz)
    bias = wandering_bias(streams.named(kind, "bias"), t_s.size, axis, imu_settings.rate_hz)
    drift = lsm6dso.warming_k(t_s)[:, np.newaxis] * per_kelvin
    error = true * scale + offset + drift + bias + noise
    wrong: NDArray[np.float64] = true + imu_settings.errors * error
    return wrong


def white_noise(rng: np.random.Generator, n: int, axis: lsm6dso.Axis, rate_hz: float) -> NDArray[np.float64]:
    """White noise (n, 3) with the density that the data sheet states over half the rate.

    Its Allan deviation over ``tau`` seconds is ``noise / sqrt(2 tau)``.
    """
    noise: NDArray[np.float64] = rng.standard_normal((n, 3)) * axis.noise * np.sqrt(rate_hz / 2)
    return noise


def wandering_bias(
    rng: np.random.Generator, n: int, axis: lsm6dso.Axis, rate_hz: float
) -> NDArray[np.float64]:
    """First-order Gauss-Markov bias (n, 3) that starts at zero with the sensor.

    Its Allan deviation peaks near 1.89 correlation times at 0.618 of its
    standard deviation (IEEE Std 952-1997, C.1.4), which is ``instability``.
    """
    keep = np.exp(-1.0 / (axis.wander_s * rate_hz))
    sigma = axis.instability / 0.618
    steps = rng.standard_normal((n, 3)) * sigma * np.sqrt(1.0 - keep**2)
    bias: NDArray[np.float64] = lfilter([1.0], [1.0, -keep], steps, axis=0)
    return bias
