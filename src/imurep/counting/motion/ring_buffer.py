"""The last minutes of motion, addressed by the number of the step."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imurep.counting.motion.orientation import ACC, COLUMNS, FORCE, FORCE2, GRAVITY, RATE, UPWARD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imurep.counting.motion.orientation import Motion
    from imurep.counting.motion.pose import Pose


class MotionHistory:
    """Steps of the grid as growing arrays; old ones are dropped.

    A step keeps its number for ever. What is seen is bounded by ``now``, which
    the counter moves on from step to step, and by the length of the memory: so
    the same is seen at a step whether later ones have come already or not.
    """

    def __init__(self, step_hz: float, memory_s: float) -> None:
        """Begin with nothing; ``step_hz`` steps make a second."""
        self.per_second = max(2, round(step_hz))
        self.end = 0
        """The next step to come."""
        self.now = 0
        """Steps before this one are seen."""
        self._memory = round(memory_s * self.per_second)
        self._first = 0
        self._time_us = np.empty(0, np.int64)
        self._rows = np.empty((0, COLUMNS))
        self._seconds = _SecondHistory(self.per_second, math.ceil(memory_s))

    @property
    def begin(self) -> int:
        """The oldest step that is seen."""
        return max(0, self.now - self._memory)

    def append(self, motion: Motion) -> None:
        """Add steps at the end."""
        n = len(motion.time_us)
        used = self.end - self._first
        if used + n > len(self._time_us):
            self._grow(max(2 * (used + n), 1024))
        at = slice(used, used + n)
        self._time_us[at] = motion.time_us
        self._rows[at] = motion.rows
        self.end += n
        begun, per_second = self._seconds.end, self.per_second
        if self.end - begun >= per_second:
            whole_end = self.end // per_second * per_second
            self._seconds.append(self._rows[begun - self._first : whole_end - self._first])

    def _grow(self, capacity: int) -> None:
        used = self.end - self._first
        time_us, rows = np.empty(capacity, np.int64), np.empty((capacity, COLUMNS))
        time_us[:used] = self._time_us[:used]
        rows[:used] = self._rows[:used]
        self._time_us, self._rows = time_us, rows

    def discard_old(self) -> None:
        """Drop steps that are not seen any more, now and then rather than each time."""
        self._seconds.discard_old()
        drop = self.begin - self._first
        used = self.end - self._first
        if drop < max(self._memory, used // 2):
            return
        self._time_us = self._time_us[drop:used].copy()
        self._rows = self._rows[drop:used].copy()
        self._first += drop

    def _at(self, start: int, stop: int) -> slice:
        start, stop = max(start, self.begin), min(stop, self.now)
        return slice(start - self._first, max(start, stop) - self._first)

    def time_us(self, start: int, stop: int) -> NDArray[np.int64]:
        """Instants of the steps ``[start, stop)`` that are seen, shape (n,)."""
        return self._time_us[self._at(start, stop)]

    def time_at(self, step: int) -> int:
        """Instant of one step."""
        return int(self._time_us[step - self._first])

    def iter_poses(self, start: int, stride: int, most: int) -> Iterable[tuple[int, int, Pose, float]]:
        """Every ``stride``-th step from ``start`` on: number, instant, pose, and how far it moved.

        Of at most ``most`` steps. How far: the sum over the axes of the change since the one before.
        """
        first, end = start - self._first, min(self.end, start + most)
        poses = self._rows[first : end - self._first : stride, GRAVITY]
        moved = np.empty((len(poses), 3))
        np.subtract(poses[1:], poses[:-1], out=moved[1:])
        moved[:1] = poses[:1] - self._rows[max(0, first - stride), GRAVITY]
        np.abs(moved, out=moved)
        far = moved[:, 0] + moved[:, 1] + moved[:, 2]
        times = self._time_us[first : end - self._first : stride]
        steps = range(start, end, stride)
        return zip(steps, times.tolist(), map(tuple, poses.tolist()), far.tolist(), strict=True)

    def gravity(self, start: int, stop: int) -> NDArray[np.float64]:
        """Directions of gravity of the steps ``[start, stop)``, shape (n, 3)."""
        return self._rows[self._at(start, stop), GRAVITY]

    def rate_rads(self, start: int, stop: int) -> NDArray[np.float64]:
        """Angular rates of the steps ``[start, stop)``, shape (n, 3)."""
        return self._rows[self._at(start, stop), RATE]

    def acc_ms2(self, start: int, stop: int) -> NDArray[np.float64]:
        """Mean specific force of the steps ``[start, stop)``, shape (n, 3)."""
        return self._rows[self._at(start, stop), ACC]

    def shake_rms_ms2(self, start: int, stop: int) -> float:
        """How much the body is shaken: median of the force's spread in the whole seconds in between.

        The median lets single jolts pass, such as a bar set down.
        """
        spreads = self._seconds.spreads_ms2(max(start, self.begin), min(stop, self.now))
        return median(spreads) if spreads else 0.0

    def last_second(self) -> SecondStats:
        """Statistics of the last whole second that is seen."""
        return self._seconds.at(self.now // self.per_second - 1)


class SecondStats(NamedTuple):
    """Statistics of a whole second."""

    spread_ms2: float
    """Standard deviation of the force's magnitude."""
    pose: Pose
    """Mean direction of gravity."""
    acc_ms2: Pose
    """Mean specific force."""
    upward_ms2: float
    """Mean of the force's part along gravity (``Motion.upward_ms2``)."""


class _SecondHistory:
    """Statistics of each whole second: steps ``[k * n, (k + 1) * n)`` for the k-th."""

    def __init__(self, steps: int, keep: int) -> None:
        self._steps = steps
        self._keep = keep
        self._first = 0
        self._spreads_ms2: list[float] = []
        self._poses: list[Pose] = []
        self._acc_ms2: list[Pose] = []
        self._upward_ms2: list[float] = []

    @property
    def end(self) -> int:
        """The first step of the second that is not whole yet."""
        return (self._first + len(self._poses)) * self._steps

    def append(self, rows: NDArray[np.float64]) -> None:
        """Add the steps from ``end`` on, in whole seconds."""
        whole = rows.reshape(-1, self._steps, COLUMNS)
        mean, square = whole[:, :, FORCE].mean(axis=1), whole[:, :, FORCE2].mean(axis=1)
        self._spreads_ms2 += np.sqrt(np.maximum(square - mean * mean, 0.0)).tolist()
        self._poses += [(x, y, z) for x, y, z in whole[:, :, GRAVITY].mean(axis=1).tolist()]
        self._acc_ms2 += [(x, y, z) for x, y, z in whole[:, :, ACC].mean(axis=1).tolist()]
        self._upward_ms2 += whole[:, :, UPWARD].mean(axis=1).tolist()

    def discard_old(self) -> None:
        drop = len(self._poses) - self._keep
        if drop > self._keep:
            for column in (self._spreads_ms2, self._poses, self._acc_ms2, self._upward_ms2):
                del column[:drop]
            self._first += drop

    def spreads_ms2(self, start: int, stop: int) -> list[float]:
        first = -(-start // self._steps) - self._first
        return self._spreads_ms2[max(0, first) : max(0, stop // self._steps - self._first)]

    def at(self, second: int) -> SecondStats:
        at = second - self._first
        return SecondStats(self._spreads_ms2[at], self._poses[at], self._acc_ms2[at], self._upward_ms2[at])
