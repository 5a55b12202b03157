from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imurep.cli import main
from tests.scripted import make_set, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scripted import ScriptedPipeline


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three files in which three reps will be found each."""
    rows: list[dict[str, object]] = [
        {"file": "lift.csv", "reps": 3, "dataset": "mine", "activity": "deadlift"},
        {"file": "bend.csv", "reps": 1, "dataset": "mine", "activity": "bend"},
        {"file": "walk.csv", "reps": 0, "dataset": "mine", "activity": "walk"},
        {"file": "unknown.csv", "reps": None, "dataset": "mine", "activity": "row"},
    ]
    for row in rows:
        write_csv(tmp_path / str(row["file"]))
    listed = [{**row, "seconds": 1800.0, "tolerance": 0} for row in rows]
    (tmp_path / "index.json").write_text(json.dumps(listed), encoding="utf-8")
    return tmp_path


@pytest.fixture(autouse=True)
def three_reps(scripted: type[ScriptedPipeline], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripted, "events", (make_set(3),))


def test_what_is_printed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--jobs", "1", str(data)]) == 0
    said = capsys.readouterr().out
    rows = [line.split() for line in said.splitlines()]
    assert ["mine", "deadlift", "1/1", "0.00", "1/1", "0"] in rows
    assert ["mine", "deadlift", "1/1"] in rows  # told
    assert ["mine", "bend", "0/1"] in rows
    assert ["mine", "1.00", "2.00", "6.00"] in rows
    assert said.endswith(
        "headline: sets counted right 1/1 (100.0 %), false sets/h 2.00, false reps/h 6.00 over 1.0 h\n"
    )
    assert "walk.csv" not in said


def test_each_miss_by_name(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--jobs", "1", "--each", str(data)]) == 0
    said = capsys.readouterr().out
    assert "bend.csv: count, true 1, got 3 with --min-reps 1\n" in said
    assert "walk.csv: no set here (walk), true 0, got 3\n" in said
    assert "lift.csv" not in said


def test_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--jobs", "1", "--json", str(data)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["headline"]["right"] == found["headline"]["total"] == 1
    assert found["headline"]["false_reps_per_hour"] == 6.0
    assert {miss["file"] for miss in found["misses"]} == {"bend.csv", "walk.csv"}


def test_a_directory_without_an_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path)]) == 3
    assert "index.json: not found" in capsys.readouterr().err
