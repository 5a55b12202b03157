"""Decoder of WitMotion sensors: notifications in, packets out.

Frames have no time and no number, so the only time is that of the arrival. The
rate is in the sensor's reply to the conversation. Without a reply it is 100 Hz,
until the frames of the first second show another one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imurep.devices.witmotion import wire
from imurep.devices.witmotion.wire import Register
from imurep.errors import PacketError
from imurep.events import Packet
from imurep.util.units import GRAVITY_MS2

if TYPE_CHECKING:
    from imurep.events import Notification


_USUAL_HZ = 100.0
_RATES_HZ = (10.0, 20.0, 50.0, 100.0, 200.0)
_MEASURE_US = 1_000_000


class WitMotionDecoder:
    """Decodes one session. Channel: ``data``."""

    def __init__(self) -> None:
        self._splitter = wire.Splitter()
        self._rate_hz = _USUAL_HZ
        self._known = False
        self._stream = 0
        self._counted = 0
        self._began_us: int | None = None

    def feed(self, notification: Notification) -> Packet | None:
        """Decode one notification; None for a reply, and for a part of a frame.

        Raises PacketError where bytes are no frame; if there are frames beside them, those are given.
        """
        if notification.channel != "data":
            msg = f"channel {notification.channel!r} is not part of this protocol"
            raise PacketError(msg)
        skipped = self._splitter.skipped
        frames = self._splitter.push(notification.payload)
        for reply in (wire.parse_reply(frame) for frame in frames if frame[1] == wire.REPLY):
            self._learn(reply)
        motion = [frame for frame in frames if frame[1] == wire.MOTION]
        if motion:
            if not self._known:
                self._measure(len(motion), notification.arrival_us)
            acc_g, gyr_dps = wire.parse_motion(motion)
            return Packet(
                arrival_us=notification.arrival_us,
                acc_ms2=acc_g * GRAVITY_MS2,
                gyr_rads=np.radians(gyr_dps),
                rate_hz=self._rate_hz,
                stream=self._stream,
            )
        if not frames and self._splitter.skipped > skipped:
            msg = f"{self._splitter.skipped - skipped} bytes that are no frame"
            raise PacketError(msg)
        return None

    def _learn(self, reply: wire.Reply) -> None:
        """Take the rate from the reply at the beginning of a connection."""
        if reply.first == Register.RATE and reply.values[0] in wire.RATE_CODES:
            self._use(float(wire.RATE_CODES[reply.values[0]]))

    def _measure(self, count: int, arrival_us: int) -> None:
        """Count the frames of a second after the first notification."""
        if self._began_us is None:
            self._began_us = arrival_us
            return
        self._counted += count
        passed_us = arrival_us - self._began_us
        if passed_us >= _MEASURE_US:
            measured_hz = self._counted * 1e6 / passed_us
            rate_hz = min(_RATES_HZ, key=lambda rate: abs(math.log(rate / measured_hz)))
            self._known = True
            if rate_hz != self._rate_hz:
                self._use(rate_hz)

    def _use(self, rate_hz: float) -> None:
        """Begin a new stream: samples before had another rate."""
        self._known = True
        self._rate_hz = rate_hz
        self._stream += 1
