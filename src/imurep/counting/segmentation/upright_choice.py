"""Which of the poses that may be upright is, when the two ends of a set are known.

How long people walked and stood in a pose says how likely it is upright. The
two ends of a set say more: people go between upright and 60 degrees, or between
level and hanging down, but hardly from lying on the back to the side. So each
pose is also weighed by how likely the exercises make the inclinations that the
ends have from it. Upright may also have been seen nowhere.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.assessment.exercise_likelihood import postures_log_likelihood
from imurep.counting.motion.pose import angle
from imurep.counting.segmentation.set_window import median_pose
from imurep.counting.segmentation.top_bottom import expected_start
from imurep.exercises import EXERCISES, Start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.motion.pose import Pose
    from imurep.counting.motion.upright_evidence import UprightCandidate
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import TopBottomParams
    from imurep.counting.segmentation.set_context import SetContext
    from imurep.counting.segmentation.top_bottom import SetStart
    from imurep.exercises import Exercise


def choose_upright(
    candidates: Sequence[UprightCandidate],
    ends: tuple[Pose, Pose],
    exercise: Exercise | None,
    params: TopBottomParams,
) -> Pose | None:
    """Give upright; None where it is not sure enough.

    ``ends`` are the ends of the set, the one where it began first; ``exercise``
    is what the person chose.
    """
    weights = [one.log_odds + _ends_log_likelihood(one.pose, ends, exercise, params) for one in candidates]
    if not weights:
        return None
    most = max(weights)
    shares = [math.exp(weight - most) for weight in weights]
    best = candidates[weights.index(most)].pose
    alike_rad = params.same_end * angle(*ends)
    alike = sum(
        share for one, share in zip(candidates, shares, strict=True) if angle(one.pose, best) < alike_rad
    )
    return best if alike >= params.sure * (sum(shares) + math.exp(-most)) else None


def with_upright_chosen_again(
    context: SetContext,
    movements: Sequence[Movement],
    candidates: Sequence[UprightCandidate],
    start: SetStart,
    params: TopBottomParams,
) -> SetContext:
    """Give the context of a set with upright as it is known at its end; ``start`` is the one assumed so far.

    Where upright is much as before, nothing changes: all reps would, a little.
    """
    out = movements[::2]
    ends = _middle([one.start_pose for one in out]), _middle([one.end_pose for one in out])
    upright, before = choose_upright(candidates, ends, context.exercise, params), context.upright
    if before and upright and angle(before, upright) < params.same_end * angle(*ends):
        return context
    now = replace(context, upright=upright)
    if context.exercise and expected_start(*ends, now, params) != start:
        return context  # where the chosen exercise starts shows more than the rest behind it
    return now


def _middle(poses: Sequence[Pose]) -> Pose:
    x, y, z = median_pose(np.array(poses)).tolist()
    return (x, y, z)


def _ends_log_likelihood(
    upright: Pose, ends: tuple[Pose, Pose], exercise: Exercise | None, params: TopBottomParams
) -> float:
    first_deg, second_deg = (math.degrees(angle(end, upright)) for end in ends)
    top_deg, bottom_deg = sorted((first_deg, second_deg))
    range_deg = math.degrees(angle(*ends))
    if exercise is None:
        return postures_log_likelihood(
            top_deg, bottom_deg, range_deg, EXERCISES.values(), params.unknown_share
        )
    as_usual = (first_deg < second_deg) == (exercise.starts_at is Start.TOP)
    start = 1 - params.other_start if as_usual else params.other_start
    return math.log(2 * start) + postures_log_likelihood(
        top_deg, bottom_deg, range_deg, [exercise], params.unknown_share
    )
