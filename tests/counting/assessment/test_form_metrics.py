from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imurep.counting.assessment.form_metrics import form_of
from imurep.events import State
from imurep.tempo import starts_at_top
from tests.scripted import make_rep, make_set

if TYPE_CHECKING:
    from imurep.events import ExerciseSet, Rep


def extension(number: int, **changes: Any) -> Rep:  # noqa: ANN401 any field of a Rep
    """A back extension of 5 s from the bottom: 2.0-0.5-1.5-1.0."""
    start_us = 5_000_000 * number
    fields = {
        "start_us": start_us,
        "top_us": start_us + 1_500_000,
        "end_us": start_us + 4_500_000,
        "eccentric_s": 2.0,
        "bottom_hold_s": 0.5,
        "concentric_s": 1.5,
        "top_hold_s": 1.0,
        "range_of_motion_deg": 80.0,
        "top_inclination_deg": 45.0,
        "bottom_inclination_deg": 125.0,
        "top_angle_deg": -80.0,
        "peak_rate_dps": 90.0,
    }
    return make_rep(number, **(fields | changes))


def of(reps: list[Rep], exercise: str = "back_extension_45") -> ExerciseSet:
    return make_set(reps=tuple(reps), exercise=exercise, exercise_group=(exercise,), state=State.FINAL)


def test_the_helper_starts_at_the_bottom() -> None:
    assert not starts_at_top(extension(0))


def test_counts_stand_side_by_side() -> None:
    reps = [extension(number) for number in range(5)]
    reps[2] = replace(reps[2], range_of_motion_deg=40.0, partial=True)
    reps[3] = replace(reps[3], eccentric_s=3.2)
    form = form_of(of(reps))
    assert (len(form.reps), form.full, form.on_tempo) == (5, 4, 4)
    assert [rep.on_tempo for rep in form.reps] == [True, True, True, False, True]
    assert [rep.range_part for rep in form.reps] == [1, 1, 0.5, 1, 1]


def test_without_an_exercise_there_is_no_target() -> None:
    form = form_of(of([extension(0)], "unknown"))
    assert form.on_tempo is None
    assert form.target_tempo_s is None
    assert form.momentum is not None


def test_tops_against_the_sets_own_median() -> None:
    tops = (-80.0, -80.0, -84.0, -75.0, -80.0)
    form = form_of(of([extension(number, top_angle_deg=top) for number, top in enumerate(tops)]))
    assert [rep.from_habit_deg for rep in form.reps] == [0, 0, 4, -5, 0]
    assert form.top_spread_deg == pytest.approx(2.86, abs=0.01)
    assert form.over == 0, "habit is never called too far"


def test_tops_unknown() -> None:
    form = form_of(of([extension(number, top_angle_deg=None) for number in range(3)]))
    assert form.top_spread_deg is None
    assert form.reps[0].from_habit_deg is None


@pytest.mark.parametrize(("top_deg", "over"), [(30.0, True), (34.0, True), (36.0, False), (60.0, False)])
def test_tops_against_a_calibrated_line(*, top_deg: float, over: bool) -> None:
    form = form_of(of([extension(0, top_inclination_deg=top_deg)]), line_deg=45.0)
    assert form.reps[0].over_line_deg == 45.0 - top_deg
    assert form.reps[0].over is over
    assert form.over == over


def test_a_line_needs_upright_and_an_exercise_that_has_one() -> None:
    unseen = of([extension(0, top_inclination_deg=None)])
    assert form_of(unseen, line_deg=45.0).reps[0].over_line_deg is None
    assert form_of(of([extension(0)], "deadlift"), line_deg=45.0).reps[0].over_line_deg is None


THROWN = {
    "eccentric_s": 1.2,
    "bottom_hold_s": 0.05,
    "concentric_s": 0.85,
    "top_hold_s": 0.1,
    "peak_rate_dps": 170.0,
}


def test_momentum_separates_thrown_from_lifted() -> None:
    lifted = form_of(of([extension(number) for number in range(4)]))
    thrown = form_of(of([extension(number, **THROWN) for number in range(4)]))
    assert lifted.momentum == pytest.approx(0, abs=1)
    assert thrown.momentum is not None
    assert thrown.momentum > 80


def test_momentum_weighs_what_is_known() -> None:
    quick = extension(0, peak_rate_dps=176.0, top_hold_s=None)  # 2.2 ranges a second
    assert form_of(of([quick])).momentum == pytest.approx(100), "only the throw is known of it"
    assert form_of(of([replace(quick, top_hold_s=1.0)])).momentum == pytest.approx(50)


def test_the_rest_before_the_lift_counts_not_the_one_after() -> None:
    first = extension(0, bottom_hold_s=0.05)
    second = extension(1, bottom_hold_s=1.0)
    form = form_of(of([first, second]))
    assert form.reps[0].momentum == pytest.approx(0, abs=1)
    assert form.reps[1].momentum == pytest.approx(25, abs=1)
    from_the_top = form_of(make_set(exercise="romanian_deadlift", reps=(make_rep(0, bottom_hold_s=0.05),)))
    assert from_the_top.reps[0].momentum == pytest.approx(25, abs=1)


def test_a_swing_is_not_blamed_for_momentum() -> None:
    form = form_of(of([extension(number, **THROWN) for number in range(4)], "kettlebell_swing"))
    assert form.momentum is None
    assert form.reps[0].momentum is None


def test_lowering() -> None:
    form = form_of(of([extension(number) for number in range(3)]))
    assert form.lowering_s == 2.0
    assert form.lowering == pytest.approx(4 / 3)
    assert form_of(of([extension(0, eccentric_s=None)])).lowering is None


def test_slowing_compares_the_first_and_the_last_three() -> None:
    concentrics_s = (1.0, 1.0, 3.0, 1.1, 1.2, 1.25, 1.25, 1.25)
    form = form_of(of([extension(number, concentric_s=s) for number, s in enumerate(concentrics_s)]))
    assert form.slowing_percent == pytest.approx(20)
    few = form_of(of([extension(number) for number in range(5)]))
    assert few.slowing_percent is None


def test_steadiness_is_a_coefficient_of_variation() -> None:
    steady = form_of(of([extension(number) for number in range(4)]))
    assert steady.unsteadiness_percent == pytest.approx(0)
    eccentrics_s = (1.0, 2.0, 3.0)  # with the concentrics 2.5, 3.5, 4.5
    form = form_of(of([extension(number, eccentric_s=s) for number, s in enumerate(eccentrics_s)]))
    assert form.unsteadiness_percent == pytest.approx(100 * (2 / 3) ** 0.5 / 3.5)
    assert form_of(of([extension(0), extension(1)])).unsteadiness_percent is None


def test_a_set_of_partial_reps_only_is_measured_by_them() -> None:
    form = form_of(of([extension(number, partial=True) for number in range(3)]))
    assert form.full == 0
    assert form.lowering_s == 2.0
    assert form.momentum is not None
