"""What a fuzzer plays: a script of things that happen to a sensor's decoder or conversation, as bytes.

A record of a script is: what happens u8, how much later u8, length u8, payload.
"""

from __future__ import annotations

import json
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.devices.peer import Peer, Talk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imurep.model import Notification

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


def heard(notifications: Iterable[Notification]) -> list[Record]:
    return [Record(Act.FEED + CHANNELS.index(one.channel), 0x33, one.payload) for one in notifications]


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
        talk = Talk(Peer(ring=700))
        talk.connect()
        talk.run(0.5)
        count = len(talk.heard)
        talk.away(away_s)
        talk.connect()
        talk.run(0.5)
        talk.stop()
        scripts.append(
            write(
                [
                    Record(Act.CONNECT, 0),
                    *heard(talk.heard[:count]),
                    Record(Act.DISCONNECT, 0x60),
                    Record(Act.CONNECT, 0),
                    *heard(talk.heard[count : count + 30]),
                    Record(Act.STOP, 1),
                    *heard(talk.heard[-2:]),
                ]
            )
        )
    return scripts
