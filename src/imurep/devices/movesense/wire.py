"""Commands, answers and samples of the GATT SensorData Protocol (GSP).

A command is ``command u8 | reference u8 | rest``, and a notification begins with
``type u8 | reference u8``. In an answer a status as of HTTP follows; that to HELLO
has a version and texts instead. Samples of IMU6 are ``time u32`` of the first one
in ms, then all of the accelerometer, then all of the gyroscope, as float32 in m/s2
and degrees per second. The length gives their number, and the number the rate. A
message that does not fit one notification continues in the next.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from imurep.errors import PacketError

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATES_HZ = (13, 26, 52, 104, 208)
BATCH_HZ = 13
"""Messages per second: at 104 Hz, each has 8 samples."""


class Command(IntEnum):
    """Commands that are used here."""

    HELLO = 0
    SUBSCRIBE = 1
    UNSUBSCRIBE = 2
    SYSTEM_MODE = 7


class MessageType(IntEnum):
    """Types of notifications."""

    ANSWER = 1
    DATA = 2
    DATA_MORE = 3


_HEADER_BYTES = 2
_TIME_BYTES = 4
_SAMPLE_BYTES = 24
_STATUSES = range(100, 600)


@dataclass(frozen=True, slots=True)
class MovesenseMessage:
    """A notification."""

    type: MessageType
    reference: int
    body: bytes

    @property
    def status(self) -> int:
        """Status of an answer. Old firmware sends some with their bytes the other way round."""
        if len(self.body) < 2:
            msg = "an answer without a status"
            raise PacketError(msg)
        little = int.from_bytes(self.body[:2], "little")
        big = int.from_bytes(self.body[:2], "big")
        return big if little not in _STATUSES and big in _STATUSES else little


def command(what: Command, reference: int, rest: bytes = b"") -> bytes:
    """Encode a command."""
    return bytes([what, reference]) + rest


def path(rate_hz: int) -> bytes:
    """Path of the resource with accelerometer and gyroscope at a rate."""
    return f"/Meas/IMU6/{rate_hz}".encode() + b"\0"


def parse(payload: bytes) -> MovesenseMessage:
    """Parse a notification."""
    if len(payload) <= _HEADER_BYTES or payload[0] not in set(MessageType):
        msg = f"{payload[:8].hex()} is neither an answer nor data"
        raise PacketError(msg)
    return MovesenseMessage(MessageType(payload[0]), payload[1], payload[_HEADER_BYTES:])


@dataclass(frozen=True, slots=True, eq=False)
class Imu6Message:
    """A whole message of IMU6."""

    first_ms: int
    """Device time of the first sample."""
    acc_ms2: NDArray[np.float64]
    gyr_dps: NDArray[np.float64]


def is_whole(message: bytes) -> bool:
    """Whether a message ends here: at the MTU of these sensors, 158 to 161, no cut is between two samples."""
    return len(message) > _TIME_BYTES and (len(message) - _TIME_BYTES) % _SAMPLE_BYTES == 0


def parse_samples(message: bytes) -> Imu6Message:
    """Decode a whole message."""
    with np.errstate(invalid="ignore"):  # a signalling NaN, which is refused below
        values = np.frombuffer(message, "<f4", offset=_TIME_BYTES).astype(np.float64).reshape(2, -1, 3)
    if not (np.abs(values) < 1e6).all():
        msg = "samples beyond the range of any sensor"
        raise PacketError(msg)
    return Imu6Message(struct.unpack_from("<I", message)[0], values[0], values[1])
