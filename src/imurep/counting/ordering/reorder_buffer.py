"""Packets of one stream in the order of their samples, whatever the link did to them.

A sensor that keeps its last minute sends again what got lost (RESEND): packets
that come late, twice, cut anew, amid live ones. A queue holds packets and the
missing ranges between them in the order of the samples; a packet that is sent
again replaces what it fills of a range. Live packets after a missing range wait
for it, for ``wait_s`` of arrivals at most. Then they are released, and so is the
range itself: ``late_data`` keeps it.

The person's instructions take their place among the packets, too.

Samples that the sensor itself lost (the index jumps, the sequence does not)
are no missing range: nobody has them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from imurep.counting.ordering.ordering_params import OrderingParams
from imurep.events import Instruction, Packet

_INDEX_MODULUS = 1 << 32
_SEQUENCE_MODULUS = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRange:
    """Samples of a stream that are missing and that the sensor may still have."""

    stream: int
    index: int
    """Number of the first one, modulo 2**32."""
    size: int
    until_us: int
    """Arrival up to which packets after it wait."""

    def filled_by(self, packet: Packet) -> list[Packet | MissingRange]:
        """Return what replaces it once a packet came: what fits of the packet, and the ranges left around it.

        Empty when nothing of the packet fits.
        """
        if packet.stream != self.stream or packet.index is None:
            return []
        ahead = _ahead(packet.index, self.index)
        begin, end = max(0, ahead), min(self.size, ahead + _size(packet))
        if begin >= end:
            return []
        parts: list[Packet | MissingRange] = [_cut(packet, begin - ahead, end - ahead)]
        if begin > 0:
            parts.insert(0, replace(self, size=begin))
        if end < self.size:
            parts.append(replace(self, index=(self.index + end) % _INDEX_MODULUS, size=self.size - end))
        return parts


Ordered = Packet | Instruction | MissingRange


def fill(items: list[Ordered], packet: Packet) -> bool:
    """Put into the missing ranges among ``items`` what a packet has of them; return whether it had any."""
    filled = False
    for at in reversed(range(len(items))):
        item = items[at]
        if isinstance(item, MissingRange) and (parts := item.filled_by(packet)):
            items[at : at + 1] = parts
            filled = True
    return filled


class ReorderBuffer:
    """Puts packets in order, live.

    Packets that cannot be sent again (``Packet.resendable``) pass as they
    come. So do packets that came twice: the time base leaves them out.
    """

    def __init__(self, params: OrderingParams | None = None) -> None:
        """Begin with nothing."""
        self._params = params or OrderingParams()
        self._queue: list[Ordered] = []  # empty, or begins with a missing range that is waited for
        self._stream = -1
        self._sequence = 0
        """Number of the last live packet."""
        self._index = 0
        """Number of the sample after the newest."""

    @property
    def waiting(self) -> bool:
        """Whether live packets wait for earlier ones."""
        return bool(self._queue)

    def push(self, packet: Packet) -> list[Ordered]:
        """Take a packet; return items in order: packets, and ranges that are not waited for any longer."""
        if not packet.resendable or packet.index is None:
            return [*self.flush(), packet]
        if packet.backfill:
            self._resent(packet, packet.index)
        else:
            self._live(packet, packet.index)
        return self.tick(packet.arrival_us)

    def push_instruction(self, instruction: Instruction) -> list[Ordered]:
        """Take an instruction of the person: it stays behind the packets that came before it."""
        self._queue.append(instruction)
        return self.tick(instruction.arrival_us)

    def tick(self, now_us: int) -> list[Ordered]:
        """Return what waits no longer at this arrival."""
        queue, most_items = self._queue, self._params.most_waiting
        ready = 0
        for item in queue:
            if isinstance(item, MissingRange) and item.until_us > now_us and len(queue) - ready <= most_items:
                break
            ready += 1
        self._queue = queue[ready:]
        return queue[:ready]

    def flush(self) -> list[Ordered]:
        """Return all that waits: the data or the link ended."""
        waiting, self._queue = self._queue, []
        return waiting

    def _live(self, packet: Packet, index: int) -> None:
        queue = self._queue
        sequence = packet.sequence or 0
        if packet.stream > self._stream:
            self._stream = packet.stream
        elif packet.stream < self._stream or not _is_after(sequence, self._sequence):
            queue.append(packet)
            return
        else:
            missing = _ahead(index, self._index)
            # What would reach back beyond any sensor's memory is not missing: the counter jumped.
            most = self._params.keep_s * (packet.rate_hz or 1.0)
            if 0 < missing < most and (sequence - self._sequence) % _SEQUENCE_MODULUS > 1:
                queue.append(self._missing_range(missing, packet.arrival_us))
        self._sequence = sequence
        self._index = (index + _size(packet)) % _INDEX_MODULUS
        queue.append(packet)

    def _resent(self, packet: Packet, index: int) -> None:
        queue = self._queue
        fill(queue, packet)
        if packet.stream == self._stream:
            missing = _ahead(index, self._index)
            size = _size(packet)
            if missing + size > 0:  # it continues behind the last live packet
                if missing > 0:
                    queue.append(self._missing_range(missing, packet.arrival_us))
                queue.append(_cut(packet, max(0, -missing), size))
                self._index = (index + size) % _INDEX_MODULUS
        if packet.backfill_end:  # what lies before it did not come, nor will it
            self._queue = [
                replace(item, until_us=packet.arrival_us)
                if isinstance(item, MissingRange)
                and item.stream == packet.stream
                and _ahead(index, item.index) >= 0
                else item
                for item in queue
            ]

    def _missing_range(self, size: int, arrival_us: int) -> MissingRange:
        until_us = arrival_us + round(self._params.wait_s * 1e6)
        return MissingRange(stream=self._stream, index=self._index, size=size, until_us=until_us)


def _ahead(index: int, of: int) -> int:
    """By how many samples one counter is ahead of another; more than half the modulus is behind."""
    half = _INDEX_MODULUS // 2
    return (index - of + half) % _INDEX_MODULUS - half


def _is_after(sequence: int, last: int) -> bool:
    return 0 < (sequence - last) % _SEQUENCE_MODULUS < _SEQUENCE_MODULUS // 2


def _size(packet: Packet) -> int:
    return 0 if packet.acc_ms2 is None else len(packet.acc_ms2)


def _cut(packet: Packet, begin: int, end: int) -> Packet:
    """Samples ``[begin, end)`` of a packet; when its first one is gone, so is its device time."""
    if begin == 0 and end == _size(packet):
        return packet
    return replace(
        packet,
        acc_ms2=None if packet.acc_ms2 is None else packet.acc_ms2[begin:end],
        gyr_rads=None if packet.gyr_rads is None else packet.gyr_rads[begin:end],
        index=None if packet.index is None else (packet.index + begin) % _INDEX_MODULUS,
        time_us=packet.time_us if begin == 0 else None,
    )
