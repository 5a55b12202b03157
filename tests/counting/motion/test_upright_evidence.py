from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from imurep.counting.motion.pose import angle
from imurep.counting.motion.ring_buffer import MotionHistory
from imurep.counting.motion.upright_evidence import UprightEvidence
from tests.counting.watching import STEP_HZ, motion_of
from tests.motion import Torso, rotation

if TYPE_CHECKING:
    from imurep.counting.motion.upright_evidence import UprightCandidate


def seen(torso: Torso, mounting: tuple[float, float, float, float] = (1, 0, 0, 0)) -> list[UprightCandidate]:
    """The poses, the likeliest first."""
    history = MotionHistory(STEP_HZ, memory_s=600)
    history.append(motion_of(torso.record(STEP_HZ, mounting=mounting)))
    evidence = UprightEvidence()
    for end in range(history.per_second, history.end + 1, history.per_second):
        history.now = end
        second = history.last_second()
        evidence.push(end // history.per_second, second.spread_ms2, second.pose, second.acc_ms2)
    return sorted(evidence.candidates, key=lambda one: -one.log_odds)


def lean_deg(one: UprightCandidate) -> float:
    return math.degrees(angle(one.pose, (1.0, 0.0, 0.0)))


@pytest.mark.parametrize("mounting", [(1, 0, 0, 0), (0.2, -0.5, 0.7, 0.1)])
def test_standing_still_shows_upright_in_any_mounting(mounting: tuple[float, float, float, float]) -> None:
    (found,) = seen(Torso().hold(8), mounting)
    assert found.pose == pytest.approx(tuple(rotation(*mounting) @ (1, 0, 0)), abs=0.01)
    assert found.log_odds > 1


def test_the_pose_that_more_time_is_spent_in_is_likelier() -> None:
    upright, bench = seen(Torso().hold(12).lean(60, 2).hold(4).lean(0, 2).hold(6))
    assert lean_deg(upright) == pytest.approx(0, abs=1)
    assert lean_deg(bench) == pytest.approx(60, abs=1)
    assert upright.log_odds > bench.log_odds + 1


def test_steps_show_more_than_being_still_as_long() -> None:
    upright, lying = seen(Torso(90).hold(8).lean(0, 3).walk(8))
    assert lean_deg(upright) < 5
    assert lying.log_odds < upright.log_odds


def test_who_lies_for_an_hour_has_walked_as_much_as_before() -> None:
    upright, lying = seen(Torso().walk(60).lean(90, 3).hold(400))
    assert lean_deg(upright) < 5
    assert lean_deg(lying) == pytest.approx(90, abs=1)


def test_after_a_slip_the_old_pose_fades() -> None:
    (found, *_) = seen(Torso().hold(60).slip(40).hold(120))
    assert lean_deg(found) == pytest.approx(40, abs=1)


def test_exercise_shows_nothing() -> None:
    assert all(one.log_odds < 0 for one in seen(Torso().reps(8)))
