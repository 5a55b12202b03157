"""What is fitted, not set by hand: how much each unlikeness of a movement to its set weighs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessCoefficients:
    """Weights of the likeness of a movement to a set: fitted, not set by hand.

    ``python -m tests.accuracy.fit_likeness`` does it: a logistic regression on the movements
    at the edges of 230 simulated sets of two generators. With each suite left out in turn, 97.5
    to 99.3 % of the movements of that suite are classified right by the weights of the others.
    All but the last two are of ``log(1 + z**2 / 3)``, the unlikeness of the deviation ``z``
    from the set's own movements in the same direction.
    """

    duration: float = -3.35
    """Of the logarithm of the duration."""
    peak_rate: float = -3.91
    """Of the logarithm of the peak rate."""
    range: float = -0.35
    """Of the logarithm of the range."""
    start_pose: float = -0.81
    """Of the pose at the start."""
    end_pose: float = -1.02
    """Of the pose at the end."""
    pause: float = -7.13
    """Of the logarithm of 1 s plus the pause before the movement, where it is longer than usual."""
    passed_end: float = -1.85
    """Of a movement beyond whose end the trunk went on."""
    bias: float = 5.31
    """Score of a movement that is just like the others."""
