"""The onset of a set: what distinguishes it from daily life.

Coming back to the same two poses is what a rep is, and what walking, turning
and fidgeting are not (docs/explanation/counting.md has the figures).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.motion.pose import angle
from imurep.counting.segmentation.turning_points import TurningPoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imurep.counting.motion.pose import Pose
    from imurep.counting.motion.ring_buffer import MotionHistory
    from imurep.counting.segmentation.segmentation_params import MovementTrackerParams, SetOnsetParams


OUT_AND_BACK = 3
"""Turning points of a trunk that has gone out and come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnsetLimits:
    """Limits that depend on what is known of the session."""

    turns: int
    """Turning points needed."""
    min_range_deg: float
    """Smallest range."""

    @classmethod
    def for_session(cls, params: SetOnsetParams, *, known: bool, single: bool, widened: float) -> OnsetLimits:
        """Give the limits of a session.

        ``known``: the exercise is known. ``single``: one rep makes a set. Else the
        trunk has to go out again, which shows both ends twice. ``widened``: the
        smallest range is so many times as large as usual. One rep, which is like no
        other, needs twice that.
        """
        return cls(
            turns=OUT_AND_BACK if known or single else OUT_AND_BACK + 1,
            min_range_deg=(2 if single else 1) * widened * params.min_range_deg,
        )


class SetOnset:
    """Decides whether turning points begin a set."""

    def __init__(
        self,
        history: MotionHistory,
        limits: OnsetLimits,
        params: SetOnsetParams,
        movements: MovementTrackerParams,
    ) -> None:
        """Prepare; the turning points are of the steps of ``history``."""
        self._history = history
        self._limits = limits
        self._hystereses = params.hystereses
        self._params = movements

    def find(self, turns: Sequence[TurningPoint], hysteresis_rad: float) -> list[TurningPoint] | None:
        """Give the turning points that begin a set; None when there are none.

        The latest of ``turns``, found with ``hysteresis_rad``, have to
        alternate between two ends. Earlier ones that fit are given, too. The
        first one is moved to the moment at which the trunk left its end, since
        a person may have rested there, or passed by it, for long.
        """
        limits = self._limits
        if len(turns) < limits.turns:
            return None
        latest = turns[-limits.turns :]
        ranges_rad = _ranges_rad(latest[1:])
        range_rad = max(ranges_rad)
        if (
            range_rad < self._hystereses * hysteresis_rad
            or range_rad < math.radians(limits.min_range_deg)
            or min(ranges_rad) < self._params.alike * range_rad
        ):
            return None
        found = self._fitting(latest, range_rad)
        if found is None:
            return None
        for count in range(limits.turns + 1, len(turns) + 1):
            longer = self._fitting(turns[-count:], range_rad)
            if longer is None:
                break
            found = longer
        return found

    def _fitting(self, turns: Sequence[TurningPoint], range_rad: float) -> list[TurningPoint] | None:
        """Give the turning points, the first one moved, if they go between two ends in good time."""
        within_rad = self._params.same_end * range_rad
        if any(angle(a.pose, b.pose) > within_rad for a, b in zip(turns[1:], turns[3:], strict=False)):
            return None
        first = departure(self._history, turns[0], turns[1], turns[2].pose, within_rad, self._params)
        if first is None:
            return None
        turns = [first, *turns[1:]]
        ranges_rad = _ranges_rad(turns)
        timely = min(ranges_rad) >= self._params.alike * max(ranges_rad) and all(
            self._is_timely(a, b, range_rad) for a, b in pairwise(turns)
        )
        return turns if timely else None

    def _is_timely(self, start: TurningPoint, end: TurningPoint, range_rad: float) -> bool:
        """Whether the trunk neither rested at the start nor took ages to the end."""
        history, params = self._history, self._params
        left = departure(history, start, end, start.pose, params.near * range_rad, params)
        if left is None:
            return False
        left_us = history.time_at(left.step)
        longest_us = params.rest_s * 1e6
        return (
            left_us - history.time_at(start.step) <= longest_us
            and history.time_at(end.step) - left_us <= longest_us
        )


def _ranges_rad(turns: Sequence[TurningPoint]) -> list[float]:
    return [angle(a.pose, b.pose) for a, b in pairwise(turns)]


def departure(
    history: MotionHistory,
    start: TurningPoint,
    end: TurningPoint,
    pose: Pose,
    within_rad: float,
    params: MovementTrackerParams,
) -> TurningPoint | None:
    """Give the moment between two turning points at which the trunk left the first end for the second.

    It is the last step that is about as far from ``end`` as the trunk was in
    the seconds before it went farther than ``within_rad`` from ``pose``; None
    when it was never that near.
    """
    # What took longer than a rest is no movement, and not searched: that bounds the work.
    searched = round(2 * params.rest_s * history.per_second)
    begin = max(start.step, end.step - searched, history.begin)
    if end.step <= begin:
        return None
    g = history.gravity(begin, end.step)
    near = np.flatnonzero(_dots(g, pose) >= math.cos(within_rad))
    if not len(near):
        return None
    stop = int(near[-1]) + 1
    lookback = max(0, stop - params.lead_s * history.per_second)
    away = np.arccos(np.clip(_dots(g[lookback:stop], end.pose), -1.0, 1.0))
    at = lookback + int(np.flatnonzero(away >= away.max() - params.near * within_rad)[-1])
    x, y, z = g[at].tolist()
    return TurningPoint(begin + at, (x, y, z))


def _dots(g: NDArray[np.float64], pose: Pose) -> NDArray[np.float64]:
    return g[:, 0] * pose[0] + g[:, 1] * pose[1] + g[:, 2] * pose[2]
