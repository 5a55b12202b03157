"""Open IMU Stream v1 onto the wire: an encoder of its own, after docs/reference/packet-format.md.

Data, info, status and clock; ``control`` has requests and responses. Bound by
tests/golden/packets.json; shares no code with any decoder.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 1
MINOR_VERSION = 0
TYPE_SAMPLES = 0
TYPE_END = 1

FLAG_BACKFILL = 0x01
FLAG_OVERRUN = 0x02
FLAG_CLIPPED = 0x04
FLAG_QUEUE_DROPPED = 0x08
FLAG_BACKFILL_END = 0x10

LAYOUT_ACC = 1
LAYOUT_GYR = 2

FEATURE_GYROSCOPE = 1
FEATURE_RESEND = 4
FEATURE_CLOCK = 8
FEATURE_IDENTIFY = 16
FEATURE_LINGER = 32

POWER_CHARGING = 1
POWER_LOW_BATTERY = 2

NOTIFICATION_BYTES = 244
"""No notification has more, whatever the MTU."""
ATT_HEADER_BYTES = 3
"""What of an MTU is not payload."""
CLOCK_REQUEST_BYTES = 9

_HEADER = struct.Struct("<BBBBHBBIQ")
HEADER_BYTES = _HEADER.size
_INFO = struct.Struct("<BBHIIHBBHH")
_STATUS = struct.Struct("<BBBBbBIIHH")
_CLOCK = struct.Struct("<BBQQH")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataHeader:
    """All of a Data notification but its samples."""

    stream: int
    layout: int
    sequence: int
    """Wraps at 2**16 by itself."""
    index: int
    """Counter of the first sample; wraps at 2**32 by itself."""
    t_us: int
    """Device clock at the first sample."""
    flags: int = 0
    kind: int = TYPE_SAMPLES


def data_payload(header: DataHeader, counts: NDArray[np.int16]) -> bytes:
    """Encode a Data notification; ``counts`` has shape (n, axes), with n = 0 at the end of a stream."""
    head = _HEADER.pack(
        VERSION << 4 | header.kind,
        header.flags,
        header.stream,
        header.layout,
        header.sequence & 0xFFFF,
        len(counts),
        0,
        header.index & 0xFFFFFFFF,
        header.t_us,
    )
    return head + counts.astype("<i2").tobytes()


def samples_that_fit(mtu: int, axes: int) -> int:
    """How many samples of so many axes a notification holds; 0 where not even one fits."""
    room = min(mtu - ATT_HEADER_BYTES, NOTIFICATION_BYTES) - HEADER_BYTES
    return max(0, room // (2 * axes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What the sensor is."""

    features: int
    boot_id: int
    ring_ms: int
    clock_ppm: int
    rate_per_mille: int
    lowest_mtu: int
    highest_mtu: int


def info_payload(info: Info) -> bytes:
    """Encode what a read of info gives."""
    return _INFO.pack(
        VERSION,
        MINOR_VERSION,
        info.features,
        info.boot_id & 0xFFFFFFFF,
        info.ring_ms,
        info.clock_ppm,
        info.rate_per_mille,
        0,
        info.lowest_mtu,
        info.highest_mtu,
    )


class Activity(IntEnum):
    """First byte of status."""

    IDLE = 0
    STREAMING = 1
    LINGERING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the sensor is doing."""

    activity: Activity
    stream: int
    battery_percent: int
    power: int
    temperature_c: int
    oldest: int
    newest: int
    dropped: int
    overruns: int


def status_payload(health: Health) -> bytes:
    """Encode a status; the counts of losses stop at what 16 bits hold."""
    return _STATUS.pack(
        health.activity,
        health.stream,
        health.battery_percent,
        health.power,
        health.temperature_c,
        0,
        health.oldest & 0xFFFFFFFF,
        health.newest & 0xFFFFFFFF,
        min(health.dropped, 0xFFFF),
        min(health.overruns, 0xFFFF),
    )


def clock_payload(request: bytes, *, unix_is_set: bool, came_us: int, sent_us: int) -> bytes:
    """Answer a clock request of 9 bytes that came and is answered at these device times."""
    number, t1_us = struct.unpack("<BQ", request)
    return _CLOCK.pack(number, unix_is_set, t1_us, came_us, min(sent_us - came_us, 0xFFFF))
