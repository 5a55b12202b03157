"""A small sensor after docs/reference/packet-format.md, and a link between it and a conversation.

An encoder of its own, on purpose: it shares no line with what it tests. Time
passes in ticks; nothing sleeps.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imurep.devices.open_imu import OpenImuConversation
from imurep.devices.protocol import Disconnect, Read, StreamRequest, Subscribe, Write
from imurep.events import Notification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imurep.devices.protocol import Step

TICK_US = 50_000
RATE_HZ = 100
SIZE = 10
"""Samples per packet: two ticks."""
RESEND, CLOCK = 4, 8


def tags(*values: tuple[int, str, float]) -> bytes:
    return b"".join(
        bytes([tag, struct.calcsize("<" + form)]) + struct.pack("<" + form, value)
        for tag, form, value in values
    )


CAPS = tags(
    *((1, "I", mhz) for mhz in (12_500, 26_000, 52_000, 100_000, 208_000)),
    *((2, "B", layout) for layout in (1, 3)),
    *((3, "H", g) for g in (2, 4, 8, 16)),
    *((4, "H", dps) for dps in (250, 500, 1000, 2000)),
    (12, "H", 600),
)


@dataclass
class FakeSensor:
    """The sensor. The owner of the connection empties its queue of notifications."""

    now_us: int = 0
    boot: int = 0xB007
    features: int = RESEND | CLOCK
    ring: int = 6000
    caps: bytes = CAPS
    first_index: int = 1000
    start_code: int = 0
    deaf_to: set[int] = field(default_factory=set)
    """Operations that it carries out without an answer."""
    mute: bool = False
    """It samples, and sends nothing."""
    blinks: int = 0
    busy: int = 0
    """So many RESENDs are refused first."""
    backfill_per_tick: int = 4
    overruns: set[int] = field(default_factory=set)
    """Indices of samples that it never had."""

    connected: bool = False
    streaming: bool = False
    stream: int = 6
    index: int = 0
    """Of the next sample."""
    sequence: int = 0
    linger_s: int = 30
    lost_us: int | None = None
    started: list[dict[int, bytes]] = field(default_factory=list)
    subscribed: set[str] = field(default_factory=set)
    sent: deque[tuple[str, bytes]] = field(default_factory=deque)
    backfill: deque[bytes] = field(default_factory=deque)
    reported: int = 0
    """The oldest index that it has reported, unwrapped."""

    @property
    def oldest(self) -> int:
        return max(self.first_index, self.index - self.ring)

    def report_oldest(self) -> int:
        self.reported = max(self.reported, self.oldest)
        return self.oldest % 2**32

    def connect(self) -> None:
        self.connected, self.lost_us = True, None

    def disconnect(self) -> None:
        self.connected, self.lost_us = False, self.now_us
        self.subscribed.clear()
        self.sent.clear()
        self.backfill.clear()

    def reboot(self) -> None:
        self.disconnect()
        self.boot += 1
        self.streaming, self.stream = False, 6

    def end(self) -> None:
        self.streaming = False
        self.send("data", self.header(self.index, 0, kind=1))

    def send(self, channel: str, payload: bytes) -> None:
        if self.connected and channel in self.subscribed:
            self.sent.append((channel, payload))

    def tick(self) -> None:
        self.now_us += TICK_US
        if self.lost_us is not None and self.now_us - self.lost_us > self.linger_s * 1_000_000:
            self.streaming = False
        if self.streaming and self.now_us % (2 * TICK_US) == 0:
            self.take(SIZE)
        for _ in range(min(self.backfill_per_tick, len(self.backfill))):
            self.send("data", self.backfill.popleft())
        if self.now_us % 1_000_000 == 0:
            self.send("status", self.status())

    def take(self, count: int) -> None:
        """Samples in packets of their own between those that an overrun cost."""
        indices = range(self.index, self.index + count)
        self.index += count
        for first, size, overrun in runs(indices, self.overruns):
            flags = 2 if overrun else 0
            if not self.mute:
                self.send("data", self.header(first, size, flags=flags, sequence=self.sequence))
            self.sequence = (self.sequence + 1) % 65536

    def header(self, index: int, size: int, *, flags: int = 0, sequence: int = 0, kind: int = 0) -> bytes:
        return struct.pack(
            "<BBBBHBBIQ", 16 | kind, flags, self.stream, 3, sequence, size, 0, index % 2**32, index * 10_000
        ) + bytes(12 * size)

    def status(self) -> bytes:
        newest = (self.index - 1) % 2**32
        return struct.pack(
            "<BBBBbBIIHH", int(self.streaming), self.stream, 80, 0, 25, 0, self.report_oldest(), newest, 0, 0
        )

    def read(self, channel: str) -> bytes:
        if channel == "info":
            return struct.pack(
                "<BBHIIHBBHH", 1, 0, self.features, self.boot, self.ring * 10, 50, 30, 0, 23, 247
            )
        return self.status() if channel == "status" else bytes([80])

    def write(self, channel: str, payload: bytes) -> None:
        if channel == "clock":
            number, t1 = struct.unpack("<BQ", payload)
            self.send("clock", struct.pack("<BBQQH", number, 0, t1, self.now_us, 100))
            return
        operation, number, body = payload[0], payload[1], payload[2:]
        code, answer = self.answer(operation, body)
        if operation not in self.deaf_to:
            self.send("control", bytes([operation | 0x80, number, code]) + answer)
        if operation == 3 and self.streaming:
            self.end()

    def answer(self, operation: int, body: bytes) -> tuple[int, bytes]:
        if operation == 1:
            return 0, self.caps
        if operation == 2:
            return self.start(body)
        if operation == 3:
            return (0 if self.streaming else 7), b""
        if operation == 4:
            return 0, self.terms() + tags((11, "I", self.report_oldest())) if self.streaming else b""
        if operation == 7:
            self.blinks += 1
            return 0, b""
        return self.resend(*struct.unpack("<BII", body))

    def start(self, body: bytes) -> tuple[int, bytes]:
        if self.start_code:
            return self.start_code, b""
        if self.streaming:
            return 6, b""
        values = {}
        while body:
            values[body[0]] = body[2 : 2 + body[1]]
            body = body[2 + body[1] :]
        self.started.append(values)
        self.streaming, self.stream, self.sequence = True, (self.stream + 1) % 256, 0
        self.index = self.first_index
        self.linger_s = int.from_bytes(values.get(12, b"\0"), "little")
        return 0, self.terms()

    def terms(self) -> bytes:
        return tags(
            (1, "I", RATE_HZ * 1000),
            (2, "B", 3),
            (6, "B", self.stream),
            (7, "f", 8 / 32768),
            (8, "f", 1000 / 32768),
            (9, "B", SIZE),
            (10, "I", self.first_index % 2**32),
        )

    def resend(self, stream: int, first: int, count: int) -> tuple[int, bytes]:
        if stream != self.stream:
            return 7, b""
        if self.backfill or self.busy:
            self.busy = max(0, self.busy - 1)
            return 10, b""
        first = self.index - (self.index - first) % 2**32
        parts = list(runs(range(first, first + count), self.overruns, most=13))
        if first < self.oldest or first + count > self.index or not parts:  # none: it never had any of them
            return 9, tags((11, "I", self.report_oldest()))
        for at, size, overrun in parts:
            last = at == parts[-1][0]
            flags = 1 | (2 if overrun else 0) | (16 if last else 0)
            self.backfill.append(self.header(at, size, flags=flags))
        return 0, b""


def runs(indices: range, without: set[int], most: int = SIZE) -> Iterator[tuple[int, int, bool]]:
    """First index, size, and whether samples before it were never taken."""
    run: list[int] = []
    overrun = False
    for index in [*indices, None]:
        if run and (index is None or index in without or len(run) == most):
            yield run[0], len(run), overrun
            run, overrun = [], False
        if index in without:
            overrun = True
        elif index is not None:
            run.append(index)


class FakeLink:
    """Carries steps to the sensor and notifications to the conversation, and keeps both."""

    def __init__(self, sensor: FakeSensor, conversation: OpenImuConversation | None = None) -> None:
        self.sensor = sensor
        self.conversation = conversation or OpenImuConversation(StreamRequest())
        self.steps: deque[Step] = deque()
        self.done: list[Step] = []
        self.received: list[Notification] = []
        self.refuses: set[Step] = set()
        self.lose: Callable[[bytes], bool] = lambda _: False
        """Data that is lost on the way."""

    @property
    def asked(self) -> list[tuple[int, int]]:
        """First index and end of every RESEND."""
        ranges = [
            struct.unpack("<II", one.payload[3:])
            for one in self.done
            if isinstance(one, Write) and one.channel == "control" and one.payload[0] == 5
        ]
        return [(first, first + count) for first, count in ranges]

    @property
    def operations(self) -> list[int]:
        return [one.payload[0] for one in self.done if isinstance(one, Write) and one.channel == "control"]

    @property
    def last_disconnect(self) -> Disconnect | None:
        last = self.done[-1] if self.done else None
        return last if isinstance(last, Disconnect) else None

    def got(self, *, backfilled: bool = True) -> set[int]:
        """Indices of all samples of the newest stream that came, with or without backfills."""
        found: set[int] = set()
        for one in self.received:
            if (
                one.channel == "data"
                and one.payload[2] == self.sensor.stream
                and (backfilled or not one.payload[1] & 1)
            ):
                index = struct.unpack_from("<I", one.payload, 8)[0]
                found |= {(index + k) % 2**32 for k in range(one.payload[6])}
        return found

    def connect(self) -> None:
        self.sensor.connect()
        self.then(self.conversation.connected(self.sensor.now_us, 247))

    def disconnect(self) -> None:
        self.sensor.disconnect()
        self.steps.clear()
        self.conversation.disconnected(self.sensor.now_us)
        assert self.conversation.wakes_us is None
        assert not self.conversation.streaming

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 1e6 / TICK_US)):
            self.sensor.tick()
            wakes_us = self.conversation.wakes_us
            if wakes_us is not None and wakes_us <= self.sensor.now_us:
                self.then(self.conversation.wake(self.sensor.now_us))
            self.deliver()
            if self.last_disconnect:
                self.disconnect()

    def away(self, seconds: float) -> None:
        self.disconnect()
        self.run(seconds)

    def stop(self) -> None:
        self.then(self.conversation.stop(self.sensor.now_us))

    def then(self, steps: object) -> None:
        assert isinstance(steps, (list, tuple))
        assert len(steps) < 10
        self.steps += steps
        wakes_us = self.conversation.wakes_us
        assert wakes_us is None or wakes_us > self.sensor.now_us
        while self.steps:
            self.carry_out(self.steps.popleft())
        self.deliver()

    def carry_out(self, step: Step) -> None:
        self.done.append(step)
        if step in self.refuses:
            self.steps.clear()
            self.then(self.conversation.refused(step, "no", self.sensor.now_us))
            return
        match step:
            case Subscribe():
                assert step.channel not in self.sensor.subscribed
                self.sensor.subscribed.add(step.channel)
            case Read():
                self.feed(step.channel, self.sensor.read(step.channel))
            case Write():
                self.sensor.write(step.channel, step.payload)
            case Disconnect():
                pass

    def deliver(self) -> None:
        while self.sensor.sent:
            channel, payload = self.sensor.sent.popleft()
            if channel != "data" or not self.lose(payload):
                self.feed(channel, payload)

    def feed(self, channel: str, payload: bytes) -> None:
        notification = Notification(self.sensor.now_us, channel, payload)
        self.received.append(notification)
        self.then(self.conversation.feed(notification))
