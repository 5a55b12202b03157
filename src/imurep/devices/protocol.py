"""The interfaces of a sensor protocol: its decoder, and its conversation.

A decoder turns notifications into packets. A conversation decides
without a radio what is sent to the sensor: what arrived goes in, steps come out.

It is a state machine for one sensor. It lives as long as the service
uses this sensor, over all its connections, and so it can request after a link
loss what is missing. It has no clock: every call brings the time, in microseconds
on the clock of the session's arrivals, and ``wakes_us`` is the time at which
``wake`` is to be called if nothing arrives before.

    connected -> [Subscribe, Read, Write ...] -> feed(notification) -> [...] ... disconnected -> connected ...

The owner of the radio carries the steps out in order, one after the other.
``refused`` is called with a step that the sensor refuses, and the steps behind it
are dropped. The value of a ``Read`` is fed as a notification of its channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.events import Notification, Packet


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Subscribe to the notifications, or indications, of a channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class Read:
    """Read a channel; its value is fed like a notification."""

    channel: str


@dataclass(frozen=True, slots=True)
class Write:
    """Write to a channel."""

    channel: str
    payload: bytes
    response: bool = True
    """Whether the sensor has to confirm it (write request) or not (write command)."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Disconnect from the sensor."""

    problem: str = ""
    """What went wrong and what the person can do, in one line; empty after a requested stop."""
    again: bool = True
    """Whether connecting again may help."""


Step = Subscribe | Read | Write | Disconnect


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """What the service requests of a stream; a conversation selects the nearest that the sensor has."""

    rate_hz: float = 104.0
    gyroscope: bool = True
    acc_range_g: int = 8
    gyr_range_dps: int = 1000
    latency_ms: int = 200
    """Longest time that a sample waits in the sensor until its packet is full."""


class Decoder(Protocol):
    """Turns one sensor's notifications into packets; it remembers the parameters of the stream."""

    def feed(self, notification: Notification) -> Packet | None:
        """Decode one notification; None when it holds no samples.

        Raises PacketError, and nothing else, for one that is malformed.
        """


class Conversation(Protocol):
    """A conversation with one sensor. ``imurep.devices.base_conversation`` has most of it."""

    @property
    def streaming(self) -> bool:
        """Whether the sensor has confirmed that it sends samples over this connection."""

    @property
    def wakes_us(self) -> int | None:
        """When to call ``wake`` if nothing arrives before; None: never."""

    def connected(self, now_us: int, mtu: int) -> Sequence[Step]:
        """Begin on a new connection, with this ATT MTU."""

    def feed(self, notification: Notification) -> Sequence[Step]:
        """Take what arrived; malformed bytes are ignored."""

    def refused(self, step: Step, problem: str, now_us: int) -> Sequence[Step]:
        """Take the refusal of a step (ATT error), with the text of the error."""

    def wake(self, now_us: int) -> Sequence[Step]:
        """Do what is due; to be called at ``wakes_us``."""

    def disconnected(self, now_us: int) -> None:
        """Take the end of the connection, requested or not."""

    def identify(self, now_us: int) -> Sequence[Step]:
        """Let the sensor show itself, for instance by blinking; empty when it cannot now."""

    def stop(self, now_us: int) -> Sequence[Step]:
        """Stop the stream; the steps end with ``Disconnect``, now or after an answer."""
