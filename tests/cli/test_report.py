from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.cli import main
from tests.scripted import make_set

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.scripted import ScriptedPipeline


def test_a_report_and_what_is_in_it(
    scripted: type[ScriptedPipeline],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scripted, "events", (make_set(3),))
    out = recording.with_suffix(".html")
    assert main(["report", str(recording), "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: 1 set, 3 reps\n"
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_report_of_nothing(
    scripted: type[ScriptedPipeline], recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = recording.with_suffix(".png")
    assert main(["report", str(recording), "-o", str(out), "--min-reps", "5"]) == 0
    assert scripted.arguments.min_reps == 5
    assert "no set of 5 or more reps found; try" in capsys.readouterr().out
    assert out.exists()


def test_a_report_of_what_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "gone.csv"), "-o", str(tmp_path / "out.png")]) == 3
    assert capsys.readouterr().err.startswith("imurep: ")
