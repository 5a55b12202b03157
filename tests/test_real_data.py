"""Recordings of real people, which are not part of this project and cannot be shipped with it.

They belong to the data sets named in docs/explanation/accuracy.md. Where a folder with
them is (IMUREP_DATA, or ../shared/data beside the repository), these tests use it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from imurep.counting.pipeline import Pipeline
from imurep.evaluate import count_all, plan_trials, read_index, score_counts
from imurep.events import Packet
from imurep.recording import open_recording
from tests.counting.watching import check
from tests.motion import Recorded

DATA = Path(os.environ.get("IMUREP_DATA") or Path(__file__).parents[2] / "shared" / "data")


def why_not() -> str:
    if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        return "CI is set: the recordings of real people are not part of the project"
    if not (DATA / "index.json").is_file():
        return f"no index.json in {DATA}: recordings of real people are not part of the project (IMUREP_DATA)"
    return ""


pytestmark = [pytest.mark.real_data, pytest.mark.skipif(bool(why_not()), reason=why_not())]


def some_files() -> list[str]:
    """The shortest of each data set, and its shortest with a set in it."""
    if why_not():
        return ["none"]
    rows = sorted(json.loads((DATA / "index.json").read_text("utf-8")), key=lambda row: float(row["seconds"]))
    first = {(row["dataset"], (row["reps"] or 0) > 1): str(row["file"]) for row in reversed(rows)}
    return sorted(first.values())


def read(file: str) -> Recorded:
    packets = [packet for packet in open_recording(DATA / file) if isinstance(packet, Packet)]
    stamps = [packet.stamps_us for packet in packets if packet.stamps_us is not None]
    acc = [packet.acc_ms2 for packet in packets if packet.acc_ms2 is not None]
    gyr = [packet.gyr_rads for packet in packets if packet.gyr_rads is not None]
    return Recorded(np.concatenate(stamps), np.concatenate(acc), np.concatenate(gyr) if gyr else None)


@pytest.mark.parametrize("file", some_files())
def test_a_split_changes_nothing(file: str) -> None:
    whole = read(file).part(0, 15_000)
    for gyroscope in {whole.gyr_rads is not None, False}:
        used = whole if gyroscope else whole.without_gyroscope()
        at_once = Pipeline(min_reps=1)
        expected = at_once.push(used.packet()) + at_once.flush()
        check(expected, min_reps=1)
        rng = np.random.default_rng(len(whole))
        for cuts in (range(0, len(whole), 8), rng.integers(1, len(whole), 30).tolist()):
            cut = Pipeline(min_reps=1)
            events = [event for packet in used.packets(cuts) for event in cut.push(packet)]
            assert events + cut.flush() == expected


def test_the_figures_that_must_hold(subtests: pytest.Subtests) -> None:
    """One test, as counting everything takes a while and workers would not share it."""
    rows = read_index(DATA)
    scored = score_counts(rows, count_all(DATA, plan_trials(rows)))
    with subtests.test("sets, nothing told"):
        assert scored.total == 39
        assert scored.right >= 37
    with subtests.test("single bends"):
        total = sum(part.total for part in scored.singles)
        assert sum(part.right for part in scored.singles) >= 0.95 * total > 0
    with subtests.test("quiet hours"):
        assert scored.headline.hours > 5
        assert scored.headline.false_sets_per_hour <= 0.5
        assert scored.headline.false_reps_per_hour <= 2
    with subtests.test("deadlifts, told"):
        (deadlifts,) = [part for part in scored.with_exercise if part.dataset == "flextail"]
        assert deadlifts.right == deadlifts.total > 0
