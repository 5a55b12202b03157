"""What tells the beginning of a set from daily life.

Coming back to the same two poses is what a rep is, and what walking, turning
and fidgeting are not (docs/explanation/counting.md has the figures).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.segmentation.turning_points import TurningPoint, angle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imurep.counting.motion.ring_buffer import History
    from imurep.counting.segmentation.turning_points import HysteresisDetector, Pose

GRAVITY_MS2 = 9.80665


@dataclass(frozen=True, slots=True, kw_only=True)
class OnsetParams:
    """What the first turns have to be like. Shares are shares of the range."""

    turns: int = 4
    """Turns needed: 4 is out and back and out again, 3 is out and back."""
    min_range_deg: float = 14.0
    hystereses: tuple[float, float] = (2.0, 5.0)
    """The range is at least and at most so many hystereses of the scale that saw it."""
    endpoint_error: float = 0.35
    """How far from the first pose the trunk may come back."""
    likeness: float = 0.6
    """The shortest leg is at least this share of the longest."""
    movement_s: tuple[float, float] = (0.2, 15.0)
    """From leaving one end to the extreme at the other."""
    hold_s: float = 12.0
    """So long at an end is a rest."""
    near: float = 0.25
    """What counts as being at an end."""
    shake_rms: float = 0.6
    """Shaking of the body, against gravity's change over the range (a share of g per radian)."""


def find_onset(
    turns: Sequence[TurningPoint], detector: HysteresisDetector, history: History, params: OnsetParams
) -> list[TurningPoint] | None:
    """Tell whether the latest of these turns, alternating between two ends, begin a set.

    Gives them, with earlier ones that fit, and with the first one moved to the
    moment at which the trunk left its end, since a person may have rested
    there, or passed by it, for long. None when it is no set.
    """
    if len(turns) < params.turns:
        return None
    latest = turns[-params.turns :]
    movements = _movements(latest[1:])
    reach = max(movements)
    fewest, most = params.hystereses
    if (
        not fewest * detector.hysteresis_rad <= reach <= most * detector.hysteresis_rad
        or reach < math.radians(params.min_range_deg)
        or min(movements) < params.likeness * reach
    ):
        return None
    found = _fitting(latest, reach, history, params)
    if (
        found is None
        or history.unrest_ms2(found[0].step, found[-1].step) > params.shake_rms * GRAVITY_MS2 * reach
    ):
        return None
    for count in range(params.turns + 1, len(turns) + 1):
        longer = _fitting(turns[-count:], reach, history, params)
        if longer is None:
            break
        found = longer
    return found


def _fitting(
    turns: Sequence[TurningPoint], reach: float, history: History, params: OnsetParams
) -> list[TurningPoint] | None:
    """Give the turns, the first one moved to the departure, if they go between two ends in good time."""
    if any(
        angle(a.pose, b.pose) > params.endpoint_error * reach
        for a, b in zip(turns[1:], turns[3:], strict=False)
    ):
        return None
    first = departure(history, turns[0], turns[1], turns[2].pose, params.endpoint_error * reach)
    if first is None:
        return None
    turns = [first, *turns[1:]]
    movements = _movements(turns)
    timely = min(movements) >= params.likeness * max(movements) and all(
        _is_timely(a, b, reach, history, params) for a, b in pairwise(turns)
    )
    return turns if timely else None


def _is_timely(
    start: TurningPoint, end: TurningPoint, reach: float, history: History, params: OnsetParams
) -> bool:
    """Whether the trunk did not rest at the start, and got to the end neither in a jerk nor in ages."""
    left = departure(history, start, end, start.pose, params.near * reach)
    if left is None:
        return False
    left_us = history.time_at(left.step)
    shortest_s, longest_s = params.movement_s
    return (
        left_us - history.time_at(start.step) <= params.hold_s * 1e6
        and shortest_s * 1e6 <= history.time_at(end.step) - left_us <= longest_s * 1e6
    )


def _movements(turns: Sequence[TurningPoint]) -> list[float]:
    return [angle(a.pose, b.pose) for a, b in pairwise(turns)]


def departure(
    history: History, start: TurningPoint, end: TurningPoint, pose: Pose, within_rad: float
) -> TurningPoint | None:
    """Moment between two turns at which the trunk left the first end for the second.

    It is the last step that is about as far from ``end`` as the trunk was in
    the seconds before it went farther than ``within_rad`` from ``pose``; None
    when it was never that near.
    """
    begin = max(start.step, end.step - LONGEST_S * history.per_second, history.begin)
    if end.step <= begin:
        return None
    g = history.gravity(begin, end.step)
    near = np.flatnonzero(_dots(g, pose) >= math.cos(within_rad))
    if not len(near):
        return None
    stop = int(near[-1]) + 1
    lookback = max(0, stop - LOOK_BACK_S * history.per_second)
    away = np.arccos(np.clip(_dots(g[lookback:stop], end.pose), -1.0, 1.0))
    at = lookback + int(np.flatnonzero(away >= away.max() - LEAVING * within_rad)[-1])
    x, y, z = g[at].tolist()
    return TurningPoint(begin + at, (x, y, z))


LOOK_BACK_S = 5
LONGEST_S = 25
"""A movement that takes longer is none that a set begins with."""
LEAVING = 0.2


def _dots(g: NDArray[np.float64], pose: Pose) -> NDArray[np.float64]:
    return g[:, 0] * pose[0] + g[:, 1] * pose[1] + g[:, 2] * pose[2]
