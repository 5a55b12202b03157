"""Where upright is in the sensor, seen while the person walks.

Standing, sitting and hanging over a bench are all still; only steps tell that
the trunk is upright: the force on it swings in every second of them while the
direction of gravity, averaged over a second, hardly moves.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imurep.stages.history import History
    from imurep.stages.turns import Pose

STEPS_MS2 = (0.6, 6.0)
"""Spread of the force within a second of walking: from strolling to brisk."""
WALK_S = 5
"""Seconds of walking that are needed."""
SWAY_COS = math.cos(math.radians(15))


class Upright:
    """Remembers the pose of the last walk."""

    def __init__(self) -> None:
        """Begin without having seen one."""
        self.pose: Pose | None = None
        self._sum = (0.0, 0.0, 0.0)
        self._walked = 0
        self._seconds_seen = 0

    def push(self, history: History, step: int) -> None:
        """Look at the second that has just become whole; those within announced sets are passed over."""
        second = (step + 1) // history.per_second
        if second != self._seconds_seen + 1:
            self._walked = 0
        self._seconds_seen = second
        if second == 0:
            return
        spread_ms2, pose = history.last_second()
        if not STEPS_MS2[0] <= spread_ms2 <= STEPS_MS2[1]:
            self._walked = 0
            return
        if self._walked and _cosine(pose, self._sum) < SWAY_COS:
            self._walked = 0
        before = self._sum if self._walked else (0.0, 0.0, 0.0)
        self._sum = (before[0] + pose[0], before[1] + pose[1], before[2] + pose[2])
        self._walked += 1
        if self._walked >= WALK_S:
            norm = math.hypot(*self._sum)
            self.pose = (self._sum[0] / norm, self._sum[1] / norm, self._sum[2] / norm)


def _cosine(a: Pose, b: Pose) -> float:
    return (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (math.hypot(*a) * math.hypot(*b))
