"""Requests missing samples again: one RESEND at a time, the oldest samples first.

Theory of operation. It is idle, has asked, or receives a backfill:

    idle       samples are missing: request a part of them                      -> asked
    asked      DONE: the samples follow                                         -> receiving
               EVICTED: samples before the given index are gone                 -> idle
               BUSY: request again a little later                               -> idle
               any other code: the sensor cannot resend                         -> idle, nothing missing
               no answer: repeat the request once, then give that part up       -> idle
    receiving  the last packet, or none for a while                             -> idle

What did not come stays missing in ``ReceivedSamples`` and is requested again. A part
of which nothing came three times is given up, so it ends whatever the sensor does.

A request covers some seconds. A range of which one sample is gone is refused as
a whole, and the oldest samples disappear meanwhile, so parts are short. And when
the link breaks again, only the part under way is requested twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.devices.open_imu.control import ResultCode, Tag, resend_request
from imurep.devices.open_imu.wire import Flag

if TYPE_CHECKING:
    from imurep.devices.open_imu.control import Response
    from imurep.devices.open_imu.received_samples import ReceivedSamples
    from imurep.devices.open_imu.wire import PacketHeader

REQUEST_SAMPLES = 1024
"""Most samples in a request: ten seconds at 104 Hz."""
ANSWER_US = 5_000_000
"""Longest time for the answer to a request."""
BACKFILL_SILENT_US = 2_000_000
"""Longest time without a packet of the backfill, since live ones are sent first."""
BUSY_US = 500_000
"""Pause after BUSY."""
_MAX_FAILURES = 3
_MARGIN = 16
"""Samples to skip after an eviction; doubled with each further one."""


@dataclass(slots=True)
class _ResendRequest:
    """A RESEND under way."""

    number: int
    first: int
    end: int
    missing: int
    """Number of its samples that were missing when it was requested."""
    next_index: int
    """Index at which its next packet should begin."""
    due_us: int
    payload: bytes
    repeated: bool = False
    answered_done: bool = False


class Retransmission:
    """The RESENDs of one stream over one connection."""

    def __init__(self, stream: int, samples: ReceivedSamples) -> None:
        self.samples = samples
        self._stream = stream
        self._pending: _ResendRequest | None = None
        self._pause_until_us: int | None = None
        self._failures = 0
        self._evictions = 0

    @property
    def wakes_us(self) -> int | None:
        """When ``due`` has something to do."""
        return self._pending.due_us if self._pending else self._pause_until_us

    @property
    def is_complete(self) -> bool:
        """Whether no request is open and nothing is missing."""
        return self._pending is None and not self.samples.missing

    @property
    def is_due(self) -> bool:
        """Whether a request can be made now."""
        return self._pending is None and self._pause_until_us is None and bool(self.samples.missing)

    def request(self, number: int, now_us: int) -> bytes:
        """Make the next request, with this number."""
        first, end = self.samples.missing[0]
        end = min(end, first + REQUEST_SAMPLES)
        payload = resend_request(number, self._stream, first, end - first)
        self._pending = _ResendRequest(number, first, end, end - first, first, now_us + ANSWER_US, payload)
        return payload

    def answered(self, response: Response, now_us: int) -> None:
        """Take the response to a RESEND."""
        pending = self._pending
        if pending is None or pending.answered_done or response.number != pending.number:
            return
        if response.code == ResultCode.DONE:
            pending.answered_done = True
            pending.due_us = now_us + BACKFILL_SILENT_US
            self._evictions = 0
        elif response.code == ResultCode.BUSY:
            self._pending = None
            self._pause_until_us = now_us + BUSY_US
        elif response.code == ResultCode.EVICTED:
            self._pending = None
            self._evicted(pending, response.index(Tag.OLDEST_INDEX))
        else:
            self._pending = None
            for first, end in self.samples.missing:
                self.samples.remove(first, end)

    def received(self, header: PacketHeader, now_us: int) -> None:
        """Take a packet of a backfill, of this RESEND or an earlier one; ``samples`` has accounted for it."""
        first, end = self.samples.interval(header)
        pending = self._pending
        if pending is None or not pending.first <= first < pending.end:
            return
        if header.flags & Flag.OVERRUN:  # the sensor never had what is before it
            self.samples.remove(min(pending.next_index, first), first)
        pending.next_index = max(pending.next_index, end)
        pending.due_us = now_us + BACKFILL_SILENT_US
        pending.answered_done = True
        if header.flags & Flag.LAST_OF_BACKFILL:
            self._close(pending)

    def due(self, now_us: int) -> bytes | None:
        """Handle the time; give a request to repeat, if any."""
        if self._pause_until_us is not None and self._pause_until_us <= now_us:
            self._pause_until_us = None
        pending = self._pending
        if pending is None or pending.due_us > now_us:
            return None
        if pending.answered_done:
            self._close(pending)
        elif pending.repeated:
            self._pending = None
            self.samples.remove(pending.first, pending.end)
        else:
            pending.repeated = True
            pending.due_us = now_us + ANSWER_US
            return pending.payload
        return None

    def _evicted(self, pending: _ResendRequest, oldest_index: int | None) -> None:
        """Continue after what is gone; when evictions repeat, with a growing margin."""
        if oldest_index is None or self.samples.gone(oldest_index) <= pending.first:
            self.samples.remove(pending.first, pending.end)  # then no eviction explains it
        elif self._evictions:
            self.samples.gone(oldest_index, lead=_MARGIN << min(self._evictions, 10))
        self._evictions += 1

    def _close(self, pending: _ResendRequest) -> None:
        """End a request: what did not come stays missing, and is given up after some failures."""
        self._pending = None
        left = self.samples.missing_in(pending.first, pending.end)
        self._failures = self._failures + 1 if left == pending.missing else 0
        if self._failures == _MAX_FAILURES:
            self._failures = 0
            self.samples.remove(pending.first, pending.end)
