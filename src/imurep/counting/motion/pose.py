"""A pose: the direction of gravity in the sensor, a point on the unit sphere, whatever the mounting."""

from __future__ import annotations

import math

Pose = tuple[float, float, float]
"""Unit vector that points up, in the sensor frame."""


def angle(a: Pose, b: Pose) -> float:
    """Angle between two poses, radians."""
    return math.acos(min(1.0, max(-1.0, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])))


def unit(a: Pose) -> Pose:
    """Give the unit vector in the direction of another; the zero vector stays."""
    norm = math.hypot(*a) or 1.0
    return (a[0] / norm, a[1] / norm, a[2] / norm)
