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

    from imurep.counting.assessment.assessment_params import OutOfPlaneParams
    from imurep.counting.motion.ring_buffer import MotionHistory


def out_of_plane_deg(movements: Sequence[range], history: MotionHistory, params: OutOfPlaneParams) -> float:
    """Median deviation of the last movements (their steps) that ``history`` still holds, degrees."""
    found = [
        out_of_plane_rad(
            history.time_us(steps.start, steps.stop),
            history.gravity(steps.start, steps.stop),
            history.rate_rads(steps.start, steps.stop),
            params,
        )
        for steps in movements[-params.movements :]
        if steps.start >= history.begin and len(steps) > 1
    ]
    return math.degrees(float(np.median(found))) if found else 0.0


def out_of_plane_rad(
    time_us: NDArray[np.int64],
    gravity: NDArray[np.float64],
    rate_rads: NDArray[np.float64],
    params: OutOfPlaneParams,
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
    if length < params.least_span:
        return turned_rad
    off_rad = float(np.abs(np.arcsin(np.clip(gravity @ (axis / length), -1.0, 1.0))).max())
    return max(turned_rad, off_rad)
