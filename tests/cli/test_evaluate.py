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
    output = capsys.readouterr().out
    rows = [line.split() for line in output.splitlines()]
    assert ["mine", "deadlift", "1/1", "0.00", "1/1", "0"] in rows
    assert ["mine", "deadlift", "1/1"] in rows  # told
    assert ["mine", "bend", "0/1"] in rows
    assert ["mine", "1.00", "2.00", "6.00"] in rows
    assert output.endswith(
        "headline: sets counted right 1/1 (100.0 %), false sets/h 2.00, false reps/h 6.00 over 1.0 h\n"
    )
    assert "walk.csv" not in output


def test_each_miss_by_name(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--jobs", "1", "--each", str(data)]) == 0
    output = capsys.readouterr().out
    assert "bend.csv: count, true 1, got 3 with --min-reps 1\n" in output
    assert "walk.csv: no set here (walk), true 0, got 3\n" in output
    assert "lift.csv" not in output


def test_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--jobs", "1", "--json", str(data)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["headline"]["right"] == found["headline"]["total"] == 1
    assert found["headline"]["false_reps_per_hour"] == 6.0
    assert {miss["file"] for miss in found["misses"]} == {"bend.csv", "walk.csv"}


def test_a_directory_without_an_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path)]) == 3
    assert "neither index.json nor *.truth.json" in capsys.readouterr().err


# Truth files


@pytest.fixture
def truths(tmp_path: Path, scripted: type[ScriptedPipeline]) -> Path:
    """A recording with three true reps, of which the pipeline finds three and one more; and a quiet one."""
    write_csv(tmp_path / "lift.csv", seconds=60.0)
    reps = [
        {
            "start_s": 1.0 + 7.5 * at,
            "top_s": 7.0 + 7.5 * at,
            "end_s": 7.0 + 7.5 * at,
            "eccentric_s": 3.0,
            "bottom_hold_s": 1.0,
            "concentric_s": 2.0,
            "top_hold_s": 1.5 if at < 2 else None,
            "range_of_motion_deg": 62.0,
        }
        for at in range(3)
    ]
    lift = {"exercise": "good_morning", "first_movement": "eccentric", "repetitions": 3, "reps": reps}
    write_truth(tmp_path / "lift.truth.json", lift)
    scripted.events = (make_set(4),)
    return tmp_path


def write_truth(path: Path, *sets: dict[str, object]) -> None:
    content = {
        "format": "imurep-truth",
        "version": 1,
        "recording": path.name.replace(".truth.json", ".csv"),
        "duration_s": 60.0,
        "sets": sets,
    }
    path.write_text(json.dumps(content), encoding="utf-8")


def test_truth_files_are_scored(truths: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--jobs", "1", "--each", str(truths)]) == 0
    output = capsys.readouterr().out
    rows = [line.split() for line in output.splitlines()]
    assert ["good_morning", "3", "0.7500", "1.0000", "0.8571"] in rows
    assert ["good_morning", "1", "0", "1", "1", "0.00", "s", "7.50", "s"] in rows
    assert ["good_morning", "0/90", "0/90", "0/60", "0/90", "1.0000", "2.0°"] in rows
    assert ["eccentric", "3/3", "+0", "ms", "0", "ms", "+0", "to", "+0", "ms", "100", "%"] in rows
    assert "lift.csv: set 1 true 3, got 4, 1 false; 0 false sets and 1 reps in quiet stretches\n" in output
    assert (
        "\ntruth files, exercise recognised: rep F1 0.8571 over 3 reps, sets exact 0/1 in 1 recordings, "
        in output
    )


def test_giving_the_exercise(
    truths: Path, scripted: type[ScriptedPipeline], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--jobs", "1", "--told", str(truths)]) == 0
    assert scripted.arguments.exercise == "good_morning"
    assert "truth files, exercise given: " in capsys.readouterr().out
    assert main(["evaluate", "--jobs", "1", str(truths)]) == 0
    assert scripted.arguments.exercise is None


def test_truth_files_as_json(truths: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--jobs", "1", "--json", str(truths)]) == 0
    found = json.loads(capsys.readouterr().out)["truth"]
    (lift,) = found["exercises"]
    assert (lift["exercise"], lift["precision"], lift["recall"], lift["exact_sets"]) == (
        "good_morning",
        0.75,
        1.0,
        0,
    )
    assert [phase["phase"] for phase in lift["phases"]] == [
        "eccentric",
        "bottom_hold",
        "concentric",
        "top_hold",
    ]
    assert all(phase["met"] for phase in lift["phases"])
    assert lift["range_error_deg"]["mean"] == pytest.approx(-2.0)
    assert found["pooled"]["reps"] == 3
    assert found["quiet"]["false_reps"] == 1
    assert found["off"][0] == {
        "file": "lift.csv",
        "true": [3],
        "found": [4],
        "missed_reps": [[]],
        "false_reps": [1],
        "quiet_false_sets": 0,
        "quiet_false_reps": 1,
    }


def test_an_index_and_truth_files(data: Path, truths: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert data == truths
    assert main(["evaluate", "--jobs", "1", str(data)]) == 0
    output = capsys.readouterr().out
    assert output.index("headline: ") < output.index("truth files, exercise recognised: ")


def test_only_quiet_recordings(
    tmp_path: Path, scripted: type[ScriptedPipeline], capsys: pytest.CaptureFixture[str]
) -> None:
    scripted.events = ()
    write_csv(tmp_path / "walk.csv")
    write_truth(tmp_path / "walk.truth.json")
    assert main(["evaluate", "--jobs", "1", str(tmp_path)]) == 0
    assert capsys.readouterr().out == (
        "truth files, exercise recognised: "
        "false sets/h 0.00, false reps/h 0.00 over 0.02 h without exercise\n"
    )


def test_a_truth_without_its_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_truth(tmp_path / "gone.truth.json")
    assert main(["evaluate", "--jobs", "1", str(tmp_path)]) == 3
    assert "gone.csv" in capsys.readouterr().err
