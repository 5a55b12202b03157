"""Requests and responses of the control channel, and the terms of a stream in a response."""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum

from imurep.devices.open_imu.wire import INDEX_MODULUS, Layout
from imurep.errors import PacketError

_RESPONSE = 0x80


class Operation(IntEnum):
    """Operations of a request."""

    CAPS = 0x01
    START = 0x02
    STOP = 0x03
    STATE = 0x04
    RESEND = 0x05
    IDENTIFY = 0x07


class ResultCode(IntEnum):
    """Result codes of a response that are handled each in a way of its own."""

    DONE = 0
    STREAMING_ALREADY = 6
    NOT_STREAMING = 7
    MTU_TOO_SMALL = 8
    EVICTED = 9
    BUSY = 10
    CHARGING = 11
    BATTERY_LOW = 12


class Tag(IntEnum):
    """Tags of the values in a request or a response."""

    RATE_MHZ = 1
    LAYOUT = 2
    ACC_RANGE_G = 3
    GYR_RANGE_DPS = 4
    LATENCY_MS = 5
    STREAM = 6
    ACC_SCALE = 7
    GYR_SCALE = 8
    FIRST_INDEX = 10
    OLDEST_INDEX = 11
    LINGER_S = 12


_U8, _U16, _U32, _F32 = (struct.Struct(form) for form in ("<B", "<H", "<I", "<f"))
_TAG_FORMATS = {
    Tag.RATE_MHZ: _U32,
    Tag.LAYOUT: _U8,
    Tag.ACC_RANGE_G: _U16,
    Tag.GYR_RANGE_DPS: _U16,
    Tag.LATENCY_MS: _U16,
    Tag.STREAM: _U8,
    Tag.ACC_SCALE: _F32,
    Tag.GYR_SCALE: _F32,
    Tag.FIRST_INDEX: _U32,
    Tag.OLDEST_INDEX: _U32,
    Tag.LINGER_S: _U16,
}
NO_START = "the sensor does not start (status {code}); switch it off and on"
REFUSALS: dict[int, str] = {
    ResultCode.MTU_TOO_SMALL: "Bluetooth packets are too small for the sensor (MTU {mtu}, it needs 64); "
    "use another Bluetooth adapter, or update its driver",
    ResultCode.CHARGING: "the sensor measures nothing while it charges; unplug it",
    ResultCode.BATTERY_LOW: "the battery of the sensor is too low; charge it",
}
"""Problems of a refused request, with what the person can do."""

_RESEND = struct.Struct("<BBBII")


def request(operation: Operation, number: int, values: dict[Tag, int] | None = None) -> bytes:
    """Encode a request; its ``number`` comes back in the response."""
    body = b""
    for tag, value in (values or {}).items():
        form = _TAG_FORMATS[tag]
        body += bytes([tag, form.size]) + form.pack(value)
    return bytes([operation, number]) + body


def resend_request(number: int, stream: int, first: int, count: int) -> bytes:
    """Encode a RESEND of ``count`` samples from index ``first`` on."""
    return _RESEND.pack(Operation.RESEND, number, stream, first % INDEX_MODULUS, count)


@dataclass(frozen=True, slots=True)
class Response:
    """The sensor's answer to a request."""

    operation: int
    number: int
    code: int
    values: dict[int, list[bytes]]
    """By tag; all of a tag that came more than once."""

    def has(self, tag: Tag) -> bool:
        """Whether the tag is in it."""
        return tag in self.values

    def all(self, tag: Tag) -> list[float]:
        """All values of a tag."""
        form = _TAG_FORMATS[tag]
        found = self.values.get(tag, [])
        for value in found:
            if len(value) != form.size:
                msg = f"tag {tag} has {len(value)} bytes instead of {form.size}"
                raise PacketError(msg)
        return [float(form.unpack(value)[0]) for value in found]

    def value(self, tag: Tag) -> float:
        """The value of a tag that has to be there."""
        found = self.all(tag)
        if not found:
            msg = f"the response lacks tag {tag}"
            raise PacketError(msg)
        return found[-1]

    def index(self, tag: Tag) -> int | None:
        """The value of a tag that need not be there."""
        return int(self.value(tag)) if self.has(tag) else None


def parse_response(payload: bytes) -> Response:
    """Split an indication of the control channel; unknown tags are for later versions."""
    if len(payload) < 3:
        msg = f"a response of {len(payload)} bytes; it has at least 3"
        raise PacketError(msg)
    if not payload[0] & _RESPONSE:
        msg = f"0x{payload[0]:02x} is a request, not a response"
        raise PacketError(msg)
    values: defaultdict[int, list[bytes]] = defaultdict(list)
    at = 3
    while at < len(payload):
        value = payload[at + 2 : at + 2 + payload[at + 1]] if at + 1 < len(payload) else b""
        if at + 2 > len(payload) or len(value) != payload[at + 1]:
            msg = f"tag {payload[at]} is cut off"
            raise PacketError(msg)
        values[payload[at]].append(value)
        at += 2 + len(value)
    return Response(payload[0] & ~_RESPONSE, payload[1], payload[2], dict(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTerms:
    """Parameters of a stream."""

    stream: int
    layout: int
    rate_hz: float
    acc_g_per_lsb: float
    gyr_dps_per_lsb: float | None
    first_index: int | None
    """Index of the first sample since START."""


def parse_terms(response: Response) -> StreamTerms | None:
    """Terms of the stream, from an answer to START or STATE; None from others, and while nothing streams."""
    if response.code != ResultCode.DONE or response.operation not in {Operation.START, Operation.STATE}:
        return None
    if response.operation == Operation.STATE and not response.has(Tag.STREAM):
        return None
    stream = int(response.value(Tag.STREAM))
    # Without the tag the layout is what there are scales for.
    scaled = (Layout.ACC if response.has(Tag.ACC_SCALE) else 0) | (
        Layout.GYR if response.has(Tag.GYR_SCALE) else 0
    )
    layout = int(response.value(Tag.LAYOUT)) if response.has(Tag.LAYOUT) else scaled
    if not layout & Layout.ACC or layout & ~(Layout.ACC | Layout.GYR | Layout.MAG):
        msg = f"layout {layout} cannot be used; start with 1 (accelerometer) or 3 (gyroscope too)"
        raise PacketError(msg)
    rate_mhz = response.value(Tag.RATE_MHZ)
    if rate_mhz == 0:
        msg = "the sensor gives a rate of 0"
        raise PacketError(msg)
    return StreamTerms(
        stream=stream,
        layout=layout,
        rate_hz=rate_mhz / 1000,
        acc_g_per_lsb=_scale(response, Tag.ACC_SCALE),
        gyr_dps_per_lsb=_scale(response, Tag.GYR_SCALE) if layout & Layout.GYR else None,
        first_index=response.index(Tag.FIRST_INDEX),
    )


def _scale(response: Response, tag: Tag) -> float:
    scale = response.value(tag)
    if not 0.0 < scale < 1e3:
        msg = f"scale {scale:g} in tag {tag} is impossible"
        raise PacketError(msg)
    return scale
