"""Transmit queues of one connection, in order of urgency, and what they drop."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from firmware_sim.sensor import packets

DEFAULT_MTU = 23
"""MTU of every connection until its ends have agreed on another."""
TRANSMIT_PACKETS = 16
"""Live packets that wait for the radio at most: 2.8 s of 104 Hz with both sensors."""


class Channel(Enum):
    """Characteristics that notify or indicate; the values are their names in recordings."""

    CONTROL = "control"
    DATA = "data"
    STATUS = "status"
    CLOCK = "clock"
    BATTERY = "battery"


@dataclass(frozen=True, slots=True)
class Message:
    """One payload to notify, or to indicate on control."""

    channel: Channel
    payload: bytes


class Outbox:
    """Queues of one connection; without one, nothing is queued."""

    def __init__(self) -> None:
        self.mtu = 0
        """MTU of the connection; 0 without one."""
        self.responses: deque[bytes] = deque()
        self.backfill: deque[bytes] = deque()
        self.dropped = 0
        """Live packets lost to a full queue since the stream began."""
        self._subscribed: set[Channel] = set()
        self._clock_requests: deque[tuple[int, bytes]] = deque()
        self._newest: dict[Channel, bytes] = {}
        self._live: deque[bytes] = deque()
        self._has_dropped = False

    def close(self) -> None:
        """The connection is over: forget what was meant for it."""
        self.mtu = 0
        self.responses.clear()
        self.backfill.clear()
        self._subscribed.clear()
        self._clock_requests.clear()
        self._newest.clear()
        self._live.clear()

    def begin(self) -> None:
        """A stream begins; nothing of an older one is sent any more."""
        self.backfill.clear()
        self.dropped = 0
        self._live.clear()
        self._has_dropped = False

    def subscribe(self, channel: Channel, *, on: bool) -> None:
        """The central has subscribed to a channel, or unsubscribed."""
        if on:
            self._subscribed.add(channel)
            return
        self._subscribed.discard(channel)
        self._newest.pop(channel, None)
        if channel is Channel.DATA:
            self._live.clear()

    def is_subscribed(self, channel: Channel) -> bool:
        """Whether the central has subscribed to a channel."""
        return channel in self._subscribed

    def fits(self, payload: bytes) -> bool:
        """Whether a payload fits the connection's MTU."""
        return len(payload) <= self.mtu - packets.ATT_HEADER_BYTES

    def add_clock_request(self, came_us: int, request: bytes) -> None:
        """Queue a clock request, to be answered when it is sent."""
        if Channel.CLOCK in self._subscribed:
            self._clock_requests.append((came_us, request))

    def notify_newest(self, channel: Channel, payload: bytes) -> None:
        """Notify a value of which only the newest counts."""
        if channel in self._subscribed and self.fits(payload):
            self._newest[channel] = payload

    def queue(self, packet: bytes, *, always: bool = False) -> None:
        """Queue a live packet. A full queue drops it, unless it has to go ``always``."""
        if Channel.DATA not in self._subscribed or not self.fits(packet):
            return
        if always or len(self._live) < TRANSMIT_PACKETS:
            self._live.append(packet)
        else:
            self.dropped += 1
            self._has_dropped = True

    def has_dropped(self) -> bool:
        """Whether a packet was dropped since the last call."""
        dropped, self._has_dropped = self._has_dropped, False
        return dropped

    def take(self, now_us: int, room: int, *, unix_is_set: bool) -> list[Message]:
        """Hand over at most so many payloads; a response comes alone."""
        if room <= 0:
            return []
        if self.responses:
            return [Message(Channel.CONTROL, self.responses.popleft())]
        ready: list[Message] = []
        while self._clock_requests and len(ready) < room:
            came_us, request = self._clock_requests.popleft()
            answer = packets.clock_payload(
                request, unix_is_set=unix_is_set, came_us=came_us, sent_us=max(came_us, now_us)
            )
            ready.append(Message(Channel.CLOCK, answer))
        while self._newest and len(ready) < room:
            ready.append(Message(*self._newest.popitem()))
        for queue in (self._live, self.backfill) if Channel.DATA in self._subscribed else ():
            while queue and len(ready) < room:
                ready.append(Message(Channel.DATA, queue.popleft()))
        return ready
