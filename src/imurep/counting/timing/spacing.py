"""The spacing of time stamps: its typical length, whether it is even, how late the stamps are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.counting.timing.timing_params import TimestampParams


def typical_us(stamps_us: NDArray[np.int64], params: TimestampParams) -> float:
    """Period of uneven stamps.

    A quantile over differences of samples far apart is deaf to a few late ones
    and to gaps.
    """
    lag = min(params.start_lag, len(stamps_us) // 2)
    spacings = np.sort(stamps_us[lag:] - stamps_us[:-lag])
    period_us = float(spacings[int(len(spacings) * params.start_quantile)]) / lag
    return period_us if period_us > 0.0 else float(stamps_us[-1] - stamps_us[0]) / (len(stamps_us) - 1)


def lateness_us(late_us: NDArray[np.float64], params: TimestampParams) -> float:
    """Return how late stamps are together: a quantile of their lateness (n,)."""
    return float(np.sort(late_us)[int(len(late_us) * params.late_quantile)])


def evenly_spaced(
    spacings_us: NDArray[np.int64], period_us: float, params: TimestampParams
) -> NDArray[np.bool_]:
    """Return which spacings (n,) are about one period long."""
    tolerance_us = max(params.even * period_us, min(params.rounding_us, params.rounding_periods * period_us))
    even: NDArray[np.bool_] = np.abs(spacings_us - period_us) <= tolerance_us
    return even
