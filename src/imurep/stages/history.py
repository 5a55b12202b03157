"""The last minutes of motion, addressed by the number of the step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from imurep.stages.orientation import Motion
    from imurep.stages.turns import Pose


class History:
    """Steps of the grid as growing arrays; old ones are let go.

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
        self._rows = np.empty((0, 8))

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
        rows = self._rows[at]
        rows[:, 0:3] = motion.gravity
        rows[:, 3:6] = motion.rate_rads
        rows[:, 6] = motion.force_ms2
        rows[:, 7] = motion.force2_m2s4
        self.end += n

    def _grow(self, capacity: int) -> None:
        used = self.end - self._first
        time_us, rows = np.empty(capacity, np.int64), np.empty((capacity, 8))
        time_us[:used] = self._time_us[:used]
        rows[:used] = self._rows[:used]
        self._time_us, self._rows = time_us, rows

    def forget(self) -> None:
        """Let go of steps that are not seen any more, now and then rather than each time."""
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

    def coming(self, start: int, stride: int) -> Iterator[tuple[int, int, Pose]]:
        """Every ``stride``-th step from ``start`` on: its number, instant and pose; ``now`` moves along."""
        at = slice(start - self._first, self.end - self._first, stride)
        times, poses = self._time_us[at].tolist(), self._rows[at, 0:3].tolist()
        for step, time_us, (x, y, z) in zip(range(start, self.end, stride), times, poses, strict=True):
            self.now = step + 1
            yield step, time_us, (x, y, z)

    def gravity(self, start: int, stop: int) -> NDArray[np.float64]:
        """Directions of gravity of the steps ``[start, stop)``, shape (n, 3)."""
        return self._rows[self._at(start, stop), 0:3]

    def rate_rads(self, start: int, stop: int) -> NDArray[np.float64]:
        """Angular rates of the steps ``[start, stop)``, shape (n, 3)."""
        return self._rows[self._at(start, stop), 3:6]

    def unrest_ms2(self, start: int, stop: int) -> float:
        """How much the body is shaken: median over seconds of the force's spread within one.

        The median lets single jolts pass, such as a bar set down.
        """
        spreads = self.spreads_ms2(start, stop)
        return float(np.median(spreads)) if len(spreads) else 0.0

    def spreads_ms2(self, start: int, stop: int) -> NDArray[np.float64]:
        """Standard deviation of the force's magnitude in each whole second from ``start`` on."""
        rows = self._rows[self._at(start, stop)]
        count = len(rows) // self.per_second
        whole = rows[: count * self.per_second].reshape(count, self.per_second, 8)
        mean, square = whole[:, :, 6].mean(axis=1), whole[:, :, 7].mean(axis=1)
        spreads: NDArray[np.float64] = np.sqrt(np.maximum(square - mean * mean, 0.0))
        return spreads

    def poses(self, start: int, stop: int) -> NDArray[np.float64]:
        """Mean direction of gravity in each whole second from ``start`` on, shape (seconds, 3)."""
        g = self.gravity(start, stop)
        count = len(g) // self.per_second
        means: NDArray[np.float64] = (
            g[: count * self.per_second].reshape(count, self.per_second, 3).mean(axis=1)
        )
        return means
