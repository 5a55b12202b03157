from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.counting.segmentation.segmentation_params import TrimmingParams
from imurep.counting.segmentation.trimming import (
    ends_with_set_down,
    has_load_grips,
    starts_with_pickup,
    trim_to_set,
)
from tests.counting.segmentation.movements import movement, movements, ranges

if TYPE_CHECKING:
    from imurep.counting.segmentation.movement_tracker import Movement

PARAMS = TrimmingParams()


# What belongs to the set


def own(
    of: list[Movement], *, lead_in: bool = False, from_top: bool = True, at_end: bool = False
) -> list[float]:
    return ranges(of[trim_to_set(of, lead_in=lead_in, from_top=from_top, at_end=at_end, params=PARAMS)])


def test_all_of_a_plain_set_belongs() -> None:
    for count in range(12):
        assert own(movements(count)) == [50] * count


def test_outliers_at_the_end_do_not() -> None:
    assert own([*movements(8), *movements(2, start_s=20, range_deg=90, outlier=True)]) == [50] * 8


def test_outliers_in_the_middle_do() -> None:
    """The strap slipped."""
    outlier = movements(2, start_s=20.0, range_deg=70, outlier=True)
    assert len(own([*movements(8), *outlier, *movements(8, start_s=24.0)])) == 18


def test_small_movements_at_both_ends_do_not() -> None:
    """Taking hold of the bar; putting down the bottle."""
    before = movements(2, start_s=0.0, range_deg=15)
    after = movements(2, start_s=30.0, range_deg=15)
    assert own([*before, *movements(8, start_s=5.0), *after]) == [50] * 8


def test_a_partial_rep_at_the_end_does() -> None:
    """The one that did not go up any more."""
    assert own([*movements(8), *movements(2, start_s=17.0, range_deg=30)]) == [50] * 8 + [30] * 2


def test_after_a_pause_a_movement_between_other_poses_does_not() -> None:
    late_s = 17.0 + 8.0
    assert own([*movements(8), *movements(2, start_s=late_s, range_deg=80, endpoint_error=0.4)]) == [50] * 8
    assert own([*movements(8), *movements(2, start_s=late_s, range_deg=52)]) == [50] * 8 + [52] * 2
    assert (
        own([*movements(8), *movements(2, start_s=17.0, range_deg=60, endpoint_error=0.2)])
        == [50] * 8 + [60] * 2
    )


def test_long_after_the_others_no_movement_does() -> None:
    assert own([*movements(8), *movements(2, start_s=17.0 + 25)]) == [50] * 8
    assert own([*movements(2), *movements(8, start_s=30.0)]) == [50] * 8


def test_a_last_movement_that_goes_elsewhere_does_not() -> None:
    """Unless the data end with it."""
    elsewhere = [*movements(8), movement(17.0, 18.0, 60, endpoint_error=0.3)]
    assert own(elsewhere) == [50] * 8
    assert own(elsewhere, at_end=True) == [50] * 8 + [60]


def test_the_movement_into_the_starting_position_stays_before_the_first_rep() -> None:
    """Reps come in pairs behind it."""
    into_it = movement(0.0, 0.5)
    assert own([into_it, *movements(8)], lead_in=True) == [50] * 9
    assert (
        own([into_it, *movements(2, range_deg=15), *movements(8, start_s=5.0)], lead_in=True)[1:] == [50] * 8
    )


# A load on the floor


def with_a_grip(count: int, before_s: float, after_s: float) -> list[Movement]:
    """Down to the bar, reps, and up without it; from the top to the top."""
    lifts = movements(2 * count, (1.0, 0.5, 1.5, 0.3), start_s=1.5 + before_s)
    rise_s = lifts[-1].timing.end_us / 1e6 + after_s
    up = movement(rise_s, rise_s + 1.5)
    return [movement(0.0, 1.5), *lifts, up]


def test_who_takes_hold_of_a_bar_stays_down_for_longer() -> None:
    assert has_load_grips(with_a_grip(5, 2.0, 2.0), PARAMS)
    assert not has_load_grips(with_a_grip(5, 0.3, 0.3), PARAMS)
    assert not has_load_grips(with_a_grip(5, 2.0, 0.3), PARAMS), "it is let go of as well"
    assert not has_load_grips(with_a_grip(5, 2.0, 2.0)[:-1], PARAMS), "from the top to the top"
    assert not has_load_grips(with_a_grip(1, 2.0, 2.0), PARAMS), "too few to tell what is usual"


def test_who_lets_go_of_it_too() -> None:
    assert ends_with_set_down(with_a_grip(5, 2.0, 2.0)[1:], PARAMS, expected=True)
    assert not ends_with_set_down(with_a_grip(5, 2.0, 0.3)[1:], PARAMS, expected=True)
    assert not ends_with_set_down(with_a_grip(5, 2.0, 1.0)[1:], PARAMS, expected=False)


def test_what_is_left_is_at_least_a_rep() -> None:
    falling = [movement(4 * number, 4 * number + 1, 80 / 2**number) for number in range(8)]
    assert len(own(falling)) >= 2


# Something picked up before a set that begins at the top


def test_a_rise_long_before_all_others_picked_something_up() -> None:
    assert starts_with_pickup([movement(0.0, 1.0), *movements(8, start_s=14.0)], PARAMS)


def test_who_begins_at_the_bottom_has_picked_nothing_up() -> None:
    assert not starts_with_pickup(movements(9), PARAMS)
    assert not starts_with_pickup([movement(0.0, 1.0), *movements(8, start_s=5.0)], PARAMS)


def test_a_whole_rep_long_before_the_others_is_no_pick_up() -> None:
    assert not starts_with_pickup([*movements(2), *movements(8, start_s=30.0)], PARAMS)
    assert not starts_with_pickup(
        [movement(0.0, 1.0), movement(14.0, 16.0), *movements(8, start_s=40.0)], PARAMS
    )


def test_two_movements_show_nothing_of_picking_up() -> None:
    assert not starts_with_pickup([movement(0.0, 1.0), movement(14.0, 15.0)], PARAMS)
