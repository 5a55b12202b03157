"""Which end of a set is its top, and which of its movements are reps.

The evidence, strongest first:

1. Upright, where it is known: the top is the end nearer to it.
2. The set before, where it went between the same two ends: what comes behind a
   gap may begin amid a rep, at either end.
3. A set begins where its exercise does; where that is not known, at the top.

``expected_start`` gives what they show of the first movement, while the set is
being done. ``find_layout`` decides once, on the whole set. Where the
exercise is not known, it also weighs the other movements: a rise long before
all others picked something up; a set of which only the beginning was assumed
to be the top ended at the top if it ended at the other end; who stays down at
the first and the last bottom took hold of a load and let go of it; an exercise
on a bench begins at the bottom, after getting down to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.counting.motion.pose import angle
from imurep.counting.segmentation.set_context import SetEnds
from imurep.counting.segmentation.trimming import (
    ends_with_set_down,
    has_load_grips,
    starts_with_pickup,
    trim_to_set,
)
from imurep.exercises import Start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imurep.counting.motion.pose import Pose
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import TopBottomParams, TrimmingParams
    from imurep.counting.segmentation.set_context import SetContext
    from imurep.exercises import Exercise


@dataclass(frozen=True, slots=True)
class SetStart:
    """Where a set starts."""

    top_first: bool
    """Its first movement begins at the top."""
    lead_in: bool
    """Its first movement leads into the starting position and is no part of a rep."""

    @property
    def concentric_first(self) -> bool:
        """Whether its reps begin with the concentric, at the bottom."""
        return self.top_first == self.lead_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLayout:
    """How a whole set is made up."""

    start: SetStart
    own: slice
    """Movements of the set, the one that leads into the starting position included."""
    set_down: bool
    """The last of them is a rise after the load was set down, and no rep."""
    end_turn: int
    """Number of the turning point at which the set ends: what follows may belong to another one."""

    def ends(self, movements: Sequence[Movement]) -> SetEnds:
        """Ends of the last rise, since the strap may have slipped before; two movements at least."""
        rise = movements[self.own][1 if self.start.top_first else 0 :: 2][-1]
        return SetEnds(top=rise.end_pose, bottom=rise.start_pose)


def expected_start(first: Pose, second: Pose, context: SetContext, params: TopBottomParams) -> SetStart:
    """Give where a set starts whose first movement goes from one pose to another."""
    exercise = context.exercise
    top_first = _begins_at_top(first, second, context, params)
    return SetStart(
        top_first, lead_in=exercise is not None and (exercise.starts_at is Start.TOP) != top_first
    )


def _begins_at_top(first: Pose, second: Pose, context: SetContext, params: TopBottomParams) -> bool:
    if context.upright is not None:
        return angle(first, context.upright) < angle(second, context.upright)
    before = context.before
    if before is not None:
        near_rad = params.same_end * angle(first, second)
        for top, bottom in ((first, second), (second, first)):
            if max(angle(top, before.top), angle(bottom, before.bottom)) < near_rad:
                return top is first
    return context.exercise is None or context.exercise.starts_at is Start.TOP


def find_layout(
    movements: Sequence[Movement],
    context: SetContext,
    *,
    at_end: bool,
    recognise: Callable[[Sequence[Movement]], Exercise | None],
    params: TopBottomParams,
    trimming: TrimmingParams,
) -> SetLayout:
    """Decide where a set starts and which of the movements are its own, once it is over.

    ``at_end``: the data end with the last movement. ``recognise`` gives the
    exercise that the set is if its reps begin at the top, None if it is unknown.
    """
    exercise = context.exercise
    expected = expected_start(movements[0].start_pose, movements[0].end_pose, context, params)
    picked_up = (
        exercise is None
        and not context.top_assumed
        and not expected.top_first
        and starts_with_pickup(movements, trimming)
    )
    seen = SetStart(top_first=False, lead_in=True) if picked_up else expected
    own = trim_to_set(
        movements, lead_in=seen.lead_in, from_top=not seen.concentric_first, at_end=at_end, params=trimming
    )
    end_turn, mine = own.stop, movements[own]
    if exercise is not None or picked_up:
        start = seen
    elif context.top_assumed and at_end and len(mine) % 2 == 1:
        start = FROM_BOTTOM
    elif seen.top_first and has_load_grips(mine, trimming):
        start, own = FROM_BOTTOM, slice(own.start + 1, own.stop - 1)
    elif seen.top_first and len(mine) > 1 and _is_on_bench(recognise(mine)):
        start = SetStart(top_first=True, lead_in=True)
    else:
        start = seen
    reps = movements[own][start.lead_in :]
    set_down = (
        start.concentric_first
        and len(reps) % 2 == 1
        and (exercise is None or exercise.set_down)
        and ends_with_set_down(reps, trimming, expected=exercise is not None)
    )
    return SetLayout(start=start, own=own, set_down=set_down, end_turn=end_turn)


FROM_BOTTOM = SetStart(top_first=False, lead_in=False)


def _is_on_bench(exercise: Exercise | None) -> bool:
    """Whether a rep starts at the bottom, and the person gets down to it without lifting a load."""
    return exercise is not None and exercise.starts_at is Start.BOTTOM and not exercise.set_down
