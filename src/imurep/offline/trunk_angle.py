"""The trunk's angle over a whole recording, for pictures and plots."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.motion.sagittal_plane import SagittalPlane
from imurep.tempo import bottom_us

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imurep.counting.motion.orientation import Motion
    from imurep.events import ExerciseSet


class GravityTrack:
    """Keeps the direction of gravity that the counting is based on; an observer of a pipeline."""

    def __init__(self) -> None:
        self._blocks: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []

    def __call__(self, motion: Motion) -> None:
        """Append a block; it replaces what was kept of its time, since late data may change it."""
        while self._blocks and self._blocks[-1][0][-1] >= motion.time_us[0]:
            self._blocks.pop()
        self._blocks.append((motion.time_us, motion.gravity.copy()))

    @property
    def time_us(self) -> NDArray[np.int64]:
        """Instants of ``gravity``, shape (n,)."""
        return np.concatenate([time_us for time_us, _ in self._blocks] or [np.empty(0, np.int64)])

    @property
    def gravity(self) -> NDArray[np.float64]:
        """Unit vectors that point up, in the sensor frame, shape (n, 3)."""
        return np.concatenate([gravity for _, gravity in self._blocks] or [np.empty((0, 3))])


def trunk_angle_deg(
    time_us: NDArray[np.int64], gravity: NDArray[np.float64], sets: Sequence[ExerciseSet]
) -> NDArray[np.float64]:
    """Angle of the trunk from the top of the nearest set, in that set's plane; positive towards the bottom.

    ``time_us`` has shape (n,) and ``gravity`` (n, 3). Where there is no set at
    all, it is the angle from the pose that was held most.
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
