from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from imurep.counting.segmentation.segmentation_params import SetClassifierParams
from imurep.counting.segmentation.set_classifier import is_exercise, typical_range_rad
from tests.counting.segmentation.movements import movement, movements

if TYPE_CHECKING:
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import SetThresholds

PARAMS = SetClassifierParams()
UNKNOWN = PARAMS.thresholds(gyroscope=True, known=False)
KNOWN = PARAMS.thresholds(gyroscope=True, known=True)
ACCELEROMETER = PARAMS.thresholds(gyroscope=False, known=False)

REST_MS2 = 0.1


def classified(
    of: list[Movement],
    shake_rms_ms2: float = REST_MS2,
    thresholds: SetThresholds = UNKNOWN,
) -> bool:
    return is_exercise(of, shake_rms_ms2, thresholds, PARAMS)


def test_a_plain_set_is_exercise() -> None:
    assert classified(movements(16))
    assert classified(movements(16), thresholds=KNOWN)
    assert classified(movements(16), thresholds=ACCELEROMETER)


def test_one_movement_is_nothing() -> None:
    assert not classified([])
    assert not classified(movements(1))
    assert classified(movements(2))


@pytest.mark.parametrize(("thresholds", "smallest_deg"), [(UNKNOWN, 14), (KNOWN, 8), (ACCELEROMETER, 20)])
def test_the_range_has_to_be_large_enough(thresholds: SetThresholds, smallest_deg: float) -> None:
    assert not classified(movements(16, range_deg=smallest_deg - 0.5), thresholds=thresholds)
    assert classified(movements(16, range_deg=smallest_deg + 0.5), 0.0, thresholds)


def test_no_trunk_turns_so_far() -> None:
    assert classified(movements(16, range_deg=120))
    assert not classified(movements(16, range_deg=160))


def test_nor_so_fast() -> None:
    assert classified(movements(16, (0.5, 0.1, 0.5, 0.1)))
    assert not classified(movements(16, (0.2, 0.1, 0.2, 0.1)))


def test_a_shaken_body_does_not_exercise() -> None:
    """The more the trunk turns, the more shaking it may take."""
    assert classified(movements(16, range_deg=80), 2.0)
    assert not classified(movements(16, range_deg=20), 4.0)
    assert not classified(movements(16, range_deg=80), 12.0)


def test_ends_have_to_stay_where_they_are() -> None:
    assert classified(movements(16, endpoint_error=0.15))
    assert not classified(movements(16, endpoint_error=0.3))


def test_with_a_known_exercise_more_passes() -> None:
    endpoint_drift = movements(16, endpoint_error=0.22)
    assert not classified(endpoint_drift)
    assert classified(endpoint_drift, thresholds=KNOWN)


def test_small_ranges_have_to_be_more_regular() -> None:
    assert classified(movements(16, range_deg=40, endpoint_error=0.12))
    assert not classified(movements(16, range_deg=15, endpoint_error=0.12))
    assert not classified(movements(16, range_deg=25, endpoint_error=0.12), thresholds=ACCELEROMETER)


def test_a_rhythm_helps() -> None:
    """The same ends, but now and then."""
    at_s, uneven = 0.0, []
    for number in range(16):
        uneven.append(movement(at_s, at_s + 1.0, endpoint_error=0.17))
        at_s += 1.0 + (number * 7 % 5) * 1.5
    assert classified(movements(16, endpoint_error=0.17))
    assert not classified(uneven)


def test_a_long_pause_is_no_fault() -> None:
    before = movements(8, endpoint_error=0.13)
    assert classified([*before, *movements(8, start_s=40.0, endpoint_error=0.13)])


def test_too_few_to_judge_their_likeness() -> None:
    assert classified(movements(3, endpoint_error=0.4))


def test_the_typical_range_is_that_of_most() -> None:
    partial = [*movements(10), *movements(3, range_deg=20)]
    assert math.degrees(typical_range_rad(partial)) == pytest.approx(50)


# Chores

UNEVEN_S = [0.8, 1.6, 1.5, 0.9, 0.7, 1.7, 1.4, 0.8]
IN_TIME_S = [2.0 - duration_s for duration_s in UNEVEN_S]


def chores(pauses_s: list[float], durations_s: list[float]) -> list[Movement]:
    """Movements between two ends, with some drift, each with a pause behind it."""
    found: list[Movement] = []
    now_s = 1.0
    for pause_s, duration_s in zip(pauses_s, durations_s, strict=True):
        found.append(movement(now_s, now_s + duration_s, endpoint_error=0.12))
        now_s += duration_s + pause_s
    return found


def test_movements_with_irregular_pauses_are_chores() -> None:
    pauses_s, durations_s = [0.2, 1.0, 3.0, 0.1, 0.3, 4.0, 2.0, 0.5], [1.2] * 8
    assert not classified(chores(pauses_s, durations_s))
    assert classified(chores([0.5, 0.8] * 4, durations_s))


def test_movements_at_irregular_rates_are_chores() -> None:
    assert not classified(chores(IN_TIME_S, UNEVEN_S))


def test_a_lasting_change_of_tempo_is_no_irregularity() -> None:
    assert classified(chores([0.5] * 16, [1.0] * 8 + [2.5] * 8))
