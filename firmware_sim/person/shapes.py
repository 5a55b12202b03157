"""Shapes of a movement: how far it has come (0 to 1) after a part of its time (0 to 1).

The common one is a bell of angular rate, ``s**rise * (1 - s)**fall``. With
both exponents 2 it is the minimum-jerk movement (Flash and Hogan 1985,
doi:10.1523/JNEUROSCI.05-07-01688.1985). Exponents below 2 leave an end more
abruptly, which is what a trunk does that turns round without a pause.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import root
from scipy.special import betainc

if TYPE_CHECKING:
    from numpy.typing import NDArray

THRESHOLD = 0.1
"""A movement lasts while its rate is at least this part of its peak (ARCHITECTURE.md, normative)."""


@dataclass(frozen=True, slots=True)
class Bell:
    """A single bell of rate; 2, 2 is minimum jerk."""

    rise: float = 2.0
    fall: float = 2.0

    def __call__(self, s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Progress at times ``s``."""
        progress: NDArray[np.float64] = np.asarray(betainc(self.rise + 1.0, self.fall + 1.0, s))
        return progress


MINIMUM_JERK = Bell()


@dataclass(frozen=True, slots=True)
class Wave:
    """Roll-up: parts of the spine follow each other, each with a minimum-jerk movement.

    ``parts`` segments share the angle evenly; the last starts after ``lag`` of the time.
    Four segments and a lag of 0.45 are own estimates.
    """

    parts: int = 4
    lag: float = 0.45

    def __call__(self, s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Progress at times ``s``."""
        starts = np.linspace(0.0, self.lag, self.parts)
        own = np.clip((s[..., np.newaxis] - starts) / (1.0 - self.lag), 0.0, 1.0)
        progress: NDArray[np.float64] = MINIMUM_JERK(own).mean(axis=-1)
        return progress


@dataclass(frozen=True, slots=True)
class Hesitation:
    """A movement that stops midway, sinks back a little, and continues.

    Defaults are own estimates; the sinking stays far below the 20 % of the
    range at which the normative rule would see a movement of its own.
    """

    at: float = 0.5
    """Progress at which it stops."""
    dip: float = 0.03
    """Progress lost while it stops."""
    pause: float = 0.25
    """Part of the time that it takes."""

    def __call__(self, s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Progress at times ``s``."""
        stop = 0.5 - self.pause / 2
        go = 0.5 + self.pause / 2

        def part(start: float, end: float) -> NDArray[np.float64]:
            return MINIMUM_JERK(np.clip((s - start) / (end - start), 0.0, 1.0))

        return (
            self.at * part(0.0, stop) - self.dip * part(stop, go) + (1 - self.at + self.dip) * part(go, 1.0)
        )


Shape = Bell | Wave | Hesitation
"""Progress of a movement (0 at 0, 1 at 1) at times in [0, 1]."""


@lru_cache(maxsize=1024)
def edges(shape: Shape) -> tuple[float, float]:
    """Part of the time before and after the movement by the 10 % rule.

    Minimum jerk: 0.0865 at either end, so that 82.7 % of its time is left.
    """
    s = np.linspace(0.0, 1.0, 8001)
    rate = np.diff(shape(s))
    middle = (s[1:] + s[:-1]) / 2
    level = THRESHOLD * rate.max()
    above = np.flatnonzero(rate >= level)
    first, last = int(above[0]), int(above[-1])
    on = middle[first]
    if first > 0:
        on -= (rate[first] - level) / (rate[first] - rate[first - 1]) * (middle[1] - middle[0])
    off = middle[last]
    if last < rate.size - 1:
        off += (rate[last] - level) / (rate[last] - rate[last + 1]) * (middle[1] - middle[0])
    return float(on), float(1.0 - off)


NATURAL_EDGE = edges(MINIMUM_JERK)[0] / (1.0 - 2.0 * edges(MINIMUM_JERK)[0])
"""Time before (and after) a minimum-jerk movement, relative to its time by the rule."""


@lru_cache(maxsize=4096)
def bell_with_edges(before: float, after: float) -> Bell:
    """Find the bell that by the 10 % rule starts after ``before`` and ends ``after`` its end.

    Both are parts of the whole time, above 0 and below 0.2 or so.
    """
    if math.isclose(before, after) and math.isclose(before, edges(MINIMUM_JERK)[0], rel_tol=1e-6):
        return MINIMUM_JERK
    goal = math.log(THRESHOLD)

    def misfit(log_exponents: NDArray[np.float64]) -> list[float]:
        rise, fall = np.exp(log_exponents)
        peak = rise / (rise + fall)

        def log_rate(s: float) -> float:
            return float(rise * math.log(s / peak) + fall * math.log((1 - s) / (1 - peak)))

        return [log_rate(before) - goal, log_rate(1 - after) - goal]

    # Exact where both edges are alike.
    middle = (before + after) / 2
    alike = math.log(goal / math.log(4 * middle * (1 - middle)))
    found = root(misfit, np.full(2, alike), tol=1e-10)
    if not found.success:
        msg = f"no movement has edges of {before:.3f} and {after:.3f}; choose a less extreme tempo"
        raise ValueError(msg)
    rise, fall = np.exp(found.x)
    return Bell(float(rise), float(fall))
