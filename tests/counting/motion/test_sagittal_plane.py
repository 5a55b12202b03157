from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.counting.motion.sagittal_plane import SagittalPlane
from tests.motion import G_MS2, Torso, rotation

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose

quaternions = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(v * v for v in q) > 0.01)
leans = st.floats(-170, 170)


def pose(lean_deg: float, mounting: tuple[float, float, float, float] = (1, 0, 0, 0)) -> Pose:
    """Up, as a sensor sees it when the trunk leans."""
    lean = math.radians(lean_deg)
    x, y, z = (rotation(*mounting) @ (math.cos(lean), 0.0, -math.sin(lean))).tolist()
    return (x, y, z)


def test_the_helper_keeps_to_the_documented_signs() -> None:
    """docs/reference/frames.md, postures and movements."""
    recorded = Torso().hold(1).lean(30, 1).hold(1).lean(-20, 1).hold(1).record(100)
    assert recorded.gyr_rads is not None
    still, leaning = recorded.acc_ms2[50], recorded.acc_ms2[290]
    np.testing.assert_allclose(still, [G_MS2, 0, 0], atol=1e-9)
    np.testing.assert_allclose(
        leaning, [G_MS2 * math.cos(math.pi / 6), 0, -G_MS2 * math.sin(math.pi / 6)], atol=1e-9
    )
    forward, backward = recorded.gyr_rads[160], recorded.gyr_rads[380]
    assert forward[1] < 0 < backward[1]
    assert (forward[[0, 2]] == 0).all()


def test_angles_grow_from_the_first_pose_to_the_second() -> None:
    plane = SagittalPlane.through([pose(10), pose(60)])
    assert math.degrees(plane.angle_rad(pose(10))) == pytest.approx(0)
    assert math.degrees(plane.angle_rad(pose(60))) == pytest.approx(50)
    assert math.degrees(plane.angle_rad(pose(-20))) == pytest.approx(-30)
    back = SagittalPlane.through([pose(60), pose(10)])
    assert math.degrees(back.angle_rad(pose(10))) == pytest.approx(50)


def test_leaning_forward_turns_gravity_about_minus_ml() -> None:
    plane = SagittalPlane.through([pose(0), pose(50), pose(0)])
    assert plane.axis == pytest.approx((0, 1, 0))
    assert plane.zero == pytest.approx((1, 0, 0))
    assert plane.ahead == pytest.approx((0, 0, -1))


def test_the_rate_has_the_sign_of_the_angle() -> None:
    """Leaning forward, gyr_ml is negative (docs/reference/frames.md), and the angle grows."""
    plane = SagittalPlane.through([pose(0), pose(50)])
    assert plane.rates_rads(np.array([[0.0, -1.0, 0.0], [0.0, 2.0, 0.0], [3.0, 0.0, 4.0]])) == pytest.approx(
        [1, -2, 0]
    )


@given(mounting=quaternions, one=leans, other=leans)
def test_rate_is_the_slope_of_the_angle_in_any_mounting(
    mounting: tuple[float, float, float, float], one: float, other: float
) -> None:
    if not 5 < abs(one - other) < 170:
        return
    plane = SagittalPlane.through([pose(one, mounting), pose(other, mounting)])
    recorded = Torso(one).hold(0.5).lean(other, 1).record(100, mounting=mounting)
    assert recorded.gyr_rads is not None
    angles = plane.angles_rad(recorded.acc_ms2 / G_MS2)
    assert angles[0] == pytest.approx(0, abs=1e-9)
    assert math.degrees(angles[-1]) == pytest.approx(abs(other - one), abs=0.1)
    np.testing.assert_allclose(plane.rates_rads(recorded.gyr_rads)[1:], np.diff(angles) * 100, atol=1e-6)


def test_angles_continue_past_half_a_turn() -> None:
    leans_deg = np.linspace(0, 300, 31)
    gravity = np.array([pose(lean) for lean in leans_deg])
    plane = SagittalPlane.through([pose(0), pose(90)])
    np.testing.assert_allclose(np.degrees(plane.angles_rad(gravity)), leans_deg)


def test_a_long_leg_counts_for_more_than_a_short_one() -> None:
    """A wobble at the end does not tilt the plane."""
    wobble = (0.995, 0.0998, 0.0)
    plane = SagittalPlane.through([pose(0), pose(80), pose(0), wobble])
    assert plane.axis[1] > 0.99


def test_poses_on_one_spot_have_some_plane() -> None:
    plane = SagittalPlane.through([pose(20), pose(20)])
    assert math.isfinite(plane.angle_rad(pose(30)))
