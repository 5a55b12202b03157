"""Decoder of Polar sensors: notifications in, packets out.

A frame has the time of its last sample and not its rate, and recordings do not
hold the requests. So the rate is taken from the stamps: the time between two of
them, over the samples of the later one, is the period, unless frames were lost
between them. Until there are two, it is that of most recordings.

The accelerometer of an H10 needs nothing else. Where raw values come (Verity
Sense), their scale is in the response to the start, which a recording holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imurep.devices.polar import control, frames
from imurep.devices.polar.control import Measurement, PolarCode, PolarOperation
from imurep.errors import PacketError
from imurep.events import Packet
from imurep.util.units import GRAVITY_MS2

if TYPE_CHECKING:
    from imurep.devices.polar.frames import Frame
    from imurep.events import Notification

MG_MS2 = GRAVITY_MS2 / 1000

_SILENT_CHANNELS = {"battery"}
_FASTEST_US, _SLOWEST_US = 500.0, 200_000.0
"""Periods that a sensor can have: 2000 to 5 Hz."""
_LOST = 1.1
"""More periods per sample than this since the last stamp mean lost frames."""
_OTHER = 0.75
"""Fewer periods per sample than this mean that the assumed rate is wrong."""
_RAW_HZ, _DELTA_HZ = 100.0, 52.0
"""Rates until the stamps give them: the usual ones of an H10 and of a Verity Sense."""


@dataclass(slots=True)
class _FrameClock:
    """Sampling period of one measurement, from its stamps."""

    period_us: float
    last_ns: int | None = None
    """Stamp of the last frame; None at a start."""
    measured: bool = False

    def take(self, frame: Frame) -> bool:
        """Take a frame; give whether the rate has changed."""
        last_ns, self.last_ns = self.last_ns, frame.last_ns
        if last_ns is None:
            return False
        period_us = (frame.last_ns - last_ns) / 1000 / len(frame.values)
        longest_us = _LOST * self.period_us if self.measured else _SLOWEST_US
        if not _FASTEST_US <= period_us < longest_us:
            return False
        before_us, self.period_us, self.measured = self.period_us, period_us, True
        return not _OTHER < period_us / before_us < 1 / _OTHER


class PolarDecoder:
    """Decodes one session. Channels: ``data``, ``control`` (indications and reads), ``battery``."""

    def __init__(self) -> None:
        self._factors: dict[Measurement, float] = {}
        self._clocks: dict[Measurement, _FrameClock] = {}
        self._started: set[Measurement] = set()
        self._stream = 0

    def feed(self, notification: Notification) -> Packet | None:
        """Decode one notification; None for an answer.

        Raises PacketError for one that breaks the format, or is of another measurement.
        """
        if notification.channel == "data":
            return self._data(frames.parse(notification.payload, self._factors), notification.arrival_us)
        if notification.channel == "control":
            self._control(notification.payload)
        elif notification.channel not in _SILENT_CHANNELS:
            msg = f"channel {notification.channel!r} is not part of this protocol"
            raise PacketError(msg)
        return None

    def _control(self, payload: bytes) -> None:
        """Take the factor from the response to a start."""
        message = control.parse(payload)
        if (
            not isinstance(message, control.PolarResponse)
            or (message.operation, message.code) != (PolarOperation.START, PolarCode.DONE)
            or message.measurement not in set(Measurement)
        ):
            return
        measurement = Measurement(message.measurement)
        if measurement in self._started:  # another connection
            self._started.clear()
        self._started.add(measurement)
        if measurement in self._clocks:
            self._clocks[measurement] = _FrameClock(self._clocks[measurement].period_us)
        self._factors.pop(measurement, None)
        factor = message.factor()
        if factor is not None:
            self._factors[measurement] = factor

    def _data(self, frame: Frame, arrival_us: int) -> Packet:
        if frame.measurement is Measurement.GYR:
            self._started.add(frame.measurement)
        usual_hz = _DELTA_HZ if frame.is_delta else _RAW_HZ
        clock = self._clocks.setdefault(frame.measurement, _FrameClock(1e6 / usual_hz))
        if clock.take(frame):
            self._stream += 1
        is_acc = frame.measurement is Measurement.ACC
        return Packet(
            arrival_us=arrival_us,
            acc_ms2=frame.values * MG_MS2 if is_acc else None,
            gyr_rads=None if is_acc else np.radians(frame.values),
            rate_hz=1e6 / clock.period_us,
            stream=self._stream,
            time_us=round(frame.last_ns / 1000 - (len(frame.values) - 1) * clock.period_us),
            apart=Measurement.GYR in self._started,
        )
