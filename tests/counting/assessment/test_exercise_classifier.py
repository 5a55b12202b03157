from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imurep.counting.assessment.assessment_params import ExerciseClassifierParams
from imurep.counting.assessment.exercise_classifier import (
    SetFeatures,
    classify_exercise,
    set_features,
)
from imurep.exercises import EXERCISES, UNKNOWN
from tests.scripted import make_rep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.assessment.exercise_classifier import Classification
    from imurep.events import Rep
    from imurep.exercises import Exercise

PARAMS = ExerciseClassifierParams()

TYPICAL = {
    "back_extension_45": SetFeatures(
        top_deg=40, bottom_deg=125, range_deg=85, rep_s=5.2, peak_dps=90, from_bottom=True
    ),
    "back_extension_90": SetFeatures(
        top_deg=87, bottom_deg=165, range_deg=79, rep_s=5.1, peak_dps=86, from_bottom=True
    ),
    "floor_back_extension": SetFeatures(
        top_deg=65, bottom_deg=86, range_deg=21, rep_s=4.8, peak_dps=28, from_bottom=True
    ),
    "good_morning": SetFeatures(
        top_deg=3, bottom_deg=66, range_deg=64, rep_s=4.8, peak_dps=69, from_bottom=False
    ),
    "deadlift": SetFeatures(top_deg=2, bottom_deg=61, range_deg=62, rep_s=4.5, peak_dps=74, from_bottom=True),
    "trap_bar_deadlift": SetFeatures(
        top_deg=3, bottom_deg=40, range_deg=41, rep_s=4.2, peak_dps=55, from_bottom=True
    ),
    "romanian_deadlift": SetFeatures(
        top_deg=3, bottom_deg=70, range_deg=70, rep_s=4.1, peak_dps=86, from_bottom=False
    ),
    "kettlebell_swing": SetFeatures(
        top_deg=5, bottom_deg=65, range_deg=70, rep_s=1.46, peak_dps=185, from_bottom=True
    ),
}


def classified(
    found: SetFeatures, chosen: Exercise | None = None, recent_exercises: Sequence[str] = ()
) -> Classification:
    return classify_exercise(found, PARAMS, chosen, recent_exercises)


def features_of(
    reps: Sequence[Rep], *, out_of_plane_deg: float = 0.0, shake_rms_ms2: float = 0.0
) -> SetFeatures:
    return set_features(reps, PARAMS, out_of_plane_deg=out_of_plane_deg, shake_rms_ms2=shake_rms_ms2)


def test_every_exercise_has_a_typical_set_here() -> None:
    assert set(TYPICAL) == set(EXERCISES)


@pytest.mark.parametrize("name", TYPICAL)
def test_a_typical_set_is_named_by_the_common_name_of_its_group(name: str) -> None:
    found = classified(TYPICAL[name])
    assert found.group == EXERCISES[name].group
    assert EXERCISES[found.exercise].common
    assert found.exercise in found.group
    assert found.reasons
    assert not found.contradiction


def test_what_one_sensor_cannot_distinguish_is_among_the_reasons() -> None:
    assert "cannot tell it from good morning" in " ".join(classified(TYPICAL["good_morning"]).reasons)
    assert "cannot tell" not in " ".join(classified(TYPICAL["back_extension_45"]).reasons)


@pytest.mark.parametrize("name", ["trap_bar_deadlift", "good_morning"])
def test_what_was_done_last_time_names_it_within_its_group(name: str) -> None:
    found = classified(TYPICAL[name], recent_exercises=("back_extension_45", name))
    assert (found.exercise, found.group) == (name, EXERCISES[name].group)
    assert "it is what you did last time" in " ".join(found.reasons)
    other = classified(TYPICAL["kettlebell_swing"], recent_exercises=(name,))
    assert other.exercise == "kettlebell_swing"


@pytest.mark.parametrize("name", TYPICAL)
def test_without_upright_only_what_nothing_else_moves_like(name: str) -> None:
    found = classified(replace(TYPICAL[name], top_deg=None, bottom_deg=None))
    if name == "kettlebell_swing":
        assert found.exercise == name
    else:
        assert found.exercise == UNKNOWN
        assert found.group == ()
        assert "upright" in found.reasons[0]


@pytest.mark.parametrize(
    ("like", "changes", "why"),
    [
        pytest.param("good_morning", {"out_of_plane_deg": 35.0}, "to a side by 35°", id="bends with turns"),
        pytest.param("good_morning", {"shake_rms_ms2": 1.2}, "no exercise", id="deep squats"),
        pytest.param("trap_bar_deadlift", {"from_bottom": False}, "no exercise", id="squats"),
        pytest.param(
            "deadlift", {"top_deg": 8.0, "bottom_deg": 90.0, "range_deg": 82.0}, "no exercise", id="sit-ups"
        ),
        pytest.param("floor_back_extension", {"rep_s": 2.2, "peak_dps": 45.0}, "no exercise", id="push-ups"),
        pytest.param(
            "deadlift", {"top_deg": 20.0, "bottom_deg": 28.0, "range_deg": 47.0}, "straight", id="rowing"
        ),
        pytest.param(
            "good_morning", {"top_deg": 3.0, "bottom_deg": 110.0, "range_deg": 113.0}, "no", id="toe touches"
        ),
    ],
)
def test_what_is_none_of_them_is_unknown(like: str, changes: dict[str, Any], why: str) -> None:
    found = classified(replace(TYPICAL[like], **changes))
    assert (found.exercise, found.group) == (UNKNOWN, ())
    assert why in found.reasons[0]


@pytest.mark.parametrize("name", TYPICAL)
def test_a_chosen_exercise_is_trusted(name: str) -> None:
    found = classified(TYPICAL[name], EXERCISES[name])
    assert (found.exercise, found.group, found.contradiction) == (name, EXERCISES[name].group, "")


def test_chosen_within_the_group_is_no_contradiction() -> None:
    assert not classified(TYPICAL["romanian_deadlift"], EXERCISES["good_morning"]).contradiction


def test_a_set_that_contradicts_reports_it() -> None:
    found = classified(TYPICAL["deadlift"], EXERCISES["back_extension_45"])
    assert found.exercise == "back_extension_45", "trusted all the same"
    assert found.contradiction.startswith("told back extension (45° bench), but at the top the trunk was 2°")
    assert "it looks like deadlift" in found.contradiction


def test_a_little_beyond_the_limits_is_no_contradiction() -> None:
    chosen = EXERCISES["back_extension_45"]
    assert not classified(replace(TYPICAL["back_extension_45"], top_deg=14.0), chosen).contradiction
    assert not classified(replace(TYPICAL["back_extension_45"], rep_s=40.0), chosen).contradiction, "slow"
    unseen = replace(TYPICAL["deadlift"], top_deg=None, bottom_deg=None)
    assert not classified(unseen, chosen).contradiction, "nothing was seen that could"


def test_features_are_medians_of_the_full_reps() -> None:
    reps = [make_rep(number) for number in range(4)]
    reps[1] = replace(reps[1], range_of_motion_deg=20.0, partial=True)
    reps[2] = replace(reps[2], bottom_inclination_deg=70.0)
    found = features_of(reps, out_of_plane_deg=3.0, shake_rms_ms2=0.4)
    assert (found.top_deg, found.bottom_deg, found.range_deg) == (5.0, 65.0, 60.0)
    assert found.rep_s == pytest.approx(7.5)
    assert found.peak_dps == 55.5
    assert (found.out_of_plane_deg, found.shake_rms_ms2) == (3.0, 0.4)
    assert not found.from_bottom


def test_a_single_rep_has_no_rhythm() -> None:
    assert features_of([make_rep()]).rep_s is None
    assert features_of([make_rep(partial=True)]).range_deg == 60.0


def test_taking_hold_of_a_load_is_a_long_first_stay_at_the_bottom() -> None:
    reps = [make_rep(number) for number in range(3)]
    assert not features_of(reps).from_bottom
    reps[0] = replace(reps[0], start_us=reps[0].start_us - 3_000_000, bottom_hold_s=4.0)
    assert features_of(reps).from_bottom
    reps[0] = replace(reps[0], bottom_hold_s=1.8)
    assert not features_of(reps).from_bottom


def test_bends_before_the_load_is_taken_hold_of_are_left_out() -> None:
    plate = make_rep(0, range_of_motion_deg=90.0, bottom_inclination_deg=95.0)
    grip = make_rep(1, start_us=12_000_000, bottom_hold_s=4.0, range_of_motion_deg=60.0)
    found = features_of([plate, grip, make_rep(2), make_rep(3)])
    assert found.from_bottom
    assert found.bottom_deg == 65.0
    assert features_of([plate, grip]).bottom_deg == 65.0, "as soon as it happens"


def test_a_rise_at_the_beginning_is_from_the_bottom() -> None:
    up = make_rep(start_us=6_000_000, top_us=8_000_000, end_us=12_000_000, top_hold_s=1.0)
    assert features_of([up]).from_bottom
