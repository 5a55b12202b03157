"""How far the trunk left the straight way between the two ends of a movement.

A hinge goes forward and back in one plane. Two things lead out of it: turning
about the vertical, which gravity does not show and the gyroscope does, and
bending or twisting to a side, which moves gravity out of the plane that the
two ends span.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imurep.counting.motion.ring_buffer import History
    from imurep.counting.segmentation.movement_tracker import Leg


def aside_deg(legs: Sequence[Leg], history: History) -> float:
    """Median over the last movements, degrees; those that are no longer remembered are left out."""
    seen = [leg for leg in legs[-ENOUGH:] if leg.steps.start >= history.begin and len(leg.steps) > 1]
    found = [
        strayed_rad(
            history.time_us(leg.steps.start, leg.steps.stop),
            history.gravity(leg.steps.start, leg.steps.stop),
            history.rate_rads(leg.steps.start, leg.steps.stop),
        )
        for leg in seen
    ]
    return math.degrees(float(np.median(found))) if found else 0.0


ENOUGH = 8
"""Movements that tell enough."""


def strayed_rad(
    time_us: NDArray[np.int64], gravity: NDArray[np.float64], rate_rads: NDArray[np.float64]
) -> float:
    """Largest of: turn about the vertical from end to end, distance from the plane of the two ends.

    ``time_us`` (n,), ``gravity`` (n, 3) unit vectors, ``rate_rads`` (n, 3), the mean rate over the
    step that ends at ``time_us``.
    """
    steps_s = np.diff(time_us) * 1e-6
    about = np.einsum("ij,ij->i", gravity[1:], rate_rads[1:])
    turned_rad = abs(float((about * steps_s).sum()))
    axis = np.cross(gravity[0], gravity[-1])
    length = float(np.linalg.norm(axis))
    if length < 1e-3:
        return turned_rad
    off_rad = float(np.abs(np.arcsin(np.clip(gravity @ (axis / length), -1.0, 1.0))).max())
    return max(turned_rad, off_rad)
