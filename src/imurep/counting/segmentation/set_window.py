"""Which of the tracked movements are the set's own: those that are like its reps.

What people do right before and after a set - take hold of the bar, get off the
bench, tie a shoe - often goes between much the same two ends. Each movement is
scored by how like it is to the set's own movements in the same direction:
duration, peak rate, range, both end poses, the pause before it, and whether the
trunk went on beyond its end. The set is the run of movements with the largest
sum of scores. The set's own location and spread are robust and depend on which
movements are its own, so that both are found in turns. Scores compare poses
with each other alone, so that it does not matter how the sensor is worn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.segmentation.set_classifier import MAD_TO_SD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import SetWindowParams

FEWEST_MOVEMENTS = 5
"""With fewer movements than this, no movement can be compared with two others of the same direction."""
TERMS = ("duration", "peak_rate", "range", "start_pose", "end_pose", "pause", "passed_end")
"""Terms of unlikeness; ``LikenessCoefficients`` has a weight for each."""
POSES = [TERMS.index("start_pose"), TERMS.index("end_pose")]
PAUSE, PASSED_END = TERMS.index("pause"), TERMS.index("passed_end")
LEAST_LOGGED = (0.05, 0.01, 0.01)
"""Duration in s, peak rate in rad/s and range in rad below which movements are all alike."""
LEAST_RANGE_RAD = 1e-6
"""So that no division fails when all movements are none."""
ROUNDS = 4
"""Rounds after which the window is taken as it is; most sets need two."""
MEDIAN_ROUNDS = 8
"""Iterations of the median of poses, which converges by about a factor of two each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEvidence:
    """What is known of a set apart from its movements."""

    start_parity: int | None = None
    """0 or 1: the set starts with an even or with an odd movement; None: with either."""
    likely_parity: int | None = None
    """The same where it is likely, not certain."""
    begins_with_data: bool = False
    """The data begin so close before the first movement that nothing else can have led in."""
    ends_with_data: bool = False
    """The data end so close behind the last movement that nothing else can have followed."""
    cut_off: bool = False
    """The data end with the last movement: the second half of a rep may be missing."""


def find_window(movements: Sequence[Movement], evidence: WindowEvidence, params: SetWindowParams) -> range:
    """Give the movements that are the set's own; at least ``FEWEST_MOVEMENTS`` are needed to compare."""
    features = Features.of(movements)
    window = range(len(movements))
    for _ in range(ROUNDS):
        scores, pause_scores = _scores(features, window, params)
        found = _best_window(scores, pause_scores, evidence, params)
        if found == window:
            break
        window = found
    return window


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Features of all movements, one row a movement."""

    logs: NDArray[np.float64]
    """(n, 3): logarithm of duration, peak rate and range."""
    range_rad: NDArray[np.float64]
    poses: tuple[NDArray[np.float64], NDArray[np.float64]]
    """(n, 3) each: pose at the start and at the end."""
    pause: NDArray[np.float64]
    """Logarithm of 1 s plus the pause before the movement."""
    passed_end: NDArray[np.float64]
    """1 where the trunk went on beyond the end of the movement, else 0."""

    @classmethod
    def of(cls, movements: Sequence[Movement]) -> Features:
        """Take them from movements."""
        timings = [movement.timing for movement in movements]
        starts_us = np.array([timing.start_us for timing in timings])
        ends_us = np.array([timing.end_us for timing in timings])
        pauses_s = np.concatenate(([0.0], np.maximum(starts_us[1:] - ends_us[:-1], 0) / 1e6))
        range_rad = np.array([movement.range_rad for movement in movements])
        durations_s = np.array([timing.duration_s for timing in timings])
        peaks_rads = np.array([timing.peak_rads for timing in timings])
        return cls(
            logs=np.log(np.maximum(np.column_stack((durations_s, peaks_rads, range_rad)), LEAST_LOGGED)),
            range_rad=range_rad,
            poses=(
                np.array([movement.start_pose for movement in movements]),
                np.array([movement.end_pose for movement in movements]),
            ),
            pause=np.log1p(pauses_s),
            passed_end=np.array([float(movement.passed_end) for movement in movements]),
        )


def unlikeness(features: Features, window: range, params: SetWindowParams) -> NDArray[np.float64]:
    """Give how unlike each movement is to those of a window, as (n, 7): in the order of the coefficients."""
    terms = np.zeros((len(features.pause), len(TERMS)))
    for direction in (0, 1):
        own = np.arange(window.start + (window.start + direction) % 2, window.stop, 2)
        # The spread of a few movements is uncertain itself.
        widening = math.sqrt(1 + params.spread_uncertainty / len(own))
        inner = own[own > window.start]
        if not len(inner):
            inner = own

        columns = [
            *((log - np.median(log[own]), own, floor) for log, floor in _logs(features, params)),
            *((_away_from(poses, own, features), own, params.pose_floor) for poses in features.poses),
            (features.pause - np.median(features.pause[inner]), inner, params.pause_floor),
        ]
        for column, (values, among, floor) in enumerate(columns):
            spread = widening * math.hypot(floor, MAD_TO_SD * float(np.median(np.abs(values[among]))))
            # A pause shorter than usual is no sign of anything.
            least = 0.0 if column == PAUSE else -math.inf
            terms[direction::2, column] = _saturated(np.maximum(values[direction::2], least) / spread)
    terms[:, PASSED_END] = features.passed_end
    return terms


def _scores(
    features: Features, window: range, params: SetWindowParams
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score each movement, and the pause before each, by likeness to the movements of a window."""
    weights = [getattr(params.coefficients, name) for name in TERMS]
    weighted = unlikeness(features, window, params) * weights
    poses = weighted[:, POSES].sum(axis=1)
    pauses = weighted[:, PAUSE]
    scores = params.coefficients.bias + weighted.sum(axis=1) - poses - pauses
    return np.maximum(scores + poses, -params.evidence), pauses


def _logs(features: Features, params: SetWindowParams) -> Iterator[tuple[NDArray[np.float64], float]]:
    return zip(features.logs.T, (params.speed_floor, params.speed_floor, params.pose_floor), strict=True)


def _away_from(poses: NDArray[np.float64], own: NDArray[np.intp], features: Features) -> NDArray[np.float64]:
    """Distance from the median of the set's own poses, as a share of its range."""
    range_rad = max(float(np.median(features.range_rad[own])), LEAST_RANGE_RAD)
    away: NDArray[np.float64] = np.arccos(np.clip(poses @ median_pose(poses[own]), -1.0, 1.0)) / range_rad
    return away


def _saturated(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unlikeness that grows ever more slowly (as the negative logarithm of Student's t does)."""
    return np.log1p(z * z / 3)


def median_pose(poses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the geometric median of unit vectors (Weiszfeld's algorithm), as a unit vector."""
    middle: NDArray[np.float64] = poses.mean(axis=0)
    for _ in range(MEDIAN_ROUNDS):
        weights = 1 / np.maximum(np.linalg.norm(poses - middle, axis=1), 1e-3)
        middle = weights @ poses / weights.sum()
    return middle / max(float(np.linalg.norm(middle)), 1e-9)


def _best_window(
    scores: NDArray[np.float64],
    pause_scores: NDArray[np.float64],
    evidence: WindowEvidence,
    params: SetWindowParams,
) -> range:
    """Give the run of movements with the largest sum.

    The pause before the first of them is none of the set's. For each end, only
    the best start of either parity up to there can be that of the best run.
    """
    count = len(scores)
    before = np.concatenate(([0.0], np.cumsum(scores + pause_scores))).tolist()
    best: tuple[float, range] = (-math.inf, range(count))
    starts: list[tuple[float, int]] = [(-math.inf, 0), (-math.inf, 1)]
    for stop in range(2, count + 1):
        start = stop - 2
        parity = start % 2
        if evidence.start_parity in (None, parity):
            value = -before[start] - float(pause_scores[start])
            if evidence.begins_with_data:
                value += params.evidence * max(0, 2 - start)
            if evidence.likely_parity not in (None, parity):
                value -= params.evidence
            starts[parity] = max(starts[parity], (value, -start))
        total = before[stop]
        if evidence.ends_with_data:
            total += params.evidence * max(0, 2 - (count - stop))
        for start_value, negative_start in starts:
            odd = (stop + negative_start) % 2 and not (evidence.cut_off and stop == count)
            value = total + start_value - (params.evidence if odd else 0.0)
            if value > best[0]:
                best = value, range(-negative_start, stop)
    return best[1]
