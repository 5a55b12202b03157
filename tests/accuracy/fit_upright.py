"""``python -m tests.accuracy.fit_upright FOLDER...``: fit what shows where upright is, and print it.

A folder holds ``truth.json`` and CSV recordings, a suite each, with the trunk's
axes in the sensor; simulated sessions are added as a suite of their own. At the
start of each set and after the rest behind it, the poses seen up to then are
candidates for upright, or none of them is; a conditional logit is fitted to
which of them truly is. Each session is also cut so that it begins shortly before
the set: on the bench, at the bar. The last lines give, for each suite, the share
of choices that are right by the weights of all others, where they are sure.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from firmware_sim.programs.cli import main as simulate
from imurep.counting.motion.motion_params import StandingParams
from imurep.counting.motion.pose import angle, unit
from imurep.counting.motion.ring_buffer import MotionHistory
from imurep.counting.motion.upright_evidence import UprightEvidence
from imurep.counting.segmentation.segmentation_params import MovementTrackerParams
from imurep.exercises import EXERCISES
from imurep.offline.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from imurep.counting.motion.pose import Pose
    from imurep.counting.motion.ring_buffer import SecondStats

SIMULATED: tuple[tuple[str, ...], ...] = (
    ("--sets", "2x6", "--rest", "45", "--no-lead-in"),
    ("--sets", "2x6", "--minutes", "2"),
)
SEED = 88_000
"""No seed of the score, nor of a test."""
BEGINS_S = (2.0, 5.0, 12.0, math.inf, math.inf, math.inf)
"""Seconds before a set at which a session begins; most begin earlier."""
RESTED_S = 12.5
"""A set is closed so long after its end."""
NEAR_DEG = 25.0
"""A pose nearer to the trunk's axis than this is upright; people lean, and straps slip."""
SURE = 0.8
RIDGE = 0.05
STANDING, REST_S = StandingParams(), MovementTrackerParams().rest_s


class Second(NamedTuple):
    number: int
    time_s: float
    stats: SecondStats


class Example(NamedTuple):
    """Poses that may be upright at one time."""

    suite: str
    terms: NDArray[np.float64]
    """(n, 3): logarithms of the times of walking and of being still, and 1."""
    upright: NDArray[np.bool_]
    """Whether each is; none, if upright was not seen."""


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    args = parser.parse_args(argv)
    examples = [one for folder in args.folders for one in _of_folder(folder)]
    with tempfile.TemporaryDirectory() as folder:
        examples += _simulated(Path(folder))
    weights = _fit(examples)
    print(f"{len(examples)} choices")
    for name, weight in zip(("walked", "stood", "bias"), weights, strict=True):
        print(f"    {name}: float = {weight:.2f}")
    for suite in sorted({one.suite for one in examples}):
        others = _fit([one for one in examples if one.suite != suite])
        sure, right, count = _chosen(others, [one for one in examples if one.suite == suite])
        print(f"{suite}: {sure} of {count} sure, {right} of them right by the others' {others.round(2)}")


def _of_folder(folder: Path) -> Iterator[Example]:
    for truth in json.loads((folder / "truth.json").read_text()):
        axes, slip = np.array(truth["options"]["sensor_axes_in_trunk"]), truth["options"]["slip"]
        slipped = axes
        if slip:
            turn = math.radians(slip["degrees"]) * np.array(slip["axis_in_trunk"])
            slipped = axes @ Rotation.from_rotvec(turn).as_matrix().T
        sets = [(one["start_s"], one["end_s"]) for one in truth["sets"]]
        uprights = (
            (slip["start_s"] if slip else math.inf, _pose(axes[:, 2])),
            (math.inf, _pose(slipped[:, 2])),
        )
        yield from _examples(folder.name, folder / truth["file"], sets, uprights)


def _simulated(folder: Path) -> Iterator[Example]:
    for number, exercise in enumerate(EXERCISES):
        for at, options in enumerate(SIMULATED):
            seed = SEED + 10 * number + at
            path = folder / f"{seed}"
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                simulate(["record", str(path), "--exercise", exercise, "--seed", str(seed), *options])
            truth = json.loads(path.with_suffix(".truth.json").read_text())
            w, x, y, z = truth["simulation"]["sensor"]["mounting_quaternion"]
            up = _pose(Rotation.from_quat((x, y, z, w)).as_matrix()[0])
            sets = [(one["start_s"], one["end_s"]) for one in truth["sets"]]
            yield from _examples("simulated", path.with_suffix(".jsonl.gz"), sets, ((math.inf, up),))


def _pose(vector: NDArray[np.float64]) -> Pose:
    x, y, z = vector.tolist()
    return unit((x, y, z))


def _examples(
    suite: str,
    path: Path,
    sets: Sequence[tuple[float, float]],
    uprights: Sequence[tuple[float, Pose]],
) -> Iterator[Example]:
    """``uprights``: upright until so many seconds."""
    seconds = _seconds(path)
    for start_s, end_s in sets:
        for begins_s in BEGINS_S:
            evidence = UprightEvidence()
            at = [second for second in seconds if second.time_s > start_s - begins_s]
            stay_s = _stay_s(at, start_s)
            spans = [*sets, (stay_s, end_s)]
            for until_s in (stay_s, end_s + RESTED_S):
                while at and at[0].time_s <= until_s:
                    number, time_s, stats = at.pop(0)
                    if not any(first_s < time_s < last_s for first_s, last_s in spans):
                        evidence.push(number, stats.spread_ms2, stats.pose, stats.acc_ms2)
                if evidence.candidates:
                    upright = next(pose for last_s, pose in uprights if until_s < last_s)
                    yield _example(suite, evidence, upright)


def _stay_s(seconds: Sequence[Second], start_s: float) -> float:
    """Begin of the stay at the first end of a set, which belongs to the set."""
    before = [second for second in seconds if second.time_s < start_s]
    first = before[-1].stats.pose if before else None
    while first and before:
        stayed = angle(unit(before[-1].stats.pose), unit(first)) < math.radians(NEAR_DEG)
        shaken = before[-1].stats.spread_ms2 >= STANDING.stroll_ms2
        if before[-1].time_s < start_s - REST_S or not stayed or shaken:
            break
        before.pop()
    return before[-1].time_s if before else -math.inf


def _example(suite: str, evidence: UprightEvidence, upright: Pose) -> Example:
    places = evidence.places
    return Example(
        suite,
        np.array([(math.log1p(one.walked.seconds), math.log1p(one.stood.seconds), 1.0) for one in places]),
        np.array([angle(one.pose, upright) < math.radians(NEAR_DEG) for one in places]),
    )


def _seconds(path: Path) -> list[Second]:
    """All whole seconds of a recording."""
    found: list[Second] = []
    replay = Replay(path)
    last_second = MotionHistory.last_second

    def spy(history: MotionHistory) -> SecondStats:
        stats = last_second(history)
        time_s = (history.time_at(history.now - 1) - replay.first_us) / 1e6
        found.append(Second(history.now // history.per_second, time_s, stats))
        return stats

    with patch.object(MotionHistory, "last_second", spy):
        for _ in replay.events():
            pass
    return found


def _fit(examples: Sequence[Example]) -> NDArray[np.float64]:
    def loss(weights: NDArray[np.float64]) -> float:
        total = 0.0
        for one in examples:
            shares = _shares(weights, one)
            total -= math.log(max(shares[:-1][one.upright].sum() if one.upright.any() else shares[-1], 1e-9))
        return total + RIDGE * float((weights**2).sum())

    weights: NDArray[np.float64] = minimize(loss, np.zeros(3), method="L-BFGS-B").x
    return weights


def _shares(weights: NDArray[np.float64], one: Example) -> NDArray[np.float64]:
    """Probability of each pose, and that upright was not seen."""
    log_odds = np.append(one.terms @ weights, 0.0)
    shares = np.exp(log_odds - log_odds.max())
    normal: NDArray[np.float64] = shares / shares.sum()
    return normal


def _chosen(weights: NDArray[np.float64], examples: Sequence[Example]) -> tuple[int, int, int]:
    """Number of choices that are sure, that are right of these, and of all."""
    shares = [_shares(weights, one)[:-1] for one in examples]
    sure = [(one, share) for one, share in zip(examples, shares, strict=True) if share.max() > SURE]
    right = sum(bool(one.upright[share.argmax()]) for one, share in sure)
    return len(sure), right, len(examples)


if __name__ == "__main__":
    main()
