"""How likely an exercise makes what was measured of a set, against any movement at all.

A profile (``imurep.exercises``) gives a span for each figure. A span is read as
the middle 95 % of people: location in its middle, spread a quarter of its width,
tails heavy (Student's t), so that one figure that is off does not decide alone.
Times and rates vary by factors, so their logarithms are compared. Any movement
at all has any angle and any logarithm alike often.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from imurep.exercises import Exercise, ValueRange

ANY_DEG = 180.0
"""Angles of any movement lie between 0 and this."""
T3_AT_ZERO = 2 / (math.pi * math.sqrt(3))
"""Density of Student's t with 3 degrees of freedom at its middle."""


def likelihood(value: float, span: ValueRange, anything: float = ANY_DEG) -> float:
    """Logarithm of how much likelier a value is from this span than from anything, evenly distributed."""
    spread = (span.high - span.low) / 4
    z = (value - (span.low + span.high) / 2) / spread
    return math.log(anything * T3_AT_ZERO / spread) - 2 * math.log1p(z * z / 3)


def posture_likelihood(top_deg: float, bottom_deg: float, range_deg: float, one: Exercise) -> float:
    """Logarithm of how much likelier an exercise makes inclinations and range than any movement does."""
    return (
        likelihood(top_deg, one.top_deg)
        + likelihood(bottom_deg, one.bottom_deg)
        + likelihood(range_deg, one.range_deg)
    )


def postures_log_likelihood(
    top_deg: float, bottom_deg: float, range_deg: float, exercises: Collection[Exercise], unknown: float
) -> float:
    """Logarithm of how much likelier postures are from these exercises than from any movement.

    ``unknown`` is the share of sets that are none of them.
    """
    known = sum(math.exp(posture_likelihood(top_deg, bottom_deg, range_deg, one)) for one in exercises)
    return math.log(unknown + (1 - unknown) * known / len(exercises))
