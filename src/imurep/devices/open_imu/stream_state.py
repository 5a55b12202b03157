"""State of a sensor over all its connections, learned from its notifications alone.

So notifications that another conversation requested give the same state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.devices.open_imu.control import Operation, ResultCode, Tag, parse_terms
from imurep.devices.open_imu.received_samples import ReceivedSamples
from imurep.devices.open_imu.wire import Flag

if TYPE_CHECKING:
    from imurep.devices.open_imu.control import Response, StreamTerms
    from imurep.devices.open_imu.wire import Feature, Info, PacketHeader, StreamStatus


REST_US = 60_000_000
"""After the sensor ended a stream, nothing is started for so long."""


@dataclass(frozen=True, slots=True)
class KnownStream:
    """The last stream, and its received samples."""

    terms: StreamTerms
    received: ReceivedSamples


class StreamState:
    """The sensor's info and last stream."""

    def __init__(self) -> None:
        self.info: Info | None = None
        self.stream: KnownStream | None = None
        self.ended_us: int | None = None
        """When the sensor ended the stream without a request; None: it did not."""
        self._stopped = False

    def can(self, feature: Feature) -> bool:
        """Whether the sensor has a feature."""
        return self.info is not None and self.info.features & feature != 0

    @property
    def ring_ms(self) -> int:
        """How much RESEND can bring back, at 104 Hz with both sensors."""
        return self.info.ring_ms if self.info else 0

    def was_stopped_lately(self, now_us: int) -> bool:
        """Whether the sensor ended its stream without a request less than a minute ago."""
        return self.ended_us is not None and 0 <= now_us - self.ended_us < REST_US

    def update_info(self, info: Info) -> None:
        """Take the info; after a reboot the sensor has no stream."""
        if self.info is not None and info.boot != self.info.boot:
            self.stream = None
            self.ended_us = None
        self.info = info

    def update_terms(self, response: Response) -> None:
        """Take a response about the stream. Raises PacketError when the stream cannot be used."""
        terms = parse_terms(response)
        if terms is not None:
            self._stopped = False
            self.ended_us = None
            if response.operation == Operation.START:
                self.stream = KnownStream(terms, ReceivedSamples(terms.first_index))
            elif self.stream is None or self.stream.terms.stream != terms.stream:
                self.stream = KnownStream(terms, ReceivedSamples())
        elif response.operation == Operation.STOP and response.code == ResultCode.DONE:
            self._stopped = True
            self.ended_us = None
        oldest = response.index(Tag.OLDEST_INDEX)
        if self.stream is not None and oldest is not None:
            self.stream.received.gone(oldest)

    def update_samples(self, header: PacketHeader, now_us: int, *, end_expected: bool) -> bool:
        """Account for a packet; give whether it is one of the stream."""
        stream = self.stream
        if stream is None or header.stream != stream.terms.stream:
            return False
        if header.ends:
            stream.received.ended(header.first_index)
            self.ended_us = None if self._stopped or end_expected else now_us
            return True
        if header.layout != stream.terms.layout:
            return False
        if header.flags & Flag.BACKFILL:
            stream.received.backfill(header)
        else:
            stream.received.live(header)
        return True

    def update_oldest(self, status: StreamStatus) -> bool:
        """Account for samples that are gone; give whether the status is about the stream."""
        stream = self.stream
        if stream is None or status.stream != stream.terms.stream:
            return False
        stream.received.gone(status.oldest)
        return True
