"""The phone's clock, read by the service's."""

from __future__ import annotations

from collections import deque

REMEMBERED = 256
"""Messages; at one to five a second some minutes, in which two quartz clocks part by some 10 ms."""


class PhoneClock:
    """Maps times of the phone to times of the service.

    Each message says when it was sent, so however long its content had waited,
    the difference between sending and arriving is the way's delay and the
    clocks' offset. The delay is never negative and mostly small: the smallest
    difference of late is the best guess of the offset. Times never go back,
    even where the guess does, nor beyond the present.
    """

    def __init__(self) -> None:
        self._ahead_us: deque[int] = deque(maxlen=REMEMBERED)
        self._last_us: int | None = None

    def heard(self, sent_us: int, now_us: int) -> None:
        """A message that was sent at ``sent_us``, on the phone's clock, is here at ``now_us``."""
        self._ahead_us.append(now_us - sent_us)

    def begin_anew(self) -> None:
        """Forget the offset: the phone's clock may be another one from here on."""
        self._ahead_us.clear()

    def at_us(self, phone_us: int, now_us: int) -> int:
        """When it was on the service's clock; something was heard before."""
        time_us = min(phone_us + min(self._ahead_us), now_us)
        self._last_us = time_us if self._last_us is None else max(self._last_us, time_us)
        return self._last_us
