"""The firmware: one state machine over device time, without any input or output of its own.

It is told what happens (a write, a subscription, the link's coming and going,
``advance`` when time has passed) and asked what it has to say (``outgoing``)
and when it wants to be called again (``next_us``). All times are device
microseconds since boot. docs/reference/packet-format.md says what it does; a
number here that is not on that page is a choice of this firmware.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from firmware_sim.sensor import control, packets
from firmware_sim.sensor.choices import capabilities, chosen, features
from firmware_sim.sensor.control import Operation, RefusedError, Status
from firmware_sim.sensor.outbox import DEFAULT_MTU, Channel, Outbox
from firmware_sim.sensor.packets import Activity
from firmware_sim.sensor.ring import Ring
from firmware_sim.sensor.stream import WRAP, Stream

if TYPE_CHECKING:
    from firmware_sim.sensor.outbox import Message
    from firmware_sim.sensor.stream import Part

LOWEST_MTU = 64
"""One sample of three sensors, its header and some reserve."""
STATUS_EVERY_US = 1_000_000
RING_RATE_HZ = 104
RING_MARGIN = 1.03
"""The part may sample that much faster than it says."""
PROMISE_S = 2.0
"""So much longer, at least, the oldest sample that was told can be had."""
EMPTY_BATTERY_PERCENT = 3
LOW_BATTERY_PERCENT = 15
TEMPERATURE_C = 31
"""Skin, through a shirt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What differs from one sensor to the next."""

    ring_s: float = 60.0
    """How much RESEND can bring back, at 104 Hz with both sensors."""
    highest_mtu: int = 247
    first_index: int = 1000
    """Of the first stream after boot; the sensor sampled before anybody listened."""
    slow_start_s: float = 0.0
    """How long after START its answer comes: the part has to wake."""
    latency_ms: int = 200
    """Where START does not say."""
    linger_s: int = 60
    """Where START does not say."""
    longest_linger_s: int = 3600
    clock_ppm: int = 100
    """Tolerance that info states."""
    rate_per_mille: int = 20
    """Tolerance that info states."""


class Firmware:
    """A sensor between two boots."""

    def __init__(self, part: Part, settings: Settings, boot_id: int) -> None:
        self.identified = 0
        """How often it has blinked."""
        self.battery_percent = 100
        self.charging = False
        self._part = part
        self._settings = settings
        self._boot_id = boot_id
        self._now_us = 0

        self._stream: Stream | None = None
        self._streaming = False
        self._stream_id = boot_id & 0xFF
        self._next_index = settings.first_index
        self._linger_us = 0
        self._linger_end_us: int | None = None
        self._unix_ahead_us: int | None = None

        self._outbox = Outbox()
        self._requests: deque[tuple[int, bytes]] = deque()
        self._status_us: int | None = None

    # What happens to it.

    def connected(self, now_us: int) -> None:
        """A central is there; a stream that lingered goes on."""
        self.advance(now_us)
        self._outbox.mtu = DEFAULT_MTU
        self._linger_end_us = None

    def disconnected(self, now_us: int) -> None:
        """The central is gone, and everything that was meant for it."""
        self.advance(now_us)
        self._outbox.close()
        self._requests.clear()
        self._status_us = None
        if self._streaming:
            self._linger_end_us = now_us + self._linger_us
            self.advance(now_us)

    def negotiated(self, mtu: int) -> None:
        """Both ends have agreed on an MTU."""
        self._outbox.mtu = mtu

    def subscribed(self, channel: Channel, now_us: int, *, on: bool) -> None:
        """The central wants to hear of a channel, or no longer."""
        self.advance(now_us)
        self._outbox.subscribe(channel, on=on)
        if channel is Channel.STATUS:
            self._status_us = now_us + STATUS_EVERY_US if on else None

    def is_subscribed(self, channel: Channel) -> bool:
        """Whether the central hears of a channel."""
        return self._outbox.is_subscribed(channel)

    def control_written(self, payload: bytes, now_us: int) -> None:
        """A request came. Raises ValueError if it is too short to be answered.

        Answers come in the order of the requests: one behind a slow START waits.
        """
        if len(payload) < control.REQUEST_HEAD_BYTES:
            msg = f"a request has an operation and a number, not {len(payload)} bytes"
            raise ValueError(msg)
        self.advance(now_us)
        slow_us = round(self._settings.slow_start_s * 1e6) if payload[0] == Operation.START else 0
        due_us = max(now_us + slow_us, self._requests[-1][0] if self._requests else 0)
        self._requests.append((due_us, payload))
        self.advance(now_us)

    def clock_written(self, payload: bytes, now_us: int) -> None:
        """A clock request came; one of another length than 9 is ignored."""
        if len(payload) == packets.CLOCK_REQUEST_BYTES:
            self._outbox.ask_clock(now_us, payload)

    def press_stop(self, now_us: int) -> None:
        """Somebody presses the sensor's button: a stream ends without having been asked to."""
        self.advance(now_us)
        if self._streaming:
            self._end()

    def set_battery(self, percent: int, now_us: int, *, charging: bool = False) -> None:
        """Change the battery's level; nothing is measured on the charger."""
        changed = percent != self.battery_percent
        self.battery_percent = percent
        self.charging = charging
        if changed:
            self._outbox.tell(Channel.BATTERY, bytes([percent]))
        if charging:
            self.press_stop(now_us)

    def advance(self, now_us: int) -> None:
        """Do all that was due up to now. Time never goes back."""
        self._now_us = max(self._now_us, now_us)
        while self._requests and self._requests[0][0] <= self._now_us:
            due_us, payload = self._requests.popleft()
            self._sample(due_us)
            self._answer(payload, due_us)
        if self._linger_end_us is not None and self._linger_end_us <= self._now_us:
            self._sample(self._linger_end_us)
            self._end()
        self._sample(self._now_us)
        if self._status_us is not None and self._status_us <= self._now_us:
            self._outbox.tell(Channel.STATUS, self.status())
            self._status_us += STATUS_EVERY_US * (1 + (self._now_us - self._status_us) // STATUS_EVERY_US)

    # What it has to say.

    @property
    def next_us(self) -> int | None:
        """When to call ``advance`` again, unless something happens first. None: no need."""
        due_us = [self._linger_end_us, self._status_us, self._requests[0][0] if self._requests else None]
        if self._stream is not None and self._streaming:
            due_us.append(self._stream.full_us(self._size(self._stream)))
        return min((one for one in due_us if one is not None), default=None)

    def outgoing(self, now_us: int, room: int) -> list[Message]:
        """Hand over at most so many payloads. Indications go first, a backfill last.

        A response comes alone: nothing may overtake it, so what follows waits
        until the caller, who knows of its confirmation, asks again.
        """
        return self._outbox.take(now_us, room, unix_is_set=self._unix_ahead_us is not None)

    def info(self) -> bytes:
        """What a read of info gives."""
        return packets.info_payload(
            packets.Info(
                features=features(self._part.usual),
                boot_id=self._boot_id,
                ring_ms=round(self._settings.ring_s * 1000),
                clock_ppm=self._settings.clock_ppm,
                rate_per_mille=self._settings.rate_per_mille,
                lowest_mtu=LOWEST_MTU,
                highest_mtu=self._settings.highest_mtu,
            )
        )

    def status(self) -> bytes:
        """What a read of status gives, as of the last ``advance``."""
        activity = Activity.IDLE
        if self._streaming:
            activity = Activity.STREAMING if self._linger_end_us is None else Activity.LINGERING
        power = packets.POWER_CHARGING if self.charging else 0
        if self.battery_percent <= LOW_BATTERY_PERCENT:
            power |= packets.POWER_LOW_BATTERY
        stream = self._stream
        return packets.status_payload(
            packets.Health(
                activity=activity,
                stream=self._stream_id,
                battery_percent=self.battery_percent,
                power=power,
                temperature_c=TEMPERATURE_C,
                oldest=self._next_index if stream is None else stream.oldest,
                newest=self._next_index - 1 if stream is None else stream.newest,
                dropped=self._outbox.dropped,
                overruns=0 if stream is None else stream.overruns,
            )
        )

    # Requests.

    def _answer(self, payload: bytes, at_us: int) -> None:
        operation, request, body = payload[0], payload[1], payload[2:]
        try:
            answer = control.response(operation, request, Status.DONE, self._do(operation, body, at_us))
        except RefusedError as refused:
            answer = control.response(operation, request, refused.status, refused.body)
        if not self._outbox.fits(answer):
            answer = control.response(operation, request, Status.MTU)
        self._outbox.responses.append(answer)

    def _do(self, operation: int, body: bytes, at_us: int) -> bytes:
        match operation:
            case Operation.START:
                return self._start(control.read_start(body), at_us)
            case Operation.RESEND:
                return self._resend(control.read_resend(body))
            case Operation.SET_UNIX:
                self._unix_ahead_us = control.read_unix_us(body) - at_us
                return b""
            case Operation.CAPS | Operation.STATE | Operation.STOP | Operation.IDENTIFY:
                control.read_nothing(body)
                return self._do_plainly(operation)
            case _:
                raise RefusedError(Status.UNKNOWN_OPERATION)

    def _do_plainly(self, operation: int) -> bytes:
        stream = self._stream if self._streaming else None
        if operation == Operation.CAPS:
            can = capabilities(self._part.usual, self._settings.longest_linger_s)
            return control.capabilities_body(can)
        if operation == Operation.STATE and stream is not None:
            return control.terms_body(replace(stream.terms, oldest_index=stream.oldest))
        if operation == Operation.STOP:
            if stream is None:
                raise RefusedError(Status.NOT_STREAMING)
            self._end()
        if operation == Operation.IDENTIFY:
            self.identified += 1
        return b""

    def _start(self, start: control.Start, at_us: int) -> bytes:
        linger_s = self._settings.linger_s if start.linger_s is None else start.linger_s
        if linger_s > self._settings.longest_linger_s:
            raise RefusedError(Status.PARAMETER)
        if self._streaming:
            raise RefusedError(Status.STREAMING)
        if self.charging:
            raise RefusedError(Status.CHARGING)
        if self.battery_percent <= EMPTY_BATTERY_PERCENT:
            raise RefusedError(Status.BATTERY_LOW)
        sensing = chosen(start, self._part.usual)
        axes = 6 if sensing.gyroscope else 3
        if self._outbox.mtu < LOWEST_MTU:
            raise RefusedError(Status.MTU)

        latency_ms = self._settings.latency_ms if start.latency_ms is None else start.latency_ms
        fit = packets.samples_that_fit(self._outbox.mtu, axes)
        feed = self._part.start(sensing, at_us)
        if self._stream is not None:
            self._next_index = (self._stream.newest + 1) % WRAP
        self._stream_id = (self._stream_id + 1) & 0xFF
        terms = control.Terms(
            rate_mhz=1000 * sensing.rate_hz,
            layout=start.layout,
            acc_range_g=sensing.acc_range_g,
            gyr_range_dps=sensing.gyr_range_dps if sensing.gyroscope else None,
            stream=self._stream_id,
            acc_g_per_lsb=feed.acc_g_per_lsb,
            gyr_dps_per_lsb=feed.gyr_dps_per_lsb,
            samples_per_packet=max(1, min(fit, latency_ms * sensing.rate_hz // 1000)),
            first_index=self._next_index,
        )
        # The ring is memory: fewer axes or a lower rate make it last longer.
        numbers = self._settings.ring_s * RING_RATE_HZ * RING_MARGIN * 6
        ring = Ring(round(numbers) // axes, axes, round(PROMISE_S * sensing.rate_hz))
        self._stream = Stream(feed, terms, axes, ring)
        self._streaming = True
        self._linger_us = linger_s * 1_000_000
        self._outbox.begin()
        return control.terms_body(replace(terms, layout=None, acc_range_g=None, gyr_range_dps=None))

    def _resend(self, asked: control.Resend) -> bytes:
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
        # Made at once, though it goes out slowly: the ring may have turned by then.
        self._outbox.backfill = stream.backfill(found, fit)
        return b""

    # Samples.

    def _size(self, stream: Stream) -> int:
        """Samples per packet now: fewer than were promised where a later connection has a lower MTU."""
        fit = packets.samples_that_fit(self._outbox.mtu, stream.axes)
        promised = stream.terms.samples_per_packet
        return min(promised, fit) if fit else promised

    def _sample(self, now_us: int) -> None:
        """Read the part and queue what fills a packet."""
        stream = self._stream
        if stream is None or not self._streaming:
            return
        for piece in stream.take(now_us, self._size(stream)):
            self._outbox.queue(stream.packet(piece, dropped=self._outbox.has_dropped()))

    def _end(self) -> None:
        """Stop sampling; what has not filled its packet goes out as it is."""
        stream = self._stream
        if stream is None:
            return
        rest = stream.rest()
        for piece in rest.pieces(self._size(stream)) if len(rest) else []:
            self._outbox.queue(stream.packet(piece, dropped=self._outbox.has_dropped()))
        # However full the queue is: without its end the receiver would wait on.
        self._outbox.queue(stream.end(), always=True)
        self._streaming = False
        self._linger_end_us = None
