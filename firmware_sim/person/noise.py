"""Noise with a band, and envelopes to put it where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import butter, sosfiltfilt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firmware_sim.person.script import Bout

NOISE_RATE_HZ = 40.0
"""Rate at which slow noise is drawn, before it is interpolated."""
SHORTEST = 64
"""Samples that the band filter needs to settle at both ends; a shorter stretch is cut out of so many."""


def slow_noise(rng: np.random.Generator, t_s: NDArray[np.float64], cutoff_hz: float) -> NDArray[np.float64]:
    """Low-passed noise of unit RMS at the times ``t_s``, (n,)."""
    coarse_s = np.arange(t_s[0], t_s[-1] + 2.0 / NOISE_RATE_HZ, 1.0 / NOISE_RATE_HZ)
    sos = butter(2, cutoff_hz, fs=NOISE_RATE_HZ, output="sos")
    noise = sosfiltfilt(sos, rng.standard_normal(coarse_s.size + 400))[200:-200]
    # Both ways through a second-order filter: its noise bandwidth is 0.833 of the cut-off.
    noise /= np.sqrt(2.0 * 0.833 * cutoff_hz / NOISE_RATE_HZ)
    return np.asarray(np.interp(t_s, coarse_s, noise))


def band_noise(
    rng: np.random.Generator, t_s: NDArray[np.float64], columns: int, band_hz: tuple[float, float]
) -> NDArray[np.float64]:
    """Band-passed noise of unit RMS at evenly spaced times, (n, columns)."""
    rate_hz = (t_s.size - 1) / (t_s[-1] - t_s[0])
    sos = butter(2, band_hz, btype="bandpass", fs=rate_hz, output="sos")
    # The filter's noise bandwidth differs from its nominal one by about a tenth.
    scale = np.sqrt(2.0 * 0.9 * (band_hz[1] - band_hz[0]) / rate_hz)
    drawn = rng.standard_normal((max(t_s.size, SHORTEST), columns))
    noise: NDArray[np.float64] = sosfiltfilt(sos, drawn, axis=0)[: t_s.size] / scale
    return noise


def envelope(t_s: NDArray[np.float64], bouts: Iterable[Bout], ramp_s: float) -> NDArray[np.float64]:
    """Sum of the bouts' strengths, each with smooth ramps inside its ends."""
    found = np.zeros(t_s.size)
    for bout in bouts:
        inside = within(t_s, bout)
        found[inside] = bout.strength * ramps(t_s[inside], bout, ramp_s)
    return found


def within(t_s: NDArray[np.float64], bout: Bout) -> slice:
    """Which of the times lie in a bout."""
    first, last = np.searchsorted(t_s, [bout.start_s, bout.end_s])
    return slice(int(first), int(last))


def ramps(t_s: NDArray[np.float64], bout: Bout, ramp_s: float) -> NDArray[np.float64]:
    """From 0 to 1 and back within a bout's ends."""
    inside = np.minimum(t_s - bout.start_s, bout.end_s - t_s)
    ramp: NDArray[np.float64] = 0.5 - 0.5 * np.cos(np.pi * np.clip(inside / ramp_s, 0.0, 1.0))
    return ramp
