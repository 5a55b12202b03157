"""The part: its noise has the Allan deviation it claims, its range clips, its counts mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from firmware_sim.person.random_streams import RandomStreams
from firmware_sim.sensor import lsm6dso
from firmware_sim.sensor.measurement import INT16_MAX, ImuSettings, measure, wandering_bias, white_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.sensor.measurement import Samples

AXES = {"acc": lsm6dso.accelerometer(8), "gyr": lsm6dso.gyroscope()}


def allan(signal: NDArray[np.float64], rate_hz: float, tau_s: float) -> float:
    """Overlapping Allan deviation (IEEE Std 952-1997, C.1), RMS over the axes."""
    m = round(tau_s * rate_hz)
    total = np.vstack([np.zeros((1, signal.shape[1])), np.cumsum(signal, axis=0)]) / m
    means = total[m:] - total[:-m]
    steps = means[m:] - means[:-m]
    return float(np.sqrt(0.5 * np.mean(steps**2)))


def gauss_markov(axis: lsm6dso.Axis, tau_s: float) -> float:
    """Allan deviation of a first-order Gauss-Markov process (IEEE Std 952-1997, C.1.4)."""
    ratio = axis.wander_s / tau_s
    sigma = axis.instability / 0.618
    inside = 1 - ratio / 2 * (3 - 4 * np.exp(-1 / ratio) + np.exp(-2 / ratio))
    return float(np.sqrt(2 * sigma**2 * ratio * inside))


@pytest.mark.parametrize("kind", AXES)
@pytest.mark.parametrize("rate_hz", [26, 208])
def test_white_noise_has_the_allan_deviation_of_its_density(kind: str, rate_hz: int) -> None:
    axis = AXES[kind]
    noise = white_noise(RandomStreams(1).named(kind), rate_hz * 600, axis, rate_hz)
    for tau_s in (0.2, 1.0, 5.0):
        assert allan(noise, rate_hz, tau_s) == pytest.approx(axis.noise / np.sqrt(2 * tau_s), rel=0.12)


@pytest.mark.parametrize("kind", AXES)
def test_the_bias_drifts_as_specified(kind: str) -> None:
    axis = AXES[kind]
    bias = wandering_bias(RandomStreams(2).named(kind), 4 * 200_000, axis, 4)
    for tau_s in (20.0, 189.0, 600.0):
        assert allan(bias, 4, tau_s) == pytest.approx(gauss_markov(axis, tau_s), rel=0.12)
    assert gauss_markov(axis, 1.89 * axis.wander_s) == pytest.approx(axis.instability, rel=0.01)


def measured(
    force_ms2: tuple[float, float, float],
    rate_rads: tuple[float, float, float],
    imu_settings: ImuSettings,
    seconds: float = 4.0,
) -> Samples:
    inner_s = np.arange(int(seconds * 500)) / 500
    force = np.tile(force_ms2, (inner_s.size, 1))
    rate = np.tile(rate_rads, (inner_s.size, 1))
    sampled_s = np.arange(int((seconds - 0.1) * imu_settings.rate_hz)) / imu_settings.rate_hz
    return measure(inner_s, force, rate, sampled_s, imu_settings, RandomStreams(4))


def test_counts_times_scale_are_the_signal() -> None:
    found = measured((9.80665, 0.0, -4.903325), (0.5, -1.0, 0.0), ImuSettings(errors=0.0))
    assert found.counts.dtype == np.int16
    scaled = found.counts[-1] * np.repeat([found.acc_g_per_lsb, found.gyr_dps_per_lsb], 3)
    assert scaled == pytest.approx([1.0, 0.0, -0.5, 28.6479, -57.2958, 0.0], abs=0.0175)
    assert not found.clipped.any()


def test_errors_have_the_size_of_the_data_sheet() -> None:
    found = measured((9.80665, 0.0, 0.0), (0.0, 0.0, 0.0), ImuSettings(rate_hz=208), seconds=20.0)
    assert found.gyr_dps_per_lsb is not None
    acc_g = found.counts[:, :3] * found.acc_g_per_lsb - [1.0, 0.0, 0.0]
    gyr_dps = found.counts[:, 3:] * found.gyr_dps_per_lsb
    assert 0.001 < np.abs(acc_g.mean(axis=0)).max() < 0.08
    assert 0.1 < np.abs(gyr_dps.mean(axis=0)).max() < 4.0
    quantised = np.hypot(0.0038 * np.sqrt(104), found.gyr_dps_per_lsb / np.sqrt(12))
    assert gyr_dps.std(axis=0) == pytest.approx(np.full(3, quantised), rel=0.15)


def test_beyond_the_range_the_counts_stop_and_report_it() -> None:
    found = measured(
        (9.80665 * 2.5, 0.0, -9.80665 * 2.5), (0.0, 0.0, 0.0), ImuSettings(acc_range_g=2, errors=0.0)
    )
    assert found.counts[-1, :3].tolist() == [INT16_MAX, 0, -INT16_MAX - 1]
    assert found.clipped.all()


def test_without_gyroscope_there_are_three_columns() -> None:
    found = measured((9.8, 0.0, 0.0), (1.0, 0.0, 0.0), ImuSettings(gyroscope=False))
    assert found.counts.shape[1] == 3
    assert found.gyr_dps_per_lsb is None


@pytest.mark.parametrize("rate_hz", lsm6dso.RATES_HZ)
def test_the_bandwidth_follows_the_rate(rate_hz: int) -> None:
    inner_s = np.arange(5000) / 500
    wave = np.zeros((5000, 3))
    wave[:, 0] = np.sin(2 * np.pi * lsm6dso.CUTOFF_PART * rate_hz * inner_s)
    sampled_s = np.arange(int(9 * rate_hz)) / rate_hz
    found = measure(
        inner_s,
        wave,
        wave,
        sampled_s,
        ImuSettings(rate_hz=rate_hz, errors=0.0, gyroscope=False),
        RandomStreams(1),
    )
    settled = found.counts[rate_hz:, 0] * found.acc_g_per_lsb * 9.80665
    assert np.sqrt(2) * settled.std() == pytest.approx(np.sqrt(0.5), rel=0.1)
