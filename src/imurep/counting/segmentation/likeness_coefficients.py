"""What is fitted, not set by hand: how much each unlikeness of a movement to its set weighs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessCoefficients:
    """Weights of the likeness of a movement to a set: fitted, not set by hand.

    ``python -m tests.accuracy.fit_likeness`` does it: among all windows of the movements of a tracked set,
    those with the right reps are made the most likely ones (a conditional logit). The unlikeness of a
    movement is ``log(1 + z**2 / 3)`` of its deviation ``z`` from the set's own in the same direction.
    """

    duration: float = -1.68
    """Of the logarithm of the duration."""
    peak_rate: float = -0.69
    """Of the logarithm of the peak rate."""
    range: float = -0.93
    """Of the logarithm of the range."""
    end_pose: float = -0.50
    """Of the pose at the end."""
    pause: float = -2.29
    """Of the logarithm of 1 s plus the pause before the movement, where it is longer than usual."""
    bias: float = 3.26
    """Score of a movement that is just like the others, where those are as alike as people can be."""
    spread: float = -0.33
    """What each movement loses where they are less alike."""
    half_rep: float = -1.18
    """Of half a rep too few or too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessScales:
    """What is unlike, and how much a single sign weighs: fitted in turns with the weights."""

    speed_floor: float = 0.12
    """Standard deviation that reps have at least in the logarithms of their duration and peak rate."""
    pose_floor: float = 0.06
    """The same in that of their range, and in the distance between their poses at an end, as a share."""
    pause_floor: float = 0.20
    """The same in the logarithm of 1 s plus the pause."""
    spread_uncertainty: float = 6.40
    """The variance of so many movements is added, shared among those of the set."""
    evidence: float = 3.50
    """What is known apart from the movements weighs so much: a movement at the edge of the data gains it, and
    so does a start at the end where the recognised exercise starts. The score of a movement, such as the one
    in which the strap slips, is lower than zero by it at most."""
