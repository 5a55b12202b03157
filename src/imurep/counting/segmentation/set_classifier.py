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

    from imurep.counting.segmentation.movement_tracker import Leg

SINGLE_REP_LEGS = 4
"""With fewer movements than this there is no likeness to judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictParams:
    """Where the line is drawn; docs/explanation/counting.md has the figures behind it."""

    min_range_deg: float
    max_range_deg: float = 140.0
    """No trunk turns farther about the hips; the force in steps and jumps may seem to."""
    min_movement_s: float = 0.3
    """Nor faster: a kettlebell swing takes half a second each way."""
    unrest: float = 0.6
    irregularity: float = 0.19
    unrest_weight: float = 0.3
    rhythm_weight: float = 0.2
    few_legs: int = 9
    few_share: float = 0.8
    """With fewer movements than this, chance is alike more easily: only this share is allowed."""
    clear_range_deg: float = 20.0
    """Below this range a set has to be more regular, in proportion to the square of the range."""

    @classmethod
    def for_session(cls, *, gyroscope: bool, told: bool) -> VerdictParams:
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


def is_exercise(legs: Sequence[Leg], unrest_ms2: float, params: VerdictParams) -> bool:
    """Judge movements between two ends, and the shaking of the body during them."""
    if len(legs) < 2:
        return False
    range_rad = typical_range_rad(legs)
    range_deg = math.degrees(range_rad)
    unrest = unrest_ms2 / (GRAVITY_MS2 * range_rad)
    if not params.min_range_deg <= range_deg <= params.max_range_deg or unrest > params.unrest:
        return False
    if median(leg.movement.duration_s for leg in legs) < params.min_movement_s:
        return False
    if len(legs) < SINGLE_REP_LEGS:
        return True
    irregularity = _wandering(legs) + params.rhythm_weight * _unevenness(legs) + params.unrest_weight * unrest
    allowed = params.irregularity
    if range_deg < params.clear_range_deg:
        allowed *= (range_deg / params.clear_range_deg) ** 2
    if len(legs) < params.few_legs:
        allowed *= params.few_share
    return irregularity <= allowed


def typical_range_rad(legs: Sequence[Leg]) -> float:
    """Range that the movements have: the median, which a few partial ones do not move."""
    return median(leg.range_rad for leg in legs)


def _wandering(legs: Sequence[Leg]) -> float:
    """How far the same end lies from one rep to the next, as a share of the range.

    The very first end is left out: people settle into a set.
    """
    return median(leg.closure for leg in legs[2:])


def _unevenness(legs: Sequence[Leg]) -> float:
    """Spread of the time from rep to rep, from 0 to 1; robust, as a long pause is no fault."""
    periods = [b.movement.start_us - a.movement.start_us for a, b in zip(legs, legs[2:], strict=False)]
    typical = median(periods)
    spread = 1.4826 * median(abs(period - typical) for period in periods)
    return min(1.0, spread / typical) if typical > 0 else 1.0
