"""Open IMU Stream v1 onto the wire: an encoder of its own, after docs/reference/packet-format.md.

Bound by tests/golden/packets.json; shares no code with any decoder.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 1
TYPE_SAMPLES = 0

FLAG_BACKFILL = 0x01
FLAG_OVERRUN = 0x02
FLAG_CLIPPED = 0x04
FLAG_QUEUE_DROPPED = 0x08
FLAG_BACKFILL_END = 0x10

LAYOUT_ACC = 1
LAYOUT_GYR = 2

OP_START = 0x02
RESPONSE = 0x80
STATUS_OK = 0

TAG_RATE_MHZ = 1
TAG_LAYOUT = 2
TAG_STREAM = 6
TAG_ACC_G_PER_LSB = 7
TAG_GYR_DPS_PER_LSB = 8
TAG_SAMPLES_PER_PACKET = 9
TAG_FIRST_INDEX = 10

_HEADER = struct.Struct("<BBBBHBBIQ")
HEADER_BYTES = _HEADER.size


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
    """Encode a Data notification; ``counts`` has shape (n, axes)."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a device answers to START: the terms of the stream."""

    request: int
    rate_mhz: int
    stream: int
    acc_g_per_lsb: float | None
    gyr_dps_per_lsb: float | None
    samples_per_packet: int
    first_index: int
    layout: int | None = None
    """None leaves it out: it is what there are scales for."""


def start_response(started: Started) -> bytes:
    """Encode the answer to START, as indicated on the control channel."""
    fields = [_u32(TAG_RATE_MHZ, started.rate_mhz)]
    if started.layout is not None:
        fields.append(_u8(TAG_LAYOUT, started.layout))
    fields.append(_u8(TAG_STREAM, started.stream))
    if started.acc_g_per_lsb is not None:
        fields.append(_f32(TAG_ACC_G_PER_LSB, started.acc_g_per_lsb))
    if started.gyr_dps_per_lsb is not None:
        fields.append(_f32(TAG_GYR_DPS_PER_LSB, started.gyr_dps_per_lsb))
    fields.append(_u8(TAG_SAMPLES_PER_PACKET, started.samples_per_packet))
    fields.append(_u32(TAG_FIRST_INDEX, started.first_index))
    return bytes([OP_START | RESPONSE, started.request, STATUS_OK]) + b"".join(fields)


def _u8(tag: int, value: int) -> bytes:
    return struct.pack("<BBB", tag, 1, value)


def _u32(tag: int, value: int) -> bytes:
    return struct.pack("<BBI", tag, 4, value)


def _f32(tag: int, value: float) -> bytes:
    return struct.pack("<BBf", tag, 4, value)
