from __future__ import annotations

import pytest

from imurep.stages.history import History
from imurep.stages.upright import Upright
from tests.motion import Torso, rotation
from tests.stages.watching import STEP_HZ, motion_of


def seen(
    torso: Torso, mounting: tuple[float, float, float, float] = (1, 0, 0, 0)
) -> tuple[float, float, float] | None:
    history = History(STEP_HZ, memory_s=300)
    history.append(motion_of(torso.record(STEP_HZ, mounting=mounting)))
    upright = Upright()
    for end in range(history.per_second, history.end + 1, history.per_second):
        history.now = end
        upright.push(history, end - 1)
    return upright.pose


@pytest.mark.parametrize("mounting", [(1, 0, 0, 0), (0.2, -0.5, 0.7, 0.1), (0, 1, 0, 0)])
def test_walking_shows_where_up_is(mounting: tuple[float, float, float, float]) -> None:
    pose = seen(Torso().hold(2).walk(10).hold(2), mounting)
    assert pose == pytest.approx(tuple(rotation(*mounting) @ (1, 0, 0)), abs=0.03)


def test_walking_bent_forward_is_not_told_from_walking_upright() -> None:
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
