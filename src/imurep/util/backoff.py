"""How long to wait before the next attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


class Backoff:
    """Exponential backoff with jitter: at once, then twice as long each time up to a limit.

    The jitter keeps several sensors, or several services, that lost the same
    radio from trying in step; a test hands in its own ``rng`` to repeat it. The
    limit is a small part of the minute that a sensor keeps of what is missed.
    """

    def __init__(self, rng: Random, *, first_s: float = 0.5, most_s: float = 10.0) -> None:
        self._rng = rng
        self._first_s = first_s
        self._most_s = most_s
        self.reset()

    def reset(self) -> None:
        """After a success: the next attempt is made at once."""
        self._next_s = 0.0

    def next_s(self) -> float:
        """Seconds to wait now."""
        wait_s = self._next_s
        self._next_s = min(self._most_s, max(self._first_s, 2 * wait_s))
        return wait_s * self._rng.uniform(0.5, 1.0)
