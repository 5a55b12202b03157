"""User data of imurep 0.1, whose files stand in ``imurep_0_1`` as that version wrote them."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from imurep.log import FILE_NAME, Database, takeover
from imurep.log.schema import MIGRATIONS
from imurep.log.takeover import has_json_files, take_over
from imurep.log.user_data import UserData

OLD = Path(__file__).parent / "imurep_0_1"
PLANS: dict[str, Any] = {
    "Back Strap": {"exercise": "deadlift", "target_tempo_s": (3.0, 1.0, 2.0, 1.0), "load_kg": 22.5},
    "Übungsgurt": {"target_reps": 5, "load_kg": None},
}
LINES = {
    ("anna", "Back Strap", "back_extension_90"): 88.0,
    ("me", "Back Strap", "back_extension_45"): 43.13,
}
RECENT = ("trap_bar_deadlift", "romanian_deadlift")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where ``store.json`` is: outside the data directory."""
    place = tmp_path / "home"
    place.mkdir()
    (place / "store.json").write_bytes((OLD / "store.json").read_bytes())
    monkeypatch.setattr("imurep.log.takeover.data_path", lambda: place)
    return place


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory of imurep 0.1."""
    place = tmp_path / "data"
    place.mkdir()
    (place / "plans.json").write_bytes((OLD / "plans.json").read_bytes())
    with closing(sqlite3.connect(place / FILE_NAME)) as old:
        old.executescript((OLD / "sets.sql").read_text(encoding="utf-8"))
        old.execute("PRAGMA journal_mode = WAL")
    return place


def taken_over(data: Path) -> tuple[dict[str, Any], dict[Any, float], tuple[str, ...], list[str]]:
    """What is in the database after a start, and what was reported."""
    problems: list[str] = []
    with Database(data / FILE_NAME, report=problems.append) as database:
        take_over(database)
        user_data = UserData(database)
        return user_data.plans(), user_data.lines_deg(), user_data.recent_exercises("me"), problems


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if path.name.endswith((".json", "ed", "-1")))


def test_an_upgrade_keeps_everything(data: Path, home: Path) -> None:
    assert has_json_files(data)
    assert taken_over(data) == (PLANS, LINES, RECENT, [])
    assert names(data) == ["plans.json.migrated"]
    assert names(home) == ["store.json.migrated"]
    assert (home / "store.json.migrated").read_bytes() == (OLD / "store.json").read_bytes()
    with Database(data / FILE_NAME) as database:
        assert [stored.set_id for stored in database.pending(10)] == ["s-2"]
        assert database.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]


def test_a_second_start_takes_nothing_over(data: Path, home: Path) -> None:
    taken_over(data)
    with Database(data / FILE_NAME) as database:
        user_data = UserData(database)
        user_data.forget_plan("Übungsgurt")
        user_data.set_plan("Back Strap", {"load_kg": 30.0})
        user_data.set_line("me", "Back Strap", "back_extension_45", 50.0)
    plans, lines, *_ = taken_over(data)
    assert plans == {"Back Strap": {**PLANS["Back Strap"], "load_kg": 30.0}}
    assert lines == {**LINES, ("me", "Back Strap", "back_extension_45"): 50.0}
    assert names(home) == ["store.json.migrated"]


def test_what_was_interrupted_before_the_new_name_is_not_taken_over_again(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(takeover, "_rename", killed)
        with pytest.raises(KeyboardInterrupt):
            taken_over(data)
    with Database(data / FILE_NAME) as database:
        UserData(database).set_plan("Back Strap", {"load_kg": 30.0})
    plans, lines, *_ = taken_over(data)
    assert plans["Back Strap"]["load_kg"] == 30.0, "the newer value stays"
    assert lines == LINES
    assert (names(data), names(home)) == (["plans.json.migrated"], ["store.json.migrated"])


def test_what_was_interrupted_amid_is_taken_over_as_a_whole(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(UserData, "set_recent_exercise", killed)
        with pytest.raises(KeyboardInterrupt):
            taken_over(data)
    assert names(home) == ["store.json"]
    with Database(data / FILE_NAME) as database:
        assert UserData(database).lines_deg() == {}
    assert taken_over(data) == (PLANS, LINES, RECENT, [])


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00\xff", '"x"'])
def test_damaged_files_are_reported_and_kept(data: Path, home: Path, text: str) -> None:
    for path in (data / "plans.json", home / "store.json"):
        path.write_text(text, encoding="latin-1")
    plans, lines, recent, problems = taken_over(data)
    assert (plans, lines, recent) == ({}, {}, ())
    assert len(problems) == 2
    assert all("is damaged (" in problem and "set and calibrate again" in problem for problem in problems)
    assert (names(data), names(home)) == (["plans.json.damaged"], ["store.json.damaged"])
    assert (home / "store.json.damaged").read_text(encoding="latin-1") == text
    *_, problems = taken_over(data)
    assert problems == [], "once"


def test_a_file_that_was_mended_is_taken_over(data: Path, home: Path) -> None:
    (home / "store.json").write_text("{", encoding="utf-8")
    taken_over(data)
    (home / "store.json").write_bytes((OLD / "store.json").read_bytes())
    assert taken_over(data) == (PLANS, LINES, RECENT, [])


def test_a_damaged_entry_costs_itself_only(data: Path, home: Path) -> None:
    plans = json.loads((OLD / "plans.json").read_text(encoding="utf-8"))
    plans["Back Strap"]["exercise"] = "squat"
    plans["Back Strap"]["tempo"] = "fast"
    plans["none"] = 1
    (data / "plans.json").write_text(json.dumps(plans), encoding="utf-8")
    store = json.loads((OLD / "store.json").read_text(encoding="utf-8"))
    store["lines"].insert(0, {"person": "me"})
    store["lines"].append({"person": "me", "sensor": "s", "exercise": "e", "line_deg": 1e9})
    store["last_time"]["anna"] = ["chess"]
    (home / "store.json").write_text(json.dumps(store), encoding="utf-8")
    found, lines, recent, problems = taken_over(data)
    assert found == {
        "Back Strap": {key: PLANS["Back Strap"][key] for key in ("target_tempo_s", "load_kg")},
        "Übungsgurt": PLANS["Übungsgurt"],
    }
    assert (lines, recent) == (LINES, RECENT)
    assert len(problems) == 6
    assert all("damaged and skipped" in problem and " again" in problem for problem in problems)
    assert (names(data), names(home)) == (["plans.json.migrated"], ["store.json.migrated"])


@pytest.mark.parametrize("key", ["lines", "last_time"])
@pytest.mark.parametrize("value", [None, 1, "text", {}, []])
def test_a_damaged_part_costs_no_other(data: Path, home: Path, key: str, value: object) -> None:
    store = json.loads((OLD / "store.json").read_text(encoding="utf-8"))
    (home / "store.json").write_text(json.dumps({**store, key: value}), encoding="utf-8")
    plans, lines, recent, problems = taken_over(data)
    assert plans == PLANS
    assert (lines, recent) == (({}, RECENT) if key == "lines" else (LINES, ()))
    assert len(problems) == (not isinstance(value, type(store[key])))
    assert names(home) == ["store.json.migrated"]


def test_what_cannot_be_written_is_damage(data: Path, home: Path) -> None:
    """Half of a character, and a number that no float can hold: JSON can have both."""
    half = "\ud83d"
    plans = {half: {"load_kg": 1.0}, "Back Strap": {"load_kg": 10**400, "target_reps": 5, "exercise": half}}
    (data / "plans.json").write_text(json.dumps(plans), encoding="utf-8")
    store = json.loads((OLD / "store.json").read_text(encoding="utf-8"))
    store["lines"].append({"person": half, "sensor": "s", "exercise": "e", "line_deg": 1.0})
    store["last_time"][half] = ["deadlift"]
    (home / "store.json").write_text(json.dumps(store), encoding="utf-8")
    found, lines, recent, problems = taken_over(data)
    assert (found, lines, recent) == ({"Back Strap": {"target_reps": 5}}, LINES, RECENT)
    assert len(problems) == 5


def test_nesting_without_end_is_damage(data: Path, home: Path) -> None:
    (data / "plans.json").write_text("[" * 100_000, encoding="utf-8")
    plans, lines, *_ = taken_over(data)
    assert (plans, lines) == ({}, LINES)
    assert (names(data), names(home)) == (["plans.json.damaged"], ["store.json.migrated"])


def test_another_directory_gets_the_newest_lines_and_keeps_its_own(
    data: Path, home: Path, tmp_path: Path
) -> None:
    taken_over(data)
    store = json.loads((OLD / "store.json").read_text(encoding="utf-8"))
    me, anna = ("me", "Back Strap", "back_extension_45"), ("anna", "Back Strap", "back_extension_90")
    store["lines"] = [dict(zip(("person", "sensor", "exercise", "line_deg"), (*me, 50.0), strict=True))]
    (home / "store.json").write_text(json.dumps(store), encoding="utf-8")  # an older version, since
    assert taken_over(data)[1] == {**LINES, me: 50.0}
    assert names(home) == ["store.json.migrated", "store.json.migrated-1"]
    another = tmp_path / "another"
    another.mkdir()
    with Database(another / FILE_NAME) as database:
        UserData(database).set_line(*anna, 70.0)
        UserData(database).set_recent_exercise("me", "deadlift")
    for _ in range(2):
        _, lines, recent, problems = taken_over(another)
        assert (lines, problems) == ({anna: 70.0, me: 50.0}, [])
        assert set(recent) == {"deadlift", "romanian_deadlift"}


def test_a_store_that_another_program_renames_at_this_moment_is_found(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_bytes = Path.read_bytes

    def renamed_first(path: Path) -> bytes:
        if path.name == "store.json" and path.exists():
            path.rename(home / "store.json.migrated")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", renamed_first)
    assert taken_over(data) == (PLANS, LINES, RECENT, [])


def test_files_that_cannot_be_renamed_are_taken_over_once(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "rename", refused)
    *found, problems = taken_over(data)
    assert found == [PLANS, LINES, RECENT]
    assert len(problems) == 2
    assert all("cannot be renamed" in problem for problem in problems)
    with Database(data / FILE_NAME) as database:
        UserData(database).set_plan("Back Strap", {"load_kg": 30.0})
        UserData(database).set_line("me", "Back Strap", "back_extension_45", 50.0)
    plans, lines, *_ = taken_over(data)
    assert plans["Back Strap"]["load_kg"] == 30.0
    assert lines["me", "Back Strap", "back_extension_45"] == 50.0
    assert (names(data), names(home)) == (["plans.json"], ["store.json"])


def test_a_home_that_is_closed_is_no_reason_to_stop(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path, *_: object, **__: object) -> os.stat_result:
        if path.parent == home:
            raise PermissionError(errno.EACCES, "Permission denied")
        return os.stat(path)  # noqa: PTH116 what it replaces

    def unreadable(path: Path) -> bytes:
        if path.parent == home:
            raise PermissionError(errno.EACCES, "Permission denied")
        with path.open("rb") as file:
            return file.read()

    monkeypatch.setattr(Path, "stat", closed)
    monkeypatch.setattr(Path, "read_bytes", unreadable)
    assert has_json_files(data)
    plans, lines, recent, problems = taken_over(data)
    assert (plans, lines, recent) == (PLANS, {}, ())
    (problem,) = problems
    assert "cannot be taken over: Permission denied" in problem


def test_each_data_directory_gets_the_lines(data: Path, home: Path, tmp_path: Path) -> None:
    another = tmp_path / "another"
    another.mkdir()
    assert taken_over(another) == ({}, LINES, RECENT, [])
    assert names(home) == ["store.json.migrated"]
    assert taken_over(data) == (PLANS, LINES, RECENT, [])


def test_a_file_that_an_older_version_has_written_since_counts(data: Path, home: Path) -> None:
    taken_over(data)
    (data / "plans.json").write_text('{"Back Strap": {"load_kg": 40.0}}', encoding="utf-8")
    plans, *_ = taken_over(data)
    assert plans["Back Strap"] == {**PLANS["Back Strap"], "load_kg": 40.0}
    assert names(data) == ["plans.json.migrated", "plans.json.migrated-1"]
    assert names(home) == ["store.json.migrated"]


def test_without_files_there_is_nothing_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.log.takeover.data_path", lambda: tmp_path / "nowhere")
    assert not has_json_files(tmp_path)
    assert taken_over(tmp_path) == ({}, {}, (), [])
