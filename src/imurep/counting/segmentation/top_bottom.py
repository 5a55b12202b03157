"""Which end of a set is its top, and which of its movements are reps.

The evidence, strongest first:

1. Upright, where it is known (``upright_choice``): the top is the end nearer to it.
2. The set before, where it went between the same two ends: what comes behind a
   gap may begin amid a rep, at either end.
3. A set begins where its exercise does; where that is not known, at the top.

``expected_start`` gives what they show of the first movement, while the set is
being done. ``find_layout`` decides once, on the whole set: which movements are
its own (``set_window``), and so with which of its ends it starts. A set of which
only the beginning was assumed to be the top ended at the top if the data end at
the other end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imurep.counting.motion.pose import angle
from imurep.counting.segmentation.set_context import SetEnds
from imurep.counting.segmentation.set_window import FEWEST_MOVEMENTS, WindowEvidence, find_window
from imurep.exercises import Start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imurep.counting.motion.pose import Pose
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import SetWindowParams, TopBottomParams
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

    def rep_count(self, movements: int) -> int:
        """Number of reps of so many movements, the last one perhaps not complete."""
        return (movements - self.lead_in + 1) // 2

    def reps_risen(self, movements: range) -> range:
        """Indices of the reps that rise to their top in one of these movements."""
        first_rise = self.lead_in + (not self.concentric_first)
        begin, end = (max(0, (at - first_rise + 1) // 2) for at in (movements.start, movements.stop))
        return range(begin, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataEdges:
    """Where the data begin and end, as seen from the tracked movements."""

    near_begin: bool = False
    """They begin right before the first one."""
    near_end: bool = False
    """They end right behind the last one: it may be amid a rep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLayout:
    """How a whole set is made up."""

    start: SetStart
    own: slice
    """Movements of the set, the one that leads into the starting position included."""

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
    edges: DataEdges,
    *,
    recognise: Callable[[Sequence[Movement], SetStart], Exercise | None],
    params: SetWindowParams,
    top_bottom: TopBottomParams,
) -> SetLayout:
    """Decide where a set starts and which of the movements are its own, once it is over.

    ``recognise`` gives the exercise of movements with that start, None if it is unknown.
    """
    exercise = context.exercise
    first = expected_start(movements[0].start_pose, movements[0].end_pose, context, top_bottom)
    if len(movements) < FEWEST_MOVEMENTS:
        window = range(int(first.lead_in), _without_last_outliers(movements))
    else:
        evidence = WindowEvidence(
            begins_with_data=edges.near_begin, ends_with_data=edges.near_end, cut_off=edges.near_end
        )
        if exercise is not None:
            window, _ = find_window(movements, replace(evidence, start_parity=int(first.lead_in)), params)
        elif context.top_assumed:
            window, _ = find_window(movements, evidence, params)
        else:
            window = _window_by_exercise(movements, first, evidence, recognise, params)
    cut_off = edges.near_end and window.stop == len(movements) and len(window) % 2 == 1
    if exercise is None and context.top_assumed and cut_off:
        # It went from one end to the other: then it ended at the top.
        first = replace(first, top_first=window.start % 2 == 1)
    return _layout(first, window)


def _window_by_exercise(
    movements: Sequence[Movement],
    first: SetStart,
    evidence: WindowEvidence,
    recognise: Callable[[Sequence[Movement], SetStart], Exercise | None],
    params: SetWindowParams,
) -> range:
    """Compare the best windows that start at either end; where the exercise starts is the likelier one."""
    best, best_value = range(len(movements)), -math.inf
    for start_parity in (0, 1):
        window, value = find_window(movements, replace(evidence, start_parity=start_parity), params)
        layout = _layout(first, window)
        exercise = recognise(movements[layout.own], layout.start)
        if exercise is not None and int((exercise.starts_at is Start.TOP) != first.top_first) == start_parity:
            value += params.scales.evidence
        if value > best_value:
            best, best_value = window, value
    return best


def own_so_far(
    movements: Sequence[Movement],
    start: SetStart,
    context: SetContext,
    edges: DataEdges,
    params: SetWindowParams,
) -> range:
    """Give which of the movements are the set's own, while it is being done and goes on to do so.

    Only the most recent ones are compared, so that the work does not grow with the set.
    """
    if len(movements) < FEWEST_MOVEMENTS:
        return range(len(movements))
    before = max(0, len(movements) - params.recent_movements) // 2 * 2
    evidence = WindowEvidence(
        start_parity=None if context.exercise is None else int(start.lead_in),
        begins_with_data=edges.near_begin and not before,
        cut_off=True,
    )
    window, _ = find_window(movements[before:], evidence, params, live=True)
    return range(before + window.start, before + window.stop)


def _layout(first: SetStart, window: range) -> SetLayout:
    """Give the layout of a set; ``first`` is where the first of all movements starts."""
    lead_in = window.start % 2
    return SetLayout(
        start=replace(first, lead_in=bool(lead_in)),
        own=slice(window.start - lead_in, window.stop),
    )


def _without_last_outliers(movements: Sequence[Movement]) -> int:
    stop = len(movements)
    while stop > 0 and movements[stop - 1].outlier:
        stop -= 1
    return stop
