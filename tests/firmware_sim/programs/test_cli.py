"""The command: files beside each other, the same bytes again, words instead of tracebacks."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.programs.cli import main

QUICK = ["--sets", "1x2", "--no-lead-in", "--cut-after", "2"]


def record(out: Path, *options: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    assert main(["record", str(out), *options]) == 0
    lines = gzip.decompress(Path(f"{out}.jsonl.gz").read_bytes()).decode().splitlines()
    return [json.loads(line) for line in lines], json.loads(Path(f"{out}.truth.json").read_text())


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_can_be_recorded(name: str, tmp_path: Path) -> None:
    lines, truth = record(tmp_path / "one", "--exercise", name, *QUICK)
    assert [one["exercise"] for one in truth["sets"]] == [name]
    assert lines[0]["format"] == "imurep-recording"
    assert lines[0]["protocol"] == "open_imu"
    assert lines[1]["link"] == "up"
    assert lines[2]["channel"] == "control"
    assert {line["channel"] for line in lines[3:]} == {"data"}


def test_the_truth_states_how_it_was_made(tmp_path: Path) -> None:
    _, truth = record(
        tmp_path / "one",
        "--exercise",
        "back_extension_45",
        "--tempo",
        "3-1-2-1",
        "--load",
        "10",
        "--seed",
        "9",
        "--clock-error",
        "50",
        "--slip",
        "30",
        *QUICK,
    )
    made = truth["simulation"]
    assert (truth["format"], truth["version"], truth["recording"]) == ("imurep-truth", 1, "one.jsonl.gz")
    assert made["seed"] == 9
    assert made["command"].startswith("python -m firmware_sim record one --exercise back_extension_45")
    assert made["sensor"]["clock_error_ppm"] == 50
    assert made["sensor"]["slip"]["deg"] == 30
    (only,) = truth["sets"]
    assert (only["tempo"], only["load_kg"], only["straight_line_deg"]) == ("3-1-2-1", 10, 45)
    assert only["repetitions"] == len(only["reps"]) == 2


def test_the_same_command_writes_the_same_bytes_anywhere(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        record(tmp_path / folder / "x", "--exercise", "deadlift", "--seed", "4", *QUICK)
    for name in ("x.jsonl.gz", "x.truth.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_several_blocks_are_one_session(tmp_path: Path) -> None:
    _, truth = record(
        tmp_path / "mixed",
        "--block",
        "deadlift:1x2",
        "--block",
        "kettlebell_swing:2x3:0.7-0-0.6-0",
        "--rest",
        "20",
    )
    assert [(one["exercise"], one["repetitions"]) for one in truth["sets"]] == [
        ("deadlift", 2),
        ("kettlebell_swing", 3),
        ("kettlebell_swing", 3),
    ]
    assert truth["sets"][1]["tempo"] == "0.7-0-0.6-0"


def test_daily_life_has_no_sets(tmp_path: Path) -> None:
    _, truth = record(tmp_path / "day", "--exercise", "none", "--minutes", "1.5", "--rate", "26")
    assert truth["sets"] == []
    assert truth["quiet"][0]["start_s"] == 0
    assert truth["quiet"][-1]["end_s"] == pytest.approx(truth["duration_s"], abs=0.1)


@pytest.mark.parametrize(
    ("option", "variation"),
    [
        (["--static-hold", "2"], "static_hold"),
        (["--slow-eccentric", "4"], "slow_eccentric"),
        (["--momentum"], "momentum"),
        (["--roll-up"], "roll_up"),
        (["--end-at-top"], "ends_at_top"),
        (["--partial", "2"], "partial_reps"),
        (["--hesitate", "1,2"], "hesitation"),
        (["--fatigue", "0.4"], "fatigue"),
    ],
)
def test_every_variation_can_be_asked_for(option: list[str], variation: str, tmp_path: Path) -> None:
    _, truth = record(tmp_path / "one", "--exercise", "back_extension_45", "--no-variation", *option, *QUICK)
    assert truth["sets"][0]["variations"] == [variation]


def test_link_and_sensor_options_arrive(tmp_path: Path) -> None:
    _, truth = record(
        tmp_path / "one",
        "--exercise",
        "deadlift",
        "--acc-only",
        "--rate",
        "52",
        "--loss",
        "20",
        "--gap",
        "mid:0.5",
        "--gap-every",
        "5:0.25",
        "--overrun",
        "3:0.5",
        "--mounting",
        "1,1,0,0",
        "--no-wobble",
        *QUICK,
    )
    sensor = truth["simulation"]["sensor"]
    assert sensor["gyroscope"] is False
    assert sensor["packets_lost"] > 0
    assert sensor["samples_overrun"] == pytest.approx(26, abs=1)
    assert sensor["mounting_quaternion"] == pytest.approx([0.707107, 0.707107, 0, 0])
    assert all(gap["start_s"] < truth["duration_s"] for gap in sensor["radio"]["gaps"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "say what to do"),
        (["--exercise", "deadlift", "--block", "deadlift:1x1"], "say what to do"),
        (["--exercise", "deadlift", "--tempo", "3-1-2"], "not a tempo"),
        (["--exercise", "deadlift", "--sets", "12"], "not like 3x12"),
        (["--block", "plank:1x1"], "no exercise"),
        (["--exercise", "deadlift", "--partial", "11"], "no rep 11"),
        (["--exercise", "deadlift", "--partial", "x"], "rep numbers"),
        (["--exercise", "deadlift", "--mounting", "0,0,0,0"], "quaternion"),
        (["--exercise", "deadlift", "--loss", "100"], "from 0 to 90"),
        (["--exercise", "deadlift", "--rest", "long"], "from 0 on"),
        (["--exercise", "deadlift", "--gap", "soon"], "not like 42:2"),
        (["--exercise", "deadlift", "--gap-every", "mid:1"], "not like 20:0.25"),
    ],
)
def test_nonsense_is_refused_in_words(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["record", str(tmp_path / "x"), *options])
    assert exit_info.value.code == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit):
        main(["record", str(tmp_path / "file" / "x"), "--exercise", "deadlift", *QUICK])
    assert "choose another place" in capsys.readouterr().err


def test_a_walk_may_be_cut_short(tmp_path: Path) -> None:
    """Seed 9382 walks back to the rack for less time than the filter of its gait settles in."""
    options = ["--exercise", "good_morning", "--no-lead-in", "--cut-after", "2", "--seed", "9382"]
    _, truth = record(tmp_path / "one", *options)
    assert truth["sets"][0]["repetitions"] == 10


def test_tops_lie_over_the_straight_line_as_asked(tmp_path: Path) -> None:
    options = ["--exercise", "back_extension_90", "--over-line", "12", "--no-variation", *QUICK]
    _, truth = record(tmp_path / "one", *options)
    (only,) = truth["sets"]
    assert [only["straight_line_deg"] - rep["top_lean_deg"] for rep in only["reps"]] == [12, 12]


def test_a_calibration_holds_the_line_and_nothing_else(tmp_path: Path) -> None:
    _, truth = record(tmp_path / "one", "--exercise", "back_extension_45", "--calibrate")
    assert truth["sets"] == []
    assert "holding the straight line" in {span["what"] for span in truth["quiet"]}
    with pytest.raises(SystemExit):
        main(["record", str(tmp_path / "none"), "--exercise", "deadlift", "--calibrate"])


def test_the_same_person_comes_another_day(tmp_path: Path) -> None:
    def reps(*options: str) -> list[float]:
        _, truth = record(tmp_path / "one", "--exercise", "good_morning", "--no-variation", *options, *QUICK)
        return [rep["top_lean_deg"] for rep in truth["sets"][0]["reps"]]

    assert reps("--seed", "5", "--person", "8") == reps("--seed", "6", "--person", "8")
    assert reps("--seed", "5", "--person", "8") == reps("--seed", "8")
    assert reps("--seed", "5", "--person", "8") != reps("--seed", "5")
