"""An event loop whose time passes only while nobody has anything to do.

When nothing is ready it advances straight to the next timer, so an hour of
sleeping takes no time at all, and a scenario runs the same way every time.

Only for what happens within one process: while it waits for another process,
over a socket, this loop's time flies and every timeout strikes at once.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


START_S = 1000.0
"""Not 0, so that a time that was never set stands out."""


class _Jumping(selectors.DefaultSelector):
    """A selector that does not wait: it tells its loop how long it would have."""

    def __init__(self, jump: Callable[[float | None], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and (timeout is None or timeout > 0):
            self._jump(timeout)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """See the module's description."""

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


def loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """For the hook ``pytest_asyncio_loop_factories`` of a conftest.py."""
    return {"virtual": VirtualTimeLoop}
