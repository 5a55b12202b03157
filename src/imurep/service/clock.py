"""The one clock of the running service: its event loop's.

All timers, sleeps and timeouts, those inside libraries too, use ``loop.time()``.
So a loop that runs faster makes the whole service run faster, and the demo
shows a workout of minutes in seconds.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from datetime import UTC, datetime, timedelta


class PacedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time runs ``speed`` times as fast as the world's."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        """Timeouts for what does not run faster too, such as a broker, are to be this many times as long."""
        self._begin_s = time.monotonic()
        super().__init__(_PacedSelector(speed))

    def time(self) -> float:
        """Seconds on this loop's clock."""
        return self._begin_s + (time.monotonic() - self._begin_s) * self.speed


class _PacedSelector(selectors.DefaultSelector):
    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait in the world's time for what the loop asked in its own."""
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(
            timeout if timeout is None or timeout <= 0 else timeout / self._speed
        )
        return ready


class ServiceClock:
    """Arrivals and wall clock of one run of the service, both from the loop's time."""

    def __init__(self, utc: datetime | None = None) -> None:
        """Begin now; ``utc`` is what the wall clock shows."""
        self._loop = asyncio.get_running_loop()
        self._zero_s = self._loop.time()
        self._utc = utc or datetime.now(UTC)

    def now_us(self) -> int:
        """Microseconds since the service began."""
        return round((self._loop.time() - self._zero_s) * 1e6)

    def utc(self, at_us: int | None = None) -> datetime:
        """Wall clock time of an instant, of now by default."""
        return self._utc + timedelta(microseconds=self.now_us() if at_us is None else at_us)

    def at_us(self, utc: datetime) -> int:
        """Microseconds from the service's beginning to a wall clock time; negative before it."""
        return (utc - self._utc) // timedelta(microseconds=1)
