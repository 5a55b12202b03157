"""Tempo: four durations, eccentric - bottom hold - concentric - top hold, in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

LONGEST_S = 60.0
SHORTEST_MOVEMENT_S = 0.2


@dataclass(frozen=True, slots=True)
class Tempo:
    """A tempo by the normative rule (ARCHITECTURE.md), whatever the exercise starts with."""

    eccentric_s: float
    bottom_hold_s: float
    concentric_s: float
    top_hold_s: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``3-1-2-1``, tenths and less allowed. Raises ValueError in words for the user."""
        try:
            numbers = [float(part) for part in text.split("-")]
        except ValueError:
            numbers = []
        if len(numbers) != 4 or not all(0 <= number <= LONGEST_S for number in numbers):
            msg = f"{text!r} is not a tempo; write four numbers of seconds like 3-1-2-1 or 2-0-1.5-0.5"
            raise ValueError(msg)
        if min(numbers[0], numbers[2]) < SHORTEST_MOVEMENT_S:
            msg = f"{text!r}: the first and the third number are movements, at least {SHORTEST_MOVEMENT_S} s"
            raise ValueError(msg)
        return cls(*numbers)

    def __str__(self) -> str:
        numbers = (self.eccentric_s, self.bottom_hold_s, self.concentric_s, self.top_hold_s)
        return "-".join(f"{number:g}" for number in numbers)
