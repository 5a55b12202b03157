"""``python -m tests.accuracy.fit_exercise_score --data DIR FOLDER...``: fit the score of exercise.

DIR holds real recordings with an ``index.json``. A FOLDER is a suite: ``truth.json`` and CSV
recordings. Simulated sets and hours of simulated daily life are added as suites of their own.
Each recording with a gyroscope is counted without it, too, but for days on a gym floor: nothing but
a gyroscope shows a twist. The detector runs with the truth in
place of the classification, so that it meets what it would meet behind a perfect one: each group
of movements that it closes is an example, a set or daily life. A single bend is daily life, and a
set for who asks for single reps. The last lines give, for each suite, how many examples are
classified wrong by the weights of all others.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

import numpy as np
from scipy.optimize import minimize

from firmware_sim.programs.cli import main as simulate
from imurep.counting.segmentation import active_set
from imurep.counting.segmentation.active_set import ActiveSet
from imurep.counting.segmentation.segmentation_params import USUAL_MIN_REPS
from imurep.counting.segmentation.set_classifier import COEFFICIENTS, exercise_features
from imurep.exercises import EXERCISES
from imurep.offline.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from imurep.counting.motion.upright_evidence import UprightCandidate
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import SetClassifierParams
    from imurep.events import Event, Gap

SIMULATED = ("2x3", "2x5", "2x8", "2x12")
SMALL = ("2x5", "2x12"), ["--load", "500", "--tempo", "2-0-1-1"]
"""Sets with about half of the range: so much does a load cost that nobody lifts."""
LIFE_MINUTES = 40
LIVES = {"plain": 6, "house": 4, "gym": 4}
"""Days of each kind."""
VARIED = ("3x3", "3x6", "3x10"), ["--variety", "life"]
"""Sets as varied as life."""
SEED = 4500
"""No seed of the score, nor of a test."""
OVERLAP = 0.6
"""Movements are a set when one fills so much of their time; those that overlap one less are no example."""
REAL_WEIGHT, SINGLE_WEIGHT, SIMULATED_SET_WEIGHT = 8.0, 2.0, 3.0
"""What an example counts that is real, a single bend that was asked for, or a simulated set; one of simulated
daily life counts 1. Real ones are few and less alike than simulated ones; chores are closed repeatedly."""
RIDGE = 1.0
"""Penalty on the square of a weight per standard deviation of its feature."""
CLEAR = ("flextail", "deadlift"), ("mhealth", "waist_bend"), ("bmhad", "bend")
"""Data sets and activities that are sets. A single bend is none."""

Label = bool | None
"""Whether movements are a set; None: nobody knows, or partly."""


class Examples(NamedTuple):
    """Groups of movements of one suite."""

    suite: str
    features: NDArray[np.float64]
    """(n, 10): columns of ``COEFFICIENTS``."""
    priors: NDArray[np.float64]
    """Log-odds that are added for what is known of the session."""
    exercise: NDArray[np.bool_]
    """Whether each is a set."""
    weights: NDArray[np.float64]
    """What each counts."""


@dataclass(frozen=True, slots=True)
class Source:
    """A recording, and its truth."""

    suite: str
    path: Path
    label: Callable[[Sequence[Movement], float, float], Label]
    """Is called with movements and their begin and end in s."""
    min_reps: int = USUAL_MIN_REPS


SOURCES: list[Source] = []
"""All recordings, for the processes that count them."""


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--data", type=Path, help="real recordings with an index.json")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as made:
        sources = [one for folder in args.folders for one in _of_folder(folder)]
        sources += _of_data(args.data) if args.data else []
        sources += _simulated(Path(made))
        without = [one for source in sources for one in _without_gyroscope(source, Path(made))]
        SOURCES.extend([*sources, *without])
        # Forked, since what labels movements cannot be sent to another process.
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("fork")) as pool:
            examples = _joined(list(pool.map(_examples_of, range(len(SOURCES)))))
    weights = _fit(examples)
    for name, weight in zip(COEFFICIENTS, weights, strict=True):
        print(f"    {name}: float = {weight:.2f}")
    print("| left out | sets | not seen | others | taken for sets |\n|---|---|---|---|---|")
    for one in examples:
        print(_row(one.suite, _fit([other for other in examples if other is not one]), [one]))
    print(_row("none", weights, examples))


def _of_folder(folder: Path) -> Iterator[Source]:
    for truth in json.loads((folder / "truth.json").read_text()):
        sets = [(one["reps"][0]["start_s"], one["reps"][-1]["end_s"]) for one in truth["sets"]]
        yield Source(folder.name, folder / truth["file"], _by_time(sets, truth["neutral"]))


def _of_data(folder: Path) -> Iterator[Source]:
    for row in json.loads((folder / "index.json").read_text()):
        reps = row["reps"]
        suite, path = f"real {row['dataset']}", folder / row["file"]
        if reps is not None and (reps < 2 or (row["dataset"], row["activity"]) in CLEAR):
            yield Source(suite, path, _by_count(reps))
        if reps == 1:
            yield Source(suite, path, _single, min_reps=1)


def _simulated(folder: Path) -> Iterator[Source]:
    seed = SEED
    plans = [
        ("simulated sets", f"{exercise}-{sets}", ["--exercise", exercise, "--sets", sets])
        for exercise in EXERCISES
        for sets in SIMULATED
    ]
    plans += [
        (
            "simulated small sets",
            f"{exercise}-small-{sets}",
            ["--exercise", exercise, "--sets", sets, *SMALL[1]],
        )
        for exercise in EXERCISES
        for sets in SMALL[0]
    ]
    plans += [
        (
            f"simulated {day} day",
            f"{day}-{number}",
            ["--exercise", "none", "--minutes", str(LIFE_MINUTES), "--day", day],
        )
        for day, days in LIVES.items()
        for number in range(days)
    ]
    plans += [
        (
            "simulated varied sets",
            f"{exercise}-{sets}-varied",
            ["--exercise", exercise, "--sets", sets, *VARIED[1]],
        )
        for exercise in EXERCISES
        for sets in VARIED[0]
    ]
    for suite, name, options in plans:
        for sensor in ([],) if "gym" in suite else ([], ["--acc-only"]):
            seed += 1
            path = folder / f"{name}-{seed}"
            command = ["record", str(path), *options, *sensor, "--seed", str(seed), "--mounting", "random"]
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                simulate(command)
            truth = json.loads(path.with_suffix(".truth.json").read_text())
            sets = [(one["start_s"], one["end_s"]) for one in truth["sets"]]
            neutral = [(one["start_s"], one["end_s"]) for one in truth.get("neutral", [])]
            yield Source(suite, path.with_suffix(".jsonl.gz"), _by_time(sets, neutral))


def _without_gyroscope(source: Source, folder: Path) -> Iterator[Source]:
    if not source.path.name.endswith(".csv.gz"):
        return
    copy = folder / f"{source.suite}-{source.path.name}"
    with gzip.open(source.path, "rt") as rows, gzip.open(copy, "wt", compresslevel=1) as out:
        if "gyr" not in (head := next(rows)):
            return
        out.writelines(",".join(row.rstrip().split(",")[:4]) + "\n" for row in (head, *rows))
    yield replace(source, path=copy)


def _by_time(
    sets: Sequence[tuple[float, float]], neutral: Sequence[tuple[float, float]]
) -> Callable[[Sequence[Movement], float, float], Label]:
    def label(_: Sequence[Movement], begin_s: float, end_s: float) -> Label:
        def overlap_s(span: Sequence[float]) -> float:
            return max(0.0, min(span[1], end_s) - max(span[0], begin_s))

        if any(overlap_s(span) for span in neutral):
            return None
        most_s = max((overlap_s(span) for span in sets), default=0.0)
        return True if most_s > OVERLAP * (end_s - begin_s) else None if most_s else False

    return label


def _by_count(reps: int) -> Callable[[Sequence[Movement], float, float], Label]:
    def label(movements: Sequence[Movement], *_: float) -> Label:
        if reps < 2:
            return False
        return True if len(movements) >= 2 * OVERLAP * reps else None

    return label


def _single(movements: Sequence[Movement], *_: float) -> Label:
    return True if len(movements) <= 3 else None


def _examples_of(number: int) -> Examples:
    return _examples(SOURCES[number])


def _examples(source: Source) -> Examples:
    """Count a recording with the truth in place of the classification."""
    features: list[tuple[float, ...]] = []
    priors: list[float] = []
    exercise: list[bool] = []
    replay = Replay(source.path, min_reps=source.min_reps)
    close = ActiveSet.close
    closing = False

    def classify(
        movements: Sequence[Movement],
        shake_rms_ms2: float,
        prior: float,
        params: SetClassifierParams,
        *,
        gyroscope: bool,
    ) -> float:
        span_us = movements[0].timing.start_us, movements[-1].timing.end_us
        label = source.label(movements, *((time_us - replay.first_us) / 1e6 for time_us in span_us))
        if closing and label is not None:
            features.append(exercise_features(movements, shake_rms_ms2, params, gyroscope=gyroscope))
            priors.append(prior)
            exercise.append(label)
        return float(label is not False)

    def noted(
        self: ActiveSet, gaps: Sequence[Gap], uprights: Sequence[UprightCandidate], *, at_end: bool
    ) -> list[Event]:
        nonlocal closing
        closing = True
        events = close(self, gaps, uprights, at_end=at_end)
        closing = False
        return events

    with patch.object(active_set, "exercise_confidence", classify), patch.object(ActiveSet, "close", noted):
        for _ in replay.events():
            pass
    real = REAL_WEIGHT if source.min_reps == USUAL_MIN_REPS else SINGLE_WEIGHT
    simulated = np.where(exercise, SIMULATED_SET_WEIGHT, 1.0)
    return Examples(
        source.suite,
        np.reshape(features, (-1, len(COEFFICIENTS))),
        np.array(priors),
        np.array(exercise, bool),
        np.full(len(exercise), real) if source.suite.startswith("real") else simulated,
    )


def _joined(parts: Sequence[Examples]) -> list[Examples]:
    """One for each suite."""
    of = {part.suite: [one for one in parts if one.suite == part.suite] for part in parts}
    return [
        Examples(
            suite,
            np.concatenate([one.features for one in its]),
            np.concatenate([one.priors for one in its]),
            np.concatenate([one.exercise for one in its]),
            np.concatenate([one.weights for one in its]),
        )
        for suite, its in of.items()
    ]


def _fit(examples: Sequence[Examples]) -> NDArray[np.float64]:
    features = np.concatenate([one.features for one in examples])
    signs = np.where(np.concatenate([one.exercise for one in examples]), 1.0, -1.0)
    priors = np.concatenate([one.priors for one in examples])
    counts = np.concatenate([one.weights for one in examples])
    scale = features.std(axis=0)
    scale[scale == 0] = 1.0
    scaled = features / scale

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (scaled @ weights + priors)
        slope = -(counts * signs * np.exp(-np.logaddexp(0, margins))) @ scaled
        value = (counts * np.logaddexp(0, -margins)).sum() + RIDGE * (weights @ weights)
        return float(value), slope + 2 * RIDGE * weights

    found = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B")
    weights: NDArray[np.float64] = found.x / scale
    return weights


def _row(name: str, weights: NDArray[np.float64], examples: Sequence[Examples]) -> str:
    taken = np.concatenate([one.features @ weights + one.priors >= 0 for one in examples])
    exercise = np.concatenate([one.exercise for one in examples])
    missed, false = (exercise & ~taken).sum(), (~exercise & taken).sum()
    return f"| {name} | {exercise.sum()} | {missed} | {(~exercise).sum()} | {false} |"


if __name__ == "__main__":
    main()
