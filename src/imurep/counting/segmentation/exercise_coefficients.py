"""What is fitted, not set by hand: how much each feature of movements shows that they are exercise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseCoefficients:
    """Weights of the features of ``set_classifier``: log-odds per unit of each.

    ``python -m tests.accuracy.fit_exercise_score`` does it: a logistic regression on 775 sets and 9814
    groups of movements of daily life, real and simulated. With each suite left out in turn, 17 of the
    sets are missed by the weights of the others, and 33 of the groups are taken for sets.
    """

    endpoint_drift: float = -22.80
    """Of the drift of the end poses from rep to rep."""
    range_change: float = -22.48
    """Of the change of the range from rep to rep."""
    pause_change: float = -10.01
    """Of the change of the pauses from rep to rep."""
    plane_change: float = -23.04
    """Of the angles between the planes of the reps."""
    compared: float = 23.93
    """Of how much there is to compare, from 0 (a single rep) to 1 (very many)."""
    shaking: float = -8.42
    """Of the shaking of the body, at most 1."""
    pace: float = -2.25
    """Of movements a second."""
    about_vertical: float = -26.32
    """Of the share of the turning that is about the vertical."""
    no_gyroscope: float = 0.99
    """Of doing without a gyroscope."""
    range_without_gyroscope: float = 1.68
    """Of the logarithm of the range as a share of 30 degrees, without a gyroscope."""
