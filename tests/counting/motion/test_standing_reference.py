from __future__ import annotations

import math

import pytest

from imurep.counting.motion.ring_buffer import MotionHistory
from imurep.counting.motion.standing_reference import StandingReference
from tests.counting.watching import STEP_HZ, motion_of
from tests.motion import Torso, rotation


def seen(
    torso: Torso, mounting: tuple[float, float, float, float] = (1, 0, 0, 0)
) -> tuple[float, float, float] | None:
    history = MotionHistory(STEP_HZ, memory_s=300)
    history.append(motion_of(torso.record(STEP_HZ, mounting=mounting)))
    upright = StandingReference()
    for end in range(history.per_second, history.end + 1, history.per_second):
        history.now = end
        second = history.last_second()
        upright.push(end // history.per_second, second.spread_ms2, second.pose, second.acc_ms2)
    return upright.pose


@pytest.mark.parametrize("mounting", [(1, 0, 0, 0), (0.2, -0.5, 0.7, 0.1), (0, 1, 0, 0)])
def test_walking_shows_where_up_is(mounting: tuple[float, float, float, float]) -> None:
    pose = seen(Torso().hold(2).walk(10).hold(2), mounting)
    assert pose == pytest.approx(tuple(rotation(*mounting) @ (1, 0, 0)), abs=0.03)


def test_walking_bent_forward_passes_for_walking_upright() -> None:
    pose = seen(Torso(20).walk(10))
    assert pose == pytest.approx((0.94, 0, -0.342), abs=0.04)


@pytest.mark.parametrize(
    "torso",
    [
        pytest.param(Torso().hold(30), id="standing"),
        pytest.param(Torso(90).hold(30), id="lying"),
        pytest.param(Torso().hold(2).walk(3).hold(5).walk(3).hold(5), id="a few steps"),
        pytest.param(Torso().hold(2).reps(10), id="exercise"),
    ],
)
def test_what_does_not_show_it(torso: Torso) -> None:
    assert seen(torso) is None


def test_the_last_walk_counts() -> None:
    """The strap may have slipped since the one before."""
    pose = seen(Torso().walk(12).hold(3).slip(40).hold(3).walk(12))
    assert pose == pytest.approx((0.766, 0, -0.643), abs=0.05)


def test_changing_posture_while_shaken_is_no_walk() -> None:
    """Shaken as in walking, but the trunk goes up and down."""
    torso = Torso().hold(2).reps(6, 60, (1.0, 0.0, 1.0, 0.0))
    torso.now_s, end_s = 1.0, torso.now_s
    torso.walk(end_s - 1.0)
    assert seen(torso) is None


@pytest.mark.parametrize(
    "torso",
    [
        pytest.param(Torso(2).hold(4).lean(7, 0.8).walk(8), id="before the walk"),
        pytest.param(Torso(7).walk(8).lean(2, 0.8).hold(9), id="after it"),
        pytest.param(
            Torso(2).hold(4).lean(7, 0.8).walk(8).lean(27, 1).hold(9), id="before it, and on the bench"
        ),
    ],
)
def test_standing_beside_a_walk_is_upright_although_walking_leans(torso: Torso) -> None:
    pose = seen(torso)
    assert pose is not None
    assert lean_deg(pose) == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize(
    "torso",
    [
        pytest.param(Torso(0).hold(9).lean(30, 0.8).lean(6, 1).walk(8), id="sitting, then getting up"),
        pytest.param(Torso(6).walk(8).lean(34, 0.8).lean(0, 1).hold(9), id="sitting down"),
        pytest.param(Torso(6).walk(8).lean(20, 1).hold(9), id="leaning on something"),
    ],
)
def test_other_still_poses_are_not_standing(torso: Torso) -> None:
    pose = seen(torso)
    assert pose is not None
    assert lean_deg(pose) == pytest.approx(6, abs=0.7)


def test_how_they_stand_is_the_median_of_several_times() -> None:
    """Each time after a walk, and none of them before one, which would count it twice."""
    torso = Torso(6)
    for stands_deg in (2.0, 1.0, 11.0):
        torso.lean(6, 0.8).walk(8).lean(stands_deg, 0.8).hold(9).lean(30, 1).hold(3)
    pose = seen(torso)
    assert pose is not None
    assert lean_deg(pose) == pytest.approx(2, abs=0.5)


def test_standing_shows_in_the_force_as_long_as_the_filter_is_wrong() -> None:
    """At the beginning it does not know its gyroscope's bias."""
    upright, tilted, straight = StandingReference(), (0.995, 0.0, -0.1), (1.0, 0.0, 0.0)
    for second in range(1, 6):
        upright.push(second, 0.05, tilted, (9.8, 0.0, 0.0))
    for second in range(6, 12):
        upright.push(second, 1.0, tilted, (9.5, 0.0, -1.5))
    assert upright.pose == pytest.approx(straight)
    assert upright.walk == pytest.approx(tilted, abs=0.001)


def lean_deg(pose: tuple[float, float, float]) -> float:
    return math.degrees(math.atan2(-pose[2], pose[0]))
