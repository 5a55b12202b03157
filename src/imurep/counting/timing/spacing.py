"""The spacing of time stamps: its typical length, whether it is even, how late the stamps are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.counting.timing.timing_params import TimestampParams

MISSING_PERIODS = 1.5
"""Between samples that are farther apart, one is missing: nearer to two sampling periods than to one."""


def typical_us(stamps_us: NDArray[np.int64], params: TimestampParams) -> float:
    """Period of uneven stamps.

    The median over differences of samples a group apart is deaf to a few late ones
    and to gaps.
    """
    lag = min(params.group, len(stamps_us) // 2)
    period_us = float(np.median(stamps_us[lag:] - stamps_us[:-lag])) / lag
    return period_us if period_us > 0.0 else float(stamps_us[-1] - stamps_us[0]) / (len(stamps_us) - 1)


def lateness_us(late_us: NDArray[np.float64], params: TimestampParams) -> float:
    """Return how late stamps are together: a quantile of their lateness (n,)."""
    return float(np.sort(late_us)[int(len(late_us) * params.late_quantile)])


def evenly_spaced(
    spacings_us: NDArray[np.int64], period_us: float, params: TimestampParams
) -> NDArray[np.bool_]:
    """Return which spacings (n,) are about one period long."""
    even: NDArray[np.bool_] = np.abs(spacings_us - period_us) <= params.even * period_us
    return even
