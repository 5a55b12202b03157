"""The firmware: one state machine over device time, without any input or output of its own.

Its caller reports events (a write, a subscription, a connection, ``advance``
when time has passed), fetches what is to be sent (``outgoing``) and learns when
to call again (``next_us``). All times are device microseconds since boot. It
does what docs/reference/packet-format.md specifies; a number here that is not
on that page is a choice of this firmware.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from firmware_sim.sensor import control, packets
from firmware_sim.sensor.capabilities import capabilities, features
from firmware_sim.sensor.control import Operation, RefusedError, Status
from firmware_sim.sensor.firmware_settings import LOWEST_MTU
from firmware_sim.sensor.outbox import DEFAULT_MTU, Channel, Outbox
from firmware_sim.sensor.packets import Activity
from firmware_sim.sensor.streaming import Streaming

if TYPE_CHECKING:
    from firmware_sim.sensor.firmware_settings import FirmwareSettings
    from firmware_sim.sensor.outbox import Message
    from firmware_sim.sensor.stream import Imu

STATUS_EVERY_US = 1_000_000
EMPTY_BATTERY_PERCENT = 3
LOW_BATTERY_PERCENT = 15
TEMPERATURE_C = 31
"""Skin, through a shirt."""


class Firmware:
    """A sensor between two boots."""

    def __init__(self, imu: Imu, settings: FirmwareSettings, boot_id: int) -> None:
        self.identified = 0
        """Number of IDENTIFY requests that were answered."""
        self.battery_percent = 100
        self.charging = False
        self._imu = imu
        self._settings = settings
        self._boot_id = boot_id
        self._now_us = 0

        self._unix_ahead_us: int | None = None

        self._outbox = Outbox()
        self._streaming = Streaming(imu, settings, self._outbox, boot_id & 0xFF)
        self._requests: deque[tuple[int, bytes]] = deque()
        self._status_us: int | None = None

    # Events.

    def connected(self, now_us: int) -> None:
        """A central has connected; a stream that lingered continues."""
        self.advance(now_us)
        self._outbox.mtu = DEFAULT_MTU
        self._streaming.connected()

    def disconnected(self, now_us: int) -> None:
        """The central has disconnected: drop what was meant for it."""
        self.advance(now_us)
        self._outbox.close()
        self._requests.clear()
        self._status_us = None
        self._streaming.disconnected(now_us)
        self.advance(now_us)

    def negotiated(self, mtu: int) -> None:
        """Both ends have agreed on an MTU."""
        self._outbox.mtu = mtu

    def subscribed(self, channel: Channel, now_us: int, *, on: bool) -> None:
        """The central has subscribed to a channel, or unsubscribed."""
        self.advance(now_us)
        self._outbox.subscribe(channel, on=on)
        if channel is Channel.STATUS:
            self._status_us = now_us + STATUS_EVERY_US if on else None

    def is_subscribed(self, channel: Channel) -> bool:
        """Whether the central has subscribed to a channel."""
        return self._outbox.is_subscribed(channel)

    def control_written(self, payload: bytes, now_us: int) -> None:
        """A request has come. Raises ValueError if it is too short to be answered.

        Requests are answered in their order: one behind a slow START waits.
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
        """A clock request has come; one of another length than 9 is ignored."""
        if len(payload) == packets.CLOCK_REQUEST_BYTES:
            self._outbox.add_clock_request(now_us, payload)

    def press_stop(self, now_us: int) -> None:
        """The sensor's button is pressed: a stream ends without a request."""
        self.advance(now_us)
        self._streaming.end()

    def set_battery(self, percent: int, now_us: int, *, charging: bool = False) -> None:
        """Change the battery's level; nothing is measured on the charger."""
        changed = percent != self.battery_percent
        self.battery_percent = percent
        self.charging = charging
        if changed:
            self._outbox.notify_newest(Channel.BATTERY, bytes([percent]))
        if charging:
            self.press_stop(now_us)

    def advance(self, now_us: int) -> None:
        """Do all that was due up to now. Time never goes back."""
        self._now_us = max(self._now_us, now_us)
        while self._requests and self._requests[0][0] <= self._now_us:
            due_us, payload = self._requests.popleft()
            self._streaming.sample(due_us)
            self._answer(payload, due_us)
        self._streaming.advance(self._now_us)
        if self._status_us is not None and self._status_us <= self._now_us:
            self._outbox.notify_newest(Channel.STATUS, self.status())
            self._status_us += STATUS_EVERY_US * (1 + (self._now_us - self._status_us) // STATUS_EVERY_US)

    # Output.

    @property
    def next_us(self) -> int | None:
        """Device time at which to call ``advance`` again, unless an event comes first. None: no need."""
        due_us = [self._streaming.next_us, self._status_us, self._requests[0][0] if self._requests else None]
        return min((one for one in due_us if one is not None), default=None)

    def outgoing(self, now_us: int, room: int) -> list[Message]:
        """Hand over at most so many payloads. Indications go first, a backfill last.

        A response comes alone: nothing may overtake it, so what follows waits
        until the caller has its confirmation and calls again.
        """
        return self._outbox.take(now_us, room, unix_is_set=self._unix_ahead_us is not None)

    def info(self) -> bytes:
        """Payload for a read of info."""
        return packets.info_payload(
            packets.Info(
                features=features(self._imu.usual),
                boot_id=self._boot_id,
                ring_ms=round(self._settings.ring_s * 1000),
                clock_ppm=self._settings.clock_ppm,
                rate_per_mille=self._settings.rate_per_mille,
                lowest_mtu=LOWEST_MTU,
                highest_mtu=self._settings.highest_mtu,
            )
        )

    def status(self) -> bytes:
        """Payload for a read of status, as of the last ``advance``."""
        power = packets.POWER_CHARGING if self.charging else 0
        if self.battery_percent <= LOW_BATTERY_PERCENT:
            power |= packets.POWER_LOW_BATTERY
        return packets.status_payload(
            packets.Health(
                activity=self._streaming.activity,
                stream=self._streaming.stream_id,
                battery_percent=self.battery_percent,
                power=power,
                temperature_c=TEMPERATURE_C,
                oldest=self._streaming.oldest,
                newest=self._streaming.newest,
                dropped=self._outbox.dropped,
                overruns=self._streaming.overruns,
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
                self._streaming.resend(control.read_resend(body))
                return b""
            case Operation.SET_UNIX:
                self._unix_ahead_us = control.read_unix_us(body) - at_us
                return b""
            case Operation.CAPS | Operation.STATE | Operation.STOP | Operation.IDENTIFY:
                control.read_nothing(body)
                return self._do_without_body(operation)
            case _:
                raise RefusedError(Status.UNKNOWN_OPERATION)

    def _do_without_body(self, operation: int) -> bytes:
        if operation == Operation.CAPS:
            can = capabilities(self._imu.usual, self._settings.longest_linger_s)
            return control.capabilities_body(can)
        if operation == Operation.STATE:
            return self._streaming.terms()
        if operation == Operation.STOP:
            if self._streaming.activity is Activity.IDLE:
                raise RefusedError(Status.NOT_STREAMING)
            self._streaming.end()
        if operation == Operation.IDENTIFY:
            self.identified += 1
        return b""

    def _start(self, start: control.Start, at_us: int) -> bytes:
        if start.linger_s is not None and start.linger_s > self._settings.longest_linger_s:
            raise RefusedError(Status.PARAMETER)
        if self._streaming.activity is not Activity.IDLE:
            raise RefusedError(Status.STREAMING)
        if self.charging:
            raise RefusedError(Status.CHARGING)
        if self.battery_percent <= EMPTY_BATTERY_PERCENT:
            raise RefusedError(Status.BATTERY_LOW)
        return self._streaming.start(start, at_us)
