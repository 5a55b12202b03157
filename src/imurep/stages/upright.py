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
        self._seconds = 0
        self._next = 0

    def push(self, history: History, step: int) -> None:
        """Look at the second before this step, if it has not been looked at yet; sets are skipped over."""
        if step + 1 < self._next:
            return
        start, stop = step + 1 - history.per_second, step + 1
        if stop >= self._next + history.per_second:
            self._seconds = 0  # a set lies in between
        self._next = stop + history.per_second
        if start < 0:
            return
        spread = float(history.spreads_ms2(start, stop)[0])
        if not STEPS_MS2[0] <= spread <= STEPS_MS2[1]:
            self._seconds = 0
            return
        x, y, z = history.poses(start, stop)[0].tolist()
        sx, sy, sz = self._sum if self._seconds else (0.0, 0.0, 0.0)
        if self._seconds:
            norm = math.sqrt((sx * sx + sy * sy + sz * sz) * (x * x + y * y + z * z))
            if x * sx + y * sy + z * sz < SWAY_COS * norm:
                self._seconds = 0
                sx = sy = sz = 0.0
        self._sum = (sx + x, sy + y, sz + z)
        self._seconds += 1
        if self._seconds >= WALK_S:
            norm = math.sqrt(sum(v * v for v in self._sum))
            self.pose = (self._sum[0] / norm, self._sum[1] / norm, self._sum[2] / norm)
