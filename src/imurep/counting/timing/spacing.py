"""What a run of time stamps tells: its period, whether it is even, how fast to learn from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LAG = 32
_EVEN = 0.05  # relative deviation of a spacing that counts as even
_ROUNDING_US = 1000.0  # loggers round to milliseconds
_FIRST_GAIN = 3  # the period is known to 1 or 2 % at the start, as after three groups
_MIN_ALPHA = 0.2
_MIN_BETA = 0.02


def typical_us(stamps_us: NDArray[np.int64]) -> float:
    """Period of uneven stamps.

    A quantile over differences of up to 32 samples is deaf to a few late ones
    and to gaps; it is above the middle, for bunches are more frequent than gaps.
    """
    lag = min(_LAG, len(stamps_us) // 2)
    spacings = np.sort(stamps_us[lag:] - stamps_us[:-lag])
    period_us = float(spacings[len(spacings) * 3 // 5]) / lag
    return period_us if period_us > 0.0 else float(stamps_us[-1] - stamps_us[0]) / (len(stamps_us) - 1)


def quartile(values: NDArray[np.float64]) -> float:
    """Give the lower quartile, one of the values (n,)."""
    return float(np.sort(values)[len(values) // 4])


def evenly_spaced(spacings_us: NDArray[np.int64], period_us: float) -> NDArray[np.bool_]:
    """Tell which spacings (n,) are about one period long."""
    tolerance_us = max(_EVEN * period_us, min(_ROUNDING_US, period_us / 4))
    even: NDArray[np.bool_] = np.abs(spacings_us - period_us) <= tolerance_us
    return even


def offset_gain(groups: int) -> float:
    """Gain of the offset: least squares over the groups so far, then a fading memory."""
    g = groups + _FIRST_GAIN
    return max(2 * (2 * g + 1) / ((g + 1) * (g + 2)), _MIN_ALPHA)


def slope_gain(groups: int) -> float:
    """Gain of the slope, likewise."""
    g = groups + _FIRST_GAIN
    return max(6 / ((g + 1) * (g + 2)), _MIN_BETA)
