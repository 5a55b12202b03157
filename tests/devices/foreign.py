"""Encoders of other makers' frames, from their layouts alone: they share no line with what they test."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Triple = tuple[int, int, int]

ACC, GYR = 2, 5


def pmd_frame(kind: int, last_ns: int, frame_type: int, body: bytes) -> bytes:
    return struct.pack("<BQB", kind, last_ns, frame_type) + body


def pmd_raw(samples: Sequence[Triple], size: int) -> bytes:
    return b"".join(value.to_bytes(size, "little", signed=True) for sample in samples for value in sample)


def pmd_delta(samples: Sequence[Triple], sizes: Sequence[int], size: int = 2, spare_bits: int = 0) -> bytes:
    """A reference sample, and blocks of so many differences each, as narrow as they fit (and some more)."""
    body = pmd_raw(samples[:1], size)
    steps = [[b - a for a, b in zip(one, two, strict=True)] for one, two in pairwise(samples)]
    at = 0
    for count in sizes:
        block = [value for step in steps[at : at + count] for value in step]
        at += count
        width = max([(value if value >= 0 else ~value).bit_length() + 1 for value in block], default=1)
        width = min(width + spare_bits, 32)
        bits = sum((value & (1 << width) - 1) << width * k for k, value in enumerate(block))
        body += bytes([width, count]) + bits.to_bytes(-(-width * len(block) // 8), "little")
    assert at == len(steps)
    return body


def pmd_settings(*settings: tuple[int, int, Sequence[int]]) -> bytes:
    """Setting, bytes per value, values."""
    return b"".join(
        bytes([name, len(values)]) + b"".join(value.to_bytes(size, "little") for value in values)
        for name, size, values in settings
    )


def gsp_message(first_ms: int, acc: Sequence[Sequence[float]], gyr: Sequence[Sequence[float]]) -> bytes:
    flat = [value for part in (acc, gyr) for sample in part for value in sample]
    return struct.pack(f"<I{len(flat)}f", first_ms, *flat)


def gsp_parts(reference: int, message: bytes, mtu: int) -> Iterator[bytes]:
    room = mtu - 3 - 2
    for at in range(0, len(message), room):
        yield bytes([2 if at == 0 else 3, reference]) + message[at : at + room]


def wit_motion(acc: Triple, gyr: Triple, angle: Triple = (0, 0, 0)) -> bytes:
    return b"\x55\x61" + struct.pack("<9h", *acc, *gyr, *angle)


def wit_reply(first: int, *values: int) -> bytes:
    return b"\x55\x71" + struct.pack("<H8h", first, *values, *[0] * (8 - len(values)))
