"""What a fuzzer plays: a script of things that happen to a sensor's decoder or conversation, as bytes.

A record of a script is: what happens u8, how much later u8, length u8, payload.
"""

from __future__ import annotations

import json
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.devices.fake_sensor import FakeLink, FakeSensor
from tests.devices.foreign import gsp_message, pmd_delta, pmd_frame, pmd_raw, wit_motion, wit_reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imurep.events import Notification

GOLDEN = Path(__file__).parents[1] / "golden" / "packets.json"
CHANNELS = ("data", "control", "status", "info", "clock", "battery", "elsewhere")


class Act(IntEnum):
    """What happens; everything above is a notification."""

    CONNECT = 0
    DISCONNECT = 1
    STOP = 2
    WAKE = 3
    REFUSE = 4
    FEED = 5


class Record(NamedTuple):
    act: int
    later: int
    payload: bytes = b""

    @property
    def channel(self) -> str:
        return CHANNELS[(self.act - Act.FEED) % len(CHANNELS)]

    @property
    def later_us(self) -> int:
        """From 0 to hours, finer where it is short."""
        return (self.later & 15) * 1000 << 2 * (self.later >> 4)


def read(script: bytes) -> Iterator[Record]:
    at = 0
    while at + 3 <= len(script):
        act, later, length = script[at : at + 3]
        yield Record(act, later, script[at + 3 : at + 3 + length])
        at += 3 + length


def write(records: Iterable[Record]) -> bytes:
    return b"".join(bytes([act, later, len(payload)]) + payload for act, later, payload in records)


def received(notifications: Iterable[Notification]) -> list[Record]:
    return [Record(Act.FEED + CHANNELS.index(one.channel), 0x33, one.payload) for one in notifications]


_IMU6 = b"\x02\x02" + gsp_message(1, [(0.0, 0.0, 9.8)] * 8, [(1.0, 2.0, 3.0)] * 8)
_MOTION = wit_motion((0, 0, 2048), (1, 2, 3))
FOREIGN: dict[str, list[tuple[str, bytes]]] = {
    "polar": [
        ("control", bytes.fromhex("0f6e") + bytes(15)),
        ("control", bytes.fromhex("f00105000000 013400 01011000 0201d007 040103")),
        ("control", bytes.fromhex("f002050000 0501 01089b3d")),
        ("control", bytes.fromhex("f00102000000 0419003200 6400c800 01011000 0203020004000800")),
        ("control", bytes.fromhex("f002020600")),
        ("control", bytes.fromhex("f003020000")),
        ("control", bytes.fromhex("f002020000 0501 52e47f39")),
        ("data", pmd_frame(2, 10**17, 1, pmd_raw([(-187, -28, 949)] * 36, 2))),
        ("data", pmd_frame(2, 10**17 + 360_000_000, 1, pmd_raw([(-187, -28, 949)] * 36, 2))),
        (
            "data",
            pmd_frame(2, 10**17 + 720_000_000, 0x81, pmd_delta([(1, 2, 3), (4, 5, 6), (9, 0, 1)], [1, 1])),
        ),
        ("data", pmd_frame(5, 10**17, 0x80, pmd_delta([(1, 2, 3), (4, 5, 6), (9, 0, 1)], [2]))),
        ("data", pmd_frame(5, 10**17 + 360_000_000, 0x81, bytes(12) + b"\x05\x01\xff\x01")),
        ("control", bytes.fromhex("010102")),
    ],
    "movesense": [
        ("data", b"\x01\x01\x012502\0Movesense\0"),
        ("data", bytes.fromhex("0102fb01")),
        ("data", bytes.fromhex("0102c800")),
        ("data", _IMU6[:157]),
        ("data", b"\x03\x02" + _IMU6[157:]),
        ("data", _IMU6),
        ("data", bytes.fromhex("0102ad01")),
    ],
    "witmotion": [
        ("data", _MOTION[:7]),
        ("data", _MOTION[7:] + wit_reply(3, 9)),
        ("data", _MOTION * 3),
        ("data", _MOTION[4:] + _MOTION),
    ],
}
"""What sensors of other makers say, a few words each."""


def foreign_seeds(protocol: str) -> list[bytes]:
    """All that one says, in one connection and in two, stopped in the end."""
    done = [
        Record(Act.FEED + CHANNELS.index(channel), 0x31, payload) for channel, payload in FOREIGN[protocol]
    ]
    connect, stop = Record(Act.CONNECT, 0), Record(Act.STOP, 1)
    again = [
        connect,
        *done[:3],
        Record(Act.DISCONNECT, 1),
        connect,
        *done,
        stop,
        *done[-2:],
        Record(Act.WAKE, 1),
    ]
    return [write([connect, *done, stop, *done]), write(again)]


def seeds() -> list[bytes]:
    """The golden vectors, and some talks with a sensor."""
    golden = json.loads(GOLDEN.read_text("utf-8"))
    started = [Record(Act.FEED + 1, 1, bytes.fromhex(one["hex"])) for one in golden["responses"].values()]
    vectors = [
        Record(Act.FEED + CHANNELS.index(one.get("channel", "data")), 1, bytes.fromhex(one["hex"]))
        for one in golden["packets"] + golden["silent"]
    ]
    scripts = [write([*started, one]) for one in vectors]
    for away_s in (2.0, 20.0, 90.0):
        link = FakeLink(FakeSensor(ring=700))
        link.connect()
        link.run(0.5)
        count = len(link.received)
        link.away(away_s)
        link.connect()
        link.run(0.5)
        link.stop()
        scripts.append(
            write(
                [
                    Record(Act.CONNECT, 0),
                    *received(link.received[:count]),
                    Record(Act.DISCONNECT, 0x60),
                    Record(Act.CONNECT, 0),
                    *received(link.received[count : count + 30]),
                    Record(Act.STOP, 1),
                    *received(link.received[-2:]),
                ]
            )
        )
    return scripts
