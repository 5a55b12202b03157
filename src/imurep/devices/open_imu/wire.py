"""The bytes of "Open IMU Stream" version 1, to values and back: docs/reference/packet-format.md.

Whoever parses here gets a value or a PacketError, whatever the bytes.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import NamedTuple

from imurep.errors import PacketError

VERSION = 1
INDEX_MODULUS = 1 << 32
SEQUENCE_MODULUS = 1 << 16

_DEVICE_TIME_LIMIT_US = 1 << 62  # 146 000 years since boot
_INT16 = 0
_RESPONSE = 0x80


class UnknownVersionError(PacketError):
    """The sensor speaks a major version of the format that is not known here."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} of the format is unknown, only {VERSION} is; update imurep")


# Data


class Type(IntEnum):
    """What a data packet is."""

    SAMPLES = 0
    END_OF_STREAM = 1


class Flag(IntFlag):
    """Flags of a data packet that change what is done with it."""

    BACKFILL = 0x01
    OVERRUN = 0x02
    LAST_OF_BACKFILL = 0x10


class Layout(IntFlag):
    """Sensors whose samples a packet holds, in this order."""

    ACC = 1
    GYR = 2
    MAG = 4


class Header(NamedTuple):
    """What stands before the samples."""

    version_type: int
    flags: int
    stream: int
    layout: int
    sequence: int
    size: int
    """Number of samples."""
    codec: int
    first_index: int
    """Modulo 2**32."""
    time_us: int
    """Device time of the first sample."""

    @property
    def ends(self) -> bool:
        """Whether this is the end of the stream, and no samples."""
        return self.version_type & 0x0F == Type.END_OF_STREAM


_HEADER = struct.Struct("<BBBBHBBIQ")
HEADER_BYTES = _HEADER.size


def parse_data(payload: bytes) -> Header:
    """Header of a data packet that is well-formed in itself; what its stream says of it is another matter."""
    if len(payload) < HEADER_BYTES:
        msg = f"data of {len(payload)} bytes, the header alone has {HEADER_BYTES}"
        raise PacketError(msg)
    header = Header._make(_HEADER.unpack_from(payload))
    version, kind = header.version_type >> 4, header.version_type & 0x0F
    if version != VERSION:
        raise UnknownVersionError(version)
    if kind == Type.END_OF_STREAM:
        if len(payload) != HEADER_BYTES or header.size != 0:
            msg = f"an end of stream has {HEADER_BYTES} bytes, no samples, not {len(payload)}, {header.size}"
            raise PacketError(msg)
        return header
    if kind != Type.SAMPLES:
        msg = f"packet type {kind} is unknown"
        raise PacketError(msg)
    if header.codec != _INT16:
        msg = f"codec {header.codec} is unknown"
        raise PacketError(msg)
    values = 3 * header.layout.bit_count()
    if header.size == 0 or len(payload) != HEADER_BYTES + header.size * values * 2:
        msg = f"{header.size} samples of {values} values in {len(payload) - HEADER_BYTES} bytes"
        raise PacketError(msg)
    if header.time_us >= _DEVICE_TIME_LIMIT_US:
        msg = f"device time {header.time_us} us is out of range"
        raise PacketError(msg)
    return header


# Control


class Operation(IntEnum):
    """What can be asked of the sensor."""

    CAPS = 0x01
    START = 0x02
    STOP = 0x03
    STATE = 0x04
    RESEND = 0x05


class Code(IntEnum):
    """The sensor's answers that mean something of their own here."""

    DONE = 0
    STREAMING_ALREADY = 6
    NOT_STREAMING = 7
    MTU_TOO_SMALL = 8
    EVICTED = 9
    BUSY = 10
    CHARGING = 11
    BATTERY_LOW = 12


class Tag(IntEnum):
    """Names of the values in a request or a response."""

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
class Terms:
    """What the sensor says of a stream."""

    stream: int
    layout: int
    rate_hz: float
    acc_g_per_lsb: float
    gyr_dps_per_lsb: float | None
    first_index: int | None
    """Of the first sample since START."""


def parse_terms(response: Response) -> Terms | None:
    """Terms of the stream, from an answer to START or STATE; None from others, and while nothing streams."""
    if response.code != Code.DONE or response.operation not in {Operation.START, Operation.STATE}:
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
        msg = "the sensor says that its rate is 0"
        raise PacketError(msg)
    return Terms(
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
        msg = f"scale {scale:g} in tag {tag} cannot be"
        raise PacketError(msg)
    return scale


# Info, status, clock


class Feature(IntFlag):
    """What the sensor can do, as far as it changes what is done here."""

    RESEND = 4
    CLOCK = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What the sensor is."""

    features: int
    boot: int
    """Another one after each reboot."""
    ring_ms: int
    """How much RESEND can bring back, at 104 Hz with both sensors."""


_INFO = struct.Struct("<BBHIIHBBHH")


def parse_info(payload: bytes) -> Info:
    """Raises UnknownVersionError for another major version, whatever the rest."""
    if payload and payload[0] != VERSION:
        raise UnknownVersionError(payload[0])
    if len(payload) < _INFO.size:
        msg = f"info of {len(payload)} bytes; it has at least {_INFO.size}"
        raise PacketError(msg)
    _, _, features, boot, ring_ms, *_ = _INFO.unpack_from(payload)
    return Info(features=features, boot=boot, ring_ms=ring_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the last stream is doing."""

    stream: int
    oldest: int
    """Index of the oldest sample that RESEND can bring,"""
    newest: int
    """and of the newest one taken."""


_STATUS = struct.Struct("<BBBBbBIIHH")


def parse_status(payload: bytes) -> Status:
    """Split a status."""
    if len(payload) < _STATUS.size:
        msg = f"a status of {len(payload)} bytes; it has at least {_STATUS.size}"
        raise PacketError(msg)
    _, stream, _, _, _, _, oldest, newest, _, _ = _STATUS.unpack_from(payload)
    return Status(stream=stream, oldest=oldest, newest=newest)


_CLOCK = struct.Struct("<BQ")


def clock_request(number: int, now_us: int) -> bytes:
    """Ask what time the sensor has; ``now_us`` is our own."""
    return _CLOCK.pack(number, now_us % (1 << 64))
