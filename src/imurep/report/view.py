"""What a report shows: the sets of a recording and the trunk's angle over its time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.assessment.form_metrics import form_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from imurep.counting.assessment.form_metrics import SetForm
    from imurep.events import ExerciseSet

_BREAK_S = 1.0
"""The curve is interrupted where samples are further apart than this."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionView:
    """A counted recording, ready to be drawn; times in seconds from its first sample."""

    name: str
    sets: tuple[ExerciseSet, ...]
    time_s: NDArray[np.float64]
    angle_deg: NDArray[np.float64]
    """Trunk angle from the top, growing towards the bottom, shape (n,) as ``time_s``."""
    first_us: int
    min_reps: int
    exercise: str | None
    warnings: tuple[str, ...] = ()
    """What may explain a wrong count, one sentence each."""
    lines_deg: Mapping[str, float] = field(default_factory=dict)
    """The person's straight lines, by exercise."""

    def form(self, found: ExerciseSet) -> SetForm:
        """How well a set was done."""
        return form_of(found, line_deg=self.lines_deg.get(found.exercise))

    def since_s(self, time_us: int) -> float:
        """Seconds from the first sample."""
        return (time_us - self.first_us) / 1e6

    @property
    def duration_s(self) -> float:
        """Time of the last sample."""
        return float(self.time_s[-1]) if self.time_s.size else 0.0

    def curve(
        self, start_s: float, end_s: float, points: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The angle in ``[start_s, end_s)`` with few points, and NaN where samples are missing."""
        first, last = np.searchsorted(self.time_s, (start_s, end_s))
        time_s, angle_deg = envelope(self.time_s[first:last], self.angle_deg[first:last], points)
        longest_s = max(_BREAK_S, 4 * (end_s - start_s) / points)
        breaks = np.flatnonzero(np.diff(time_s) > longest_s) + 1
        return np.insert(time_s, breaks, np.nan), np.insert(angle_deg, breaks, np.nan)


def envelope(
    time_s: NDArray[np.float64], value: NDArray[np.float64], points: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Thin a curve to about ``points`` points: the least and the greatest of each bin stay."""
    if time_s.size <= points:
        return time_s, value
    size = -(-2 * time_s.size // points)
    whole = time_s.size // size * size
    bins = value[:whole].reshape(-1, size)
    begin = np.arange(0, whole, size)
    kept = np.stack([begin + bins.argmin(axis=1), begin + bins.argmax(axis=1)], axis=1)
    kept = np.unique(np.append(kept, np.arange(whole, time_s.size)))
    return time_s[kept], value[kept]
