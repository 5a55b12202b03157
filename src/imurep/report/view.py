"""What a report shows: the sets of a recording and the trunk's angle over its time."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.assessment.form_metrics import form_of
from imurep.counting.motion.sagittal_plane import SagittalPlane
from imurep.formatting.tempo import bottom_us
from imurep.offline.replay import LastSets, Replay

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from imurep.counting.assessment.form_metrics import SetForm
    from imurep.counting.motion.orientation import Motion
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
    doubts: tuple[str, ...] = ()
    """What is odd about the recording, in words."""
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


def view_of(
    recording: str | Path,
    *,
    exercise: str | None = None,
    min_reps: int = 3,
    last_time: Collection[str] = (),
    lines_deg: Mapping[str, float] | None = None,
) -> SessionView:
    """Replay a recording and keep what its report needs."""
    blocks: list[Motion] = []
    last = LastSets()

    def see(motion: Motion) -> None:
        while blocks and blocks[-1].time_us[-1] >= motion.time_us[0]:
            blocks.pop()  # counting went back
        blocks.append(motion)

    replay = Replay(recording, exercise=exercise, min_reps=min_reps, last_time=last_time, observer=see)
    for event in replay.events():
        last.add(event)
    time_us = np.concatenate([block.time_us for block in blocks] or [np.empty(0, np.int64)])
    gravity = np.concatenate([block.gravity for block in blocks] or [np.empty((0, 3))])
    sets = last.in_order()
    return SessionView(
        name=Path(recording).name,
        sets=sets,
        time_s=(time_us - replay.first_us) / 1e6,
        angle_deg=trunk_angle_deg(time_us, gravity, sets),
        first_us=replay.first_us,
        min_reps=min_reps,
        exercise=exercise,
        doubts=tuple(replay.doubts()),
        lines_deg=lines_deg or {},
    )


def trunk_angle_deg(
    time_us: NDArray[np.int64], gravity: NDArray[np.float64], sets: Sequence[ExerciseSet]
) -> NDArray[np.float64]:
    """Angle of the trunk from the top of the nearest set, in that set's plane; positive towards the bottom.

    ``time_us`` (n,) and ``gravity`` (n, 3). Where there is no set at all, it is
    the angle from the pose that was held most.
    """
    if not sets or not len(time_us):
        usual = np.median(gravity, axis=0) if len(gravity) else np.zeros(3)
        usual /= np.linalg.norm(usual) or 1.0
        return np.degrees(np.arccos(np.clip(gravity @ usual, -1.0, 1.0)))
    halfway_us = [(one.end_us + other.start_us) // 2 for one, other in pairwise(sets)]
    cuts = np.searchsorted(time_us, halfway_us).tolist()
    parts = []
    for found, first, last in zip(sets, [0, *cuts], [*cuts, len(time_us)], strict=True):
        ends_us = [instant for rep in found.reps for instant in (rep.top_us, bottom_us(rep))]
        poses = gravity[np.minimum(np.searchsorted(time_us, ends_us), len(time_us) - 1)].tolist()
        plane = SagittalPlane.through([(x, y, z) for x, y, z in poses])
        parts.append(plane.angles_rad(gravity[first:last]))
    return np.degrees(np.concatenate(parts))


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
