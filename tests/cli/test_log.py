"""``imurep log``: the sets on disk."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from imurep.cli import main
from imurep.log import FILE_NAME, Database, StoredSet
from imurep.mqtt.payload_builders import set_payload
from tests.broker.sets import SENSOR, exercise_set, session_event, started

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with Database(tmp_path / FILE_NAME) as database:
        for number in range(3):
            database.write([(kept(number), number < 2)], ())
        taken_back = {**kept(1).payload, "version": 2, "state": "withdrawn"}
        database.write([(kept(1, version=2, payload=taken_back), True)], ())
    return tmp_path


def kept(number: int, *, version: int = 1, payload: dict[str, object] | None = None) -> StoredSet:
    return StoredSet(
        set_id=f"session-{number:06d}",
        version=version,
        sensor=SENSOR,
        person="Ann",
        started_utc=started(number),
        payload=payload or dict(set_payload(session_event(exercise_set(number)))),
    )


def run(*arguments: object) -> int:
    return main(["log", *map(str, arguments)])


def test_list_shows_the_sets_that_count(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--data-dir", data) == 0
    shown = capsys.readouterr().out
    assert shown.count(SENSOR) == 2
    assert "Ann" in shown


def test_export_gives_everything_as_json_lines(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--data-dir", data) == 0
    sets = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["id"] for one in sets] == ["session-000000", "session-000002"]
    assert len(sets[0]["reps"]) == 3


def test_export_gives_a_row_per_set_as_csv(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--format", "csv", "--data-dir", data) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["id"], row["repetitions"], row["person"]) for row in rows] == [
        ("session-000000", "3", "Ann"),
        ("session-000002", "3", "Ann"),
    ]


def test_a_backup_can_be_used_in_place_of_the_log(data: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run("backup", elsewhere / FILE_NAME, "--data-dir", data) == 0
    with Database(elsewhere / FILE_NAME) as copy:
        assert len(copy.since(started(0))) == 3


def test_a_backup_to_nowhere_reports_it(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("backup", data / "no" / "where", "--data-dir", data) == 5
    assert "check the permissions" in capsys.readouterr().err


def test_prune_deletes_what_is_old_and_was_sent(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.cli.log._since", lambda _days: started(9))
    assert run("prune", "--older-than", 1, "--data-dir", data) == 0
    with Database(data / FILE_NAME) as database:
        assert [one.set_id for one in database.since(started(0))] == ["session-000002"]


def test_without_a_log_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--data-dir", tmp_path) == 5
    assert "no sets yet" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
