"""How one talks to a sensor, without a radio: what arrived goes in, what is to be done comes out.

A conversation is a state machine per sensor. It lives as long as the service
wants this sensor, over all its connections, and so it knows after a link loss
what is missing. It holds no clock: every call brings the time, in microseconds
on the clock of the session's arrivals, and ``wakes_us`` says when to call
without anything having arrived.

    connected -> [Subscribe, Read, Write ...] -> feed(notification) -> [...] ... disconnected -> connected ...

Whoever holds the radio carries the steps out in their order, one after the
other. A step that the sensor refuses goes to ``refused``; the steps behind it
are dropped. The value of a ``Read`` is fed as a notification of its channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.events import Notification


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Ask for the notifications, or indications, of a channel."""

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
    """Disconnect: nothing is left to say, or nothing more can be said."""

    problem: str = ""
    """What went wrong and what the person can do, in one line; empty after a stop that was wanted."""
    again: bool = True
    """Whether connecting again may help."""


Step = Subscribe | Read | Write | Disconnect


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """What the service would like to have; a conversation takes what comes nearest."""

    rate_hz: float = 104.0
    gyroscope: bool = True
    acc_range_g: int = 8
    gyr_range_dps: int = 1000
    latency_ms: int = 200
    """How long a sample may wait in the sensor until its packet is full."""


class Conversation(Protocol):
    """What every sensor's conversation can be told and asked."""

    @property
    def streaming(self) -> bool:
        """Whether the sensor has confirmed that it sends samples over this connection."""

    @property
    def wakes_us(self) -> int | None:
        """When to call ``wake``, unless something arrives before; None: not needed."""

    def connected(self, now_us: int, mtu: int) -> Sequence[Step]:
        """A connection is up, with this ATT MTU: what to do first."""

    def feed(self, notification: Notification) -> Sequence[Step]:
        """Something arrived. Malformed bytes are no error here: they are ignored."""

    def refused(self, step: Step, problem: str, now_us: int) -> Sequence[Step]:
        """The sensor refused a step (ATT error): ``problem`` has its words."""

    def wake(self, now_us: int) -> Sequence[Step]:
        """``wakes_us`` has come."""

    def disconnected(self, now_us: int) -> None:
        """The connection is gone, wanted or not."""

    def identify(self, now_us: int) -> Sequence[Step]:
        """Somebody wants to see which sensor this is: empty when it cannot show itself now."""

    def stop(self, now_us: int) -> Sequence[Step]:
        """The service wants no more samples: ends with ``Disconnect``, now or after an answer."""
