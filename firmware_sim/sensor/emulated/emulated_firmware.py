"""What the emulated firmwares have in common: one central, its subscriptions, and a queue."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING

from firmware_sim.sensor.outbox import DEFAULT_MTU, Channel, Message
from firmware_sim.sensor.ring_buffer import SampleBatch

if TYPE_CHECKING:
    from firmware_sim.sensor.measurement import ImuSettings
    from firmware_sim.sensor.stream import Imu

QUEUE = 32
"""Most notifications that wait for the radio; more are lost."""


class Sampling:
    """A measurement for one stream, and the samples that wait for their packet."""

    def __init__(self, imu: Imu, imu_settings: ImuSettings, at_us: int) -> None:
        self.feed = imu.start(imu_settings, at_us)
        self.pending = SampleBatch.empty(6 if imu_settings.gyroscope else 3)

    def read(self, now_us: int) -> None:
        """Take the samples measured since."""
        new = self.feed.read(now_us)
        if len(new):
            self.pending = self.pending.then(new)

    def take(self, size: int) -> SampleBatch:
        """Take the oldest samples that wait."""
        taken, self.pending = self.pending[:size], self.pending[size:]
        return taken

    def full_us(self, size: int) -> int:
        """Device time at which so many samples will wait."""
        return self.feed.due_us(max(1, size - len(self.pending)))


class EmulatedFirmware(ABC):
    """A sensor between two boots, for a GATT server. All times are device microseconds since boot."""

    def __init__(self, imu: Imu) -> None:
        self.battery_percent = 100
        self.charging = False
        self.mtu = DEFAULT_MTU
        self.lost = 0
        """Notifications for which the queue had no room."""
        self._imu = imu
        self._now_us = 0
        self._subscribed: set[Channel] = set()
        self._responses: deque[Message] = deque()
        self._queue: deque[Message] = deque()

    @abstractmethod
    def _sample(self, now_us: int) -> None:
        """Queue the packets that are full by now."""

    @property
    @abstractmethod
    def next_us(self) -> int | None:
        """Device time at which the next packet will be full."""

    @abstractmethod
    def written(self, payload: bytes, now_us: int) -> None:
        """Take a command."""

    def read_control(self) -> bytes:
        """Payload for a read of the control channel."""
        return b""

    def connected(self, now_us: int) -> None:
        """A central has connected."""
        self.advance(now_us)
        self.mtu = DEFAULT_MTU

    def disconnected(self, now_us: int) -> None:
        """The central has disconnected: drop what was meant for it."""
        self.advance(now_us)
        self._subscribed.clear()
        self._responses.clear()
        self._queue.clear()

    def negotiated(self, mtu: int) -> None:
        """Both ends have agreed on an MTU."""
        self.mtu = mtu

    def subscribed(self, channel: Channel, now_us: int, *, on: bool) -> None:
        """The central has subscribed to a channel, or unsubscribed."""
        self.advance(now_us)
        if on:
            self._subscribed.add(channel)
        else:
            self._subscribed.discard(channel)

    def is_subscribed(self, channel: Channel) -> bool:
        """Whether the central has subscribed to a channel."""
        return channel in self._subscribed

    def advance(self, now_us: int) -> None:
        """Do all that was due up to now. Time never goes back."""
        self._now_us = max(self._now_us, now_us)
        self._sample(self._now_us)

    def outgoing(self, now_us: int, room: int) -> list[Message]:
        """Hand over at most so many payloads; a response comes alone."""
        del now_us
        if self._responses and room > 0:
            return [self._responses.popleft()]
        return [self._queue.popleft() for _ in range(min(room, len(self._queue)))]

    def press_stop(self, now_us: int) -> None:
        """The sensor's button is pressed; most have none that matters."""
        self.advance(now_us)

    def set_battery(self, percent: int, now_us: int, *, charging: bool = False) -> None:
        """Change the battery's level."""
        self.advance(now_us)
        self.battery_percent, self.charging = percent, charging
        self._notify(Channel.BATTERY, bytes([percent]))

    def _notify(self, channel: Channel, payload: bytes) -> None:
        """Notify, or indicate on control, if the central is subscribed."""
        if channel not in self._subscribed:
            return
        if channel is Channel.CONTROL:
            self._responses.append(Message(channel, payload))
        elif len(self._queue) < QUEUE:
            self._queue.append(Message(channel, payload))
        else:
            self.lost += 1
