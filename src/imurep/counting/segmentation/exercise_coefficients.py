"""What is fitted, not set by hand: how much each feature of movements shows that they are exercise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseCoefficients:
    """Weights of the features of ``set_classifier``: log-odds per unit of each.

    ``python -m tests.accuracy.fit_exercise_score`` fits them.
    """

    endpoint_drift: float = -22.39
    """Of the drift of the end poses from rep to rep."""
    range_change: float = -17.53
    """Of the change of the range from rep to rep."""
    pause_change: float = -14.32
    """Of the change of the pauses from rep to rep."""
    compared: float = 15.52
    """Of how much there is to compare, from 0 (a single rep) to 1 (very many)."""
    shaking: float = -7.05
    """Of the shaking of the body, at most 1."""
    pace: float = -2.89
    """Of movements a second."""
    about_vertical: float = -6.77
    """Of the share of the turning that is about the vertical."""
    no_gyroscope: float = -3.08
    """Of doing without a gyroscope."""
    range_without_gyroscope: float = 3.86
    """Of the logarithm of the range as a share of 30 degrees, without a gyroscope."""
    bias: float = 6.38
    """Log-odds where all features are 0."""
