"""Whether a set was exercise, from all of its movements.

Five things separate a set from daily life on the recordings of
docs/explanation/accuracy.md; each is measured against the set's own range.
"""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from imurep.util.units import GRAVITY_MS2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import SetClassifierParams, SetThresholds

SINGLE_REP_MOVEMENTS = 4
"""With fewer movements than this, no movement can be compared with one of the same direction."""
SLOWEST_RADS = 0.01
"""Peak rate below which movements are all alike, as no logarithm of zero exists."""
MAD_TO_SD = 1.4826
"""Standard deviation of a normal distribution, as a multiple of its median absolute deviation."""


def is_exercise(
    movements: Sequence[Movement],
    shake_rms_ms2: float,
    thresholds: SetThresholds,
    params: SetClassifierParams,
) -> bool:
    """Classify a set's own movements by themselves and the shaking of the body during them."""
    if len(movements) < 2:
        return False
    range_rad = typical_range_rad(movements)
    range_deg = math.degrees(range_rad)
    shake_rms = shake_rms_ms2 / (GRAVITY_MS2 * range_rad)
    if not thresholds.min_range_deg <= range_deg <= params.max_range_deg or shake_rms > params.shake_rms:
        return False
    if median(movement.timing.duration_s for movement in movements) < params.min_movement_s:
        return False
    if len(movements) < SINGLE_REP_MOVEMENTS:
        return True
    irregularity = (
        _endpoint_drift(movements)
        + params.rhythm_weight * _rhythm_spread(movements)
        + params.shake_weight * shake_rms
        + params.pause_weight * max(0.0, _pause_change(movements) - params.usual_change)
        + params.peak_rate_weight * max(0.0, _peak_rate_change(movements) - params.usual_change)
    )
    allowed = thresholds.irregularity
    if range_deg < thresholds.clear_range_deg:
        allowed *= (range_deg / thresholds.clear_range_deg) ** 2
    if len(movements) < params.few_movements:
        allowed *= params.few_share
    return irregularity <= allowed


def typical_range_rad(movements: Sequence[Movement]) -> float:
    """Range that the movements have: the median, which a few partial ones do not move."""
    return median(movement.range_rad for movement in movements)


def _endpoint_drift(movements: Sequence[Movement]) -> float:
    """How far the same end lies from one rep to the next, as a share of the range.

    The very first end is left out: people settle into a set.
    """
    return median(movement.endpoint_error for movement in movements[2:])


def _rhythm_spread(movements: Sequence[Movement]) -> float:
    """Spread of the time from rep to rep, from 0 to 1; robust, as a long pause is no fault."""
    periods = [b.timing.start_us - a.timing.start_us for a, b in zip(movements, movements[2:], strict=False)]
    typical = median(periods)
    spread = MAD_TO_SD * median(abs(period - typical) for period in periods)
    return min(1.0, spread / typical) if typical > 0 else 1.0


def _pause_change(movements: Sequence[Movement]) -> float:
    """Change of the logarithm of 1 s plus the pause, from one rep to the next; from 0 to 1."""
    logs = [math.log1p(max(0, b.timing.start_us - a.timing.end_us) / 1e6) for a, b in pairwise(movements)]
    return _usual_change(logs)


def _peak_rate_change(movements: Sequence[Movement]) -> float:
    """Change of the logarithm of the peak rate, from one rep to the next; from 0 to 1."""
    return _usual_change([math.log(max(movement.timing.peak_rads, SLOWEST_RADS)) for movement in movements])


def _usual_change(values: Sequence[float]) -> float:
    """Standard deviation as seen in the changes between every other value; a lasting change is only one."""
    changes = [abs(b - a) for a, b in zip(values, values[2:], strict=False)]
    return min(1.0, MAD_TO_SD * median(changes) / math.sqrt(2)) if changes else 0.0
