"""The control point of Polar's protocol (PMD): features, requests, responses, and settings.

Parsing gives a value or raises PacketError, whatever the bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from imurep.errors import PacketError


class PolarOperation(IntEnum):
    """Operations of a request."""

    SETTINGS = 0x01
    START = 0x02
    STOP = 0x03


class Measurement(IntEnum):
    """Measurements that are used here; also the numbers of their feature bits."""

    ACC = 2
    GYR = 5


class Setting(IntEnum):
    """Types of the values in a request or a response."""

    RATE_HZ = 0
    RESOLUTION_BITS = 1
    RANGE = 2
    """In g or in degrees per second."""
    CHANNELS = 4
    FACTOR = 5
    """Factor of raw values, as float32."""


class PolarCode(IntEnum):
    """Status codes of a response."""

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


_BUSY = "the sensor measures already and does not stop; switch it off and on"

_UPDATE = "update its firmware with the maker's app"
REFUSALS: dict[int, str] = {
    PolarCode.UNKNOWN_OPERATION: f"the sensor does not know the request (status 1); {_UPDATE}",
    PolarCode.UNKNOWN_MEASUREMENT: f"the sensor does not know this measurement (status 2); {_UPDATE}",
    PolarCode.UNSUPPORTED: f"the sensor does not support this measurement (status 3); {_UPDATE}",
    PolarCode.WRONG_LENGTH: f"the sensor rejects the length of the request (status 4); {_UPDATE}",
    PolarCode.PARAMETER: f"the sensor rejects a setting (status 5); {_UPDATE}",
    PolarCode.ALREADY: _BUSY,
    PolarCode.RESOLUTION: f"the sensor rejects the resolution that it offers (status 7); {_UPDATE}",
    PolarCode.RATE: f"the sensor rejects the rate that it offers (status 8); {_UPDATE}",
    PolarCode.RANGE: f"the sensor rejects the range that it offers (status 9); {_UPDATE}",
    PolarCode.MTU: "Bluetooth packets are too small for the sensor (it needs an MTU of 232); "
    "use another Bluetooth adapter, or update its driver",
    PolarCode.CHANNELS: f"the sensor rejects the channels that it offers (status 11); {_UPDATE}",
    PolarCode.STATE: "the sensor cannot measure in the mode it is in (status 12); switch it off and on",
    PolarCode.CHARGING: "the sensor measures nothing on its charger; take it off",
    PolarCode.DISK_FULL: "the memory of the sensor is full; delete recordings in the maker's app",
}
_UNKNOWN = "the sensor does not start (status {code}); switch it off and on"


def refusal(code: int) -> str:
    """Describe a status code: the problem, and what the person can do."""
    return REFUSALS.get(code, _UNKNOWN.format(code=code))


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
class PolarFeatures:
    """The measurements that the sensor has; from a read of the control point."""

    mask: int

    def has(self, measurement: Measurement) -> bool:
        """Whether the sensor has this measurement."""
        return bool(self.mask >> measurement & 1)


@dataclass(frozen=True, slots=True)
class MeasurementsStopped:
    """The sensor ended measurements without a request."""

    measurements: frozenset[int]


@dataclass(frozen=True, slots=True)
class PolarResponse:
    """The response to a request."""

    operation: int
    measurement: int
    code: int
    parameters: bytes

    def settings(self) -> dict[int, list[int]]:
        """Values by setting, whatever their order. Raises PacketError where they are cut off."""
        return parse_settings(self.parameters)

    def factor(self) -> float | None:
        """Factor of raw values, where the response to a start has one.

        An H10 sends a byte there that is no setting, so a malformed one is no error.
        """
        try:
            found = self.settings().get(Setting.FACTOR)
        except PacketError:
            return None
        return struct.unpack("<f", struct.pack("<I", found[-1]))[0] if found else None


def request(
    operation: PolarOperation, measurement: Measurement, settings: dict[Setting, int] | None = None
) -> bytes:
    """Encode a request."""
    body = b"".join(
        bytes([setting, 1]) + value.to_bytes(_SIZES[setting], "little")
        for setting, value in (settings or {}).items()
    )
    return bytes([operation, measurement]) + body


def parse(payload: bytes) -> PolarFeatures | MeasurementsStopped | PolarResponse:
    """Parse a message of the control point."""
    head = payload[:1]
    if head == bytes([_FEATURES]) and len(payload) >= 3:
        return PolarFeatures(payload[1])
    if head == bytes([_STOPPED]) and len(payload) >= 2:
        return MeasurementsStopped(frozenset(kind & _TYPE_MASK for kind in payload[1:]))
    if head == bytes([_RESPONSE]) and len(payload) >= 4:
        return PolarResponse(payload[1], payload[2], payload[3], payload[5:])
    msg = f"{payload[:8].hex()} is no message of a control point"
    raise PacketError(msg)


def measured(payload: bytes) -> int:
    """Measurement of a data frame."""
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
