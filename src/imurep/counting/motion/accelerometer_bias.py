"""What the accelerometer adds of its own, and how far that tilts gravity.

Idea. Over a few seconds a body that stays in the room gains no speed, so the
mean force along gravity is one g, whatever was done: standing, walking, reps.
What is more or less than that is the part's offset, seen from the direction in
which gravity lay in the sensor meanwhile. Standing and lying over a bench are
two directions: enough for what lies in the plane of the movement, and that is
what tilts its inclinations, by about a degree for a common part (20 mg).

Offset and directions are fitted by least squares. Sensitivity errors look like
offsets, and few directions leave much open, so a priori small offsets are
likelier (ridge): where little was seen, little is corrected.

The offset is not taken off the force before the orientation filter: as long as
it is being learned, poses of earlier and later would not agree. Instead a pose
is turned to where it would have been seen at another time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.motion.motion_params import AccelerometerBiasParams
from imurep.util.units import GRAVITY_MS2

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose


class AccelerometerBias:
    """Learns the offset, second by second."""

    def __init__(self, params: AccelerometerBiasParams | None = None) -> None:
        """Begin without having seen anything."""
        self._params = params or AccelerometerBiasParams()
        self._window: list[tuple[float, float, float, float]] = []
        self._windows = 0
        self._moments = np.zeros((4, 4))
        """Sums of products of the directions' components and of what was too much along them."""

    def push(self, pose: Pose, upward_ms2: float) -> None:
        """Take a second: mean direction of gravity, and mean force along it."""
        window = self._window
        window.append((*pose, upward_ms2 - GRAVITY_MS2))
        if len(window) < self._params.window_s:
            return
        mean = [sum(column) / len(window) for column in zip(*window, strict=True)]
        window.clear()
        if abs(mean[3]) <= self._params.largest_ms2:
            self._windows += 1
            self._moments += np.outer(mean, mean)

    @property
    def ms2(self) -> Pose:
        """The offset as it is known by now, in the sensor."""
        if not self._windows:
            return (0.0, 0.0, 0.0)
        moments = self._moments / self._windows
        x, y, z = np.linalg.solve(moments[:3, :3] + self._params.prior * np.eye(3), moments[:3, 3]).tolist()
        return (x, y, z)

    def seen_from(self, around: Pose, pose: Pose) -> Pose:
        """Where a pose that was held still would have been seen while gravity lay about ``around``.

        The filter follows the mean force of some seconds, so an offset tilts all
        poses of a movement alike, by what it does to their mean.
        """
        apart = np.subtract(pose, around)
        seen = np.add(pose, np.cross(np.cross(self.ms2, apart), pose) / GRAVITY_MS2)
        x, y, z = (seen / np.linalg.norm(seen)).tolist()
        return (x, y, z)
