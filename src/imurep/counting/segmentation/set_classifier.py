"""How sure it is that movements are a set of an exercise, and not daily life.

A logistic regression on ten features, each of which has a meaning
(docs/explanation/counting.md has what they are like in sets and in daily life).
Four of them compare reps with each other. They count for more the more there is
to compare: three reps are alike by chance more easily than thirteen. Where
nothing can be compared, nothing speaks for an exercise but what was asked for.
"""

from __future__ import annotations

import math
from dataclasses import fields
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.segmentation.exercise_coefficients import ExerciseCoefficients
from imurep.util.units import GRAVITY_MS2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import SetClassifierParams

MAD_TO_SD = 1.4826
"""Standard deviation of a normal distribution, as a multiple of its median absolute deviation."""
COEFFICIENTS = tuple(field.name for field in fields(ExerciseCoefficients))
"""Names of the coefficients, in the order of the features."""
UNIT_RANGE_RAD = math.radians(30)
"""Range whose logarithm counts as 0."""
LEAST_RANGE_RAD, LEAST_DURATION_S = 1e-3, 0.05
"""Range and duration below which movements are all alike, so that no division fails."""


def exercise_confidence(
    movements: Sequence[Movement],
    shake_rms_ms2: float,
    prior: float,
    params: SetClassifierParams,
    *,
    gyroscope: bool,
) -> float:
    """Give the probability, from 0 to 1, that movements between two ends are a set of an exercise.

    ``shake_rms_ms2`` is the shaking of the body during them, ``prior`` the log-odds that are
    added for what is known of the session. A single movement is no set.
    """
    if len(movements) < 2:
        return 0.0
    features = exercise_features(movements, shake_rms_ms2, params, gyroscope=gyroscope)
    weights = (getattr(params.coefficients, name) for name in COEFFICIENTS)
    log_odds = prior + sum(weight * feature for weight, feature in zip(weights, features, strict=True))
    return 1 / (1 + math.exp(-min(max(log_odds, -params.most_log_odds), params.most_log_odds)))


def exercise_features(
    movements: Sequence[Movement], shake_rms_ms2: float, params: SetClassifierParams, *, gyroscope: bool
) -> tuple[float, ...]:
    """Give the features of movements, in the order of ``COEFFICIENTS``."""
    range_rad = max(typical_range_rad(movements), LEAST_RANGE_RAD)
    # People sway, whatever the range: that makes small movements less alike. Without a gyroscope, pushes do.
    beyond_sway = range_rad / (range_rad + math.radians(params.sway_deg)) if gyroscope else 1.0
    # The first two movements have none before them in the same direction.
    compared = (len(movements) - 2) / len(movements)
    duration_s = median(movement.timing.duration_s for movement in movements)
    return (
        compared * math.sqrt(beyond_sway * _endpoint_drift(movements)),
        compared
        * math.sqrt(beyond_sway * _usual_change([math.log(_range_rad(movement)) for movement in movements])),
        compared * math.sqrt(_usual_change(_log_pauses(movements))),
        compared * math.sqrt(beyond_sway * _plane_change(movements)),
        compared,
        min(1.0, shake_rms_ms2 / (GRAVITY_MS2 * range_rad)),
        1 / max(duration_s, LEAST_DURATION_S),
        beyond_sway * median(movement.about_vertical for movement in movements) ** 2,
        *((0.0, 0.0) if gyroscope else (1.0, math.log(range_rad / UNIT_RANGE_RAD))),
    )


def typical_range_rad(movements: Sequence[Movement]) -> float:
    """Range that the movements have: the median, which a few partial ones do not move."""
    return median(movement.range_rad for movement in movements)


def _range_rad(movement: Movement) -> float:
    return max(movement.range_rad, LEAST_RANGE_RAD)


def _endpoint_drift(movements: Sequence[Movement]) -> float:
    """How far the same end lies from one rep to the next, as a share of the range; at most 1.

    The very first end is left out: people settle into a set.
    """
    return min(1.0, median(movement.endpoint_error for movement in movements[2:])) if movements[2:] else 0.0


def _plane_change(movements: Sequence[Movement]) -> float:
    """Angle between the plane of a movement and that of all of them, in radians; median, at most 1.

    The plane is that of gravity, as the sensor sees it, at both ends.
    """
    ends = np.array([(movement.start_pose, movement.end_pose) for movement in movements])
    normals = np.cross(ends[:, 0], ends[:, 1])
    normals[1::2] *= -1
    normals /= np.maximum(np.linalg.norm(normals, axis=1), LEAST_RANGE_RAD)[:, np.newaxis]
    common = normals.mean(axis=0)
    along = normals @ common / max(float(np.linalg.norm(common)), LEAST_RANGE_RAD)
    return min(1.0, float(np.median(np.arccos(np.clip(along, -1.0, 1.0)))))


def _log_pauses(movements: Sequence[Movement]) -> list[float]:
    """Logarithm of 1 s plus the pause behind each movement but the last."""
    return [math.log1p(max(0, b.timing.start_us - a.timing.end_us) / 1e6) for a, b in pairwise(movements)]


def _usual_change(values: Sequence[float]) -> float:
    """Standard deviation as seen in the changes between every other value; a lasting change is only one."""
    changes = [abs(b - a) for a, b in zip(values, values[2:], strict=False)]
    return min(1.0, MAD_TO_SD * median(changes) / math.sqrt(2)) if changes else 0.0
