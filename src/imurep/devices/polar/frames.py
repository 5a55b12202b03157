"""Data frames of Polar sensors: a header, then samples as they are or as differences.

A frame is ``type u8 | time u64 | frame type u8 | samples``, the time being that
of the last sample, in nanoseconds since 2000-01-01 on a clock that may be set,
and that begins anew after each shutdown of an H10. There is no counter.

Raw samples (frame types 0, 1, 2 of the accelerometer) are integers of 1, 2 or 3
bytes in mg. With bit 7 of the frame type set, a reference sample is followed by
blocks of differences: ``bits u8 | count u8 | count * 3 differences``, each of so
many bits, least significant first, padded to a byte at a block's end.

    0x80 accelerometer   16 bits, times the start's factor in g, a whole number of mg
    0x81 accelerometer   16 bits, in mg (times a factor, if there is one)
    0x80 gyroscope       16 bits, times the start's factor in degrees per second
    0x81 gyroscope       differences between the bits of float32, degrees per second
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from imurep.devices.polar.control import Measurement, measured
from imurep.errors import PacketError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.events import Notification

AXES = 3

_HEADER = struct.Struct("<BQB")
_DELTA = 0x80
_RAW_BYTES = {0: 1, 1: 2, 2: 3}
_MOST_BITS = 32
_MOST = float(1 << 31)  # in mg or in degrees per second: no sensor reads so much
_BLOCK_HEADER = 2


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The samples of one notification."""

    measurement: Measurement
    last_ns: int
    """Device time of the last sample."""
    values: NDArray[np.float64]
    """In mg or in degrees per second, shape (n, 3)."""
    is_delta: bool


def parse(payload: bytes, factors: dict[Measurement, float]) -> Frame:
    """Decode a frame; ``factors`` come from the responses to the starts. Raises PacketError."""
    if len(payload) < _HEADER.size:
        msg = f"data of {len(payload)} bytes, the header alone has {_HEADER.size}"
        raise PacketError(msg)
    _, last_ns, frame_type = _HEADER.unpack_from(payload)
    kind = measured(payload)
    if kind not in set(Measurement):
        msg = f"measurement {kind} is neither accelerometer nor gyroscope"
        raise PacketError(msg)
    measurement = Measurement(kind)
    body = payload[_HEADER.size :]
    factor = factors.get(measurement)
    match measurement, frame_type:
        case Measurement.ACC, 0 | 1 | 2:
            values = _raw(body, _RAW_BYTES[frame_type]).astype(np.float64)
        case Measurement.ACC, 0x80:
            values = _truncated_mg(_deltas(body, 2), _known_factor(factor), 1000.0)
        case Measurement.ACC, 0x81:
            values = _truncated_mg(_deltas(body, 2), 1.0 if factor is None else factor)
        case Measurement.GYR, 0x80:
            values = (_deltas(body, 2).astype(np.float32) * np.float32(_known_factor(factor))).astype(
                np.float64
            )
        case Measurement.GYR, 0x81:
            bits = _deltas(body, 4).astype(np.uint64).astype(np.uint32)  # modulo 2**32
            with np.errstate(invalid="ignore"):  # a signalling NaN, which is refused below
                values = bits.view(np.float32).astype(np.float64)
        case _:
            msg = f"frame type 0x{frame_type:02x} of measurement {measurement} is unknown"
            raise PacketError(msg)
    if not (np.abs(values) < _MOST).all():
        msg = "samples beyond the range of any sensor"
        raise PacketError(msg)
    return Frame(measurement, last_ns, values, is_delta=frame_type >= _DELTA)


_HOUR_NS = 3_600_000_000_000


class StampShifter:
    """Moves stamps, which may be those of a clock that was set: a session's first becomes one hour."""

    def __init__(self) -> None:
        self._first_ns: int | None = None

    def __call__(self, notification: Notification) -> Notification:
        """Move the stamp of a frame."""
        payload = notification.payload
        if notification.channel != "data" or len(payload) < _HEADER.size:
            return notification
        kind, last_ns, frame_type = _HEADER.unpack_from(payload)
        if self._first_ns is None:
            self._first_ns = last_ns
        moved_ns = (last_ns - self._first_ns + _HOUR_NS) % (1 << 64)
        head = _HEADER.pack(kind, moved_ns, frame_type)
        return replace(notification, payload=head + payload[_HEADER.size :])


def _known_factor(factor: float | None) -> float:
    if factor is None:
        msg = "raw values without the response to the start that has their scale"
        raise PacketError(msg)
    if not math.isfinite(factor):
        msg = f"a scale of {factor}"
        raise PacketError(msg)
    return factor


def _truncated_mg(counts: NDArray[np.int64], *factors: float) -> NDArray[np.float64]:
    """Whole mg, as the maker's own software rounds: towards zero, in single precision."""
    scaled = counts.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # refused afterwards
        for factor in factors:
            scaled = scaled * np.float32(factor)
    return np.trunc(scaled.astype(np.float64))


def _raw(body: bytes, size: int) -> NDArray[np.int64]:
    """Signed little-endian integers of ``size`` bytes, (n, 3)."""
    if not body or len(body) % (AXES * size):
        msg = f"{len(body)} bytes are no whole samples of {AXES * size}"
        raise PacketError(msg)
    octets = np.frombuffer(body, np.uint8).reshape(-1, AXES, size).astype(np.int64)
    unsigned = (octets << (8 * np.arange(size))).sum(axis=2)
    return _signed(unsigned, 8 * size)


def _deltas(body: bytes, size: int) -> NDArray[np.int64]:
    """A reference sample and what differs from it, (n, 3)."""
    reference = _raw(body[: AXES * size], size)
    parts = [reference]
    at = AXES * size
    while at < len(body):
        bits, count = body[at], body[at + 1] if at + 1 < len(body) else 0
        length = -(-bits * count * AXES // 8)
        block = body[at + _BLOCK_HEADER : at + _BLOCK_HEADER + length]
        if at + _BLOCK_HEADER > len(body) or len(block) != length or bits > _MOST_BITS:
            msg = f"a block of {count} differences of {bits} bits is cut off or too wide"
            raise PacketError(msg)
        parts.append(_unpacked(block, bits, count))
        at += _BLOCK_HEADER + length
    return np.cumsum(np.concatenate(parts), axis=0)


def _unpacked(block: bytes, bits: int, count: int) -> NDArray[np.int64]:
    """Signed integers of so many bits, (count, 3)."""
    ones = np.unpackbits(np.frombuffer(block, np.uint8), bitorder="little")[: bits * count * AXES]
    weighted = ones.reshape(count * AXES, bits).astype(np.int64) << np.arange(bits)
    return _signed(weighted.sum(axis=1), bits).reshape(count, AXES)


def _signed(unsigned: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    sign = 1 << bits >> 1
    return (unsigned ^ sign) - sign
