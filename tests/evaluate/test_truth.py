from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from imurep.errors import RecordingError
from imurep.evaluate import QuietInterval, find_truths, read_truth
from imurep.events import Phase

if TYPE_CHECKING:
    from pathlib import Path

REP: dict[str, Any] = {"start_s": 10.0, "top_s": 12.0, "end_s": 16.0}


def content(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 anything may stand in a file
    one = {"exercise": "deadlift", "repetitions": 1, "first_movement": "concentric", "reps": [REP]}
    whole = {
        "format": "imurep-truth",
        "version": 1,
        "recording": "a.csv",
        "duration_s": 60.0,
        "sets": [one | changes.pop("set", {})],
    }
    return whole | changes


def written(folder: Path, what: object) -> Path:
    path = folder / "a.truth.json"
    path.write_text(what if isinstance(what, str) else json.dumps(what), encoding="utf-8")
    return path


def test_a_truth_with_counts_and_no_phases(tmp_path: Path) -> None:
    truth = read_truth(written(tmp_path, content(new_key=1)), tmp_path)
    (one,) = truth.sets
    (rep,) = one.reps
    assert (truth.file, truth.exercise, one.first_movement) == ("a.csv", "deadlift", Phase.CONCENTRIC)
    assert (one.start_s, one.end_s, rep.concentric_s, rep.partial) == (10.0, 16.0, None, False)


def test_without_quiet_all_outside_the_sets_is_quiet(tmp_path: Path) -> None:
    assert read_truth(written(tmp_path, content()), tmp_path).quiet == (
        QuietInterval(0, 10),
        QuietInterval(16, 60),
    )
    stretch = {"start_s": 20.0, "end_s": 30.0, "what": "walking"}
    assert read_truth(written(tmp_path, content(quiet=[stretch])), tmp_path).quiet == (
        QuietInterval(20, 30, "walking"),
    )


def test_files_below_the_directory(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    written(tmp_path / "ann", content())
    (path,) = find_truths(tmp_path)
    assert read_truth(path, tmp_path).file == "ann/a.csv"


def test_what_can_be_given(tmp_path: Path) -> None:
    assert read_truth(written(tmp_path, content(set={"exercise": "unknown"})), tmp_path).exercise is None
    assert read_truth(written(tmp_path, content(sets=[])), tmp_path).exercise is None
    other = {"exercise": "good_morning", "reps": [{"start_s": 20.0, "top_s": 26.0, "end_s": 26.0}]}
    two = [content()["sets"][0], content(set=other)["sets"][0]]
    assert read_truth(written(tmp_path, content(sets=two)), tmp_path).exercise is None


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("{", "cannot be read as JSON"),
        ([], "not a truth file"),
        (content(format="other"), "not a truth file"),
        (content(version=2), "version 2 of the truth format"),
        (content(recording="../a.csv"), "must lie in the same folder"),
        ({key: value for key, value in content().items() if key != "sets"}, "'sets' is missing"),
        (content(set={"exercise": "squat"}), "set 1: no exercise is called 'squat'"),
        (content(set={"first_movement": "down"}), "set 1: first_movement is 'down'"),
        (content(set={"repetitions": 2}), "set 1: 1 reps, but repetitions is 2"),
        (content(set={"repetitions": 0, "reps": []}), "set 1: 0 reps"),
        (content(set={"repetitions": 2, "reps": [REP, REP]}), "set 1: reps are not in order"),
        (content(set={"reps": [REP | {"top_s": 9.0}]}), "set 1, rep 1: start_s, top_s and end_s"),
        (content(set={"reps": [REP | {"top_s": None}]}), "not a valid truth file"),
        (content(sets=2 * content()["sets"]), "sets are not in order of time"),
        (content(sets=["deadlift"]), "not a valid truth file"),
    ],
)
def test_a_truth_that_is_none(tmp_path: Path, what: object, message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        read_truth(written(tmp_path, what), tmp_path)
