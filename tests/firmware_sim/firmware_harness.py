"""An IMU whose samples are their own numbers, and a harness around the firmware."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np

from firmware_sim.sensor.firmware import Firmware
from firmware_sim.sensor.firmware_settings import FirmwareSettings
from firmware_sim.sensor.measurement import ImuSettings
from firmware_sim.sensor.outbox import Channel
from firmware_sim.sensor.ring_buffer import SampleBatch

PERIOD_US = 9615
"""104 Hz, whole so that times are exact."""
START = bytes.fromhex("02 2a 01 04 40960100 02 01 03")
DONE = 0


@dataclass(slots=True)
class CountingFeed:
    start_us: int
    axes: int
    lost: tuple[range, ...]
    clipped: range
    next_number: int = 0
    acc_g_per_lsb: float = 8 / 32768

    @property
    def gyr_dps_per_lsb(self) -> float | None:
        return 1000 / 32768 if self.axes == 6 else None

    def due_us(self, samples: int) -> int:
        return self.start_us + (self.next_number + samples - 1) * PERIOD_US

    def read(self, now_us: int) -> SampleBatch:
        stop = max(self.next_number, (now_us - self.start_us) // PERIOD_US + 1)
        kept = [n for n in range(self.next_number, stop) if not any(n in gone for gone in self.lost)]
        self.next_number = stop
        numbers = np.array(kept, dtype=np.int64)
        counts = np.repeat(numbers[:, np.newaxis] % 30000, self.axes, axis=1).astype(np.int16)
        clipped = (numbers >= self.clipped.start) & (numbers < self.clipped.stop)
        return SampleBatch(numbers, self.start_us + numbers * PERIOD_US, counts, clipped)


@dataclass(slots=True)
class CountingImu:
    usual: ImuSettings = field(default_factory=ImuSettings)
    lost: tuple[range, ...] = ()
    clipped: range = range(0)

    def start(self, imu_settings: ImuSettings, at_us: int) -> CountingFeed:
        return CountingFeed(at_us, 6 if imu_settings.gyroscope else 3, self.lost, self.clipped)


@dataclass(frozen=True)
class Packet:
    kind: int
    flags: int
    stream: int
    sequence: int
    n: int
    index: int
    t_us: int
    values: list[int]
    """Of the first axis."""


def packet(payload: bytes) -> Packet:
    first, flags, stream, layout, sequence, n, codec, index, t_us = struct.unpack_from("<BBBBHBBIQ", payload)
    axes = 6 if layout == 3 else 3
    assert (first >> 4, codec) == (1, 0)
    assert len(payload) == 20 + 2 * axes * n <= 244
    counts = np.frombuffer(payload, dtype="<i2", offset=20).reshape(n, axes)
    return Packet(first & 15, flags, stream, sequence, n, index, t_us, counts[:, 0].tolist())


class FirmwareHarness:
    """A firmware with a connected, subscribed central that by default takes everything at once."""

    def __init__(self, imu: CountingImu | None = None, settings: FirmwareSettings | None = None) -> None:
        self.firmware = Firmware(imu or CountingImu(), settings or FirmwareSettings(), 6)
        self.now_us = 0
        self.room = 1000
        self.data: list[Packet] = []
        self.sent: list[tuple[Channel, bytes]] = []
        self.connect()

    def connect(self, mtu: int = 247, *, collect: bool = True) -> None:
        self.firmware.connected(self.now_us)
        self.firmware.negotiated(mtu)
        for channel in Channel if collect else [Channel.CONTROL]:
            self.firmware.subscribed(channel, self.now_us, on=True)

    def collect(self) -> None:
        while messages := self.firmware.outgoing(self.now_us, self.room):
            for message in messages:
                self.sent.append((message.channel, message.payload))
                if message.channel is Channel.DATA:
                    self.data.append(packet(message.payload))
                    counts = np.frombuffer(message.payload, dtype="<i2", offset=20).reshape(-1, 3)
                    assert np.all(counts == counts[:, :1])

    def wait(self, seconds: float) -> None:
        """Call the firmware exactly when it wants to be called."""
        end_us = self.now_us + round(seconds * 1e6)
        while (next_us := self.firmware.next_us) is not None and next_us <= end_us:
            self.now_us = max(self.now_us, next_us)
            self.firmware.advance(self.now_us)
            self.collect()
        self.now_us = end_us
        self.firmware.advance(end_us)
        self.collect()

    def ask(self, request: bytes | str) -> bytes:
        """Write a request and return the next response."""
        wire = bytes.fromhex(request) if isinstance(request, str) else request
        before = len(self.responses)
        self.firmware.control_written(wire, self.now_us)
        self.collect()
        (response,) = self.responses[before:]
        return response

    def resend(self, first: int, count: int, stream: int = 7) -> bytes:
        return self.ask(struct.pack("<BBBII", 5, 0x55, stream, first, count))

    @property
    def responses(self) -> list[bytes]:
        return [payload for channel, payload in self.sent if channel is Channel.CONTROL]

    @property
    def live(self) -> list[Packet]:
        return [one for one in self.data if one.kind == 0 and not one.flags & 1]

    @property
    def backfill(self) -> list[Packet]:
        return [one for one in self.data if one.flags & 1]
