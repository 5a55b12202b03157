"""One stream, from START to its end: batches from the IMU, packets out, the ring behind."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from firmware_sim.sensor import packets
from firmware_sim.sensor.ring_buffer import SampleBatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware_sim.sensor.control import Terms
    from firmware_sim.sensor.measurement import ImuSettings
    from firmware_sim.sensor.ring_buffer import RingBuffer

WRAP = 2**32


class Feed(Protocol):
    """Samples of the IMU while it runs. Numbers count from 0 at its start."""

    @property
    def acc_g_per_lsb(self) -> float:
        """Scale of the accelerometer."""

    @property
    def gyr_dps_per_lsb(self) -> float | None:
        """Scale of the gyroscope; None without one in the stream."""

    @property
    def next_number(self) -> int:
        """Number of the sample that comes next."""

    def read(self, now_us: int) -> SampleBatch:
        """All samples taken since the last read, up to this device time."""

    def due_us(self, samples: int) -> int:
        """Device time at which so many more than were read will have been taken."""


class Imu(Protocol):
    """The sensor's IMU: what it can measure, and a feed of samples."""

    @property
    def usual(self) -> ImuSettings:
        """Settings where START has none; without a gyroscope here, it has none."""

    def start(self, imu_settings: ImuSettings, at_us: int) -> Feed:
        """Sample from this device time on."""


class Stream:
    """Packets of one stream. Sequence numbers and indices run here."""

    def __init__(self, feed: Feed, terms: Terms, axes: int, ring: RingBuffer) -> None:
        self.terms = terms
        self.axes = axes
        self.overruns = 0
        self._feed = feed
        self._ring = ring
        self._pending = SampleBatch.empty(axes)
        self._sequence = 0
        self._expected: int | None = None
        self._layout = packets.LAYOUT_ACC | (packets.LAYOUT_GYR if feed.gyr_dps_per_lsb else 0)

    def take(self, now_us: int, size: int) -> Iterator[SampleBatch]:
        """Read the IMU's FIFO; yield what fills a packet of ``size`` samples."""
        new = self._feed.read(now_us)
        if len(new) == 0:
            return
        self._ring.add(new)
        pieces = self._pending.then(new).pieces(size)
        self._pending = pieces.pop() if len(pieces[-1]) < size else SampleBatch.empty(self.axes)
        yield from pieces

    def rest(self) -> SampleBatch:
        """Return and remove the samples whose packet is not full."""
        pending, self._pending = self._pending, SampleBatch.empty(self.axes)
        return pending

    def full_us(self, size: int) -> int:
        """Device time at which the next packet will be full."""
        return self._feed.due_us(max(1, size - len(self._pending)))

    def packet(self, piece: SampleBatch, *, dropped: bool) -> bytes:
        """Make a live packet; it has the next sequence number."""
        flags = self._flags(piece)
        if dropped:
            flags |= packets.FLAG_QUEUE_DROPPED
        first = int(piece.numbers[0])
        if self._expected is not None and first != self._expected:
            flags |= packets.FLAG_OVERRUN
            self.overruns += 1
        self._expected = int(piece.numbers[-1]) + 1
        return self._encode(piece, flags, self._next_sequence())

    def end(self) -> bytes:
        """Make the packet that ends the stream."""
        header = packets.DataHeader(
            kind=packets.TYPE_END,
            stream=self.terms.stream,
            layout=self._layout,
            sequence=self._next_sequence(),
            index=self.terms.first_index + self._feed.next_number,
            t_us=self._feed.due_us(1),
        )
        return packets.data_payload(header, SampleBatch.empty(self.axes).counts)

    @property
    def oldest(self) -> int:
        """Index of the oldest sample that the ring promises, not wrapped; the first before any was taken."""
        return self.terms.first_index + self._ring.promised

    @property
    def newest(self) -> int:
        """Index of the newest sample taken, not wrapped; one before the first while there is none."""
        return self.terms.first_index + self._feed.next_number - 1

    def find(self, first: int, count: int) -> SampleBatch | None:
        """Samples from a (wrapped) index on; None if they are gone. Raises ValueError if not yet taken."""
        oldest = self.terms.first_index + self._ring.oldest
        ahead = (first - oldest) % WRAP
        if ahead >= WRAP // 2:
            return None
        start = oldest + ahead
        if start + count > self.newest + 1:
            msg = f"{count} samples from {first} on reach beyond the newest, {self.newest}"
            raise ValueError(msg)
        return self._ring.copy(start - self.terms.first_index, count)

    def backfill(self, found: SampleBatch, size: int) -> deque[bytes]:
        """Packets of a backfill, the last one marked; none where the sensor lost every sample."""
        made: deque[bytes] = deque()
        pieces = found.pieces(size) if len(found) else []
        for k, piece in enumerate(pieces):
            flags = self._flags(piece) | packets.FLAG_BACKFILL
            if k > 0 and piece.numbers[0] != pieces[k - 1].numbers[-1] + 1:
                flags |= packets.FLAG_OVERRUN
            if k == len(pieces) - 1:
                flags |= packets.FLAG_BACKFILL_END
            made.append(self._encode(piece, flags, 0))
        return made

    def _flags(self, piece: SampleBatch) -> int:
        return packets.FLAG_CLIPPED if piece.clipped.any() else 0

    def _next_sequence(self) -> int:
        self._sequence += 1
        return self._sequence - 1

    def _encode(self, piece: SampleBatch, flags: int, sequence: int) -> bytes:
        header = packets.DataHeader(
            stream=self.terms.stream,
            layout=self._layout,
            sequence=sequence,
            index=self.terms.first_index + int(piece.numbers[0]),
            t_us=int(piece.t_us[0]),
            flags=flags,
        )
        return packets.data_payload(header, piece.counts)
