"""Data, info, status and clock of "Open IMU Stream" version 1: docs/reference/packet-format.md.

Parsing, here and in ``control``, gives a value or raises PacketError, whatever the bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from imurep.errors import PacketError

VERSION = 1
INDEX_MODULUS = 1 << 32
SEQUENCE_MODULUS = 1 << 16

_DEVICE_TIME_LIMIT_US = 1 << 62  # 146 000 years since boot
_INT16 = 0


class UnknownVersionError(PacketError):
    """The major version of the sensor's format is unknown."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} of the format is unknown, only {VERSION} is; update imurep")


# Data


class PacketType(IntEnum):
    """Kinds of data packets."""

    SAMPLES = 0
    END_OF_STREAM = 1


class Flag(IntEnum):
    """Flags of a data packet that are used here."""

    BACKFILL = 0x01
    OVERRUN = 0x02
    LAST_OF_BACKFILL = 0x10


class Layout(IntEnum):
    """Sensors whose samples a packet holds, in this order; bits of a mask."""

    ACC = 1
    GYR = 2
    MAG = 4


class PacketHeader(NamedTuple):
    """Header of a data packet."""

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
        return self.version_type & 0x0F == PacketType.END_OF_STREAM


_HEADER = struct.Struct("<BBBBHBBIQ")
HEADER_BYTES = _HEADER.size


def parse_data(payload: bytes) -> PacketHeader:
    """Parse the header of a data packet; whether it fits its stream is checked elsewhere."""
    if len(payload) < HEADER_BYTES:
        msg = f"data of {len(payload)} bytes, the header alone has {HEADER_BYTES}"
        raise PacketError(msg)
    header = PacketHeader._make(_HEADER.unpack_from(payload))
    version, kind = header.version_type >> 4, header.version_type & 0x0F
    if version != VERSION:
        raise UnknownVersionError(version)
    if kind == PacketType.END_OF_STREAM:
        if len(payload) != HEADER_BYTES or header.size != 0:
            msg = f"an end of stream has {HEADER_BYTES} bytes, no samples, not {len(payload)}, {header.size}"
            raise PacketError(msg)
        return header
    if kind != PacketType.SAMPLES:
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


# Info, status, clock


class Feature(IntEnum):
    """Features of the sensor that are used here."""

    RESEND = 4
    CLOCK = 8
    IDENTIFY = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """Description of the sensor."""

    features: int
    boot: int
    """Number of the boot, a new one after each reboot."""
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
class StreamStatus:
    """Status of the last stream."""

    stream: int
    oldest: int
    """Index of the oldest sample that RESEND can bring back."""
    newest: int
    """Index of the newest sample."""


_STATUS = struct.Struct("<BBBBbBIIHH")


def parse_status(payload: bytes) -> StreamStatus:
    """Parse a status."""
    if len(payload) < _STATUS.size:
        msg = f"a status of {len(payload)} bytes; it has at least {_STATUS.size}"
        raise PacketError(msg)
    _, stream, _, _, _, _, oldest, newest, _, _ = _STATUS.unpack_from(payload)
    return StreamStatus(stream=stream, oldest=oldest, newest=newest)


_CLOCK = struct.Struct("<BQ")


def clock_request(number: int, now_us: int) -> bytes:
    """Encode a request for the sensor's time; ``now_us`` is the host's."""
    return _CLOCK.pack(number, now_us % (1 << 64))
