"""``imurep calibrate``, with simulated people: from a recording to a flag in the table."""

from __future__ import annotations

import contextlib
import io
import json
from typing import TYPE_CHECKING

import pytest

from firmware_sim.programs.cli import main as simulate
from imurep.cli import main
from tests.scripted import write_csv

if TYPE_CHECKING:
    from pathlib import Path

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
    said = capsys.readouterr().out
    assert said.startswith("back extension (45° bench): the straight line of me is 4")
    assert "° from standing (sensor sim); kept in " in said
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
