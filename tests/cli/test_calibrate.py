"""``imurep calibrate``, with simulated people: from a recording to a flag in the table."""

from __future__ import annotations

import contextlib
import io
import json
import os
from pathlib import Path

import pytest

from firmware_sim.programs.cli import main as simulate
from imurep.cli import main
from imurep.cli.user_lines import lines_in
from imurep.log import FILE_NAME
from tests.scripted import write_csv

BENCH = ("--exercise", "back_extension_45", "--person", "7", "--errors", "0")


def record(out: Path, *options: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()):
        assert simulate(["record", str(out), *options]) == 0
    return f"{out}.jsonl.gz"


def test_tops_over_the_line_are_flagged_another_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The strap is put on anew in between: the two sessions have mountings of their own."""
    calibrating = record(tmp_path / "line", *BENCH, "--calibrate", "--seed", "3")
    over = record(tmp_path / "over", *BENCH, "--sets", "1x4", "--over-line", "17", "--seed", "4")
    at_it = record(tmp_path / "at it", *BENCH, "--sets", "1x4", "--over-line", "2", "--seed", "5")
    assert main(["calibrate", calibrating, "--exercise", "back_extension_45"]) == 0
    output = capsys.readouterr().out
    assert output.startswith("back extension (45° bench): the straight line of me is 4")
    assert "° from standing (sensor sim); kept in " in output
    assert main(["replay", "--json", over, at_it]) == 0
    forms = [json.loads(line)["form"] for line in capsys.readouterr().out.splitlines()]
    assert [form["over_line_repetitions"] for form in forms] == [4, 0]
    assert forms[0]["over_line_deg"] == pytest.approx(17, abs=4)
    assert main(["report", over, "-o", str(tmp_path / "it.html")]) == 0
    assert "over the straight line by more than 10°" in (tmp_path / "it.html").read_text(encoding="utf-8")


def test_of_another_person_nothing_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calibrating = record(tmp_path / "line", *BENCH, "--calibrate", "--seed", "3")
    over = record(tmp_path / "over", *BENCH, "--sets", "1x4", "--over-line", "17", "--seed", "4")
    main(["calibrate", calibrating, "--exercise", "back_extension_45", "--person", "anna"])
    capsys.readouterr()
    main(["replay", "--json", over])
    assert json.loads(capsys.readouterr().out)["form"]["over_line_deg"] is None


def test_what_holds_no_line_is_refused_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "store.json"
    standing = str(write_csv(tmp_path / "standing.csv"))
    assert main(["calibrate", standing, "--exercise", "back_extension_45", "--store", str(file)]) == 3
    assert f"imurep: {standing}: " in capsys.readouterr().err
    assert not file.exists()


def test_a_line_is_kept_where_the_service_keeps_its_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calibrating = record(tmp_path / "line", *BENCH, "--calibrate", "--seed", "3")
    there = tmp_path / "there"
    monkeypatch.setenv("IMUREP_DATA__DIRECTORY", str(there))
    assert main(["calibrate", calibrating, "--exercise", "back_extension_45"]) == 0
    assert f"kept in {there / FILE_NAME}" in capsys.readouterr().out
    assert [*lines_in(there, "me", "sim")] == ["back_extension_45"]
    assert [*lines_in(there, "anna", "sim")] == []
    monkeypatch.delenv("IMUREP_DATA__DIRECTORY")
    nowhere = ["--data-dir", str(tmp_path / "file" / "below")]
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["calibrate", calibrating, "--exercise", "back_extension_45", *nowhere]) == 5
    assert "choose another place with --data-dir" in capsys.readouterr().err


def test_lines_of_an_earlier_version_are_taken_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standing = str(write_csv(tmp_path / "standing.csv"))
    assert main(["replay", standing]) == 0
    data = Path(os.environ["XDG_STATE_HOME"]) / "imurep"
    assert not data.exists(), "without a line, nothing is made"
    old = Path(os.environ["XDG_DATA_HOME"]) / "imurep" / "store.json"
    old.parent.mkdir(parents=True)
    store = {
        "format": "imurep-store",
        "version": 1,
        "lines": [
            {"person": "me", "sensor": "csv", "exercise": "back_extension_45", "line_deg": 43.0},
            {"person": "me"},
        ],
        "last_time": {},
    }
    old.write_text(json.dumps(store), encoding="utf-8")
    capsys.readouterr()
    assert main(["replay", "--json", standing]) == 0
    shown = capsys.readouterr()
    assert "store.json: the straight line {'person': 'me'} is damaged and skipped" in shown.err
    assert not old.exists()
    assert old.with_name("store.json.migrated").is_file()
    assert lines_in(data, "me", "csv") == {"back_extension_45": 43.0}


@pytest.mark.parametrize("name", ["deadlift", "unknown", "chess"])
def test_only_a_bench_has_a_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    standing = str(write_csv(tmp_path / "standing.csv"))
    assert main(["calibrate", standing, "--exercise", name]) == 2
    assert "imurep: " in capsys.readouterr().err


def test_a_damaged_store_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "store.json"
    file.write_text("{", encoding="utf-8")
    standing = str(write_csv(tmp_path / "standing.csv"))
    assert main(["replay", standing, "--store", str(file)]) == 2
    assert f"imurep: {file}: damaged; " in capsys.readouterr().err


def test_last_time_names_a_set_within_its_group(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lifted = record(tmp_path / "it", "--exercise", "trap_bar_deadlift", "--sets", "1x4", "--seed", "2")
    main(["replay", "--json", lifted])
    main(["replay", "--json", "--last-time", "trap_bar_deadlift", lifted])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["exercise"] for one in found] == ["deadlift", "trap_bar_deadlift"]
    assert found[0]["exercise_group"] == found[1]["exercise_group"]
