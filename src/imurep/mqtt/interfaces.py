"""Messages as values, and what the rest of the service provides for publishing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from imurep.events import SensorStatus, SessionEvent
    from imurep.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to publish."""

    topic: str
    payload: bytes
    """An empty one that is retained removes what was retained on the topic."""
    qos: int = 1
    retain: bool = False
    expiry_s: int | None = None
    """After this many seconds a broker no longer hands it on (MQTT 5 only)."""
    schema: str | None = None
    """What the payload is, such as ``imurep.set/1``; JSON if there is one (MQTT 5 only)."""
    correlation: bytes | None = None
    """In a response: the correlation data of the command (MQTT 5 only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message from the broker."""

    topic: str
    payload: bytes
    """At most ``imurep.mqtt.client.LARGEST_BYTES``; not checked further, so perhaps no UTF-8."""
    retain: bool
    response_topic: str | None = None
    """Topic on which a response is expected, besides the usual one (MQTT 5 only)."""
    correlation: bytes | None = None


class Announcer(Protocol):
    """Makes the messages about the sensors. It is called with each event before it is asked for messages."""

    def event(self, session_event: SessionEvent) -> None:
        """Take in an event of a session."""

    def status(self, status: SensorStatus) -> None:
        """Take in a sensor's state."""

    def announcement(self) -> Sequence[Message]:
        """All retained messages, in the order in which to publish them; the bridge's state comes after."""

    def info(self, problem: str) -> Message:
        """Message about the service; ``problem`` is what is wrong with its log, or empty."""

    def state(self, sensor: str) -> Sequence[Message]:
        """Messages with a sensor's present state."""

    def live(self, session_event: SessionEvent) -> Sequence[Message]:
        """Messages for those who are subscribed at this moment; none for most events."""

    def goodbye(self) -> Sequence[Message]:
        """Messages about the sensors for the end of the service."""


class CommandHandler(Protocol):
    """Carries out commands."""

    async def handle(self, incoming: Incoming) -> Sequence[Message]:
        """Carry out a command and return the responses."""


class LoggedSet(Protocol):
    """One version of a set in the log."""

    @property
    def row(self) -> int:
        """Its place in the order of sending."""

    @property
    def sensor(self) -> str:
        """Name of the sensor."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """What is published of it."""

    @property
    def withdrawn(self) -> bool:
        """Whether this version takes the set back."""


class SetSource(Protocol):
    """The log of sets, as far as publishing needs it."""

    @property
    def problem(self) -> str:
        """What is wrong with the log and what to do; empty: nothing."""

    @property
    def news(self) -> asyncio.Event:
        """Set when something is new to send, or the problem changed; the reader clears it."""

    async def pending(self, limit: int) -> Sequence[LoggedSet]:
        """Sets that were not sent yet, in order."""

    def sent(self, rows: Iterable[int]) -> None:
        """Mark sets as acknowledged by the broker."""

    async def last(self, sensor: str) -> LoggedSet | None:
        """The sensor's set that started last, of those that count. Raises SinkError."""

    async def since(self, utc: datetime) -> Sequence[LoggedSet]:
        """The newest version of each set that started then or later, in order. Raises SinkError."""

    async def flush(self) -> bool:
        """Write what is not written yet; False when the disk does not take it."""


class PlanStore(Protocol):
    """The plans of all sensors."""

    def of(self, sensor: str) -> Plan:
        """The plan of a sensor."""

    def change(self, sensor: str, **changes: Any) -> Plan:  # noqa: ANN401 the fields of Plan
        """Change fields of a plan. Raises SinkError, and then nothing has changed."""
