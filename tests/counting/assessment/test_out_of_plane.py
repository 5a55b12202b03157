from __future__ import annotations

import math

import numpy as np
import pytest

from imurep.counting.assessment.assessment_params import OutOfPlaneParams
from imurep.counting.assessment.out_of_plane import out_of_plane_rad

PARAMS = OutOfPlaneParams()
N = 101
TIME_US = np.arange(N, dtype=np.int64) * 10_000
LEAN = np.radians(np.linspace(0, 70, N))
STRAIGHT = np.stack([np.cos(LEAN), np.zeros(N), -np.sin(LEAN)], axis=1)


def test_straight_forward_is_in_the_plane() -> None:
    rate = np.tile([0.0, -math.radians(70), 0.0], (N, 1))
    assert out_of_plane_rad(TIME_US, STRAIGHT, rate, PARAMS) == pytest.approx(0, abs=1e-6)


def test_a_turn_about_the_vertical_is_seen_by_the_gyroscope_only() -> None:
    rate = STRAIGHT * math.radians(45)  # for one second
    assert math.degrees(out_of_plane_rad(TIME_US, STRAIGHT, rate, PARAMS)) == pytest.approx(45)
    assert out_of_plane_rad(TIME_US, STRAIGHT, np.zeros((N, 3)), PARAMS) == pytest.approx(0, abs=1e-6)


def test_a_twist_midway_leaves_the_plane() -> None:
    twist = np.radians(40) * np.sin(np.linspace(0, np.pi, N))
    side = STRAIGHT[:, 2]
    gravity = np.stack([STRAIGHT[:, 0], side * np.sin(twist), side * np.cos(twist)], axis=1)
    assert 15 < math.degrees(out_of_plane_rad(TIME_US, gravity, np.zeros((N, 3)), PARAMS)) < 40


def test_ends_at_one_place_span_no_plane() -> None:
    assert out_of_plane_rad(TIME_US, np.tile([1.0, 0.0, 0.0], (N, 1)), np.zeros((N, 3)), PARAMS) == 0
