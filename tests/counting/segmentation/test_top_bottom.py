"""Which end is the top."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from imurep.counting.segmentation.top_bottom import SetEnds, begins_at_top, ends_of
from imurep.exercises import EXERCISES
from tests.counting.segmentation.movements import movement

if TYPE_CHECKING:
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.exercises import Exercise

FROM_TOP, FROM_BOTTOM = EXERCISES["good_morning"], EXERCISES["deadlift"]


def lean(deg: float) -> tuple[float, float, float]:
    return (math.cos(math.radians(deg)), 0.0, -math.sin(math.radians(deg)))


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
        return movement(1.0, 2.0, begin=lean(from_deg), pose=lean(deg))

    falls_first = [to(50, from_deg=0), to(2, from_deg=50), to(52, from_deg=2), to(4, from_deg=52)]
    assert ends_of(falls_first, from_top=True) == SetEnds(top=lean(4), bottom=lean(52))
    rises_first = falls_first[1:]
    assert ends_of(rises_first, from_top=False) == SetEnds(top=lean(4), bottom=lean(52))
    assert ends_of(rises_first[:-1], from_top=False) == SetEnds(top=lean(2), bottom=lean(50))
