"""An event loop whose clock runs faster than the machine's, with all its timers.

For programs with sockets: input arrives at its own pace, only waiting is shortened. A timer's error is the
machine's times the speed: a millisecond of the machine is ten at speed 10.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any


class _PacedSelector(selectors.DefaultSelector):
    """A selector that divides its timeouts by the speed."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self._speed)


class PacedLoop(asyncio.SelectorEventLoop):
    """Its ``time()`` runs ``speed`` times as fast as the machine's."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._base_s = time.monotonic()
        super().__init__(_PacedSelector(speed))

    def time(self) -> float:
        """Seconds of this loop."""
        return self._base_s + (time.monotonic() - self._base_s) * self._speed


def run(program: Coroutine[Any, Any, int], speed: float) -> int:
    """Run a program so many times as fast, like ``asyncio.run``."""
    with asyncio.Runner(loop_factory=lambda: PacedLoop(speed)) as runner:
        return runner.run(program)
