"""The control channel: requests read, responses written, after docs/reference/packet-format.md."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RESPONSE = 0x80


class Operation(IntEnum):
    """Requests of a central."""

    CAPS = 1
    START = 2
    STOP = 3
    STATE = 4
    RESEND = 5
    SET_UNIX = 6
    IDENTIFY = 7


class Status(IntEnum):
    """Results of a request."""

    DONE = 0
    UNKNOWN_OPERATION = 1
    WRONG_LENGTH = 2
    PARAMETER = 3
    RATE = 4
    RANGE_OR_LAYOUT = 5
    STREAMING = 6
    NOT_STREAMING = 7
    MTU = 8
    GONE = 9
    BUSY = 10
    CHARGING = 11
    BATTERY_LOW = 12


class Tag(IntEnum):
    """Types of the values in a body."""

    RATE_MHZ = 1
    LAYOUT = 2
    ACC_RANGE_G = 3
    GYR_RANGE_DPS = 4
    LATENCY_MS = 5
    STREAM = 6
    ACC_G_PER_LSB = 7
    GYR_DPS_PER_LSB = 8
    SAMPLES_PER_PACKET = 9
    FIRST_INDEX = 10
    OLDEST_INDEX = 11
    LINGER_S = 12
    UNIX_US = 13


FORMATS = {
    Tag.RATE_MHZ: "<I",
    Tag.LAYOUT: "<B",
    Tag.ACC_RANGE_G: "<H",
    Tag.GYR_RANGE_DPS: "<H",
    Tag.LATENCY_MS: "<H",
    Tag.STREAM: "<B",
    Tag.ACC_G_PER_LSB: "<f",
    Tag.GYR_DPS_PER_LSB: "<f",
    Tag.SAMPLES_PER_PACKET: "<B",
    Tag.FIRST_INDEX: "<I",
    Tag.OLDEST_INDEX: "<I",
    Tag.LINGER_S: "<H",
    Tag.UNIX_US: "<Q",
}

_RESEND = struct.Struct("<BII")
REQUEST_HEAD_BYTES = 2


class RefusedError(Exception):
    """A request that cannot be done, and why; ``body`` goes into the response."""

    def __init__(self, status: Status, body: bytes = b"") -> None:
        super().__init__(status.name)
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What START asks for. None: the sensor chooses."""

    rate_mhz: int
    layout: int
    acc_range_g: int | None = None
    gyr_range_dps: int | None = None
    latency_ms: int | None = None
    linger_s: int | None = None


@dataclass(frozen=True, slots=True)
class Resend:
    """What RESEND asks for."""

    stream: int
    first: int
    count: int


def read_start(body: bytes) -> Start:
    """Read the body of START. Raises RefusedError."""
    values = _read_tags(body)
    if Tag.RATE_MHZ not in values or Tag.LAYOUT not in values:
        raise RefusedError(Status.PARAMETER)
    return Start(
        rate_mhz=values[Tag.RATE_MHZ],
        layout=values[Tag.LAYOUT],
        acc_range_g=values.get(Tag.ACC_RANGE_G),
        gyr_range_dps=values.get(Tag.GYR_RANGE_DPS),
        latency_ms=values.get(Tag.LATENCY_MS),
        linger_s=values.get(Tag.LINGER_S),
    )


def read_resend(body: bytes) -> Resend:
    """Read the body of RESEND. Raises RefusedError."""
    if len(body) != _RESEND.size:
        raise RefusedError(Status.WRONG_LENGTH)
    return Resend(*_RESEND.unpack(body))


def read_unix_us(body: bytes) -> int:
    """Read the body of SET_UNIX. Raises RefusedError."""
    values = _read_tags(body)
    if Tag.UNIX_US not in values:
        raise RefusedError(Status.PARAMETER)
    return values[Tag.UNIX_US]


def read_nothing(body: bytes) -> None:
    """Check that a body is empty. Raises RefusedError."""
    if body:
        raise RefusedError(Status.WRONG_LENGTH)


def _read_tags(body: bytes) -> dict[int, int]:
    """Values of the integer tags in a body; unknown tags are skipped, of two alike the last one counts."""
    values: dict[int, int] = {}
    at = 0
    while at < len(body):
        tag, length = body[at], body[at + 1] if at + 1 < len(body) else 0
        value = body[at + 2 : at + 2 + length]
        at += 2 + length
        if at > len(body):
            raise RefusedError(Status.WRONG_LENGTH)
        if tag in FORMATS:
            if length != struct.calcsize(FORMATS[Tag(tag)]):
                raise RefusedError(Status.WRONG_LENGTH)
            values[tag] = int.from_bytes(value, "little")
    return values


def response(operation: int, request: int, status: Status, body: bytes = b"") -> bytes:
    """Encode a response, as indicated on the control channel."""
    return bytes([operation | RESPONSE, request, status]) + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a stream is: the answers to START and STATE. None leaves a tag out."""

    rate_mhz: int
    layout: int | None = None
    """Without it the layout is what there are scales for."""
    acc_range_g: int | None = None
    gyr_range_dps: int | None = None
    stream: int
    acc_g_per_lsb: float | None
    gyr_dps_per_lsb: float | None
    samples_per_packet: int
    first_index: int
    oldest_index: int | None = None


def terms_body(terms: Terms) -> bytes:
    """Encode the body of the answer to START or STATE."""
    fields: list[tuple[Tag, float | None]] = [
        (Tag.RATE_MHZ, terms.rate_mhz),
        (Tag.LAYOUT, terms.layout),
        (Tag.ACC_RANGE_G, terms.acc_range_g),
        (Tag.GYR_RANGE_DPS, terms.gyr_range_dps),
        (Tag.STREAM, terms.stream),
        (Tag.ACC_G_PER_LSB, terms.acc_g_per_lsb),
        (Tag.GYR_DPS_PER_LSB, terms.gyr_dps_per_lsb),
        (Tag.SAMPLES_PER_PACKET, terms.samples_per_packet),
        (Tag.FIRST_INDEX, terms.first_index & 0xFFFFFFFF),
        (Tag.OLDEST_INDEX, None if terms.oldest_index is None else terms.oldest_index & 0xFFFFFFFF),
    ]
    return b"".join(_field(tag, value) for tag, value in fields if value is not None)


def oldest_body(index: int) -> bytes:
    """Encode the body of a RESEND that was refused because its samples are gone."""
    return _field(Tag.OLDEST_INDEX, index & 0xFFFFFFFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Everything that START can choose."""

    rates_mhz: Sequence[int]
    layouts: Sequence[int]
    acc_ranges_g: Sequence[int]
    gyr_ranges_dps: Sequence[int]
    longest_linger_s: int


def capabilities_body(can: Capabilities) -> bytes:
    """Encode the body of the answer to CAPS."""
    choices: list[tuple[Tag, Sequence[int]]] = [
        (Tag.RATE_MHZ, can.rates_mhz),
        (Tag.LAYOUT, can.layouts),
        (Tag.ACC_RANGE_G, can.acc_ranges_g),
        (Tag.GYR_RANGE_DPS, can.gyr_ranges_dps),
        (Tag.LINGER_S, [can.longest_linger_s]),
    ]
    return b"".join(_field(tag, value) for tag, values in choices for value in values)


def _field(tag: Tag, value: float) -> bytes:
    packed = struct.pack(FORMATS[tag], value)
    return bytes([tag, len(packed)]) + packed
