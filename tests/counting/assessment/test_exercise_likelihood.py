from __future__ import annotations

import pytest

from imurep.counting.assessment.exercise_likelihood import likelihood, postures_log_likelihood
from imurep.exercises import EXERCISES, ValueRange

SPAN = ValueRange(40, 80)


def test_the_middle_of_a_span_is_likeliest_and_its_ends_are_likelier_than_by_chance() -> None:
    at = [likelihood(value, SPAN) for value in (60, 50, 40, 20, 0)]
    assert at == sorted(at, reverse=True)
    assert at[2] > -0.5
    assert at[-1] < -3


def test_a_narrow_span_says_more() -> None:
    assert likelihood(60, ValueRange(55, 65)) > likelihood(60, SPAN) + 1


@pytest.mark.parametrize(
    ("top_deg", "bottom_deg", "range_deg", "least"),
    [(3, 65, 62, 2.0), (45, 128, 83, 2.0), (66, 90, 24, 2.0), (5, 178, 173, -2.0)],
)
def test_postures_of_exercises_are_likely(
    top_deg: float, bottom_deg: float, range_deg: float, least: float
) -> None:
    found = postures_log_likelihood(top_deg, bottom_deg, range_deg, EXERCISES.values(), 0.2)
    assert found > least
    assert postures_log_likelihood(140, 40, 20, EXERCISES.values(), 0.2) < 0


def test_what_no_exercise_explains_is_as_likely_as_what_is_unknown() -> None:
    assert postures_log_likelihood(100, 10, 5, EXERCISES.values(), 0.2) == pytest.approx(-1.6, abs=0.2)
