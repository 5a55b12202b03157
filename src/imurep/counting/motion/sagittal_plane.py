"""The plane that the trunk moves in: mediolateral axis, signed angle and angular rate.

Body frame and signs: docs/reference/frames.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imurep.counting.motion.pose import Pose


@dataclass(frozen=True, slots=True)
class SagittalPlane:
    """A great circle on the sphere of poses, with a zero on it.

    Angles grow from the pose ``zero`` towards ``zero`` turned about ``axis``.
    """

    axis: Pose
    zero: Pose
    """Unit vector in the plane."""
    ahead: Pose
    """``axis`` x ``zero``: the pose at +90 degrees."""

    @classmethod
    def through(cls, poses: Sequence[Pose]) -> SagittalPlane:
        """Fit to poses that alternate between the two ends; angles grow from the first to the second.

        The axis is the direction of the summed cross products of neighbours,
        so long legs count for more than short ones.
        """
        ax = ay = az = 0.0
        sign = 1.0
        for (px, py, pz), (qx, qy, qz) in pairwise(poses):
            ax += sign * (py * qz - pz * qy)
            ay += sign * (pz * qx - px * qz)
            az += sign * (px * qy - py * qx)
            sign = -sign
        axis = _unit((ax, ay, az))
        x, y, z = poses[0]
        off = x * axis[0] + y * axis[1] + z * axis[2]
        zero = _unit((x - off * axis[0], y - off * axis[1], z - off * axis[2]))
        return cls(axis, zero, _cross(axis, zero))

    def angle_rad(self, pose: Pose) -> float:
        """Signed angle of a pose from ``zero``, in (-pi, pi]."""
        x, y, z = pose
        u, v = self.zero, self.ahead
        return math.atan2(x * v[0] + y * v[1] + z * v[2], x * u[0] + y * u[1] + z * u[2])

    def angles_rad(self, gravity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Signed angles of directions of gravity, shape (n, 3), without jumps from one to the next."""
        return np.unwrap(np.arctan2(gravity @ np.array(self.ahead), gravity @ np.array(self.zero)))

    def rates_rads(self, rate_rads: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rates of the signed angle from angular rates of the sensor, shape (n, 3).

        Gravity turns in the sensor the other way round than the sensor turns.
        """
        rates: NDArray[np.float64] = rate_rads @ -np.array(self.axis)
        return rates


def _unit(v: Pose) -> Pose:
    norm = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) or 1.0
    return (v[0] / norm, v[1] / norm, v[2] / norm)


def _cross(a: Pose, b: Pose) -> Pose:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
