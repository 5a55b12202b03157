"""Maps times of the phone's clock to the service's."""

from __future__ import annotations

from collections import deque

WINDOW = 256
"""Number of messages: some minutes, in which two quartz clocks drift by some 10 ms."""


class PhoneClock:
    """Maps times of the phone to times of the service.

    Each message carries the time when it was sent, so the difference to its arrival
    is the network's delay plus the clocks' offset, however long its content had
    waited. The delay is never negative and mostly small: the smallest difference
    of late is the best estimate of the offset. Times never go back, even where the
    estimate does, nor beyond the present.
    """

    def __init__(self) -> None:
        self._differences_us: deque[int] = deque(maxlen=WINDOW)
        self._last_us: int | None = None

    def update(self, sent_us: int, now_us: int) -> None:
        """Learn from a message: sent at ``sent_us`` on the phone's clock, received at ``now_us``."""
        self._differences_us.append(now_us - sent_us)

    def reset(self) -> None:
        """Forget the offset, since the phone's clock may have changed."""
        self._differences_us.clear()

    def at_us(self, phone_us: int, now_us: int) -> int:
        """Time on the service's clock; needs an ``update`` before."""
        time_us = min(phone_us + min(self._differences_us), now_us)
        self._last_us = time_us if self._last_us is None else max(self._last_us, time_us)
        return self._last_us
