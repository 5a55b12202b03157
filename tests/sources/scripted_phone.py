"""A phone of the tests' own: what docs/reference/relay.md asks of a page, with a small sensor in its hand.

Time passes in ticks; nothing sleeps. Its clock is not the service's.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from imurep.devices.open_imu import KIND
from imurep.events import Notification
from imurep.recording import open_recording
from tests.devices.fake_sensor import TICK_US, FakeSensor, tags

if TYPE_CHECKING:
    from pathlib import Path

RECORD_US = 200_000
HEARTBEAT_US = 1_000_000
AGAIN_US = 2_000_000
WINDOW = 8
CHANNELS = {uuid: channel for channel, uuid in KIND.channels.items()}


class RecordedSensor(FakeSensor):
    """A sensor that somebody wears who does what a recording has."""

    samples = b""
    first_index = 1000

    @classmethod
    def of(cls, recording: Path) -> RecordedSensor:
        worn = cls()
        worn.samples = b"".join(
            item.payload[20:]
            for item in open_recording(recording)
            if isinstance(item, Notification) and item.channel == "data"
        )
        return worn

    @property
    def seconds(self) -> float:
        return len(self.samples) / 12 / 100

    def header(self, index: int, size: int, *, flags: int = 0, sequence: int = 0, kind: int = 0) -> bytes:
        plain = super().header(index, size, flags=flags, sequence=sequence, kind=kind)
        at = 12 * (index - self.first_index)
        return plain[:20] + self.samples[at : at + 12 * size].ljust(12 * size, b"\0")

    def terms(self) -> bytes:
        return tags(
            (1, "I", 100_000),
            (2, "B", 3),
            (6, "B", self.stream),
            (7, "f", 0.000244),
            (8, "f", 0.035),
            (10, "I", self.first_index),
        )


@dataclass
class ScriptedPhone:
    """The page, the sensor and the phone's clock."""

    sensor: FakeSensor
    clock_us: int = 1_790_000_000_000_000
    """What the phone's clock shows when the sensor's shows 0."""
    session: str = "s"
    name: str = "IMU-SIM"
    services: tuple[str, ...] = tuple(KIND.services)
    online: bool = True
    number: int = 0
    turn: int = 0
    issuer: str = ""
    did: int = 0
    steps: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    pointer: int = 0
    """Of the next record in ``records`` to be sent."""
    items: list[dict[str, Any]] = field(default_factory=list)
    opened: tuple[int, bool, int] | None = None
    outbox: list[bytes] = field(default_factory=list)
    """What the network takes now."""
    progress_us: int = 0
    """When something was acknowledged, or all was sent anew,"""
    closed_us: int = 0
    """and when a record was closed."""
    refuses: set[str] = field(default_factory=set)
    steps_received: list[dict[str, Any]] = field(default_factory=list)
    """Steps that were carried out."""
    reconnects: bool = True

    @property
    def now_us(self) -> int:
        return self.clock_us + self.sensor.now_us

    # The link to the sensor

    def connect(self) -> None:
        self.note("up")
        self.sensor.connect()
        self.turned()

    def disconnect(self, reason: str = "out of reach") -> None:
        self.note("down", reason=reason)
        self.sensor.disconnect()
        self.turned()

    def turned(self) -> None:
        self.turn += 1
        self.steps.clear()

    # Time

    def tick(self) -> None:
        self.sensor.tick()
        self.deliver()
        while self.steps:
            self.carry_out(self.steps.pop(0))
            self.deliver()
        since_us = None if self.opened is None else self.now_us - self.opened[0]
        if since_us is not None and since_us >= (RECORD_US if self.online else 2 * HEARTBEAT_US):
            self.close()
        elif self.online and not self.records and self.now_us - self.closed_us >= HEARTBEAT_US:
            self.open()
            self.close()
        self.send()

    def deliver(self) -> None:
        while self.sensor.sent:
            channel, payload = self.sensor.sent.popleft()
            self.value(channel, payload)

    def value(self, channel: str, payload: bytes) -> None:
        value = base64.b64encode(payload).decode()
        self.note("value", characteristic=KIND.channels[channel], value=value)

    def carry_out(self, step: dict[str, Any]) -> None:
        channel = CHANNELS.get(step.get("characteristic", ""), "")
        self.did = step["step"]
        self.steps_received.append(step)
        known = {"voice": self.issuer, "step": step["step"]}
        if channel in self.refuses:
            self.note("refused", problem="no", **known)
            self.turned()
            return
        match step["do"]:
            case "subscribe":
                self.sensor.subscribed.add(channel)
            case "read":
                self.value(channel, self.sensor.read(channel))
            case "write":
                self.sensor.write(channel, base64.b64decode(step["value"]))
            case "hang_up":
                self.note("done", **known)
                self.disconnect("disconnected")
                if step["again"] and self.reconnects:
                    self.connect()
                return
        self.note("done", **known)

    # Records

    def note(self, what: str, **more: object) -> None:
        self.open()
        self.items.append({"what": what, "at_us": self.now_us, **more})

    def open(self) -> None:
        if self.opened is None:
            self.opened = self.now_us, self.sensor.connected, self.turn

    def close(self) -> None:
        assert self.opened is not None
        _, up, turn = self.opened
        self.number += 1
        self.records.append(
            {
                "schema": "imurep.relay/1",
                "session": self.session,
                "number": self.number,
                "sensor": {"name": self.name, "tag": "3fa9", "services": list(self.services)},
                "up": up,
                "turn": turn,
                "items": self.items,
                "at_us": self.now_us,
            }
        )
        self.items, self.opened = [], None
        self.closed_us = self.now_us

    def send(self) -> None:
        if not self.online:
            return
        if self.pointer and self.now_us - self.progress_us >= AGAIN_US:
            self.pointer = 0
            self.progress_us = self.now_us
        while self.pointer < min(WINDOW, len(self.records)):
            record = self.records[self.pointer]
            oldest = next(one["number"] for one in self.records if one["session"] == record["session"])
            message = {**record, "oldest": oldest, "sent_us": self.now_us}
            self.outbox.append(json.dumps(message).encode())
            self.pointer += 1

    def go(self, *, online: bool) -> None:
        self.online = online
        self.pointer = 0

    def reload(self, session: str) -> None:
        """The page is opened anew: what was not acknowledged is kept, in the session it was."""
        if self.sensor.connected:
            self.disconnect("the page was closed")
        self.close()
        self.session, self.number, self.turn = session, 0, 0
        self.pointer = 0

    def receive(self, payload: bytes) -> None:
        message = json.loads(payload)
        before = len(self.records)
        self.records = [
            record
            for record in self.records
            if record["session"] != message["session"] or record["number"] >= message["wanted"]
        ]
        gone = before - len(self.records)
        if gone:
            self.pointer = max(0, self.pointer - gone)
            self.progress_us = self.now_us
        if message["session"] != self.session:
            return
        if message["voice"] != self.issuer:
            self.issuer, self.did = message["voice"], 0
        if message["turn"] == self.turn:
            newest = max([self.did, *(step["step"] for step in self.steps)])
            self.steps += [step for step in message["steps"] if step["step"] > newest]


def ticks(seconds: float) -> range:
    return range(round(seconds * 1e6 / TICK_US))
