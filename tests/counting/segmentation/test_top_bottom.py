"""Which end is the top, and which movements are reps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from imurep.counting.segmentation.segmentation_params import SegmentationParams
from imurep.counting.segmentation.set_context import SetContext, SetEnds
from imurep.counting.segmentation.top_bottom import (
    DataEdges,
    SetLayout,
    SetStart,
    expected_start,
    find_layout,
    own_so_far,
)
from imurep.exercises import EXERCISES
from tests.counting.segmentation.movements import movement, movements

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.exercises import Exercise

PARAMS = SegmentationParams()
FROM_TOP, FROM_BOTTOM = EXERCISES["good_morning"], EXERCISES["deadlift"]


def lean(deg: float) -> tuple[float, float, float]:
    return (math.cos(math.radians(deg)), 0.0, -math.sin(math.radians(deg)))


def context_of(
    upright: Pose | None = None, before: SetEnds | None = None, exercise: Exercise | None = None
) -> SetContext:
    return SetContext(
        exercise=exercise,
        recent_exercises=(),
        min_reps=3,
        after_us=0,
        gyroscope=True,
        prior=PARAMS.classifier.prior(known=exercise is not None, min_reps=3),
        upright=upright,
        before=before,
    )


def begins_at_top(
    first: Pose, second: Pose, upright: Pose | None, before: SetEnds | None, exercise: Exercise | None
) -> bool:
    context = context_of(upright, before, exercise)
    return expected_start(first, second, context, PARAMS.top_bottom).top_first


@pytest.mark.parametrize("exercise", [None, FROM_TOP, FROM_BOTTOM])
def test_the_end_nearer_to_upright_is_the_top_whatever_else_is_known(exercise: Exercise | None) -> None:
    before = SetEnds(top=lean(60), bottom=lean(10))
    assert begins_at_top(lean(10), lean(60), lean(0), before, exercise)
    assert not begins_at_top(lean(60), lean(10), lean(0), before, exercise)


@pytest.mark.parametrize("exercise", [None, FROM_TOP, FROM_BOTTOM])
def test_the_top_is_where_it_was_in_the_set_before(exercise: Exercise | None) -> None:
    before = SetEnds(top=lean(0), bottom=lean(50))
    assert begins_at_top(lean(10), lean(45), None, before, exercise)
    assert not begins_at_top(lean(45), lean(10), None, before, exercise)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(None, id="none before"),
        pytest.param(SetEnds(top=lean(30), bottom=lean(80)), id="the strap has slipped"),
        pytest.param(SetEnds(top=lean(0), bottom=lean(20)), id="a smaller movement"),
    ],
)
def test_else_a_set_begins_where_its_exercise_does(before: SetEnds | None) -> None:
    assert begins_at_top(lean(0), lean(50), None, before, None)
    assert begins_at_top(lean(0), lean(50), None, before, FROM_TOP)
    assert not begins_at_top(lean(0), lean(50), None, before, FROM_BOTTOM)


def test_the_ends_are_those_of_the_last_rise() -> None:
    def to(deg: float, *, from_deg: float) -> Movement:
        return movement(1.0, 2.0, start_pose=lean(from_deg), end_pose=lean(deg))

    def ends_of(movements: list[Movement], *, from_top: bool) -> SetEnds:
        start = SetStart(top_first=from_top, lead_in=False)
        whole = slice(0, len(movements))
        return SetLayout(start=start, own=whole).ends(movements)

    falls_first = [to(50, from_deg=0), to(2, from_deg=50), to(52, from_deg=2), to(4, from_deg=52)]
    assert ends_of(falls_first, from_top=True) == SetEnds(top=lean(4), bottom=lean(52))
    rises_first = falls_first[1:]
    assert ends_of(rises_first, from_top=False) == SetEnds(top=lean(4), bottom=lean(52))
    assert ends_of(rises_first[:-1], from_top=False) == SetEnds(top=lean(2), bottom=lean(50))


# The decision on a whole set


def layout_of(
    found: list[Movement],
    context: SetContext,
    *,
    near_end: bool = False,
    looks_like: Exercise | None = None,
) -> SetLayout:
    return find_layout(
        found,
        context,
        DataEdges(near_end=near_end),
        recognise=lambda _movements, _start: looks_like,
        params=PARAMS.window,
        top_bottom=PARAMS.top_bottom,
    )


def test_a_plain_set_is_all_reps_from_where_it_was_expected_to_start() -> None:
    found = layout_of(movements(8), context_of())
    assert found == SetLayout(start=SetStart(top_first=True, lead_in=False), own=slice(0, 8))
    assert not found.start.concentric_first


def test_an_exercise_from_the_other_end_leaves_its_first_movement_out() -> None:
    found = layout_of(movements(9), context_of(exercise=FROM_BOTTOM))
    assert found.start == SetStart(top_first=False, lead_in=False)
    at_top = context_of(upright=lean(0), exercise=FROM_BOTTOM)
    assert layout_of(movements(9), at_top).start == SetStart(top_first=True, lead_in=True)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_too_few_movements_to_compare_are_all_kept_but_for_outliers_at_the_end(count: int) -> None:
    found = movements(count)
    assert layout_of(found, context_of()).own == slice(0, count)
    assert layout_of([*found[:-1], movement(20, 22, outlier=True)], context_of()).own == slice(0, count - 1)
    at_top = context_of(upright=lean(0), exercise=FROM_BOTTOM)
    assert layout_of(found, at_top) == SetLayout(
        start=SetStart(top_first=True, lead_in=True), own=slice(0, count)
    )


def test_who_took_hold_of_a_load_and_let_go_of_it_began_at_the_bottom() -> None:
    lifts = movements(10, (1.0, 0.5, 1.5, 0.3), start_s=5.0, back=True)
    end_s = lifts[-1].timing.end_us / 1e6
    found = layout_of(
        [movement(0.0, 2.5), *lifts, movement(end_s + 3.5, end_s + 5.0, back=True)],
        context_of(upright=lean(0)),
    )
    assert found.start.concentric_first
    assert found.own == slice(0, 11), "the way back from the load is no rep"


def test_a_set_that_ends_at_the_other_end_ended_at_the_top_if_nothing_else_is_known() -> None:
    assert not layout_of(movements(9), context_of(), near_end=True).start.top_first
    assert layout_of(movements(9), context_of()).start.top_first
    assert layout_of(movements(9), context_of(upright=lean(0)), near_end=True).start.top_first


@pytest.mark.parametrize("exercise", [EXERCISES["back_extension_90"], FROM_BOTTOM])
def test_where_both_ends_are_likely_a_set_starts_where_its_exercise_does(exercise: Exercise) -> None:
    lifts = movements(10, (1.0, 0.5, 1.5, 0.3), back=True)
    found = [movement(-1.8, 0.5), *lifts, movement(18.6, 19.6, back=True)]
    context = context_of(upright=lean(0))
    assert layout_of(found, context, looks_like=exercise).start.lead_in
    for other in (FROM_TOP, None):
        assert not layout_of(found, context, looks_like=other).start.lead_in


@pytest.mark.parametrize(
    ("start", "rises"),
    [
        (SetStart(top_first=True, lead_in=False), [1, 3, 5]),
        (SetStart(top_first=True, lead_in=True), [1, 3, 5]),
        (SetStart(top_first=False, lead_in=False), [0, 2, 4]),
        (SetStart(top_first=False, lead_in=True), [2, 4, 6]),
    ],
)
def test_reps_that_rise_in_a_movement(start: SetStart, rises: list[int]) -> None:
    of_movement = {at: list(start.reps_risen(range(at, at + 1))) for at in range(7)}
    assert {at: reps for at, reps in of_movement.items() if reps} == {
        rise: [rep] for rep, rise in enumerate(range(rises[0], 7, 2))
    }
    assert list(start.reps_risen(range(rises[1], rises[2] + 1))) == [1, 2]
    assert start.rep_count(rises[2] + 1) == 3


@pytest.mark.parametrize("count", [3, 8, 60])
def test_like_movements_are_own_while_the_set_is_being_done(count: int) -> None:
    start = SetStart(top_first=True, lead_in=False)
    own = own_so_far(movements(count), start, context_of(), DataEdges(), PARAMS.window)
    assert own.stop == count
    assert len(own) == min(count, PARAMS.window.recent_movements)


def test_an_unlike_movement_waits() -> None:
    start = SetStart(top_first=True, lead_in=False)
    last = movement(40.0, 47.0, 90)
    own = own_so_far([*movements(12), last], start, context_of(), DataEdges(), PARAMS.window)
    assert own == range(12)
