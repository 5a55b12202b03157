"""The control point of PMD: what it can do, requests, responses, and settings as type-length-values.

Whoever parses here gets a value or a PacketError, whatever the bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from imurep.errors import PacketError


class Operation(IntEnum):
    """What can be asked of the sensor."""

    SETTINGS = 0x01
    START = 0x02
    STOP = 0x03


class Measurement(IntEnum):
    """What is measured, as far as it is used here; also the number of its feature bit."""

    ACC = 2
    GYR = 5


class Setting(IntEnum):
    """Names of the values in a request or a response."""

    RATE_HZ = 0
    RESOLUTION_BITS = 1
    RANGE = 2
    """In g or in degrees per second."""
    CHANNELS = 4
    FACTOR = 5
    """What raw values are multiplied with, as float32."""


class Code(IntEnum):
    """The sensor's answers."""

    DONE = 0
    UNKNOWN_OPERATION = 1
    UNKNOWN_MEASUREMENT = 2
    UNSUPPORTED = 3
    WRONG_LENGTH = 4
    PARAMETER = 5
    ALREADY = 6
    RESOLUTION = 7
    RATE = 8
    RANGE = 9
    MTU = 10
    CHANNELS = 11
    STATE = 12
    CHARGING = 13
    DISK_FULL = 14


_FEATURES = 0x0F
_RESPONSE = 0xF0
_STOPPED = 0x01
_TYPE_MASK = 0x3F

_SIZES = {
    Setting.RATE_HZ: 2,
    Setting.RESOLUTION_BITS: 2,
    Setting.RANGE: 2,
    3: 4,  # range in thousandths
    Setting.CHANNELS: 1,
    Setting.FACTOR: 4,
    6: 16,  # security
}


@dataclass(frozen=True, slots=True)
class Features:
    """What a read of the control point gives: which measurements there are."""

    mask: int

    def has(self, measurement: Measurement) -> bool:
        """Whether the sensor can measure it."""
        return bool(self.mask >> measurement & 1)


@dataclass(frozen=True, slots=True)
class Stopped:
    """The sensor ended measurements unasked."""

    measurements: frozenset[int]


@dataclass(frozen=True, slots=True)
class Response:
    """The sensor's answer to a request."""

    operation: int
    measurement: int
    code: int
    parameters: bytes

    def settings(self) -> dict[int, list[int]]:
        """Values by setting, whatever their order. Raises PacketError where they are cut off."""
        return parse_settings(self.parameters)

    def factor(self) -> float | None:
        """What raw values are multiplied with, where a start tells it.

        An H10 puts a byte there that is no setting, so what cannot be read is no error.
        """
        try:
            found = self.settings().get(Setting.FACTOR)
        except PacketError:
            return None
        return struct.unpack("<f", struct.pack("<I", found[-1]))[0] if found else None


def request(
    operation: Operation, measurement: Measurement, settings: dict[Setting, int] | None = None
) -> bytes:
    """Encode a request."""
    body = b"".join(
        bytes([setting, 1]) + value.to_bytes(_SIZES[setting], "little")
        for setting, value in (settings or {}).items()
    )
    return bytes([operation, measurement]) + body


def parse(payload: bytes) -> Features | Stopped | Response:
    """Read what the control point says, asked or not."""
    head = payload[:1]
    if head == bytes([_FEATURES]) and len(payload) >= 3:
        return Features(payload[1])
    if head == bytes([_STOPPED]) and len(payload) >= 2:
        return Stopped(frozenset(kind & _TYPE_MASK for kind in payload[1:]))
    if head == bytes([_RESPONSE]) and len(payload) >= 4:
        return Response(payload[1], payload[2], payload[3], payload[5:])
    msg = f"{payload[:8].hex()} is nothing that a control point says"
    raise PacketError(msg)


def measured(payload: bytes) -> int:
    """Which measurement a data frame is of."""
    return payload[0] & _TYPE_MASK


def parse_settings(parameters: bytes) -> dict[int, list[int]]:
    """Values by setting, from type-length-values in any order; a float32 as its bits."""
    found: dict[int, list[int]] = {}
    at = 0
    while at < len(parameters):
        setting = parameters[at]
        size = _SIZES.get(setting)
        count = parameters[at + 1] if at + 1 < len(parameters) else None
        if size is None or count is None:
            msg = f"setting {setting} is unknown or cut off"
            raise PacketError(msg)
        at += 2
        values = parameters[at : at + count * size]
        if len(values) != count * size:
            msg = f"setting {setting} has {len(values)} bytes instead of {count * size}"
            raise PacketError(msg)
        found.setdefault(setting, []).extend(
            int.from_bytes(values[k : k + size], "little") for k in range(0, len(values), size)
        )
        at += count * size
    return found
