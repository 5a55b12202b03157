from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.counting.motion.pose import angle
from imurep.counting.segmentation.segmentation_params import TurningPointParams
from imurep.counting.segmentation.turning_points import HysteresisDetector, TurningPoint

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose

PARAMS = TurningPointParams()


def pose(lean_deg: float) -> Pose:
    lean = math.radians(lean_deg)
    return (math.cos(lean), 0.0, -math.sin(lean))


def lean_deg(of: Pose) -> float:
    return round(math.degrees(math.atan2(-of[2], of[0])), 6)


def found(leans: list[float], hysteresis_deg: float) -> list[tuple[int, float]]:
    """Turns as step and lean, the start among them; each is given when it is found."""
    detector = HysteresisDetector(math.radians(hysteresis_deg), PARAMS)
    turns: list[tuple[int, float]] = []
    for step, lean in enumerate(leans):
        if detector.push(step, pose(lean)):
            turns.append((detector.turns[-1].step, lean_deg(detector.turns[-1].pose)))
    return turns


def test_angle_between_poses() -> None:
    assert math.degrees(angle(pose(10), pose(70))) == pytest.approx(60)
    assert math.degrees(angle(pose(-90), pose(90))) == pytest.approx(180)
    assert angle(pose(33), pose(33)) == pytest.approx(0, abs=1e-7)


def test_the_start_pose_is_the_first_turn() -> None:
    detector = HysteresisDetector(math.radians(10), PARAMS)
    assert not detector.push(7, pose(3))
    assert detector.turns == [TurningPoint(7, pose(3))]


def test_out_and_back_and_out() -> None:
    leans = [0.0, 5, 20, 40, 50, 45, 20, 0, -2, 10, 30, 55, 30]
    assert found(leans, 10) == [(4, 50), (8, -2), (11, 55)]


def test_a_turn_is_known_when_the_trunk_has_come_back_from_it() -> None:
    detector = HysteresisDetector(math.radians(10), PARAMS)
    found = [detector.push(step, pose(lean)) for step, lean in enumerate([0.0, 30, 21, 19.9, 15])]
    assert found == [False, False, False, True, False]


def test_swaying_below_the_hysteresis_is_none() -> None:
    assert found([0.0, 8, 0, 9, -1, 8, 0], 10) == []
    assert found([0.0, 8, 0, 9, -1, 8, 0], 6) == [(1, 8), (2, 0), (3, 9), (4, -1), (5, 8)]


def test_a_bend_is_one_at_its_own_scale_and_falls_apart_at_a_smaller_one() -> None:
    bend = [0.0, 30, 25, 60, 52, 62, 30, 36, 0]
    assert found(bend, 12) == [(5, 62)]
    assert len(found(bend, 4)) > 3


def test_who_continues_past_the_last_turn_makes_no_turn_of_the_hesitation() -> None:
    """Without an axis, beyond is as far from a turn as before."""
    assert found([0.0, 30, 24, 60, 0], 5) == [(1, 30), (3, 60)]


def test_of_equal_extremes_the_first_counts() -> None:
    assert found([0.0, 40, 40, 40, 0], 10) == [(1, 40)]


def test_sideways_turns_count_as_well() -> None:
    """A scale knows no axis."""
    detector = HysteresisDetector(math.radians(10), PARAMS)
    side = (math.cos(0.5), math.sin(0.5), 0.0)
    found = [detector.push(step, p) for step, p in enumerate([(1.0, 0.0, 0.0), side, (1.0, 0.0, 0.0)])]
    assert found == [False, False, True]
    assert detector.turns[-1] == TurningPoint(1, side)


def test_the_leading_pose_is_the_next_turn_if_the_trunk_comes_back() -> None:
    detector = HysteresisDetector(math.radians(10), PARAMS)
    for step, lean in enumerate([0.0, 5, 30, 28]):
        detector.push(step, pose(lean))
        assert detector.may_turn == (lean > 10)
    assert detector.candidate == TurningPoint(2, pose(30))


def test_restart_forgets() -> None:
    detector = HysteresisDetector(math.radians(10), PARAMS)
    for step, lean in enumerate([0.0, 30, 0]):
        detector.push(step, pose(lean))
    detector.restart()
    assert detector.turns == []
    assert not detector.push(9, pose(30))
    assert detector.turns == [TurningPoint(9, pose(30))]


def test_only_the_latest_turns_are_kept() -> None:
    detector = HysteresisDetector(math.radians(10), PARAMS)
    for step in range(1000):
        detector.push(step, pose(step % 2 * 40))
    assert len(detector.turns) < 20
    assert detector.turns[-1].step == 998


@given(st.lists(st.floats(-80, 80), min_size=2, max_size=60), st.floats(2, 40))
def test_neighbouring_turns_lie_apart(leans: list[float], hysteresis_deg: float) -> None:
    turns = [(0, round(leans[0], 6)), *found(leans, hysteresis_deg)]
    for (_, one), (_, other) in pairwise(turns):
        assert abs(one - other) > hysteresis_deg - 1e-4


@given(st.lists(st.floats(-80, 80), min_size=2, max_size=60), st.floats(2, 40))
def test_between_two_turns_the_trunk_does_not_come_back_by_the_hysteresis(
    leans: list[float], hysteresis_deg: float
) -> None:
    for (start, _), (stop, end) in pairwise([(0, leans[0]), *found(leans, hysteresis_deg)]):
        away = [abs(lean - leans[start]) for lean in leans[start : stop + 1]]
        assert max(away) == pytest.approx(abs(end - leans[start]), abs=1e-4), "a turn is the farthest pose"
