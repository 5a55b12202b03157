"""Decoder of our own wire format, "Open IMU Stream" version 1: docs/reference/packet-format.md.

What the samples mean (scales, rate, layout) the sensor says in its response to
START, or to STATE while it streams; a recording holds that response, so it is
complete in itself. Data of a stream that was never described are malformed.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imurep.errors import PacketError
from imurep.model import Packet

if TYPE_CHECKING:
    from imurep.model import Notification

GRAVITY_MS2 = 9.80665

_HEADER = struct.Struct("<BBBBHBBIQ")
_VERSION = 1
_SAMPLES, _END_OF_STREAM = 0, 1
_BACKFILL, _BACKFILL_END = 0x01, 0x10
_ACC, _GYR, _MAG = 1, 2, 4
_INT16 = 0
_INT16_LE = np.dtype("<i2")
_DEVICE_TIME_LIMIT_US = 1 << 62  # 146 000 years since boot

_RESPONSE = 0x80
_START, _STATE = 0x02, 0x04
_OK = 0
_TAG_RATE, _TAG_LAYOUT, _TAG_STREAM, _TAG_ACC_SCALE, _TAG_GYR_SCALE = 1, 2, 6, 7, 8
_TAG_FORMATS = {
    _TAG_RATE: struct.Struct("<I"),
    _TAG_LAYOUT: struct.Struct("<B"),
    _TAG_STREAM: struct.Struct("<B"),
    _TAG_ACC_SCALE: struct.Struct("<f"),
    _TAG_GYR_SCALE: struct.Struct("<f"),
}

_INFO = struct.Struct("<BBH")  # what counts of it: version, features
_RESEND = 4

_SILENT_CHANNELS = {"status", "clock", "battery"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stream:
    """What the sensor said of a stream."""

    number: int
    layout: int
    channels: int
    rate_hz: float | None
    acc_scale: float
    gyr_scale: float


class OpenImuDecoder:
    """Decodes one session. Channels: ``data``, ``control`` (indications), and silent ones without samples."""

    def __init__(self) -> None:
        self._streams: dict[int, _Stream] = {}
        self._started = 0
        self._resends = False

    def feed(self, notification: Notification) -> Packet | None:
        """Decode one notification; None for an answer, a status or the end of a stream.

        Raises PacketError for one that breaks the format.
        """
        if notification.channel == "data":
            return self._data(notification)
        if notification.channel == "control":
            self._control(notification.payload)
        elif notification.channel == "info":
            self._info(notification.payload)
        elif notification.channel not in _SILENT_CHANNELS:
            msg = f"channel {notification.channel!r} is none of this protocol"
            raise PacketError(msg)
        return None

    def _data(self, notification: Notification) -> Packet | None:
        payload = notification.payload
        if len(payload) < _HEADER.size:
            msg = f"data of {len(payload)} bytes, the header alone has {_HEADER.size}"
            raise PacketError(msg)
        kind, flags, stream_id, layout, sequence, size, codec, index, time_us = _HEADER.unpack_from(payload)
        if kind != _VERSION << 4 | _SAMPLES:
            self._no_samples(kind, len(payload), size)
            return None
        stream = self._streams.get(stream_id)
        if stream is None:
            msg = f"data of stream {stream_id}, whose start was not seen"
            raise PacketError(msg)
        if layout != stream.layout:
            msg = f"layout {layout} in stream {stream_id}, which was started with {stream.layout}"
            raise PacketError(msg)
        if codec != _INT16:
            msg = f"codec {codec} is unknown"
            raise PacketError(msg)
        if size == 0 or len(payload) != _HEADER.size + size * stream.channels * 2:
            msg = f"{size} samples of {stream.channels} values in {len(payload) - _HEADER.size} bytes"
            raise PacketError(msg)
        if time_us >= _DEVICE_TIME_LIMIT_US:
            msg = f"device time {time_us} us is out of range"
            raise PacketError(msg)
        raw = np.frombuffer(payload, _INT16_LE, offset=_HEADER.size).reshape(size, stream.channels)
        backfill = flags & _BACKFILL != 0
        return Packet(
            arrival_us=notification.arrival_us,
            acc_ms2=np.multiply(raw[:, :3], stream.acc_scale),
            gyr_rads=np.multiply(raw[:, 3:6], stream.gyr_scale) if layout & _GYR else None,
            rate_hz=stream.rate_hz,
            stream=stream.number,
            sequence=None if backfill else sequence,
            index=index,
            time_us=time_us,
            backfill=backfill,
            backfill_end=backfill and flags & _BACKFILL_END != 0,
            resendable=self._resends,
        )

    def _no_samples(self, kind: int, length: int, size: int) -> None:
        """Accept the end of a stream; backfills of it may still come, so its scales stay known."""
        if kind >> 4 != _VERSION:
            msg = f"version {kind >> 4} of the format is unknown, only {_VERSION} is; update imurep"
            raise PacketError(msg)
        if kind & 0x0F != _END_OF_STREAM:
            msg = f"packet type {kind & 0x0F} is unknown"
            raise PacketError(msg)
        if length != _HEADER.size or size != 0:
            msg = f"an end of stream has {_HEADER.size} bytes and no samples, not {length} and {size}"
            raise PacketError(msg)

    def _info(self, payload: bytes) -> None:
        """Learn whether lost samples can be had again."""
        if len(payload) >= _INFO.size:
            _, _, features = _INFO.unpack_from(payload)
            self._resends = features & _RESEND != 0

    def _control(self, payload: bytes) -> None:
        """Learn the stream from a response to START or STATE; any other response says nothing about it."""
        if len(payload) < 3:
            msg = f"a response of {len(payload)} bytes; it has at least 3"
            raise PacketError(msg)
        if not payload[0] & _RESPONSE:
            msg = f"0x{payload[0]:02x} is a request, not a response"
            raise PacketError(msg)
        operation = payload[0] & ~_RESPONSE
        values = _tags(payload[3:])
        if payload[2] != _OK or operation not in {_START, _STATE}:
            return
        if operation == _STATE and _TAG_STREAM not in values:
            return  # it does not stream
        stream_id = int(_value(values, _TAG_STREAM))
        if operation == _STATE and stream_id in self._streams:
            return
        # Without the tag the layout is what there are scales for.
        scaled = (_ACC if _TAG_ACC_SCALE in values else 0) | (_GYR if _TAG_GYR_SCALE in values else 0)
        layout = int(_value(values, _TAG_LAYOUT)) if _TAG_LAYOUT in values else scaled
        if not layout & _ACC or layout & ~(_ACC | _GYR | _MAG):
            msg = f"layout {layout} cannot be used; start with 1 (accelerometer) or 3 (gyroscope too)"
            raise PacketError(msg)
        rate_mhz = _value(values, _TAG_RATE)
        if rate_mhz == 0:
            msg = "the sensor says that its rate is 0"
            raise PacketError(msg)
        stream = _Stream(
            number=self._started,
            layout=layout,
            channels=3 * layout.bit_count(),
            rate_hz=rate_mhz / 1000,
            acc_scale=_scale(values, _TAG_ACC_SCALE) * GRAVITY_MS2,
            gyr_scale=math.radians(_scale(values, _TAG_GYR_SCALE)) if layout & _GYR else 0.0,
        )
        self._started += 1
        self._streams[stream_id] = stream


def _tags(payload: bytes) -> dict[int, bytes]:
    """Split tag, length, value; unknown tags are for later versions."""
    values = {}
    at = 0
    while at < len(payload):
        value = payload[at + 2 : at + 2 + payload[at + 1]] if at + 1 < len(payload) else b""
        if at + 2 > len(payload) or len(value) != payload[at + 1]:
            msg = f"tag {payload[at]} is cut off"
            raise PacketError(msg)
        values[payload[at]] = value
        at += 2 + len(value)
    return values


def _value(values: dict[int, bytes], tag: int) -> float:
    if tag not in values:
        msg = f"the response lacks tag {tag}"
        raise PacketError(msg)
    form = _TAG_FORMATS[tag]
    if len(values[tag]) != form.size:
        msg = f"tag {tag} has {len(values[tag])} bytes instead of {form.size}"
        raise PacketError(msg)
    (value,) = form.unpack(values[tag])
    return float(value)


def _scale(values: dict[int, bytes], tag: int) -> float:
    scale = _value(values, tag)
    if not 0.0 < scale < 1e3:
        msg = f"scale {scale:g} in tag {tag} cannot be"
        raise PacketError(msg)
    return scale
