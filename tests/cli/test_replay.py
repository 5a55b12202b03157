from __future__ import annotations

import json
from argparse import Namespace
from typing import TYPE_CHECKING, Any

import pytest

from imurep.cli import main, replay
from imurep.events import State
from imurep.log.json_store import JsonStore
from tests.scripted import make_events, make_rep, make_set, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scripted import ScriptedPipeline

REP_KEYS = {
    "id", "start_s", "top_s", "end_s", "eccentric_s", "bottom_hold_s", "concentric_s", "top_hold_s",
    "range_of_motion_deg", "partial",
}  # fmt: skip
SET_KEYS = {
    "type", "recording", "id", "sensor", "person", "exercise", "exercise_group", "repetitions",
    "full_repetitions", "start_s", "end_s", "gyroscope", "reps",
}  # fmt: skip


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_set_as_json(
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reps = (make_rep(0), make_rep(1, partial=True), make_rep(2, top_hold_s=None))
    monkeypatch.setattr(scripted, "events", tuple(make_events(make_set(reps=reps, gaps=1))))
    assert main(["replay", "--json", str(recording)]) == 0
    (found,) = lines(capsys)
    assert set(found) >= SET_KEYS | {"state", "version", "top_assumed", "gaps"}
    reps_found = found.pop("reps")
    form = found.pop("form")
    assert [rep["id"] for rep in form["reps"]] == [rep["id"] for rep in reps_found]
    assert (form["full_repetitions"], form["on_tempo_repetitions"]) == (2, 0)
    assert form["target_tempo_s"] == [2.2, 0.3, 1.5, 0.8]
    assert form["lowering_ratio"] == 1.5
    assert found == {
        "type": "set",
        "recording": str(recording),
        "id": "workout/1",
        "version": 2,
        "state": "final",
        "sensor": "csv",
        "person": "",
        "exercise": "good_morning",
        "exercise_group": ["good_morning", "romanian_deadlift"],
        "exercise_reasons": [],
        "contradiction": None,
        "repetitions": 3,
        "full_repetitions": 2,
        "start_s": 1.0,
        "end_s": 22.0,
        "gyroscope": True,
        "top_assumed": False,
        "confidence": 0.998,
        "gaps": 1,
    }
    assert set(reps_found[0]) >= REP_KEYS
    assert [rep["partial"] for rep in reps_found] == [False, True, False]
    last = reps_found[-1]
    assert (last["start_s"], last["top_s"], last["end_s"]) == (16.0, 22.0, 22.0)
    assert (last["eccentric_s"], last["bottom_hold_s"], last["concentric_s"]) == (3.0, 1.0, 2.0)
    assert last["top_hold_s"] is None
    assert last["set_id"] == "workout/1"


def test_rounded_durations_still_add_up(
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start_us = make_rep().start_us + 400
    rep = make_rep(
        start_us=start_us, eccentric_s=1.0004, bottom_hold_s=0.5004, concentric_s=1.0004, top_hold_s=0.0003,
        top_us=start_us + 2_501_200, end_us=start_us + 2_501_200,
    )  # fmt: skip
    monkeypatch.setattr(scripted, "events", (make_set(reps=(rep,)),))
    main(["replay", "--json", str(recording)])
    (found,) = lines(capsys)
    rep_found = found["reps"][0]
    parts_s = rep_found["eccentric_s"] + rep_found["bottom_hold_s"] + rep_found["concentric_s"]
    assert parts_s == pytest.approx(rep_found["end_s"] - rep_found["start_s"], abs=1e-9)


@pytest.mark.parametrize(
    ("events", "types"),
    [
        ("set", ["set"]),
        ("rep", ["rep"] * 6 + ["set"]),
        ("all", ["phase", "gap"] + ["rep"] * 6 + ["set"]),
    ],
)
def test_which_events(
    events: str,
    types: list[str],
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scripted, "events", tuple(make_events(make_set(3))))
    assert main(["replay", "--json", "--events", events, str(recording)]) == 0
    found = lines(capsys)
    assert [line["type"] for line in found] == types
    assert {line["recording"] for line in found} == {str(recording)}


def test_withdrawn_sets_are_not_printed(
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scripted, "events", (make_set(3), make_set(3, version=9, state=State.WITHDRAWN)))
    assert main(["replay", "--json", str(recording)]) == 0
    assert lines(capsys) == []


def test_options_reach_the_counter(scripted: type[ScriptedPipeline], recording: Path) -> None:
    options = ["--exercise", "deadlift", "--min-reps", "1", "--last-time", "good_morning"]
    assert main(["replay", *options, str(recording)]) == 0
    assert (scripted.arguments.exercise, scripted.arguments.min_reps) == ("deadlift", 1)
    assert scripted.arguments.recent_exercises == ("good_morning",)


@pytest.mark.usefixtures("scripted")
def test_the_others_continue_when_one_cannot_be_read(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = str(recording.with_name("gone.csv"))
    assert main(["replay", gone, str(recording)]) == 3
    output = capsys.readouterr()
    assert output.err.startswith(f"imurep: {gone}: ")
    assert str(recording) in output.out


@pytest.mark.usefixtures("scripted")
def test_a_directory_is_its_recordings(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(recording.with_name("another.csv"))
    (recording.parent / "index.json").write_text("[]", encoding="utf-8")
    assert main(["replay", str(recording.parent)]) == 0
    output = capsys.readouterr().out
    assert output.index("another.csv") < output.index("workout.csv")
    assert "index.json" not in output


def test_a_directory_without_recordings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(tmp_path)]) == 3
    assert "no recording in this directory" in capsys.readouterr().err


def test_an_unknown_exercise_is_refused_at_once(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--exercise", "curl", str(recording)]) == 2
    output = capsys.readouterr()
    assert "unknown exercise 'curl'" in output.err
    assert output.out == ""


@pytest.mark.parametrize("option", [["--min-reps", "0"], ["--speed", "0"], ["--speed", "fast"]])
def test_numbers_that_make_no_sense(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["replay", *option, "x.csv"])
    assert end.value.code == 2
    assert option[0] in capsys.readouterr().err


def test_a_table_for_people(
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    reps = (make_rep(0), make_rep(1, partial=True), make_rep(2, top_hold_s=None))
    sets = (
        make_set(reps=reps, gyroscope=False),
        make_set(
            3, id="workout/2", start_us=make_rep(20).start_us, top_assumed=True, gaps=2, gyroscope=False
        ),
    )
    monkeypatch.setattr(scripted, "events", sets)
    assert main(["replay", str(recording)]) == 0
    output = capsys.readouterr().out
    first = next(line for line in output.splitlines() if line.startswith(" 1 "))
    assert first.split() == ["1", "0:01", "good_morning", "3", "1", "3.0-1.0-2.0-1.5", "1.5", "s", "60°"]
    assert "2   2:31" in output
    assert "set 2: 2 gaps in the data" in output
    assert output.count("accelerometer only") == 1
    assert max(map(len, output.splitlines())) <= 80
    assert "\x1b" not in output  # plain in a pipe


def test_a_table_of_reps(
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scripted, "events", (make_set(3),))
    assert main(["replay", "--events", "rep", str(recording)]) == 0
    output = capsys.readouterr().out
    assert "set 1: good_morning" in output
    assert "0:16.0" in output
    assert "3.0-1.0-2.0-–" in output  # noqa: RUF001 as printed


@pytest.mark.usefixtures("scripted")
def test_nothing_counted_names_what_to_try(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(recording)]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "no set of 3 or more reps found; try --min-reps 1, or --exercise NAME" in output


@pytest.mark.usefixtures("scripted")
def test_a_name_is_not_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_csv(tmp_path / "[red]:smile:.csv")
    assert main(["replay", str(path)]) == 0
    assert "[red]:smile:.csv" in capsys.readouterr().out


def test_speed_is_real_time_with_events_as_they_come(
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scripted, "events", tuple(make_events(make_set(3))))
    slept_s: list[float] = []
    args = Namespace(
        paths=[str(recording)], json=False, min_reps=3, exercise=None, events="all", speed=1000.0,
        last_time=[], person=None, store=None, config=None, data_dir=None,
    )  # fmt: skip
    assert replay.run(args, sleep=slept_s.append) == 0
    assert sum(slept_s) > 0
    output = capsys.readouterr().out
    assert "gap of 0.25 s" in output
    assert "eccentric" in output
    assert output.index("rep workout/1/1 final") < output.index("top hold")


@pytest.mark.usefixtures("scripted")
def test_in_a_directory_too_the_others_continue(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording.with_name("broken.csv").touch()
    assert main(["replay", str(recording.parent)]) == 3
    output = capsys.readouterr()
    assert "broken.csv" in output.err
    assert "workout.csv" in output.out


def test_too_slow_is_named_and_the_others_continue(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = write_csv(recording.with_name("slow.csv"), seconds=60.0, rate_hz=1.0)
    assert main(["replay", str(slow), str(recording)]) == 3
    output = capsys.readouterr()
    assert output.err.startswith(f"imurep: {slow}: the data come at 1 Hz")
    assert output.err.count("\n") == 1
    assert str(recording) in output.out


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_warnings_stand_on_standard_error(
    options: list[str], recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.write_text(recording.read_text(encoding="utf-8").replace("9.81", "1.0"), encoding="utf-8")
    assert main(["replay", *options, str(recording)]) == 0
    output = capsys.readouterr()
    assert output.err.startswith(f"imurep: {recording}: the accelerometer reads 1 m/s2")
    assert bool(output.out) is not bool(options)


def test_the_exercise_and_the_form_stand_below_the_table(
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = make_set(8, contradiction="told good morning, but at the top the trunk was 90° from upright")
    monkeypatch.setattr(scripted, "events", (found,))
    assert main(["replay", "--events", "rep", str(recording)]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "set 1 told good morning, but at the top the trunk was 90° from upright. Check" in output
    assert "8 reps, all of full range" in output
    assert "momentum: 0 lifted to 100 thrown" in output


def test_a_straight_line_is_looked_up_by_person_sensor_and_exercise(
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reps = tuple(make_rep(n, top_inclination_deg=31.0, top_angle_deg=0.0) for n in range(3))
    found = make_set(exercise="back_extension_45", reps=reps)
    monkeypatch.setattr(scripted, "events", (*reps, found))
    file = recording.with_name("store.json")
    store = JsonStore(file)
    store.set_line("anna", "csv", "back_extension_45", 43.5)
    store.set_line("anna", "another", "back_extension_45", 20.0)
    store.set_line("anna", "csv", "back_extension_90", 90.0)
    options = ["--store", str(file), "--json", "--events", "rep", str(recording)]
    main(["replay", "--person", "anna", *options])
    rep, *_, with_line = lines(capsys)
    assert (rep["person"], with_line["person"]) == ("anna", "anna")
    assert (with_line["form"]["over_line_deg"], with_line["form"]["over_line_repetitions"]) == (12.5, 3)
    main(["replay", *options])
    *_, without = lines(capsys)
    assert (without["form"]["over_line_deg"], without["form"]["over_line_repetitions"]) == (None, 0)
    main(["replay", "--person", "anna", *(option for option in options if option != "--json")])
    output = " ".join(capsys.readouterr().out.split())
    assert "tops 12° over your straight line, 3 of them by more than 10°: stop at the line" in output
    assert "+12° over" in output
