"""What the phone was asked to do and has not done yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.devices.protocol import Step


class Errand:
    """Steps under way, numbered; the numbers never repeat.

    All that are open are said again each time, so one that is lost on the way
    does no harm; the phone knows by the number what it has done.
    """

    def __init__(self) -> None:
        self.turn = 0
        self._number = 0
        self._open: dict[int, Step] = {}

    @property
    def open(self) -> list[tuple[int, Step]]:
        """What is not done yet, in order."""
        return list(self._open.items())

    def add(self, steps: Iterable[Step]) -> None:
        """Ask for more."""
        for step in steps:
            self._number += 1
            self._open[self._number] = step

    def done(self, number: int) -> None:
        """One was carried out."""
        self._open.pop(number, None)

    def refused(self, number: int) -> Step | None:
        """One was not, and what was asked for with it will not be: a new turn. None: it was void already."""
        step = self._open.get(number)
        self.drop(self.turn + 1)
        return step

    def drop(self, turn: int) -> None:
        """Ask for nothing any more; a new turn begins."""
        self._open.clear()
        self.turn = turn
