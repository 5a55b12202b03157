"""Which movements are the set's own."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from imurep.counting.segmentation.segmentation_params import SetWindowParams
from imurep.counting.segmentation.set_window import WindowEvidence, find_window, median_pose
from tests.counting.segmentation.movements import movement

if TYPE_CHECKING:
    from imurep.counting.segmentation.movement_tracker import Movement

PARAMS = SetWindowParams()
NOTHING = WindowEvidence()


class Course:
    """Movements one after the other, from pose to pose."""

    def __init__(self, lean_deg: float = 0.0) -> None:
        self.lean_deg = lean_deg
        self.now_s = 1.0
        self.movements: list[Movement] = []

    def go(self, lean_deg: float, seconds: float, pause_s: float = 0.5) -> Course:
        """Pause, then lean to an angle."""
        start_s = self.now_s + (pause_s if self.movements else 0.0)
        self.movements.append(
            movement(
                start_s,
                start_s + seconds,
                abs(lean_deg - self.lean_deg),
                start_pose=lean(self.lean_deg),
                end_pose=lean(lean_deg),
            )
        )
        self.lean_deg, self.now_s = lean_deg, start_s + seconds
        return self

    def reps(
        self, count: int, other_deg: float = 50.0, first_s: float = 2.0, second_s: float = 1.0
    ) -> Course:
        """To the other end and back, with what little people differ from rep to rep."""
        home_deg = self.lean_deg
        for number in range(count):
            more = (0.0, 1.0, -1.0)[number % 3]
            self.go(other_deg + more, first_s * (1 + 0.03 * more), 0.5 + 0.05 * more)
            self.go(home_deg - more, second_s * (1 - 0.03 * more), 0.4 + 0.05 * more)
        return self

    def own(self, evidence: WindowEvidence = NOTHING) -> range:
        return find_window(self.movements, evidence, PARAMS)[0]


def lean(deg: float) -> tuple[float, float, float]:
    return (math.cos(math.radians(deg)), 0.0, -math.sin(math.radians(deg)))


@pytest.mark.parametrize("count", [3, 4, 5, 8, 30])
def test_a_regular_set_is_kept_whole(count: int) -> None:
    assert Course().reps(count).own() == range(2 * count)
    assert Course(50).reps(count, 0).own() == range(2 * count)


# Behind the set


@pytest.mark.parametrize("count", [3, 5, 12])
def test_getting_off_is_none_however_far_and_slow(count: int) -> None:
    assert Course(50).reps(count, 0, 1.1).go(-10, 4.6).own() == range(2 * count)
    assert Course(50).reps(count, 0, 1.1).go(-90, 2.0).own() == range(2 * count)


def test_getting_off_half_way_is_none() -> None:
    assert Course(50).reps(5, 0, 1.1).go(20, 3.0).go(-90, 2.0).own() == range(10)


def test_rising_without_the_load_after_letting_go_of_it_is_none() -> None:
    assert Course(50).reps(5, 0, 1.5).go(0, 2.0, pause_s=3.0).own() == range(10)


def test_wiping_the_bench_is_none() -> None:
    course = Course().reps(5).go(80, 1.5, pause_s=3).go(60, 0.5).go(82, 0.6).go(0, 1.4)
    assert course.own() == range(10)


def test_a_rep_that_did_not_come_all_the_way_up_is_one() -> None:
    assert Course().reps(5).go(50, 2.0).go(12, 1.2).own() == range(12)


def test_a_movement_much_later_is_none() -> None:
    assert Course().reps(5).go(50, 2.0, pause_s=11).go(0, 1.0, pause_s=4).own() == range(10)


# Before the set


def test_bending_to_the_bar_before_a_pause_is_none() -> None:
    course = Course().go(50, 2.0)
    course.go(0, 1.5, pause_s=4.0).go(50, 2.0)
    assert course.reps(4, 0, 1.5, 2.0).own().start == 1


def test_tugs_at_the_bar_are_none() -> None:
    course = Course(60).go(50, 0.4).go(60, 0.4)
    course.movements[1] = replace(course.movements[1], start_pose=lean(50))
    assert course.go(0, 1.5, pause_s=2).go(60, 2).reps(4, 0, 1.5, 2.0).own() == range(2, 12)


def test_a_first_rep_of_less_than_the_full_range_is_one() -> None:
    course = Course().go(42, 1.8).go(0, 0.9)
    assert course.reps(5).own() == range(12)


# Within the set


@pytest.mark.parametrize("pause_s", [5.0, 11.0])
def test_a_long_pause_within_it_divides_no_set(pause_s: float) -> None:
    course = Course().reps(4).go(50, 2.0, pause_s).go(0, 1.0)
    assert course.reps(3).own() == range(16)


def test_a_slip_of_the_strap_divides_no_set() -> None:
    course = Course().reps(4).go(80, 2.5)
    course.lean_deg = 80
    assert course.go(30, 1.0).reps(3, 80).own() == range(16)


# What else is known


def test_it_starts_at_the_end_that_is_known() -> None:
    course = Course().reps(5)
    assert course.own(WindowEvidence(start_parity=1)) == range(1, 10)
    assert course.own(WindowEvidence(start_parity=0)) == range(10)


def test_what_is_next_to_the_edge_of_the_data_is_of_the_set() -> None:
    """The first rep is seen from its middle on, and the last one up to there."""
    course = Course(20).go(50, 1.0).go(0, 0.8)
    assert course.reps(4).own(WindowEvidence(begins_with_data=True)).start == 0
    course = Course().reps(5).go(50, 1.1)
    assert course.own(WindowEvidence(ends_with_data=True, cut_off=True)) == range(11)
    assert course.own() == range(10)


# How the sensor is worn


@given(
    seed=st.integers(0, 2**32 - 1),
    noise=st.floats(0.0, 0.3),
    count=st.integers(5, 40),
)
def test_the_way_the_sensor_is_worn_does_not_matter(seed: int, noise: float, count: int) -> None:
    rng = np.random.default_rng(seed)
    course = Course()
    for number in range(count):
        deg = 50.0 * ((number + 1) % 2) * (1 + noise * rng.normal()) + 50 * noise * rng.normal()
        course.go(deg, abs(1.5 + 3 * noise * rng.normal()) + 0.1, abs(0.5 + 4 * noise * rng.normal()))
    worn = Rotation.random(random_state=seed % 2**31).as_matrix()

    def turned(pose: tuple[float, float, float]) -> tuple[float, float, float]:
        x, y, z = (worn @ np.array(pose)).tolist()
        return (x, y, z)

    other = [
        replace(one, start_pose=turned(one.start_pose), end_pose=turned(one.end_pose))
        for one in course.movements
    ]
    assert find_window(other, NOTHING, PARAMS)[0] == course.own()


def test_one_pose_far_from_the_others_moves_the_median_little() -> None:
    poses = np.array([lean(deg) for deg in (0, 1, -1, 2, -2, 90)])
    assert math.degrees(math.acos(median_pose(poses) @ lean(0))) < 1.5
