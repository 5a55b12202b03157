"""What is fitted, not set by hand: how much standing still and walking show where upright is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UprightCoefficients:
    """Weights of the log-odds that a pose is upright: fitted, not set by hand.

    ``python -m tests.accuracy.fit_upright`` does it: a conditional logit on 2042 choices before and
    after the sets of simulated sessions of two generators, many of them cut so that they begin on
    the bench. With each suite left out in turn, 89 to 100 % of the choices of that suite that are
    sure by the weights of the others are right.
    """

    walked: float = 2.58
    """Of the logarithm of 1 s plus the time of walking in that pose."""
    stood: float = 1.63
    """Of the logarithm of 1 s plus the time of being still in that pose."""
    bias: float = -1.38
    """Log-odds of a pose that was hardly seen, against upright not having been seen at all."""
