from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imurep.errors import ConfigError
from imurep.exercises import EXERCISES, UNKNOWN, Span, Start, exercise_named, title_of

if TYPE_CHECKING:
    from imurep.exercises import Exercise

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


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
def test_a_profile_agrees_with_itself(exercise: Exercise) -> None:
    top, bottom, reach = exercise.top_deg, exercise.bottom_deg, exercise.range_deg
    assert 0 <= top.low < bottom.high <= 180, "the top is nearer to upright, in every exercise so far"
    assert top.high < bottom.high
    assert reach.high >= bottom.low - top.high
    # Past upright the trunk leans the other way, and inclinations add up.
    assert reach.low <= bottom.high + top.high
    fewest, most = exercise.target.reps
    assert 1 <= fewest <= most
    assert sum(exercise.target.tempo_s) in exercise.rep_s
    assert exercise.form.straight_line is exercise.name.startswith("back_extension")


def test_a_group_has_one_common_name() -> None:
    common = {exercise.group: name for name, exercise in EXERCISES.items() if exercise.common}
    assert set(common) == {exercise.group for exercise in EXERCISES.values()}
    assert sum(exercise.common for exercise in EXERCISES.values()) == len(common)
    assert common["good_morning", "romanian_deadlift"] == "romanian_deadlift"
    assert common["deadlift", "trap_bar_deadlift"] == "deadlift"


def test_a_span_holds_its_ends_and_is_not_upside_down() -> None:
    span = Span(1, 2)
    assert 1 in span
    assert 2 in span
    assert 2.1 not in span
    with pytest.raises(ValueError, match="low to high"):
        Span(2, 1)


def test_people_read_titles() -> None:
    assert title_of("romanian_deadlift") == "Romanian deadlift"
    assert title_of("unknown") == "unknown"
    assert len({exercise.title for exercise in EXERCISES.values()}) == len(EXERCISES)


def test_the_docs_name_every_exercise_as_the_profiles_do() -> None:
    """The table of docs/reference/exercises.md is what exporters are written from."""
    page = (Path(__file__).parents[1] / "docs" / "reference" / "exercises.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for name, exercise in EXERCISES.items():
        about = [row for row in rows if row.startswith(f"| `{name}` ")]
        assert len(about) == 3, "what it is, where it is recognised, what others call it"
        for other in (exercise.fit, exercise.health_connect):
            assert not other.group or f"`{other.group}`" in about[2]
            assert not other.name or f"`{other.name}`" in about[2]
        spans = (exercise.top_deg, exercise.bottom_deg, exercise.range_deg, exercise.rep_s, exercise.peak_dps)
        cells = [cell.strip() for cell in about[1].split("|")[2:-1]]
        assert cells == [f"{span.low:g} to {span.high:g}" for span in spans]
