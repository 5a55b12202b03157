"""Which end of a set is its top.

Upright tells, where it is known: the top is the end nearer to it. Else the set
before tells, if it went between the same two ends: what comes behind a gap may
begin amid a rep, at either end. Else a set begins where its exercise does, or
at the top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from imurep.counting.segmentation.turning_points import angle
from imurep.exercises import Start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.turning_points import Pose
    from imurep.exercises import Exercise

SAME = 0.35
"""Ends that lie nearer than this share of the range are the same, as in ``find_onset``."""


class SetEnds(NamedTuple):
    """Where a set was at its top and at its bottom."""

    top: Pose
    bottom: Pose


def ends_of(movements: Sequence[Movement], *, from_top: bool) -> SetEnds:
    """Give the ends of a set's last rise, since the strap may have slipped before; two movements at least."""
    rise = movements[1 if from_top else 0 :: 2][-1]
    return SetEnds(top=rise.pose, bottom=rise.begin)


def begins_at_top(
    first: Pose, second: Pose, upright: Pose | None, before: SetEnds | None, exercise: Exercise | None
) -> bool:
    """Tell whether the first of a set's two ends is its top.

    ``upright`` is the pose of standing, ``before`` the ends of an earlier set,
    ``exercise`` what the person said they do; None where it is not known.
    """
    if upright is not None:
        return angle(first, upright) < angle(second, upright)
    if before is not None:
        near_rad = SAME * angle(first, second)
        for top, bottom in ((first, second), (second, first)):
            if max(angle(top, before.top), angle(bottom, before.bottom)) < near_rad:
                return top is first
    return exercise is None or exercise.starts_at is Start.TOP
