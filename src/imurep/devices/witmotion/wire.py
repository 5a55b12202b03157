"""Frames and commands of WitMotion sensors.

Twenty bytes, without time, number or checksum: ``55 61`` with nine int16
(acceleration, angular rate, angles), or ``55 71``, a register's number and the
eight registers from there on. A command is ``FF AA register value``. Settings
hold until the sensor is switched off, unless they are saved to its flash, which
wears; nothing here saves.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FRAME_BYTES = 20
START = 0x55
MOTION, REPLY = 0x61, 0x71

ACC_G_PER_LSB = 16 / 32768
GYR_DPS_PER_LSB = 2000 / 32768

RATE_CODES = {0x06: 10, 0x07: 20, 0x08: 50, 0x09: 100}
"""In Hz. 200 Hz is 0x0A on some firmware and 0x0B on other, so it is not used."""


class Register(IntEnum):
    """Registers, as far as they are used."""

    RATE = 0x03
    READ = 0x27
    UNLOCK = 0x69


class Reply(NamedTuple):
    """What registers hold."""

    first: int
    values: tuple[int, ...]


_KEY = 0xB588


def write(register: Register, value: int) -> bytes:
    """Encode the command that sets a register; most take one only after ``UNLOCKED``."""
    return struct.pack("<BBBH", 0xFF, 0xAA, register, value)


UNLOCKED = write(Register.UNLOCK, _KEY)


def parse_reply(frame: bytes) -> Reply:
    """Registers in a reply."""
    count = (len(frame) - 4) // 2
    return Reply(frame[2] | frame[3] << 8, struct.unpack_from(f"<{count}h", frame, 4))


def parse_motion(frames: Sequence[bytes]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Acceleration in g and angular rate in degrees per second, (n, 3) each."""
    raw = np.frombuffer(b"".join(frame[2:14] for frame in frames), "<i2").reshape(-1, 6)
    return raw[:, :3] * ACC_G_PER_LSB, raw[:, 3:] * GYR_DPS_PER_LSB


class Splitter:
    """Cuts what arrives into frames, however the notifications are cut."""

    def __init__(self) -> None:
        self._rest = b""
        self.skipped = 0
        """Bytes that were part of no frame."""

    def push(self, payload: bytes) -> list[bytes]:
        """Take a notification; give the frames that are complete.

        A frame begins like one, and what follows it begins like one, too, as far as it is there:
        two bytes alone are often found amid a sample.
        """
        data = self._rest + payload
        at = 0
        frames: list[bytes] = []
        while at < len(data):
            end = at + FRAME_BYTES
            if not (_begins(data[at : at + 2]) and _begins(data[end : end + 2])):
                at += 1
                self.skipped += 1
            elif end > len(data):
                break
            else:
                frames.append(data[at:end])
                at = end
        self._rest = data[at:]
        return frames


def _begins(head: bytes) -> bool:
    """Whether a frame can begin like this; as much of it as there is."""
    return head[:1] in {b"", bytes([START])} and head[1:] in {b"", bytes([MOTION]), bytes([REPLY])}
