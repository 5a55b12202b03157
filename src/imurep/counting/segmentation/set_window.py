"""Which of the tracked movements are the set's own: those that are like its reps.

What people do right before and after a set - take hold of the bar, get off the
bench, tie a shoe - often goes between much the same two ends. Each movement is
scored by how like it is to the set's own movements in the same direction:
duration, peak rate, range, the pose at its end and the pause before it. The set
is the run of movements with the largest sum of scores; the more alike they are
among themselves, the larger is each. The set's own location and spread are
robust and depend on which movements are its own, so that both are found in
turns, from several first guesses. Scores compare poses with each other alone,
so that it does not matter how the sensor is worn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imurep.counting.segmentation.set_classifier import MAD_TO_SD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from imurep.counting.segmentation.likeness_coefficients import LikenessScales
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import SetWindowParams

FEWEST_MOVEMENTS = 5
"""With fewer movements than this, no movement can be compared with two others of the same direction."""
TERMS = ("duration", "peak_rate", "range", "end_pose", "pause")
"""Terms of unlikeness; ``LikenessCoefficients`` has a weight for each."""
PAUSE = TERMS.index("pause")
LEAST_LOGGED = (0.05, 0.01, 0.01)
"""Duration in s, peak rate in rad/s and range in rad below which movements are all alike."""
ROUNDS = 4
"""Rounds after which the window is taken as it is; most sets need two."""
DECIMALS = 6
"""Sums of scores are compared with so many."""
MEDIAN_ROUNDS = 8
"""Iterations of the median of poses, which converges by about a factor of two each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEvidence:
    """What is known of a set apart from its movements."""

    start_parity: int | None = None
    """0 or 1: the set starts with an even or with an odd movement; None: with either."""
    begins_with_data: bool = False
    """The data begin so close before the first movement that nothing else can have led in."""
    ends_with_data: bool = False
    """The data end so close behind the last movement that nothing else can have followed."""
    cut_off: bool = False
    """The data end with the last movement: the second half of a rep may be missing."""


def find_window(
    movements: Sequence[Movement], evidence: WindowEvidence, params: SetWindowParams, *, live: bool = False
) -> tuple[range, float]:
    """Give the movements that are the set's own, and their sum of scores.

    At least ``FEWEST_MOVEMENTS`` are needed to compare. While a set is being done (``live``), fewer first
    guesses are tried, which is quicker.
    """
    features = Features.of(movements)
    best, best_value = range(len(movements)), -math.inf
    for guess in _guesses(len(movements), live=live):
        window, value = _improved(guess, features, evidence, params)
        if value > best_value:
            best, best_value = window, value
    return best, best_value


def _guesses(count: int, *, live: bool) -> Iterator[range]:
    """All movements, and half of them: where most are none of the set's, all of them show little of it."""
    half = max(FEWEST_MOVEMENTS, count // 2)
    last = count - half
    starts = (last,) if live else (0, last // 2, last)
    yield from dict.fromkeys((range(count), *(range(start, start + half) for start in starts)))


def _improved(
    window: range, features: Features, evidence: WindowEvidence, params: SetWindowParams
) -> tuple[range, float]:
    """Give the best window that is found from a first one on, and its sum of scores."""
    best, best_value = window, -math.inf
    for number in range(ROUNDS):
        sums = window_sums(*movement_scores(features, window, params), evidence, params)
        value = float(sums[window.start, window.stop])
        if number and value <= best_value:
            break
        best, best_value = window, value
        start, stop = np.unravel_index(int(np.argmax(sums)), sums.shape)
        window = range(int(start), int(stop))
        if window == best:
            break
    return best, best_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Features of all movements, one row a movement."""

    logs: NDArray[np.float64]
    """(n, 3): logarithm of duration, peak rate and range."""
    end_pose: NDArray[np.float64]
    """(n, 3): pose at the end."""
    pause: NDArray[np.float64]
    """Logarithm of 1 s plus the pause before the movement."""

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
            end_pose=np.array([movement.end_pose for movement in movements]),
            pause=np.log1p(pauses_s),
        )


class Unlikeness(NamedTuple):
    """How unlike movements are to those of a window."""

    terms: NDArray[np.float64]
    """(n, 5): ``TERMS`` of each movement."""
    spread: float
    """How unlike those of the window are among themselves: logarithm of their standard deviations over the
    least ones, summed over duration, peak rate, range and pose; mean of both directions."""


def unlikeness(features: Features, window: range, scales: LikenessScales) -> Unlikeness:
    """Compare each movement with those of a window."""
    terms = np.zeros((len(features.pause), len(TERMS)))
    floors = np.array((scales.speed_floor, scales.speed_floor, scales.pose_floor, scales.pose_floor))
    log_spread = 0.0
    for direction in (0, 1):
        own = np.arange(window.start + (window.start + direction) % 2, window.stop, 2)
        # The spread of a few movements is uncertain itself.
        widening = math.sqrt(1 + scales.spread_uncertainty / len(own))
        inner = own[own > window.start]
        if not len(inner):
            inner = own
        middle = np.median(features.logs[own], axis=0)
        away = np.column_stack((features.logs - middle, _away_from(features, own, math.exp(middle[-1]))))
        spread = np.hypot(floors, MAD_TO_SD * np.median(np.abs(away[own]), axis=0))
        log_spread += float(np.log(spread / floors).sum()) * len(own) / len(window)
        terms[direction::2, :PAUSE] = _saturated(away[direction::2] / (widening * spread))
        # A pause shorter than usual is no sign of anything, and pauses need not be alike.
        longer = features.pause - np.median(features.pause[inner])
        pause_spread = math.hypot(scales.pause_floor, MAD_TO_SD * float(np.median(np.abs(longer[inner]))))
        terms[direction::2, PAUSE] = _saturated(
            np.maximum(longer[direction::2], 0.0) / (widening * pause_spread)
        )
    return Unlikeness(terms, log_spread)


def movement_scores(
    features: Features, window: range, params: SetWindowParams
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score each movement, and the pause before each, by likeness to the movements of a window."""
    terms, spread = unlikeness(features, window, params.scales)
    fitted = params.coefficients
    weighted = terms * [getattr(fitted, name) for name in TERMS]
    pauses = weighted[:, PAUSE]
    scores = fitted.bias + fitted.spread * spread + weighted.sum(axis=1) - pauses
    return np.maximum(scores, -params.scales.evidence), pauses


def _away_from(features: Features, own: NDArray[np.intp], range_rad: float) -> NDArray[np.float64]:
    """Distance of the pose at the end from the median of the set's own, as a share of its range."""
    poses = features.end_pose
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


def window_sums(
    scores: NDArray[np.float64],
    pause_scores: NDArray[np.float64],
    evidence: WindowEvidence,
    params: SetWindowParams,
) -> NDArray[np.float64]:
    """Give the sum of each window as (n, n + 1), by its start and its stop; minus infinity for none.

    The pause before the first of its movements is none of the set's.
    """
    count, gain = len(scores), params.scales.evidence
    start, stop = np.arange(count), np.arange(count + 1)
    up_to = np.concatenate(([0.0], np.cumsum(scores + pause_scores)))
    starts, stops = -up_to[:-1] - pause_scores, up_to
    if evidence.start_parity is not None:
        starts[start % 2 != evidence.start_parity] = -math.inf
    if evidence.begins_with_data:
        starts += gain * np.maximum(0, 2 - start)
    if evidence.ends_with_data:
        stops += gain * np.maximum(0, 2 - (count - stop))
    lengths = stop - start[:, np.newaxis]
    odd = lengths % 2 == 1
    if evidence.cut_off:
        odd[:, count] = False
    sums: NDArray[np.float64] = starts[:, np.newaxis] + stops + params.coefficients.half_rep * odd
    sums[lengths < 2] = -math.inf
    # What is equal stays so, however the sums were rounded: the first of them is taken.
    return np.round(sums, DECIMALS)
