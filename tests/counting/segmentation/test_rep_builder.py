from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.counting.segmentation.movement_timing import MovementTiming
from imurep.counting.segmentation.rep_builder import RepBuilder, group_into_reps
from imurep.counting.segmentation.segmentation_params import RepBuilderParams
from imurep.events import State
from tests.counting.segmentation.movements import movement, movements

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.events import Rep

TYPICAL_RAD = math.radians(50)


def one(
    first: Movement,
    second: Movement | None = None,
    following: Movement | None = None,
    *,
    concentric_first: bool = False,
    upright: Pose | None = None,
) -> Rep:
    builder = RepBuilder("t-s1", upright=upright, gyroscope=True, plane=None, params=RepBuilderParams())
    return builder.build(
        1, (first, second, following), concentric_first=concentric_first, typical_rad=TYPICAL_RAD
    )


def test_pairs() -> None:
    a, b, c, d, e = movements(5)
    assert group_into_reps([]) == []
    assert group_into_reps([a]) == [(a, None, None)]
    assert group_into_reps([a, b]) == [(a, b, None)]
    assert group_into_reps([a, b, c]) == [(a, b, c), (c, None, None)]
    assert group_into_reps([a, b, c, d, e]) == [(a, b, c), (c, d, e), (e, None, None)]


def test_a_rep_from_the_top() -> None:
    found = one(movement(1, 4), movement(5, 7, 48), movement(7.5, 10))
    assert found.id.startswith("t-s1-")
    assert found.set_id == "t-s1"
    assert found.state is State.FINAL
    assert (found.start_us, found.top_us, found.end_us) == (1_000_000, 7_000_000, 7_000_000)
    assert (found.eccentric_s, found.bottom_hold_s) == (3, 1)
    assert (found.concentric_s, found.top_hold_s) == (2, 0.5)
    assert found.range_of_motion_deg == pytest.approx(50)
    assert found.peak_rate_dps == pytest.approx(48)
    assert found.mean_rate_dps == pytest.approx(98 / 5)
    assert not found.partial


def test_a_rep_from_the_bottom() -> None:
    found = one(movement(1, 2), movement(3, 6), movement(6.25, 7), concentric_first=True)
    assert (found.start_us, found.top_us, found.end_us) == (1_000_000, 2_000_000, 6_000_000)
    assert (found.concentric_s, found.top_hold_s) == (1, 1)
    assert (found.eccentric_s, found.bottom_hold_s) == (3, 0.25)


def test_nothing_follows_the_last_rep() -> None:
    assert one(movement(1, 4), movement(5, 7)).top_hold_s is None
    assert one(movement(1, 4), movement(5, 7), concentric_first=True).bottom_hold_s is None


def test_at_the_top_a_rep_from_the_bottom_is_provisional() -> None:
    found = one(movement(1, 2), concentric_first=True)
    assert found.state is State.PROVISIONAL
    assert (found.top_us, found.end_us) == (2_000_000, None)
    assert (found.concentric_s, found.eccentric_s) == (1, None)
    assert (found.top_hold_s, found.bottom_hold_s) == (None, None)


def test_a_movement_that_may_continue_is_provisional() -> None:
    found = one(movement(1, 4), replace(movement(5, 7), complete=False))
    assert found.state is State.PROVISIONAL
    assert found.end_us == 7_000_000


@pytest.mark.parametrize(("range_deg", "partial"), [(50, False), (36, False), (34, True), (10, True)])
def test_clearly_less_than_the_others_is_partial(*, range_deg: float, partial: bool) -> None:
    assert one(movement(1, 4, range_deg), movement(5, 7, range_deg)).partial is partial
    assert one(movement(1, 4, 10), movement(5, 7, range_deg)).partial is partial, "its larger movement counts"


def test_movements_that_meet_have_no_hold_between_them() -> None:
    found = one(movement(1, 4), movement(4, 6), movement(6, 8))
    assert (found.bottom_hold_s, found.top_hold_s) == (0, 0)


def test_a_movement_of_no_length_has_no_speed() -> None:
    found = one(movement(1, 1), concentric_first=True)
    assert (found.mean_rate_dps, found.concentric_s) == (0, 0)


def test_inclination_where_upright_was_seen() -> None:
    down, up = movement(1, 4), replace(movement(5, 7), end_pose=(math.cos(0.1), math.sin(0.1), 0.0))
    assert one(down, up).top_inclination_deg is None
    assert one(down, up).bottom_inclination_deg is None
    found = one(down, up, upright=(1.0, 0.0, 0.0))
    assert found.top_inclination_deg == pytest.approx(math.degrees(0.1)), "where it arrived, to whatever side"
    assert found.bottom_inclination_deg == pytest.approx(50)
    found = one(movement(1, 2), movement(3, 6), concentric_first=True, upright=(1.0, 0.0, 0.0))
    assert (found.bottom_inclination_deg, found.top_inclination_deg) == pytest.approx((0, 50), abs=1e-6)


durations_us = st.integers(0, 20_000_000)


@given(
    start_us=st.integers(-(2**60), 2**60),
    first=durations_us,
    hold=durations_us,
    second=durations_us,
    following=durations_us,
    concentric_first=st.booleans(),
)
def test_phases_add_up(
    *, start_us: int, first: int, hold: int, second: int, following: int, concentric_first: bool
) -> None:
    at = [start_us]
    for duration in (first, hold, second, following):
        at.append(at[-1] + duration)
    any_movement = movement(0, 1)
    found = one(
        replace(any_movement, timing=MovementTiming(at[0], at[1], 1, 1)),
        replace(any_movement, timing=MovementTiming(at[2], at[3], 1, 1)),
        replace(any_movement, timing=MovementTiming(at[4], at[4], 1, 1)),
        concentric_first=concentric_first,
    )
    assert found.end_us == at[3]
    assert None not in (found.eccentric_s, found.concentric_s, found.top_hold_s, found.bottom_hold_s)
    moving_s = (found.eccentric_s or 0) + (found.concentric_s or 0)
    between_s, after_s = found.bottom_hold_s or 0, found.top_hold_s or 0
    if concentric_first:
        between_s, after_s = after_s, between_s
    assert moving_s + between_s == pytest.approx((found.end_us - found.start_us) / 1e6, abs=1e-9)
    assert moving_s + between_s + after_s == pytest.approx((at[4] - start_us) / 1e6, abs=1e-9)


def test_without_a_gyroscope_a_range_that_is_not_held_is_an_estimate() -> None:
    def estimated(hold_s: float, *, gyroscope: bool) -> bool:
        first, second, following = (
            movement(1, 3),
            movement(3 + hold_s, 4 + hold_s),
            movement(6 + hold_s, 8 + hold_s),
        )
        builder = RepBuilder("set", upright=None, gyroscope=gyroscope, plane=None, params=RepBuilderParams())
        built = builder.build(
            1, (first, second, following), concentric_first=True, typical_rad=first.range_rad
        )
        return built.range_estimated

    assert estimated(0.2, gyroscope=False)
    assert not estimated(0.6, gyroscope=False)
    assert not estimated(0.2, gyroscope=True)
