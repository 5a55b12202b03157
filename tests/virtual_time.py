"""An event loop whose time passes only while it is idle.

When nothing is ready it advances straight to the next timer, so an hour of
sleeping takes no time at all, and a scenario runs the same way every time.

Only for what happens within one process: while it waits for another process,
over a socket, this loop jumps to the next timer and every timeout fires at once.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


START_S = 1000.0
"""Not 0, so that a time that was never set stands out."""


class _Jumping(selectors.DefaultSelector):
    """A selector that does not wait: it advances its loop by the time that it would have waited."""

    def __init__(self, jump: Callable[[float | None], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and (timeout is None or timeout > 0):
            self._jump(timeout)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop that jumps to the next timer when nothing is ready, see the module's description."""

    def __init__(self) -> None:
        self._virtual_s = START_S
        super().__init__(_Jumping(self._jump))

    def time(self) -> float:
        return self._virtual_s

    def _jump(self, seconds: float | None) -> None:
        if seconds is None:
            msg = "nothing is ready and no timer runs: whatever is waited for will never happen"
            raise RuntimeError(msg)
        self._virtual_s += seconds


class _Patient(selectors.DefaultSelector):
    """A selector that waits a fraction of the time, and advances its loop by what it has waited."""

    def __init__(self, speed: float, passed: Callable[[float], None]) -> None:
        super().__init__()
        self._speed = speed
        self._passed = passed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        began_s = time.monotonic()
        ready = super().select(None if timeout is None else timeout / self._speed)
        waited_s = (time.monotonic() - began_s) * self._speed
        self._passed(waited_s if timeout is None else min(waited_s, timeout) if ready else timeout)
        return ready


class PatientLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while it is idle, and then ``speed`` times as fast.

    Programs beside it have time to answer. On a busy machine it is slow rather than
    late: no timer fires because something else took long.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        """As of ``PacedLoop``: a broker beside it gets as much more time."""
        self._virtual_s = START_S
        super().__init__(_Patient(speed, self._pass))

    def time(self) -> float:
        return self._virtual_s

    def _pass(self, seconds: float) -> None:
        self._virtual_s += seconds


def loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """For the hook ``pytest_asyncio_loop_factories`` of a conftest.py."""
    return {"virtual": VirtualTimeLoop}
