"""Decoder of "Open IMU Stream": notifications in, packets out.

The meaning of the samples (scales, rate, layout) is in the response to START, or
to STATE while it streams; a recording holds that response, so it is complete in
itself. Data of a stream without such a response are malformed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imurep.devices.open_imu import control, wire
from imurep.errors import PacketError
from imurep.events import Packet
from imurep.util.units import GRAVITY_MS2

if TYPE_CHECKING:
    from imurep.events import Notification


_INT16_LE = np.dtype("<i2")
_SILENT_CHANNELS = {"status", "clock", "battery"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _StreamScales:
    """Scales of a stream's samples, and its place among the streams of the session."""

    number: int
    layout: int
    values: int
    """Number of values per sample."""
    rate_hz: float
    acc_scale: float
    gyr_scale: float


class OpenImuDecoder:
    """Decodes one session. Channels: ``data``, ``control`` (indications), ``info``, and silent ones."""

    def __init__(self) -> None:
        self._streams: dict[int, _StreamScales] = {}
        self._started = 0
        self._info: wire.Info | None = None

    def feed(self, notification: Notification) -> Packet | None:
        """Decode one notification; None for an answer, a status or the end of a stream.

        Raises PacketError for one that breaks the format.
        """
        if notification.channel == "data":
            return self._data(notification)
        if notification.channel == "control":
            self._control(control.parse_response(notification.payload))
        elif notification.channel == "info":
            self._learn(wire.parse_info(notification.payload))
        elif notification.channel not in _SILENT_CHANNELS:
            msg = f"channel {notification.channel!r} is not part of this protocol"
            raise PacketError(msg)
        return None

    def _data(self, notification: Notification) -> Packet | None:
        payload = notification.payload
        header = wire.parse_data(payload)
        if header.ends:  # backfills of the stream may still come, so its scales stay known
            return None
        stream = self._streams.get(header.stream)
        if stream is None:
            msg = f"data of stream {header.stream}, whose start was not seen"
            raise PacketError(msg)
        if header.layout != stream.layout:
            msg = f"layout {header.layout} in stream {header.stream}, which was started with {stream.layout}"
            raise PacketError(msg)
        raw = np.frombuffer(payload, _INT16_LE, offset=wire.HEADER_BYTES).reshape(header.size, stream.values)
        backfill = header.flags & wire.Flag.BACKFILL != 0
        return Packet(
            arrival_us=notification.arrival_us,
            acc_ms2=np.multiply(raw[:, :3], stream.acc_scale),
            gyr_rads=np.multiply(raw[:, 3:6], stream.gyr_scale) if stream.gyr_scale else None,
            rate_hz=stream.rate_hz,
            stream=stream.number,
            sequence=None if backfill else header.sequence,
            index=header.first_index,
            time_us=header.time_us,
            backfill=backfill,
            backfill_end=backfill and header.flags & wire.Flag.LAST_OF_BACKFILL != 0,
            resendable=self._info is not None and self._info.features & wire.Feature.RESEND != 0,
        )

    def _control(self, response: control.Response) -> None:
        """Learn a stream from the response to START, or to STATE where it is not known yet."""
        terms = control.parse_terms(response)
        if terms is None or (response.operation == control.Operation.STATE and terms.stream in self._streams):
            return
        self._streams[terms.stream] = _StreamScales(
            number=self._started,
            layout=terms.layout,
            values=3 * terms.layout.bit_count(),
            rate_hz=terms.rate_hz,
            acc_scale=terms.acc_g_per_lsb * GRAVITY_MS2,
            gyr_scale=math.radians(terms.gyr_dps_per_lsb or 0.0),
        )
        self._started += 1

    def _learn(self, info: wire.Info) -> None:
        """Take the info; after a reboot stream numbers begin anew, and mean other streams."""
        if self._info is not None and info.boot != self._info.boot:
            self._streams.clear()
        self._info = info
