from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from imurep.counting.segmentation.set_classifier import SetClassifierParams, is_exercise, typical_range_rad
from tests.counting.segmentation.movements import movement, movements

if TYPE_CHECKING:
    from imurep.counting.segmentation.movement_tracker import Movement

NOTHING_TOLD = SetClassifierParams.for_session(gyroscope=True, told=False)
TOLD = SetClassifierParams.for_session(gyroscope=True, told=True)
ACCELEROMETER = SetClassifierParams.for_session(gyroscope=False, told=False)

REST_MS2 = 0.1


def judged(
    of: list[Movement], shake_rms_ms2: float = REST_MS2, params: SetClassifierParams = NOTHING_TOLD
) -> bool:
    return is_exercise(of, shake_rms_ms2, params)


def test_a_plain_set_is_exercise() -> None:
    assert judged(movements(16))
    assert judged(movements(16), params=TOLD)
    assert judged(movements(16), params=ACCELEROMETER)


def test_one_movement_is_nothing() -> None:
    assert not judged([])
    assert not judged(movements(1))
    assert judged(movements(2))


@pytest.mark.parametrize(("params", "smallest_deg"), [(NOTHING_TOLD, 14), (TOLD, 8), (ACCELEROMETER, 20)])
def test_the_range_has_to_be_large_enough(params: SetClassifierParams, smallest_deg: float) -> None:
    assert not judged(movements(16, range_deg=smallest_deg - 0.5), params=params)
    assert judged(movements(16, range_deg=smallest_deg + 0.5), 0.0, params)


def test_no_trunk_turns_so_far() -> None:
    assert judged(movements(16, range_deg=120))
    assert not judged(movements(16, range_deg=160))


def test_nor_so_fast() -> None:
    assert judged(movements(16, (0.5, 0.1, 0.5, 0.1)))
    assert not judged(movements(16, (0.2, 0.1, 0.2, 0.1)))


def test_a_shaken_body_does_not_exercise() -> None:
    """The more the trunk turns, the more shaking it may take."""
    assert judged(movements(16, range_deg=80), 2.0)
    assert not judged(movements(16, range_deg=20), 4.0)
    assert not judged(movements(16, range_deg=80), 12.0)


def test_ends_have_to_stay_where_they_are() -> None:
    assert judged(movements(16, endpoint_error=0.15))
    assert not judged(movements(16, endpoint_error=0.3))


def test_told_the_exercise_more_passes() -> None:
    endpoint_drift = movements(16, endpoint_error=0.22)
    assert not judged(endpoint_drift)
    assert judged(endpoint_drift, params=TOLD)


def test_small_ranges_have_to_be_more_regular() -> None:
    assert judged(movements(16, range_deg=40, endpoint_error=0.12))
    assert not judged(movements(16, range_deg=15, endpoint_error=0.12))
    assert not judged(movements(16, range_deg=25, endpoint_error=0.12), params=ACCELEROMETER)


def test_a_rhythm_helps() -> None:
    """The same ends, but now and then."""
    at_s, uneven = 0.0, []
    for number in range(16):
        uneven.append(movement(at_s, at_s + 1.0, endpoint_error=0.17))
        at_s += 1.0 + (number * 7 % 5) * 1.5
    assert judged(movements(16, endpoint_error=0.17))
    assert not judged(uneven)


def test_a_long_pause_is_no_fault() -> None:
    before = movements(8, endpoint_error=0.13)
    assert judged([*before, *movements(8, start_s=40.0, endpoint_error=0.13)])


def test_too_few_to_judge_their_likeness() -> None:
    assert judged(movements(3, endpoint_error=0.4))


def test_the_typical_range_is_that_of_most() -> None:
    partial = [*movements(10), *movements(3, range_deg=20)]
    assert math.degrees(typical_range_rad(partial)) == pytest.approx(50)
