"""What is known of a sensor over all its connections, learned from its notifications alone.

So it does not matter who asked: what another conversation recorded teaches the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.devices.open_imu.control import Code, Operation, Tag, parse_terms
from imurep.devices.open_imu.received_samples import Received
from imurep.devices.open_imu.wire import Flag

if TYPE_CHECKING:
    from imurep.devices.open_imu.control import Response, Terms
    from imurep.devices.open_imu.wire import Feature, Header, Info, Status


@dataclass(frozen=True, slots=True)
class Stream:
    """The last stream, and what of it has come."""

    terms: Terms
    received: Received


class Memory:
    """Learns; nothing in here says anything to the sensor."""

    def __init__(self) -> None:
        self.info: Info | None = None
        self.stream: Stream | None = None
        self.ended_us: int | None = None
        """When the sensor ended the stream unasked; None: it did not."""
        self._stopped = False

    def can(self, feature: Feature) -> bool:
        """Whether the sensor says so."""
        return self.info is not None and self.info.features & feature != 0

    @property
    def ring_ms(self) -> int:
        """How much RESEND can bring back, at 104 Hz with both sensors."""
        return self.info.ring_ms if self.info else 0

    def met(self, info: Info) -> None:
        """A sensor that was rebooted knows nothing of its old stream."""
        if self.info is not None and info.boot != self.info.boot:
            self.stream = None
            self.ended_us = None
        self.info = info

    def answered(self, response: Response) -> None:
        """Take what an answer says of the stream. Raises PacketError when it cannot be used."""
        terms = parse_terms(response)
        if terms is not None:
            self._stopped = False
            self.ended_us = None
            if response.operation == Operation.START:
                self.stream = Stream(terms, Received(terms.first_index))
            elif self.stream is None or self.stream.terms.stream != terms.stream:
                self.stream = Stream(terms, Received())
        elif response.operation == Operation.STOP and response.code == Code.DONE:
            self._stopped = True
            self.ended_us = None
        oldest = response.index(Tag.OLDEST_INDEX)
        if self.stream is not None and oldest is not None:
            self.stream.received.gone(oldest)

    def arrived(self, header: Header, now_us: int, *, stopping: bool) -> bool:
        """Account for a packet; whether it is one of the stream. ``stopping``: an end is no surprise."""
        stream = self.stream
        if stream is None or header.stream != stream.terms.stream:
            return False
        if header.ends:
            stream.received.ended(header.first_index)
            self.ended_us = None if self._stopped or stopping else now_us
            return True
        if header.layout != stream.terms.layout:
            return False
        if header.flags & Flag.BACKFILL:
            stream.received.backfill(header)
        else:
            stream.received.live(header)
        return True

    def told(self, status: Status) -> bool:
        """What is gone need not be asked for; whether this is about the stream."""
        stream = self.stream
        if stream is None or status.stream != stream.terms.stream:
            return False
        stream.received.gone(status.oldest)
        return True
