"""Where upright is in the sensor: how the person stands, as a walk beside it shows.

Standing, sitting and hanging over a bench are all still; only steps show that
the trunk is upright: the force on it swings in every second of them while the
direction of gravity, averaged over a second, hardly moves. But people lean
forward as they walk, by some degrees and not always by the same. So a walk
only shows which still pose is standing: the one right before or after it, with
no bend in between. Where there is none, the pose of walking has to do.

Standing is measured from the force, which is gravity for who holds still. The
filter does not know its gyroscope's bias yet when people stand first, and is
off by several degrees then.
"""

from __future__ import annotations

import math
from collections import deque
from functools import reduce
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from imurep.counting.motion.motion_params import StandingParams
from imurep.counting.motion.pose import angle, unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from imurep.counting.motion.pose import Pose


class _StandingSecond(NamedTuple):
    pose: Pose
    still: bool


class StandingReference:
    """Remembers the last walk, and how the person stood beside it."""

    def __init__(self, params: StandingParams | None = None) -> None:
        """Begin without having seen one."""
        self._params = params = params or StandingParams()
        self._sway_rad = math.radians(params.sway_deg)
        self._still_rad = math.radians(params.still_deg)
        self._near_rad = math.radians(params.near_deg)
        self.walk: Pose | None = None
        """The pose of the last walk."""
        self._stands: deque[Pose] = deque(maxlen=params.stands)
        """Mean over each time they stood."""
        self._sum = (0.0, 0.0, 0.0)
        self._walked = 0
        """Seconds of the current walk."""
        self._before: deque[_StandingSecond] = deque(maxlen=params.stand_s + params.walk_s)
        """Seconds before the current walk."""
        self._after: list[_StandingSecond] | None = None
        """Seconds after a walk, as long as they are beside it."""
        self._last: Pose | None = None
        self._seconds_seen = 0

    @property
    def pose(self) -> Pose | None:
        """How the person stands, or walks where that was not seen; None before the first walk."""
        return _middle(self._stands) if self._stands else self.walk

    def push(self, second: int, spread_ms2: float, gravity: Pose, acc_ms2: Pose) -> None:
        """Look at a whole second: the spread of the force, the mean direction of gravity, the mean force.

        ``second`` counts them; where one is missing, what came before it is beside nothing.
        """
        if second != self._seconds_seen + 1:
            self._forget()
        self._seconds_seen = second
        params, rest, last = self._params, unit(acc_ms2), self._last
        self._last = rest
        if not params.stroll_ms2 <= spread_ms2 <= params.brisk_ms2:
            self._stop()
            still = last is not None and spread_ms2 < params.still_ms2 and angle(rest, last) < self._still_rad
            self._rest(_StandingSecond(rest, still))
            return
        pose = unit(gravity)
        if self._walked and angle(pose, unit(self._sum)) > self._sway_rad:
            self._stop()
        self._sum = _plus(self._sum, pose)
        self._walked += 1
        if self._walked >= params.walk_s:
            self.walk = unit(self._sum)
            if self._stands and angle(_middle(self._stands), self.walk) > self._near_rad:
                self._stands.clear()  # the strap has slipped since
        if self._walked == params.walk_s:
            self._stood(reversed(self._before))

    def _stop(self) -> None:
        """End the current walk, if there is one."""
        if self._walked >= self._params.walk_s:
            self._after = []
            self._before.clear()
        else:
            for _ in range(self._walked):
                self._rest(_StandingSecond(unit(self._sum), still=False))
        self._sum, self._walked = (0.0, 0.0, 0.0), 0

    def _rest(self, second: _StandingSecond) -> None:
        self._before.append(second)
        if self._after is not None:
            self._after.append(second)
            if len(self._after) == self._params.stand_s + self._params.walk_s:
                self._stood(self._after)
                self._after = None

    def _stood(self, outward: Iterable[_StandingSecond]) -> None:
        """Look for standing in the seconds beside the walk, from those next to it on."""
        params, walk, passed = self._params, self.walk, 0
        poses: list[Pose] = []
        for pose, still in outward:
            if walk is None or angle(pose, walk) > self._near_rad or len(poses) == params.walk_s:
                break
            if still:
                poses.append(pose)
            elif poses or passed == params.stand_s:
                break
            else:
                passed += 1
        if len(poses) >= params.stand_s:
            self._stands.append(unit(reduce(_plus, poses)))

    def _forget(self) -> None:
        """What comes now is beside nothing."""
        self._sum, self._walked = (0.0, 0.0, 0.0), 0
        self._before.clear()
        self._after = None
        self._last = None


def _middle(poses: Collection[Pose]) -> Pose:
    """Median along each axis: a single time of leaning on something moves it little."""
    x, y, z = (median(along) for along in zip(*poses, strict=True))
    return unit((x, y, z))


def _plus(a: Pose, b: Pose) -> Pose:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])
