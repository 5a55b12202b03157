"""User data in the database: found again, kept apart; what is damaged costs itself only."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from imurep.log import Database
from imurep.log.user_data import UserData

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def user_data(tmp_path: Path, problems: list[str]) -> Iterator[UserData]:
    with Database(tmp_path / "sets.sqlite", report=problems.append) as database:
        yield UserData(database)


def again(user_data: UserData) -> UserData:
    return UserData(Database(user_data.database.path))


def test_of_nobody_nothing_is_known(user_data: UserData) -> None:
    assert (user_data.plans(), user_data.lines_deg(), user_data.recent_exercises("me")) == ({}, {}, ())


def test_plans_are_kept_by_sensor_and_field(user_data: UserData) -> None:
    user_data.set_plan("a", {"exercise": "deadlift", "target_tempo_s": (3.0, 1.0, 2.0, 1.0)})
    user_data.set_plan("a", {"load_kg": 20.0})
    user_data.set_plan("b", {"target_reps": 5, "load_kg": None})
    user_data.set_plan("b", {"target_reps": None})
    assert again(user_data).plans() == {
        "a": {"exercise": "deadlift", "target_tempo_s": (3.0, 1.0, 2.0, 1.0), "load_kg": 20.0},
        "b": {"target_reps": None, "load_kg": None},
    }
    user_data.forget_plan("a")
    assert [*again(user_data).plans()] == ["b"]


def test_lines_are_kept_by_person_sensor_and_exercise(user_data: UserData) -> None:
    user_data.set_line("me", "sim", "back_extension_45", 40.0)
    user_data.set_line("me", "sim", "back_extension_90", 88.126)
    user_data.set_line("anna", "sim", "back_extension_45", 47.0)
    user_data.set_line("me", "sim", "back_extension_45", 43.0)
    assert again(user_data).lines_deg() == {
        ("me", "sim", "back_extension_45"): 43.0,
        ("me", "sim", "back_extension_90"): 88.13,
        ("anna", "sim", "back_extension_45"): 47.0,
    }


def test_of_each_group_the_last_choice_is_kept(user_data: UserData) -> None:
    names = ("deadlift", "back_extension_45", "trap_bar_deadlift", "good_morning", "romanian_deadlift")
    for name in (*names, "back_extension_45"):
        user_data.set_recent_exercise("me", name)
    recent = ("trap_bar_deadlift", "romanian_deadlift", "back_extension_45")
    assert again(user_data).recent_exercises("me") == recent, "the newest is the last"
    assert user_data.recent_exercises("anna") == ()
    assert user_data.people() == ["me"]


def test_a_damaged_row_costs_itself_only(user_data: UserData, problems: list[str]) -> None:
    user_data.set_plan("a", {"exercise": "deadlift", "load_kg": 5.0, "target_reps": 8})
    user_data.set_plan("b", {"target_reps": 5})
    user_data.set_line("me", "sim", "back_extension_45", 40.0)
    user_data.set_line("me", "sim", "back_extension_90", 88.0)
    user_data.set_recent_exercise("me", "trap_bar_deadlift")
    user_data.set_recent_exercise("me", "romanian_deadlift")
    damage = user_data.database.execute
    damage("UPDATE plan_settings SET value = '\"squat\"' WHERE name = 'exercise'")
    damage("UPDATE plan_settings SET value = 'nine' WHERE name = 'load_kg'")
    damage("UPDATE plan_settings SET sensor = CAST(x'ff' AS TEXT) WHERE sensor = 'b'")
    damage("UPDATE straight_lines SET line_deg = 'steep' WHERE exercise = 'back_extension_45'")
    damage("UPDATE recent_exercises SET exercise = 'chess' WHERE exercise = 'trap_bar_deadlift'")
    for _ in range(2):
        assert user_data.plans() == {"a": {"target_reps": 8}}
        assert user_data.lines_deg() == {("me", "sim", "back_extension_90"): 88.0}
        assert user_data.recent_exercises("me") == ("romanian_deadlift",)
    assert len(problems) == 5, "each is reported once"
    assert all("damaged; " in problem for problem in problems)


def test_what_is_left_of_a_damaged_file_is_salvaged(user_data: UserData, tmp_path: Path) -> None:
    user_data.set_plan("a", {"load_kg": 20.0})
    user_data.set_line("me", "sim", "back_extension_45", 40.0)
    user_data.set_recent_exercise("me", "trap_bar_deadlift")
    user_data.database.close()
    with sqlite3.connect(user_data.database.path) as old:
        old.execute("DROP TABLE straight_lines")
    old.close()
    with Database(tmp_path / "new.sqlite") as database:
        new = UserData(database)
        new.salvage(user_data.database.path)
        assert new.plans() == {"a": {"load_kg": 20.0}}
        assert new.lines_deg() == {}
        assert new.recent_exercises("me") == ("trap_bar_deadlift",)
        (tmp_path / "no database").write_bytes(b"nothing of that kind " * 1000)
        new.salvage(tmp_path / "no database")
        assert new.plans() == {"a": {"load_kg": 20.0}}
