from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imurep.counting.segmentation.segmentation_params import (
    MovementTrackerParams,
    SetOnsetParams,
    TurningPointParams,
)
from imurep.counting.segmentation.set_onset import OnsetLimits, SetOnset, departure
from imurep.counting.segmentation.turning_points import HysteresisDetector, TurningPoint
from tests.counting.watching import STEP_HZ, history_of
from tests.motion import FIRST_US, Torso

if TYPE_CHECKING:
    from imurep.counting.motion.ring_buffer import MotionHistory

EVERY = 5
"""Steps from pose to pose."""
PARAMS = MovementTrackerParams()
LIMITS = OnsetLimits(turns=4, min_range_deg=11.2)
OUT_AND_BACK = replace(LIMITS, turns=3)


def onset_in(torso: Torso, range_deg: float = 50, limits: OnsetLimits = LIMITS) -> list[TurningPoint] | None:
    """The onset that is found with a fitting hysteresis, at the end of the path or before."""
    history, hysteresis_rad = history_of(torso), math.radians(range_deg / 3)
    detector = HysteresisDetector(hysteresis_rad, TurningPointParams())
    onset = SetOnset(history, limits, SetOnsetParams(), PARAMS)
    found = None
    for step in range(0, history.end, EVERY):
        (x, y, z) = history.gravity(step, step + 1)[0].tolist()
        if detector.push(step, (x, y, z)):
            found = found or onset.find(detector.turns, hysteresis_rad)
    return found


def seconds(history: MotionHistory, turn: TurningPoint) -> float:
    return (history.time_at(turn.step) - FIRST_US) / 1e6


def test_out_and_back_and_out_again_opens() -> None:
    torso = Torso().hold(2).reps(2)
    found = onset_in(torso)
    assert found is not None
    assert len(found) == 4
    leans_deg = [math.degrees(math.atan2(-turn.pose[2], turn.pose[0])) for turn in found]
    assert leans_deg == pytest.approx([0, 50, 0, 50], abs=5)


def test_out_and_back_opens_when_that_is_enough() -> None:
    torso = Torso().hold(2).reps(1).lean(20, 1)
    assert onset_in(torso) is None
    found = onset_in(torso, limits=OUT_AND_BACK)
    assert found is not None
    assert len(found) == 3


def test_the_first_turn_is_where_the_trunk_left_and_not_where_it_came_to_rest() -> None:
    torso = Torso().hold(60).reps(2)
    found = onset_in(torso)
    assert found is not None
    left_s = (torso.edges[0].start_us - FIRST_US) / 1e6
    assert seconds(history_of(torso), found[0]) == pytest.approx(left_s, abs=0.3)


@pytest.mark.parametrize(
    ("torso", "range_deg"),
    [
        pytest.param(Torso().hold(2).reps(3, 8), 8, id="too small"),
        pytest.param(Torso().hold(2).lean(50, 2).lean(25, 2).lean(75, 2).lean(50, 2), 50, id="never back"),
        pytest.param(
            Torso().hold(2).lean(60, 2).lean(38, 1).lean(60, 1).lean(0, 2), 50, id="movements unlike"
        ),
        pytest.param(Torso().hold(2).reps(3, 50, (20.0, 0.0, 1.0, 0.0)), 50, id="too slow"),
        pytest.param(Torso().hold(2).lean(50, 2).hold(9), 50, id="there to stay"),
        pytest.param(Torso().hold(2).lean(90, 2).hold(9).lean(0, 2).hold(9), 90, id="lying down once"),
    ],
)
def test_what_is_no_beginning(torso: Torso, range_deg: float) -> None:
    assert onset_in(torso, range_deg) is None


def test_a_hysteresis_finds_ranges_that_suit_it() -> None:
    torso = Torso().hold(2).reps(3)
    assert onset_in(torso, 50) is not None
    assert onset_in(torso, 50 * 3 / 1.9) is None, "too coarse: it would not see the next smaller one"


def test_departure() -> None:
    torso = Torso().hold(3).lean(10, 1).hold(20).lean(60, 2)
    history = history_of(torso)
    upright, out = (1.0, 0.0, 0.0), TurningPoint(history.end - 1, (0.5, 0.0, -math.sqrt(0.75)))
    left = departure(history, TurningPoint(0, upright), out, upright, math.radians(15), PARAMS)
    assert left is not None
    assert seconds(history, left) == pytest.approx(torso.now_s - 2 / 0.827, abs=0.6), "having rested at 10"
    assert (
        departure(history, TurningPoint(0, upright), out, (0.0, 1.0, 0.0), math.radians(15), PARAMS) is None
    ), "never near"
    assert departure(history, out, out, upright, math.radians(15), PARAMS) is None, "no time in between"


def test_departure_from_before_the_memory() -> None:
    """Who left more than five minutes ago is not seen leaving."""
    history = history_of(Torso().lean(50, 1).hold(320))
    upright, end = (1.0, 0.0, 0.0), TurningPoint(history.end - 1, (0.64, 0.0, -0.77))
    assert history.begin > 5 * STEP_HZ
    assert departure(history, TurningPoint(0, upright), end, upright, math.radians(15), PARAMS) is None
