from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imurep.errors import ConfigError
from imurep.exercises import EXERCISES, UNKNOWN, Start, ValueRange, exercise_named, read_exercises, title_of

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


def test_a_range_holds_its_ends_and_is_not_upside_down() -> None:
    between = ValueRange(1, 2)
    assert 1 in between
    assert 2 in between
    assert 2.1 not in between
    with pytest.raises(ValueError, match="low to high"):
        ValueRange(2, 1)


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


ENTRY = """
[squat]
title = "squat"
starts_at = "top"
top = "standing upright"
top_deg = [0, 20]
bottom_deg = [20, 60]
range_deg = [20, 60]
rep_s = [1.5, 20]
peak_dps = [12, 140]
target = { reps = [5, 8], tempo_s = [2.0, 0.0, 1.0, 0.5] }
fit = { group = "squat", name = "squat", exact = true }
health_connect = { name = "SQUAT", exact = true }
"""


def test_what_an_entry_leaves_out_is_the_usual() -> None:
    squat = read_exercises(ENTRY)["squat"]
    assert squat.group == ("squat",)
    assert squat.common
    assert not squat.set_down
    assert not squat.distinct
    assert squat.form.momentum
    assert not squat.form.straight_line
    assert squat.health_connect.group == ""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[squat]", "[squat", "exercises.toml: "),
        ("[squat]", "squat = 3\n[another]", "squat is not a table"),
        ('top = "standing upright"\n', "", "squat: top is missing"),
        ('title = "squat"', "title = 3", "squat: title must be a text, not 3"),
        ('"top"', '"side"', "squat: starts_at must be one of top, bottom, not 'side'"),
        ("[0, 20]", "[20, 0]", "squat: top_deg must go from low to high, not from 20 to 0"),
        ("[0, 20]", "[0, 20, 40]", "squat: top_deg must be 2 numbers"),
        ("[0, 20]", "[0, true]", "squat: top_deg must be 2 numbers"),
        ("[5, 8]", "[5, 8.5]", "squat.target: reps must be whole numbers"),
        ("0.0, 1.0", "1.0", "squat.target: tempo_s must be 4 numbers"),
        ("exact = true }\nhealth", "exact = 1 }\nhealth", "squat.fit: exact must be true or false, not 1"),
        ("rep_s", "pace_s = 1\nrep_s", "squat: unknown field pace_s"),
        ("rep_s", 'group = "squat"\nrep_s', "squat: group must be a list of names"),
        ("rep_s", 'group = ["lunge"]\nrep_s', "squat: group must name it"),
        ("rep_s", 'group = ["squat", "lunge"]\nrep_s', "squat: group must name it"),
        ("rep_s", "common = false\nrep_s", "squat: all but one of its group"),
    ],
)
def test_a_damaged_entry_is_refused_by_table_and_field(old: str, new: str, complaint: str) -> None:
    assert old in ENTRY
    with pytest.raises(ConfigError) as caught:
        read_exercises(ENTRY.replace(old, new, 1))
    assert complaint in str(caught.value)
    assert "exercises.toml" in str(caught.value)


def test_profiles_are_read_without_numpy() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import sys, imurep.exercises; print('numpy' in sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.strip() == "False"
