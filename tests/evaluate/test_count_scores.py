from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from imurep.errors import RecordingError
from imurep.evaluate import (
    ExactCountScore,
    QuietCountScore,
    SetCountScore,
    Trial,
    TruthRow,
    count_all,
    plan_trials,
    read_index,
    score_counts,
)
from tests.scripted import write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from imurep.evaluate import Counts, CountScore

DEADLIFT = TruthRow(file="d1", seconds=30, reps=10, dataset="flextail", activity="deadlift")
BEND = TruthRow(file="w1", seconds=60, reps=20, tolerance=1, dataset="mhealth", activity="waist_bend")
KNEE_BEND = TruthRow(file="k1", seconds=60, reps=20, tolerance=1, dataset="mhealth", activity="knee_bend")
SINGLE = TruthRow(file="s1", seconds=1800, reps=1, dataset="sisfall", activity="D16")
WALK = TruthRow(file="q1", seconds=5400, reps=0, dataset="sisfall", activity="D01")
DESK = TruthRow(file="q2", seconds=3600, reps=0, dataset="casale", activity="daily_life")
ROW = TruthRow(file="n1", seconds=30, reps=None, dataset="flextail", activity="bent_over_row")


def scored(*answers: tuple[TruthRow, Counts | dict[str, Counts]]) -> CountScore:
    """Score rows with the counts that their files get, by the options of the trial where these matter."""
    counts: dict[Trial, Counts] = {}
    for row, answer in answers:
        for trial in plan_trials([row]):
            counts[trial] = answer if isinstance(answer, tuple) else answer[trial.options]
    return score_counts([row for row, _ in answers], counts)


def test_what_is_counted_how() -> None:
    assert plan_trials([DEADLIFT]) == (Trial("d1"), Trial("d1", exercise="deadlift"))
    assert plan_trials([BEND]) == (Trial("w1"),)  # no exercise has this name
    assert plan_trials([SINGLE]) == (Trial("s1"), Trial("s1", min_reps=1))
    assert plan_trials([WALK, DESK]) == (Trial("q1"), Trial("q2"))
    assert plan_trials([ROW, KNEE_BEND]) == ()


def test_the_reps_of_all_sets_of_a_file_are_summed() -> None:
    found = scored((BEND, (12, 9)))
    assert found.sets == (
        SetCountScore("mhealth", "waist_bend", right=1, total=1, mean_abs_error=1.0, in_one_set=0, split=1),
    )
    assert [(miss.file, miss.why) for miss in found.misses] == [("w1", "split")]


def test_a_count_beyond_the_tolerance_is_wrong() -> None:
    found = scored((BEND, (22,)))
    assert (found.right, found.total, found.sets[0].mean_abs_error) == (0, 1, 2.0)
    assert [(miss.expected, miss.got, miss.why) for miss in found.misses] == [(20, (22,), "count")]


def test_nothing_found_is_not_a_split() -> None:
    found = scored((BEND, ()))
    assert (found.sets[0].in_one_set, found.sets[0].split) == (0, 0)


def test_the_exercise_given() -> None:
    found = scored((DEADLIFT, {"": (7,), "--exercise deadlift": (10,)}))
    assert found.right == 0
    assert found.with_exercise == (ExactCountScore("flextail", "deadlift", 1, 1),)


def test_single_bends_are_quiet_without_the_exercise() -> None:
    found = scored((SINGLE, {"": (3,), "--min-reps 1": (1,)}))
    assert found.singles == (ExactCountScore("sisfall", "D16", 1, 1),)
    assert found.quiet == (
        QuietCountScore(dataset="sisfall", hours=0.5, false_sets=1, false_reps=3, in_headline=True),
    )


def test_quiet_hours_and_the_headline() -> None:
    found = scored((WALK, (4, 3)), (SINGLE, {"": (), "--min-reps 1": (2,)}), (DESK, (9,)))
    casale, sisfall = found.quiet
    assert (casale.false_sets_per_hour, casale.in_headline) == (1.0, False)
    assert (sisfall.false_sets_per_hour, sisfall.false_reps_per_hour) == (1.0, 3.5)
    assert (found.headline.hours, found.headline.false_reps_per_hour) == (2.0, 3.5)
    assert [miss.file for miss in found.misses] == ["s1", "q1", "q2"]


def test_nothing_to_score() -> None:
    empty = scored()
    assert (empty.total, empty.headline.hours, empty.headline.false_sets_per_hour) == (0, 0, 0.0)


def index(tmp_path: Path, content: Any) -> Path:  # noqa: ANN401 anything may stand in a file
    (tmp_path / "index.json").write_text(
        content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
    )
    return tmp_path


def test_an_index_is_read(tmp_path: Path) -> None:
    full = {
        "file": "a.csv",
        "seconds": 3,
        "reps": 5,
        "tolerance": 1,
        "dataset": "x",
        "activity": "y",
        "more": 1,
    }
    short = {"file": "b.csv", "seconds": 3, "reps": None, "tolerance": None}
    assert read_index(index(tmp_path, [full, short])) == (
        TruthRow(file="a.csv", seconds=3.0, reps=5, tolerance=1, dataset="x", activity="y"),
        TruthRow(file="b.csv", seconds=3.0, reps=None),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read as JSON"),
        ("[", "cannot be read as JSON"),
        ([], "lists no recordings"),
        ({"file": "a"}, "lists no recordings"),
        ([{"file": "a", "seconds": 3}], "entry 1 has no 'reps'"),
        ([{"file": "a", "seconds": "long", "reps": 1}], "entry 1 is not a valid entry"),
        (["a.csv"], "entry 1 is not a valid entry"),
    ],
)
def test_an_index_that_is_none(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        read_index(index(tmp_path, content))


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"index\.json: not found; give a directory"):
        read_index(tmp_path)


@pytest.mark.parametrize("jobs", [1, 2])
def test_counting_real_files(tmp_path: Path, jobs: int) -> None:
    trials = [Trial(write_csv(tmp_path / name, seconds=5.0).name) for name in ("a.csv", "b.csv")]
    done: list[int] = []
    assert count_all(tmp_path, trials, jobs=jobs, done=done.append) == dict.fromkeys(
        trials, ()
    )  # standing still
    assert done == [1, 2]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_is_missing(tmp_path: Path, jobs: int) -> None:
    with pytest.raises(RecordingError, match=r"gone\.csv"):
        count_all(tmp_path, [Trial("gone.csv"), Trial("gone.csv", min_reps=1)], jobs=jobs)
