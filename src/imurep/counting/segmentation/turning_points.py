"""Turning points: where the trunk stops going one way and comes back.

They are found among poses, not along an axis. A pose becomes a turning point when
the trunk has come back from it by more than a hysteresis. The hysteresis has to
follow the movement - what is sway in a deep bend is a whole rep of a braced
deadlift - so several run side by side, each for the ranges it suits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose
    from imurep.counting.segmentation.segmentation_params import TurningPointParams


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """A pose at which the trunk turned back."""

    step: int
    """Number of its step."""
    pose: Pose


class HysteresisDetector:
    """Finds turning points with one hysteresis."""

    __slots__ = (
        "_cos",
        "_extreme",
        "_extreme_at",
        "_farthest",
        "_from",
        "_kept",
        "due",
        "hysteresis_rad",
        "stride",
        "turns",
    )

    def __init__(self, hysteresis_rad: float, params: TurningPointParams) -> None:
        """Begin without a pose."""
        self._kept = params.kept
        self.hysteresis_rad = hysteresis_rad
        self._cos = math.cos(hysteresis_rad)
        self.stride = hysteresis_rad / params.looks
        """How far the trunk may move, summed over the axes, before the next pose is pushed."""
        self.due = 0.0
        """Where on the trunk's path that pose is."""
        self.turns: list[TurningPoint] = []
        self._from: Pose | None = None
        self._extreme: Pose = (0.0, 0.0, 0.0)
        self._extreme_at = 0
        self._farthest = 1.0

    def restart(self) -> None:
        """Forget all poses."""
        self.turns.clear()
        self._from = None

    @property
    def candidate(self) -> TurningPoint:
        """The pose farthest from the last turning point: the next one, if the trunk comes back from it."""
        return TurningPoint(self._extreme_at, self._extreme)

    @property
    def may_turn(self) -> bool:
        """Whether ``candidate`` is far enough from the last turning point to become one."""
        return self._farthest < self._cos

    def push(self, step: int, pose: Pose) -> bool:
        """Take the next pose; True when a turning point was found, the last of ``turns``."""
        x, y, z = pose
        origin = self._from
        if origin is None:
            self._from = self._extreme = pose
            self._extreme_at = step
            self._farthest = 1.0
            self.turns.append(TurningPoint(step, pose))
            return False
        away = x * origin[0] + y * origin[1] + z * origin[2]
        if away < self._farthest:
            self._farthest = away
            self._extreme = pose
            self._extreme_at = step
            return False
        extreme = self._extreme
        if self._farthest < self._cos:
            back = x * extreme[0] + y * extreme[1] + z * extreme[2]
            if back < self._cos:
                self.turns.append(TurningPoint(self._extreme_at, extreme))
                del self.turns[: -self._kept]
                self._from = extreme
                self._extreme = pose
                self._extreme_at = step
                self._farthest = back
                return True
        return False
