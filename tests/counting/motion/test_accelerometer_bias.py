from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.counting.motion.accelerometer_bias import AccelerometerBias
from imurep.counting.motion.pose import angle
from imurep.util.units import GRAVITY_MS2

STAND_DEG, LINE_DEG, HANG_DEG = 2.0, 90.0, 170.0

components = st.floats(-0.3, 0.3)


def up(lean_deg: float) -> tuple[float, float, float]:
    """Where up is in a sensor that leans forward with an upright trunk's frame."""
    return (math.cos(math.radians(lean_deg)), 0.0, -math.sin(math.radians(lean_deg)))


def measured(lean_deg: float, offset_ms2: tuple[float, float, float]) -> tuple[tuple[float, ...], float]:
    """Direction and size of the force at rest."""
    force = GRAVITY_MS2 * np.array(up(lean_deg)) + offset_ms2
    size = float(np.linalg.norm(force))
    return tuple((force / size).tolist()), size


def learned(offset_ms2: tuple[float, float, float], *leans_deg: float) -> AccelerometerBias:
    """What is known after ten seconds at each of these."""
    offset = AccelerometerBias()
    for lean_deg in leans_deg:
        (x, y, z), size = measured(lean_deg, offset_ms2)
        for _ in range(10):
            offset.push((x, y, z), size)
    return offset


def apart_deg(offset: AccelerometerBias, offset_ms2: tuple[float, float, float]) -> float:
    """Angle from standing to the line, as it is found."""
    (x, y, z), _ = measured(STAND_DEG, offset_ms2)
    (u, v, w), _ = measured(LINE_DEG, offset_ms2)
    return math.degrees(angle((u, v, w), offset.seen_from((u, v, w), (x, y, z))))


@given(st.tuples(components, st.just(0.0), components))
def test_two_poses_give_the_angle_between_them(offset_ms2: tuple[float, float, float]) -> None:
    offset = learned(offset_ms2, STAND_DEG, LINE_DEG)
    assert apart_deg(offset, offset_ms2) == pytest.approx(LINE_DEG - STAND_DEG, abs=0.25)


def test_without_it_the_angle_is_off_by_degrees() -> None:
    assert abs(apart_deg(AccelerometerBias(), (0.3, 0.0, -0.3)) - (LINE_DEG - STAND_DEG)) > 2.0


def test_what_was_seen_in_the_plane_is_learned_and_the_rest_is_left_alone() -> None:
    offset = learned((0.2, 0.3, -0.1), STAND_DEG, LINE_DEG, HANG_DEG)
    assert offset.ms2 == pytest.approx((0.2, 0.0, -0.1), abs=0.03)


def test_before_anything_was_seen_poses_stay() -> None:
    offset = AccelerometerBias()
    assert offset.ms2 == (0.0, 0.0, 0.0)
    assert offset.seen_from(up(LINE_DEG), up(STAND_DEG)) == pytest.approx(up(STAND_DEG))


def test_a_movement_counts_as_a_whole() -> None:
    """Its ups and downs cancel over a window."""
    offset = learned((0.2, 0.0, -0.2), STAND_DEG)
    (x, y, z), size = measured(LINE_DEG, (0.2, 0.0, -0.2))
    for second in range(20):
        offset.push((x, y, z), size + (0.4, 0.4, 0.0, -0.4, -0.4)[second % 5])
    assert offset.ms2 == pytest.approx((0.2, 0.0, -0.2), abs=0.03)


@pytest.mark.parametrize("size", [1.0, 9.0, 10.5, 98.0])
def test_what_is_no_offset_is_left_out(size: float) -> None:
    """Falling, other units."""
    offset = AccelerometerBias()
    for _ in range(20):
        offset.push(up(STAND_DEG), size)
    assert offset.ms2 == (0.0, 0.0, 0.0)
