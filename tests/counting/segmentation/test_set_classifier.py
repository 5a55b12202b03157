from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from scipy.spatial.transform import Rotation

from imurep.counting.segmentation.segmentation_params import SetClassifierParams
from imurep.counting.segmentation.set_classifier import exercise_confidence, typical_range_rad
from tests.counting.segmentation.movements import movement, movements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.segmentation.movement_tracker import Movement

PARAMS = SetClassifierParams()
REST_MS2 = 0.1


def confidence(
    of: Sequence[Movement],
    shake_rms_ms2: float = REST_MS2,
    *,
    known: bool = False,
    min_reps: int = 3,
    gyroscope: bool = True,
) -> float:
    prior = PARAMS.prior(known=known, min_reps=min_reps)
    return exercise_confidence(of, shake_rms_ms2, prior, PARAMS, gyroscope=gyroscope)


def falls(values: Sequence[float]) -> bool:
    return all(before > after for before, after in pairwise(values))


def test_a_plain_set_is_exercise() -> None:
    assert confidence(movements(16)) > 0.99
    assert confidence(movements(16), known=True) > 0.99
    assert confidence(movements(16), gyroscope=False) > 0.95


def test_one_movement_is_nothing() -> None:
    assert confidence([]) == 0.0
    assert confidence(movements(1)) == 0.0


def test_one_rep_is_a_set_for_who_asks_for_it() -> None:
    assert confidence(movements(2), min_reps=1) > 0.5 > confidence(movements(2))


def test_a_confidence_is_a_probability_however_far_from_all_sets() -> None:
    none = movements(16, (0.1, 0.1, 0.1, 0.1), range_deg=0.0, endpoint_error=9.0)
    assert 0.0 < confidence(none, 100.0, gyroscope=False) < 1e-6


def test_the_smaller_the_range_the_less_sure() -> None:
    """Without a gyroscope, where each push reads as tilt."""

    def drifting(deg: float) -> list[Movement]:
        return movements(16, range_deg=deg, endpoint_error=0.15)

    assert falls([confidence(drifting(deg), gyroscope=False) for deg in (80, 40, 20, 10)])
    assert confidence(drifting(20)) > confidence(drifting(20), gyroscope=False)


def test_evidence_grows_with_each_like_rep() -> None:
    """Many small clean ones are a set, a few large ones that are unlike are none."""
    small = [confidence(movements(number, range_deg=12, endpoint_error=0.02)) for number in (30, 12, 6)]
    assert falls(small)
    assert small[0] > 0.8
    unlike = [
        movement(4 * at, 4 * at + 1.5, range_deg, back=at % 2 == 1, endpoint_error=0.35)
        for at, range_deg in enumerate((95, 80, 104, 110, 57, 60))
    ]
    assert confidence(unlike) < 0.2


def test_steps_are_faster_than_reps() -> None:
    assert confidence(movements(16, (0.5, 0.1, 0.5, 0.1))) > 0.9
    assert falls([confidence(movements(16, (s, 0.1, s, 0.1), range_deg=20)) for s in (1.0, 0.5, 0.25)])


def test_a_shaken_body_does_not_exercise() -> None:
    """The more the trunk turns, the more shaking it may take."""
    assert falls([confidence(movements(16, range_deg=20), shake) for shake in (0.1, 0.5, 2.0)])
    assert confidence(movements(16, range_deg=80), 2.0) > confidence(movements(16, range_deg=20), 2.0)


def test_ends_have_to_stay_where_they_are() -> None:
    assert falls([confidence(movements(16, endpoint_error=error)) for error in (0.05, 0.15, 0.3)])


def test_with_a_known_exercise_more_passes() -> None:
    drifting = movements(16, endpoint_error=0.25)
    assert confidence(drifting, known=True) > confidence(drifting)


def test_a_twist_is_no_hinge() -> None:
    twist = [replace(one, about_vertical=0.8) for one in movements(16)]
    assert confidence(twist) < confidence(movements(16))


def test_a_hinge_stays_in_its_plane() -> None:
    def turned(pose: tuple[float, float, float], deg: float) -> tuple[float, float, float]:
        x, y, z = Rotation.from_euler("x", deg, degrees=True).apply(pose).tolist()
        return (x, y, z)

    def wandering(deg: float) -> list[Movement]:
        return [
            replace(
                one, start_pose=turned(one.start_pose, way * deg), end_pose=turned(one.end_pose, way * deg)
            )
            for one, way in zip(movements(16), (0, 1, 2, 1, 0, -1, -2, -1) * 2, strict=True)
        ]

    assert falls([confidence(wandering(deg)) for deg in (0.0, 3.0, 10.0)])


def test_a_few_partial_reps_are_no_fault() -> None:
    partial = [*movements(12), *movements(2, start_s=40.0, range_deg=20)]
    assert confidence(partial) > 0.95


def test_a_long_pause_is_no_fault() -> None:
    before = movements(8, endpoint_error=0.08)
    assert confidence([*before, *movements(8, start_s=40.0, endpoint_error=0.08)]) > 0.9


def test_the_typical_range_is_that_of_most() -> None:
    partial = [*movements(10), *movements(3, range_deg=20)]
    assert math.degrees(typical_range_rad(partial)) == pytest.approx(50)


# Chores


def chores(pauses_s: list[float], durations_s: list[float]) -> list[Movement]:
    """Movements between two ends that are not quite alike, each with a pause behind it."""
    found: list[Movement] = []
    now_s = 1.0
    for pause_s, duration_s in zip(pauses_s, durations_s, strict=True):
        back, range_deg = len(found) % 2 == 1, (50.0, 54.0)[len(found) // 2 % 2]
        found.append(movement(now_s, now_s + duration_s, range_deg, back=back, endpoint_error=0.12))
        now_s += duration_s + pause_s
    return found


def test_movements_with_irregular_pauses_are_chores() -> None:
    pauses_s, durations_s = [0.2, 1.0, 3.0, 0.1, 0.3, 4.0, 2.0, 0.5], [1.2] * 8
    assert confidence(chores(pauses_s, durations_s)) < 0.5
    assert confidence(chores([0.5, 0.8] * 4, durations_s)) > 0.8


def test_a_lasting_change_of_tempo_is_no_irregularity() -> None:
    assert confidence(chores([0.5] * 16, [1.0] * 8 + [2.5] * 8)) > 0.8
