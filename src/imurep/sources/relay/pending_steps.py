"""The steps that a phone was asked for and has not carried out yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.devices.protocol import Step


class PendingSteps:
    """Numbered steps; a number never repeats.

    Every answer to the phone repeats all open steps, so a lost message does no harm:
    the phone knows by the number what it has done already.
    """

    def __init__(self) -> None:
        self.turn = 0
        """How often the open steps became void."""
        self._number = 0
        self._open: dict[int, Step] = {}

    @property
    def open(self) -> list[tuple[int, Step]]:
        """Steps that are not done yet, in order, with their numbers."""
        return list(self._open.items())

    def add(self, steps: Iterable[Step]) -> None:
        """Append steps."""
        for step in steps:
            self._number += 1
            self._open[self._number] = step

    def done(self, number: int) -> None:
        """Remove a step that was carried out."""
        self._open.pop(number, None)

    def refused(self, number: int) -> Step | None:
        """Drop all steps after one was refused; give that step, None if it was void already."""
        step = self._open.get(number)
        self.drop(self.turn + 1)
        return step

    def drop(self, turn: int) -> None:
        """Drop all steps and begin a new turn."""
        self._open.clear()
        self.turn = turn
