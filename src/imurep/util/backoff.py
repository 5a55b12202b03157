"""How long to wait before the next attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


class Backoff:
    """At once, then twice as long each time up to a limit, each shortened by chance.

    The chance keeps several sensors, or several services, that lost the same
    radio from knocking in step; it is handed in, so that a test can repeat it.
    The limit is a small part of the minute that a sensor keeps of what is missed.
    """

    def __init__(self, chance: Random, *, first_s: float = 0.5, most_s: float = 10.0) -> None:
        self._chance = chance
        self._first_s = first_s
        self._most_s = most_s
        self.reset()

    def reset(self) -> None:
        """All went well: the next attempt is made at once."""
        self._next_s = 0.0

    def next_s(self) -> float:
        """Seconds to wait now."""
        wait_s = self._next_s
        self._next_s = min(self._most_s, max(self._first_s, 2 * wait_s))
        return wait_s * self._chance.uniform(0.5, 1.0)
