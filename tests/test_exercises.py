from __future__ import annotations

import pytest

from imurep.errors import ConfigError
from imurep.exercises import EXERCISES, UNKNOWN, Start, exercise_named

STARTS = {
    "back_extension_45": "bottom",
    "back_extension_90": "bottom",
    "floor_back_extension": "bottom",
    "good_morning": "top",
    "deadlift": "bottom",
    "trap_bar_deadlift": "bottom",
    "romanian_deadlift": "top",
    "kettlebell_swing": "bottom",
}


def test_names_and_where_they_start() -> None:
    """The names are a contract: other programs send them."""
    assert {name: str(exercise.starts_at) for name, exercise in EXERCISES.items()} == STARTS


@pytest.mark.parametrize("name", STARTS)
def test_looked_up_by_name(name: str) -> None:
    exercise = exercise_named(name)
    assert exercise is not None
    assert exercise.name == name
    assert exercise.starts_at is Start(STARTS[name])


def test_groups_that_one_sensor_cannot_tell_apart() -> None:
    groups = {frozenset(exercise.group) for exercise in EXERCISES.values()}
    assert frozenset({"deadlift", "trap_bar_deadlift"}) in groups
    assert frozenset({"good_morning", "romanian_deadlift"}) in groups
    for name, exercise in EXERCISES.items():
        assert name in exercise.group
        assert all(EXERCISES[other].group == exercise.group for other in exercise.group)


def test_unknown_is_none() -> None:
    assert exercise_named(UNKNOWN) is None
    assert UNKNOWN not in EXERCISES


@pytest.mark.parametrize("name", ["squat", "", "Deadlift", "good morning"])
def test_any_other_name_is_refused_and_the_names_are_listed(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        exercise_named(name)
    for known in (*STARTS, UNKNOWN, repr(name)):
        assert known in str(caught.value)
