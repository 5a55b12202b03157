"""``python -m tests.accuracy.fit_likeness FOLDER...``: fit the weights of likeness, and print them.

A folder holds ``truth.json`` and CSV recordings, a suite each; simulated sessions
are added as a suite of their own. All movements of tracked sets are labelled by
the truth; those at the edges of a set and around it are classified by logistic
regression on their unlikeness to the set's own. The last lines give the share of
movements of each suite that is classified right by the weights of all others.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import numpy as np
from scipy.optimize import minimize

from firmware_sim.programs.cli import main as simulate
from imurep.counting.segmentation import active_set
from imurep.counting.segmentation.segmentation_params import SetWindowParams
from imurep.counting.segmentation.set_window import (
    FEWEST_MOVEMENTS,
    PAUSE,
    TERMS,
    Features,
    unlikeness,
)
from imurep.counting.segmentation.top_bottom import find_layout
from imurep.exercises import EXERCISES
from imurep.offline.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.top_bottom import SetLayout

PARAMS = SetWindowParams()
SIMULATED = ("2x3", "2x5", "2x8", "2x12")
VARIED = ("3x3", "3x4", "3x6", "3x8", "3x12", "3x5", "3x7", "3x10")
"""Sets as varied as life, of each exercise."""
SEED = 4000
"""No seed of the score, nor of a test."""
MARGIN_S = 0.3
"""A movement is of a rep in the middle of which it is, give or take so much."""
EDGE = 4
"""Movements of a set that are fitted at each of its edges: those amid it would outnumber all others."""
RIDGE = 0.5

Reps = list[list[tuple[float, float]]]
"""Begin and end of each rep in s, by set."""


class Examples(NamedTuple):
    """Movements to be classified."""

    suite: str
    terms: NDArray[np.float64]
    """(n, 8): unlikeness, and 1."""
    own: NDArray[np.bool_]
    """Whether each is the set's own."""


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    args = parser.parse_args(argv)
    examples = [one for folder in args.folders for one in _of_folder(folder)]
    with tempfile.TemporaryDirectory() as folder:
        examples += _simulated(Path(folder))
    weights = _fit(examples)
    print(f"{sum(len(one.own) for one in examples)} movements at the edges of {len(examples)} sets")
    for name, weight in zip((*TERMS, "bias"), weights, strict=True):
        print(f"    {name}: float = {weight:.2f}")
    print(f"all: {_right(weights, examples):.2%}")
    for suite in sorted({one.suite for one in examples}):
        others = _fit([one for one in examples if one.suite != suite])
        its = [one for one in examples if one.suite == suite]
        print(f"{suite}: {_right(others, its):.2%} by the others' {others.round(2).tolist()}")


def _of_folder(folder: Path) -> Iterator[Examples]:
    for truth in json.loads((folder / "truth.json").read_text()):
        reps = [[(rep["start_s"], rep["end_s"]) for rep in one["reps"]] for one in truth["sets"]]
        yield from _examples(folder.name, folder / truth["file"], reps)


def _simulated(folder: Path) -> Iterator[Examples]:
    seed = SEED
    for exercise in EXERCISES:
        plans = [("simulated", sets, []) for sets in SIMULATED]
        plans += [(f"varied {exercise}", sets, ["--variety", "life"]) for sets in VARIED]
        for number, (suite, sets, variety) in enumerate(plans):
            seed += 1
            path = folder / f"{exercise}-{sets}-{number}"
            options = ["--exercise", exercise, "--sets", sets, *variety]
            options += ["--seed", str(seed), "--mounting", "random"]
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                simulate(
                    ["record", str(path), *options, *(["--acc-only"] if number % len(SIMULATED) == 0 else [])]
                )
            (truth_path,) = folder.glob(f"{path.name}*.truth.json")
            truth = json.loads(truth_path.read_text())
            reps = [
                [(rep["start_s"], rep["end_s"] or rep["top_s"]) for rep in one["reps"]]
                for one in truth["sets"]
            ]
            yield from _examples(suite, Path(str(truth_path).replace(".truth.json", ".jsonl.gz")), reps)


def _examples(suite: str, path: Path, reps: Reps) -> Iterator[Examples]:
    for movements, first_us in _tracked(path):
        labels = [_set_of(movement, first_us, reps) for movement in movements]
        for number in sorted({label for label in labels if label is not None}):
            of_it = [at for at, label in enumerate(labels) if label == number]
            if len(of_it) >= FEWEST_MOVEMENTS:
                yield _around(suite, movements, labels, range(of_it[0], of_it[-1] + 1))


def _tracked(path: Path) -> list[tuple[list[Movement], int]]:
    """All movements of each set that is tracked in a recording, and the recording's first time."""
    found: list[list[Movement]] = []

    def spy(movements: Sequence[Movement], *args: Any, **kwargs: Any) -> SetLayout:  # noqa: ANN401 passed on as they come
        if len(movements) >= FEWEST_MOVEMENTS:
            found.append(list(movements))
        return find_layout(movements, *args, **kwargs)

    replay = Replay(path)
    with patch.object(active_set, "find_layout", spy):
        for _ in replay.events():
            pass
    return [(one, replay.first_us) for one in found]


def _set_of(movement: Movement, first_us: int, reps: Reps) -> int | None:
    middle_s = (movement.timing.start_us + movement.timing.end_us - 2 * first_us) / 2e6
    for number, of_set in enumerate(reps):
        if any(start_s - MARGIN_S <= middle_s <= end_s + MARGIN_S for start_s, end_s in of_set):
            return number
    return None


def _around(suite: str, movements: Sequence[Movement], labels: Sequence[int | None], own: range) -> Examples:
    """Give the movements at the edges of a set, and around it as far as to the next set."""
    before = _unlabelled(labels[: own.start][::-1])
    behind = _unlabelled(labels[own.stop :])
    movements = movements[own.start - before : own.stop + behind]
    window = range(before, before + len(own))
    terms = unlikeness(Features.of(movements), window, PARAMS)
    # The pause that separates a movement before the set from it is the one behind it.
    terms[: window.start, PAUSE] = terms[1 : window.start + 1, PAUSE]
    terms[window.start, PAUSE] = 0.0
    at = np.arange(len(movements))
    is_own = (at >= window.start) & (at < window.stop)
    fitted = ~is_own | (at < window.start + EDGE) | (at >= window.stop - EDGE)
    return Examples(suite, np.column_stack((terms, np.ones(len(terms))))[fitted], is_own[fitted])


def _unlabelled(labels: Sequence[int | None]) -> int:
    """Number of movements up to the first one that is of a set."""
    return next((at for at, label in enumerate(labels) if label is not None), len(labels))


def _fit(examples: Sequence[Examples]) -> NDArray[np.float64]:
    terms = np.concatenate([one.terms for one in examples])
    signs = np.where(np.concatenate([one.own for one in examples]), 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, -signs * (terms @ weights)).sum() + RIDGE * (weights[:-1] ** 2).sum())

    weights: NDArray[np.float64] = minimize(loss, np.zeros(terms.shape[1]), method="L-BFGS-B").x
    return weights


def _right(weights: NDArray[np.float64], examples: Sequence[Examples]) -> float:
    right = [(one.terms @ weights > 0) == one.own for one in examples]
    return float(np.concatenate(right).mean())


if __name__ == "__main__":
    main()
