"""``python -m tests.accuracy.fit_likeness FOLDER...``: fit the weights of likeness, and print them.

A folder holds ``truth.json`` and CSV recordings, a suite each; simulated sessions
are added as suites of their own, plain ones and for each exercise varied ones. Of
each tracked set, all windows with edges near the true ones or near the ends are
compared: those with the true reps are right. The weights make them the most likely
ones (a conditional logit). The scales are found in turns, each by the parabola through
what it is, a fifth less and a quarter more, with the weights fitted to each. The last
lines give the share of sets of each suite whose most likely window is right by the
weights of all other suites.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from firmware_sim.programs.cli import main as simulate
from imurep.counting.segmentation import active_set
from imurep.counting.segmentation.likeness_coefficients import LikenessCoefficients, LikenessScales
from imurep.counting.segmentation.segmentation_params import SetWindowParams
from imurep.counting.segmentation.set_window import FEWEST_MOVEMENTS, TERMS, Features, unlikeness
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
REACH = 12
"""Windows begin and end within so many movements of the first and last one."""
RIDGE = 1.0
FACTORS = (0.8, 1.0, 1.25)
"""What each scale is tried with."""
NAMES = tuple(field.name for field in fields(LikenessCoefficients))

SCALES = tuple(field.name for field in fields(LikenessScales))

Span = tuple[float, float]


class TrueSet(NamedTuple):
    """A set by its truth; times in s."""

    reps: list[Span]
    tops: list[float]


class Truth(NamedTuple):
    """What was done in a recording."""

    sets: list[TrueSet]
    neutral: list[Span]
    """Stretches in which a rep is neither right nor wrong."""


class Tracked(NamedTuple):
    """The movements of a tracked set."""

    suite: str
    movements: Sequence[Movement]
    own: range
    """Those of true reps, and what is between them."""
    rises: list[int]
    """Those that go up and are not neutral."""


@dataclass(frozen=True, slots=True)
class Example:
    """The windows of one tracked set, and what their movements are like, one behind the other."""

    suite: str
    features: NDArray[np.float64]
    """(m, 8): columns of ``NAMES`` for each movement of each window; the half rep is of its first one."""
    first: NDArray[np.intp]
    """(w,): row of the first movement of each window."""
    right: NDArray[np.bool_]
    """(w,): whether the window has the true reps."""
    other_start: NDArray[np.float64]
    """(w,): 1 where the window starts at the other end than the true reps, else 0."""


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    args = parser.parse_args(argv)
    tracked = [one for folder in args.folders for one in _of_folder(folder)]
    with tempfile.TemporaryDirectory() as folder:
        tracked += _simulated(Path(folder))
    scales = LikenessScales()
    for name in SCALES:
        scales = replace(scales, **{name: _best(name, scales, tracked)})
        print(f"    {name}: float = {getattr(scales, name):.2f}", flush=True)
    examples = _examples(tracked, scales)
    weights = _fit(examples, scales)[0]
    print(f"{len(examples)} sets")
    for name, weight in zip(NAMES, weights, strict=True):
        print(f"    {name}: float = {weight:.2f}")
    print(f"all: {_right(weights, examples, scales):.1%}")
    for suite in sorted({one.suite for one in examples}):
        others = _fit([one for one in examples if one.suite != suite], scales)[0]
        its = [one for one in examples if one.suite == suite]
        right = _right(others, its, scales)
        print(f"{suite}: {right:.1%} of {len(its)} by the others' {others.round(2).tolist()}")


def _best(name: str, scales: LikenessScales, tracked: Sequence[Tracked]) -> float:
    """Give the value of a scale at which the loss is least, within what is tried."""
    values: list[float] = [getattr(scales, name) * factor for factor in FACTORS]
    losses = []
    for value in values:
        tried = replace(scales, **{name: value})
        losses.append(_fit(_examples(tracked, tried), tried)[1])
    curve, slope, _ = np.polyfit(np.log(values), losses, 2)
    if curve <= 0:
        return values[int(np.argmin(losses))]
    return float(np.clip(math.exp(-slope / (2 * curve)), values[0], values[-1]))


def _of_folder(folder: Path) -> Iterator[Tracked]:
    for truth in json.loads((folder / "truth.json").read_text()):
        yield from _tracked(folder.name, folder / truth["file"], _truth(truth))


def _truth(truth: dict[str, Any]) -> Truth:
    sets = [
        TrueSet(
            [(rep["start_s"], rep["end_s"] or rep["top_s"]) for rep in one["reps"]],
            [rep["top_s"] for rep in one["reps"]],
        )
        for one in truth["sets"]
    ]
    spans = [
        (one["start_s"], one["end_s"]) if isinstance(one, dict) else one for one in truth.get("neutral", [])
    ]
    return Truth(sets, spans)


def _simulated(folder: Path) -> Iterator[Tracked]:
    seed = SEED
    for exercise in EXERCISES:
        plans: list[tuple[str, str, list[str]]] = [("simulated", sets, []) for sets in SIMULATED]
        plans += [(f"varied {exercise}", sets, ["--variety", "life"]) for sets in VARIED]
        for number, (suite, sets, variety) in enumerate(plans):
            seed += 1
            path = folder / f"{exercise}-{sets}-{number}"
            options = ["--exercise", exercise, "--sets", sets, *variety]
            options += ["--seed", str(seed), "--mounting", "random"]
            options += ["--acc-only"] if number % len(SIMULATED) == 0 else []
            options += ["--end-at-top"] if variety and number % 3 == 0 else []
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                simulate(["record", str(path), *options])
            (truth_path,) = folder.glob(f"{path.name}*.truth.json")
            truth = json.loads(truth_path.read_text())
            recording = Path(str(truth_path).replace(".truth.json", ".jsonl.gz"))
            yield from _tracked(suite, recording, _truth(truth))


def _tracked(suite: str, path: Path, truth: Truth) -> Iterator[Tracked]:
    for movements, first_us in _closed(path):
        sets = [_set_of(movement, first_us, truth) for movement in movements]
        numbers = {number for number in sets if number is not None}
        own = [at for at, number in enumerate(sets) if number is not None]
        if len(numbers) == 1 and len(own) >= FEWEST_MOVEMENTS:
            tops = truth.sets[numbers.pop()].tops
            rises = _rises(movements, first_us, tops, truth)
            yield Tracked(suite, movements, range(own[0], own[-1] + 1), rises)


def _rises(movements: Sequence[Movement], first_us: int, tops: Sequence[float], truth: Truth) -> list[int]:
    """Numbers of the movements that go up and are not neutral."""
    away_s = [min(abs((one.timing.end_us - first_us) / 1e6 - top_s) for top_s in tops) for one in movements]
    parity = int(np.median(away_s[1::2]) < np.median(away_s[::2]))
    neutral = [any(a <= _middle_s(one, first_us) <= b for a, b in truth.neutral) for one in movements]
    return [at for at in range(parity, len(movements), 2) if not neutral[at]]


def _closed(path: Path) -> list[tuple[list[Movement], int]]:
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


def _set_of(movement: Movement, first_us: int, truth: Truth) -> int | None:
    middle_s = _middle_s(movement, first_us)
    for number, of_set in enumerate(truth.sets):
        if any(start_s - MARGIN_S <= middle_s <= end_s + MARGIN_S for start_s, end_s in of_set.reps):
            return number
    return None


def _middle_s(movement: Movement, first_us: int) -> float:
    return (movement.timing.start_us + movement.timing.end_us - 2 * first_us) / 2e6


def _examples(tracked: Sequence[Tracked], scales: LikenessScales) -> list[Example]:
    return [_example(one, scales) for one in tracked]


def _example(of: Tracked, scales: LikenessScales) -> Example:
    def reps(window: range) -> list[int]:
        return [at for at in of.rises if at in window]

    count, own, features = len(of.movements), of.own, Features.of(of.movements)
    rows: list[NDArray[np.float64]] = []
    first: list[int] = []
    right: list[bool] = []
    other_start: list[bool] = []
    for start in range(min(count - FEWEST_MOVEMENTS + 1, max(REACH, own.start + 3))):
        stops = range(max(start + FEWEST_MOVEMENTS, min(count - REACH, own.stop - 2)), count + 1)
        for window in (range(start, stop) for stop in stops):
            terms, spread = unlikeness(features, window, scales)
            its = np.zeros((len(window), len(NAMES)))
            its[:, : len(TERMS)] = terms[window.start : window.stop]
            # The pause before the first movement is none of the set's.
            its[0, TERMS.index("pause")] = 0.0
            its[:, NAMES.index("bias")] = 1.0
            its[:, NAMES.index("spread")] = spread
            its[0, NAMES.index("half_rep")] = len(window) % 2
            first.append(first[-1] + len(rows[-1]) if rows else 0)
            rows.append(its)
            right.append(reps(window) == reps(own))
            other_start.append((start - own.start) % 2 == 1)
    return Example(
        of.suite, np.concatenate(rows), np.array(first), np.array(right), np.array(other_start, float)
    )


def _fit(examples: Sequence[Example], scales: LikenessScales) -> tuple[NDArray[np.float64], float]:
    """Give the weights, and the loss with them."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for one in examples:
            sums, slopes = _sums(weights, one, scales)
            all_odds, right_odds = logsumexp(sums), logsumexp(sums[one.right])
            total += float(all_odds - right_odds)
            slope += np.exp(sums - all_odds) @ slopes
            slope -= np.exp(sums[one.right] - right_odds) @ slopes[one.right]
        return total, slope

    bounds = [(None, None) if name == "bias" else (None, 0.0) for name in NAMES]
    found = minimize(loss, _present(), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
    weights: NDArray[np.float64] = found.x
    return weights, float(found.fun)


def _sums(
    weights: NDArray[np.float64], of: Example, scales: LikenessScales
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum of the scores of each window, (w,), and its derivative by the weights, (w, 8).

    The exercise is taken as recognised: most are, and where a set starts is known by it.
    """
    apart = [NAMES.index("pause"), NAMES.index("half_rep")]
    weighted = of.features * weights
    scores = weighted.sum(axis=1) - weighted[:, apart].sum(axis=1)
    limited = scores < -scales.evidence
    slopes = of.features.copy()
    slopes[np.ix_(limited, [at for at in range(len(NAMES)) if at not in apart])] = 0.0
    values = np.maximum(scores, -scales.evidence) + weighted[:, apart].sum(axis=1)
    sums = np.add.reduceat(values, of.first) - scales.evidence * of.other_start
    return sums, np.add.reduceat(slopes, of.first, axis=0)


def _present() -> NDArray[np.float64]:
    return np.array([getattr(PARAMS.coefficients, name) for name in NAMES])


def _right(weights: NDArray[np.float64], examples: Sequence[Example], scales: LikenessScales) -> float:
    return float(np.mean([one.right[np.argmax(_sums(weights, one, scales)[0])] for one in examples]))


if __name__ == "__main__":
    main()
