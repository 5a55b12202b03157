"""The streams of one boot: begun by START, lingering without a connection, read again by RESEND."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from firmware_sim.sensor import control, packets
from firmware_sim.sensor.capabilities import chosen
from firmware_sim.sensor.control import RefusedError, Status
from firmware_sim.sensor.firmware_settings import LOWEST_MTU
from firmware_sim.sensor.packets import Activity
from firmware_sim.sensor.ring_buffer import RingBuffer
from firmware_sim.sensor.stream import WRAP, Stream

if TYPE_CHECKING:
    from firmware_sim.sensor.firmware_settings import FirmwareSettings
    from firmware_sim.sensor.outbox import Outbox
    from firmware_sim.sensor.ring_buffer import SampleBatch
    from firmware_sim.sensor.stream import Imu

RING_RATE_HZ = 104
RING_MARGIN = 1.03
"""Reserve of the ring for an IMU that samples faster than its nominal rate."""
PROMISE_S = 2.0
"""Time for which the oldest sample that was reported can at least be had."""


class Streaming:
    """At most one stream at a time, its samples on their way into the outbox."""

    def __init__(self, imu: Imu, settings: FirmwareSettings, outbox: Outbox, stream_id: int) -> None:
        self.stream_id = stream_id
        """Number of the latest stream."""
        self._imu = imu
        self._settings = settings
        self._outbox = outbox
        self._stream: Stream | None = None
        """The latest stream; it stays readable by RESEND after its end."""
        self._is_running = False
        self._first_index = settings.first_index
        self._linger_us = 0
        self._linger_end_us: int | None = None

    # State.

    @property
    def activity(self) -> Activity:
        """First byte of status."""
        if not self._is_running:
            return Activity.IDLE
        return Activity.STREAMING if self._linger_end_us is None else Activity.LINGERING

    @property
    def oldest(self) -> int:
        """Index of the oldest sample that RESEND can bring back."""
        return self._first_index if self._stream is None else self._stream.oldest

    @property
    def newest(self) -> int:
        """Index of the newest sample; one before the first while there is none."""
        return self._first_index - 1 if self._stream is None else self._stream.newest

    @property
    def overruns(self) -> int:
        """Losses in the sensor since the stream began."""
        return 0 if self._stream is None else self._stream.overruns

    @property
    def next_us(self) -> int | None:
        """Device time at which a packet is full or lingering ends; None while no stream runs."""
        if self._stream is None or not self._is_running:
            return None
        full_us = self._stream.full_us(self._size(self._stream))
        return full_us if self._linger_end_us is None else min(full_us, self._linger_end_us)

    def terms(self) -> bytes:
        """Body of the answer to STATE; empty while no stream runs."""
        stream = self._stream
        if stream is None or not self._is_running:
            return b""
        return control.terms_body(replace(stream.terms, oldest_index=stream.oldest))

    # Events.

    def connected(self) -> None:
        """A central has connected: a stream that lingered continues."""
        self._linger_end_us = None

    def disconnected(self, now_us: int) -> None:
        """The central has disconnected: a stream lingers."""
        if self._is_running:
            self._linger_end_us = now_us + self._linger_us

    def advance(self, now_us: int) -> None:
        """Queue the packets that are full by now; end a stream that has lingered long enough."""
        if self._linger_end_us is not None and self._linger_end_us <= now_us:
            self.sample(self._linger_end_us)
            self.end()
        self.sample(now_us)

    def start(self, start: control.Start, at_us: int) -> bytes:
        """Begin a stream; return the body of the answer. Raises RefusedError."""
        settings = self._settings
        imu_settings = chosen(start, self._imu.usual)
        axes = 6 if imu_settings.gyroscope else 3
        if self._outbox.mtu < LOWEST_MTU:
            raise RefusedError(Status.MTU)

        latency_ms = settings.latency_ms if start.latency_ms is None else start.latency_ms
        fit = packets.samples_that_fit(self._outbox.mtu, axes)
        feed = self._imu.start(imu_settings, at_us)
        if self._stream is not None:
            self._first_index = (self._stream.newest + 1) % WRAP
        self.stream_id = (self.stream_id + 1) & 0xFF
        terms = control.Terms(
            rate_mhz=1000 * imu_settings.rate_hz,
            layout=start.layout,
            acc_range_g=imu_settings.acc_range_g,
            gyr_range_dps=imu_settings.gyr_range_dps if imu_settings.gyroscope else None,
            stream=self.stream_id,
            acc_g_per_lsb=feed.acc_g_per_lsb,
            gyr_dps_per_lsb=feed.gyr_dps_per_lsb,
            samples_per_packet=max(1, min(fit, latency_ms * imu_settings.rate_hz // 1000)),
            first_index=self._first_index,
        )
        # The ring is memory: fewer axes or a lower rate make it last longer.
        numbers = settings.ring_s * RING_RATE_HZ * RING_MARGIN * 6
        ring = RingBuffer(round(numbers) // axes, axes, round(PROMISE_S * imu_settings.rate_hz))
        self._stream = Stream(feed, terms, axes, ring)
        self._is_running = True
        self._linger_us = (settings.linger_s if start.linger_s is None else start.linger_s) * 1_000_000
        self._outbox.begin()
        return control.terms_body(replace(terms, layout=None, acc_range_g=None, gyr_range_dps=None))

    def resend(self, asked: control.Resend) -> None:
        """Queue packets of samples that are still in the ring. Raises RefusedError."""
        stream = self._stream
        if stream is None:
            raise RefusedError(Status.NOT_STREAMING)
        if asked.count == 0:
            raise RefusedError(Status.PARAMETER)
        if self._outbox.backfill:
            raise RefusedError(Status.BUSY)
        fit = packets.samples_that_fit(self._outbox.mtu, stream.axes)
        if fit == 0:
            raise RefusedError(Status.MTU)
        try:
            found = stream.find(asked.first, asked.count) if asked.stream == stream.terms.stream else None
        except ValueError:
            raise RefusedError(Status.PARAMETER) from None
        if found is None or len(found) == 0:
            raise RefusedError(Status.GONE, control.oldest_body(stream.oldest))
        # Made at once, though it goes out slowly: the ring may have been overwritten by then.
        self._outbox.backfill = stream.backfill(found, fit)

    def sample(self, now_us: int) -> None:
        """Read the IMU and queue what fills a packet."""
        stream = self._stream
        if stream is None or not self._is_running:
            return
        for piece in stream.take(now_us, self._size(stream)):
            self._queue(stream, piece)

    def end(self) -> None:
        """Stop sampling; send what has not filled its packet. Does nothing while no stream runs."""
        stream = self._stream
        if stream is None or not self._is_running:
            return
        rest = stream.rest()
        for piece in rest.pieces(self._size(stream)) if len(rest) else []:
            self._queue(stream, piece)
        # However full the queue is: without its end the receiver would wait on.
        self._outbox.queue(stream.end(), always=True)
        self._is_running = False
        self._linger_end_us = None

    def _queue(self, stream: Stream, piece: SampleBatch) -> None:
        self._outbox.queue(stream.packet(piece, dropped=self._outbox.has_dropped()))

    def _size(self, stream: Stream) -> int:
        """Samples per packet now: fewer than were promised where a later connection has a lower MTU."""
        fit = packets.samples_that_fit(self._outbox.mtu, stream.axes)
        promised = stream.terms.samples_per_packet
        return min(promised, fit) if fit else promised
