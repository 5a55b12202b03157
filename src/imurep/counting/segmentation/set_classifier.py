"""Was it exercise? The judgement over all movements of a set.

Three things tell a set from daily life and carry on the recordings of
docs/explanation/accuracy.md; each is measured against the set's own range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from imurep.counting.segmentation.set_onset import GRAVITY_MS2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.segmentation.movement_tracker import Movement

SINGLE_REP_MOVEMENTS = 4
"""With fewer movements than this there is no likeness to judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClassifierParams:
    """Where the line is drawn; docs/explanation/counting.md has the figures behind it."""

    min_range_deg: float
    max_range_deg: float = 140.0
    """No trunk turns farther about the hips; the force in steps and jumps may seem to."""
    min_movement_s: float = 0.3
    """Nor faster: a kettlebell swing takes half a second each way."""
    shake_rms: float = 0.6
    irregularity: float = 0.19
    shake_weight: float = 0.3
    rhythm_weight: float = 0.2
    few_movements: int = 9
    few_share: float = 0.8
    """With fewer movements than this, chance is alike more easily: only this share is allowed."""
    clear_range_deg: float = 20.0
    """Below this range a set has to be more regular, in proportion to the square of the range."""

    @classmethod
    def for_session(cls, *, gyroscope: bool, told: bool) -> SetClassifierParams:
        """Ask for more where less is known.

        Without a gyroscope the push and pull of arms and pedals reads as tilt,
        so a small range has to be large, or very regular, to count. Told the
        exercise, even the 10 degrees of a well-braced deadlift count.
        """
        if told:
            return cls(min_range_deg=8.0 if gyroscope else 15.0, irregularity=0.25, clear_range_deg=0.0)
        if gyroscope:
            return cls(min_range_deg=14.0)
        return cls(min_range_deg=20.0, clear_range_deg=36.0)


def is_exercise(movements: Sequence[Movement], shake_rms_ms2: float, params: SetClassifierParams) -> bool:
    """Judge movements between two ends, and the shaking of the body during them."""
    if len(movements) < 2:
        return False
    range_rad = typical_range_rad(movements)
    range_deg = math.degrees(range_rad)
    shake_rms = shake_rms_ms2 / (GRAVITY_MS2 * range_rad)
    if not params.min_range_deg <= range_deg <= params.max_range_deg or shake_rms > params.shake_rms:
        return False
    if median(movement.timing.duration_s for movement in movements) < params.min_movement_s:
        return False
    if len(movements) < SINGLE_REP_MOVEMENTS:
        return True
    irregularity = (
        _endpoint_drift(movements)
        + params.rhythm_weight * _rhythm_spread(movements)
        + params.shake_weight * shake_rms
    )
    allowed = params.irregularity
    if range_deg < params.clear_range_deg:
        allowed *= (range_deg / params.clear_range_deg) ** 2
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
    spread = 1.4826 * median(abs(period - typical) for period in periods)
    return min(1.0, spread / typical) if typical > 0 else 1.0
