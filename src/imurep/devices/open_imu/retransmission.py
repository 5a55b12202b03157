"""Has what is missing sent again: one RESEND at a time, the oldest samples first.

Theory of operation. RESEND is idle, asked, or coming:

    idle    something is missing: ask for a piece of it                        -> asked
    asked   done: the samples follow                                           -> coming
            evicted: what is older than the sensor tells is gone               -> idle
            busy: ask again a little later                                     -> idle
            any other answer: the sensor cannot                                -> idle, with nothing missing
            no answer: ask the same again, once; then the piece is given up    -> idle
    coming  the last packet, or none for a while                               -> idle

What did not come stays missing in ``Received`` and is asked for again. A piece
of which nothing came three times is given up, so asking ends whatever the sensor does.

Pieces are a few seconds long. A range of which one sample is gone is refused as
a whole, and the oldest samples go while one asks: a piece is soon through. And
a link that breaks again costs what was under way, which is asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.devices.open_imu.control import Code, Tag, resend_request
from imurep.devices.open_imu.wire import Flag

if TYPE_CHECKING:
    from imurep.devices.open_imu.control import Response
    from imurep.devices.open_imu.received_samples import Received
    from imurep.devices.open_imu.wire import Header

PIECE = 1024
"""Samples; ten seconds at 104 Hz."""
ANSWER_US = 5_000_000
QUIET_US = 2_000_000
"""Without a packet of the backfill, while live ones go first."""
BUSY_US = 500_000
_TRIES = 3
_LEAD = 16


@dataclass(slots=True)
class _Asked:
    """A RESEND under way."""

    number: int
    first: int
    end: int
    missing: int
    """Samples of it that were missing when it was asked for."""
    at: int
    """Where the next packet of it should begin."""
    due_us: int
    payload: bytes
    repeated: bool = False
    coming: bool = False


class Resending:
    """The RESENDs of one stream over one connection."""

    def __init__(self, stream: int, received: Received) -> None:
        self.received = received
        self._stream = stream
        self._asked: _Asked | None = None
        self._rests_until_us: int | None = None
        self._tries = 0
        self._evictions = 0

    @property
    def wakes_us(self) -> int | None:
        """When ``due`` has something to do."""
        return self._asked.due_us if self._asked else self._rests_until_us

    @property
    def finished(self) -> bool:
        """Whether nothing is under way, and nothing is left to ask for."""
        return self._asked is None and not self.received.missing

    @property
    def wants(self) -> bool:
        """Whether there is something to ask for now."""
        return self._asked is None and self._rests_until_us is None and bool(self.received.missing)

    def ask(self, number: int, now_us: int) -> bytes:
        """The next request, with this number."""
        first, end = self.received.missing[0]
        end = min(end, first + PIECE)
        payload = resend_request(number, self._stream, first, end - first)
        self._asked = _Asked(number, first, end, end - first, first, now_us + ANSWER_US, payload)
        return payload

    def answered(self, response: Response, now_us: int) -> None:
        """The sensor answered a RESEND."""
        asked = self._asked
        if asked is None or asked.coming or response.number != asked.number:
            return
        if response.code == Code.DONE:
            asked.coming = True
            asked.due_us = now_us + QUIET_US
            self._evictions = 0
        elif response.code == Code.BUSY:
            self._asked = None
            self._rests_until_us = now_us + BUSY_US
        elif response.code == Code.EVICTED:
            self._asked = None
            self._evicted(asked, response.index(Tag.OLDEST_INDEX))
        else:
            self._asked = None
            for first, end in self.received.missing:
                self.received.remove(first, end)

    def came(self, header: Header, now_us: int) -> None:
        """A packet of a backfill came: of this RESEND, or of one before; ``received`` knows it already."""
        first, end = self.received.interval(header)
        asked = self._asked
        if asked is None or not asked.first <= first < asked.end:
            return
        if header.flags & Flag.OVERRUN:  # the sensor never had what is before it
            self.received.remove(min(asked.at, first), first)
        asked.at = max(asked.at, end)
        asked.due_us = now_us + QUIET_US
        asked.coming = True
        if header.flags & Flag.LAST_OF_BACKFILL:
            self._over(asked)

    def due(self, now_us: int) -> bytes | None:
        """``wakes_us`` may have come: a request to repeat, if any."""
        if self._rests_until_us is not None and self._rests_until_us <= now_us:
            self._rests_until_us = None
        asked = self._asked
        if asked is None or asked.due_us > now_us:
            return None
        if asked.coming:
            self._over(asked)
        elif asked.repeated:
            self._asked = None
            self.received.remove(asked.first, asked.end)
        else:
            asked.repeated = True
            asked.due_us = now_us + ANSWER_US
            return asked.payload
        return None

    def _evicted(self, asked: _Asked, oldest_index: int | None) -> None:
        """Go on behind what is gone; when the ring is faster than we are, ahead of it by ever more."""
        if oldest_index is None or self.received.gone(oldest_index) <= asked.first:
            self.received.remove(asked.first, asked.end)  # nothing older is to blame
        elif self._evictions:
            self.received.gone(oldest_index, lead=_LEAD << min(self._evictions, 10))
        self._evictions += 1

    def _over(self, asked: _Asked) -> None:
        """The piece is through; what did not come stays missing, unless it never does."""
        self._asked = None
        left = self.received.missing_in(asked.first, asked.end)
        self._tries = self._tries + 1 if left == asked.missing else 0
        if self._tries == _TRIES:
            self._tries = 0
            self.received.remove(asked.first, asked.end)
