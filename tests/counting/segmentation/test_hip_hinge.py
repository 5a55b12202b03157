from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imurep.counting.segmentation.hip_hinge import fit_hinge
from imurep.counting.segmentation.segmentation_params import HipHingeParams
from tests.motion import G_MS2, minimum_jerk

if TYPE_CHECKING:
    from tests.motion import Floats

STEP_S = 1 / 52
PARAMS = HipHingeParams()
UPRIGHT = np.array([1.0, 0.0])
FINE = 50
"""Steps of the exact path to a step of the grid."""


def swings(count: int, range_rad: float, movement_s: float, hold_s: float = 0.2) -> tuple[Floats, Floats]:
    """Angle of gravity in the sensor while the trunk goes to and fro: at the grid, and finely."""
    length_s = 3.0 + 2 * count * (movement_s + hold_s)
    times = np.arange(0, length_s, STEP_S / FINE)
    fine = np.zeros_like(times)
    for number in range(2 * count):
        start_s = 1.5 + number * (movement_s + hold_s)
        fine += (-1) ** number * range_rad * minimum_jerk((times - start_s) / movement_s)
    return fine[::FINE], fine


def felt(fine: Floats, lever_m: tuple[float, float], hip_m: tuple[float, float]) -> Floats:
    """Force in the sensor at the grid, (n, 2), from its path in the room, differentiated twice."""
    up, ahead = np.cos(fine), np.sin(fine)
    # The room seen by a person on their side: how high the sensor is, and how far ahead.
    height = hip_m[0] * fine + lever_m[0] * up + lever_m[1] * ahead
    forth = hip_m[1] * fine - lever_m[0] * ahead + lever_m[1] * up
    step_s = STEP_S / FINE
    pull = np.gradient(np.gradient(height, step_s), step_s) + G_MS2
    push = np.gradient(np.gradient(forth, step_s), step_s)
    return np.stack((pull * up - push * ahead, pull * ahead + push * up), axis=1)[::FINE]


def fitted(force: Floats, cutoff_hz: float, upright: Floats | None = UPRIGHT) -> Floats:
    return fit_hinge(force, np.ones(len(force)), STEP_S, cutoff_hz, upright, PARAMS)


def worst_deg(angle: Floats, truth: Floats) -> float:
    return float(np.degrees(np.abs(angle - truth)).max())


@settings(max_examples=15, deadline=None)
@given(
    lever_m=st.floats(0.2, 0.45),
    beside_m=st.floats(-0.12, 0.12),
    movement_s=st.floats(0.9, 2.5),
    range_deg=st.floats(30, 90),
)
def test_a_trunk_about_a_resting_hip(
    lever_m: float, beside_m: float, movement_s: float, range_deg: float
) -> None:
    truth, fine = swings(6, math.radians(range_deg), movement_s)
    force = felt(fine, (lever_m, beside_m), (0.0, 0.0))
    assert worst_deg(fitted(force, 5 / movement_s), truth) < 0.06 * range_deg


@pytest.mark.parametrize("upright", [UPRIGHT, None], ids=["upright known", "upright unknown"])
def test_a_swing_is_not_taken_for_a_larger_one(upright: Floats | None) -> None:
    """Taking all of the force for gravity is off by half of the range."""
    truth, fine = swings(8, math.radians(70), 0.7, hold_s=0.1)
    force = felt(fine, (0.4, -0.1), (-0.08, -0.12))
    assert worst_deg(np.arctan2(force[:, 1], force[:, 0]), truth) > 25
    assert worst_deg(fitted(force, 7, upright), truth) < 7


def test_a_slow_movement_needs_no_geometry() -> None:
    truth, fine = swings(3, math.radians(60), 4.0)
    force = felt(fine, (0.4, 0.1), (-0.1, -0.1))
    assert worst_deg(fitted(force, 1.25, None), truth) < 1.5


def test_any_plane_of_the_sensor() -> None:
    """Turning the sensor turns the angle, and nothing else."""
    _, fine = swings(5, math.radians(60), 1.2)
    force = felt(fine, (0.35, 0.1), (0.0, 0.05))
    whole = fitted(force, 4)
    for turned in (0.7, 2.5):
        turn = np.array([[math.cos(turned), math.sin(turned)], [-math.sin(turned), math.cos(turned)]])
        angle = fit_hinge(force @ turn, np.ones(len(force)), STEP_S, 4, UPRIGHT @ turn, PARAMS)
        offset = np.mod(angle - whole - turned + math.pi, 2 * math.pi) - math.pi
        assert np.abs(offset).max() < 1e-3


def test_what_was_lost_is_bridged() -> None:
    truth, fine = swings(6, math.radians(60), 1.2)
    force = felt(fine, (0.35, 0.1), (0.0, 0.0))
    seen = np.ones(len(force))
    seen[200:206] = 0
    force[200:206] = 1e3
    assert worst_deg(fit_hinge(force, seen, STEP_S, 4, UPRIGHT, PARAMS), truth) < 4


def test_a_jolt_does_not_turn_the_trunk() -> None:
    truth, fine = swings(6, math.radians(60), 1.2)
    force = felt(fine, (0.35, 0.1), (0.0, 0.0))
    force[150:153] += 6.0
    assert worst_deg(fitted(force, 4), truth) < 5


def test_a_dead_sensor_gives_some_angle() -> None:
    assert np.isfinite(fitted(np.zeros((200, 2)), 3)).all()
