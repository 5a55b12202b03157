"""Who takes part in publishing, besides the publisher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.events import SensorStatus, SessionEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be published."""

    topic: str
    payload: bytes
    """Empty, and retained: what was retained there is removed."""
    qos: int = 1
    retain: bool = False
    expiry_s: int | None = None
    """After this many seconds a broker no longer hands it on (MQTT 5 only)."""
    schema: str | None = None
    """What the payload is, such as ``imurep.set/1``; JSON if there is one (MQTT 5 only)."""
    correlation: bytes | None = None
    """In a response: what the question brought (MQTT 5 only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a broker handed on."""

    topic: str
    payload: bytes
    """At most ``imurep.mqtt.client.LARGEST_BYTES``; otherwise as it came, so perhaps no UTF-8."""
    retain: bool
    response_topic: str | None = None
    """Where an answer is expected besides the usual topic (MQTT 5 only)."""
    correlation: bytes | None = None


class Announcer(Protocol):
    """Knows how things stand, and how that is said. It hears of everything before it is asked."""

    def event(self, told: SessionEvent) -> None:
        """Something was counted."""

    def status(self, status: SensorStatus) -> None:
        """Something about a sensor changed."""

    def announcement(self) -> Sequence[Message]:
        """All that is retained, in the order in which it is to be known; the bridge's state comes after."""

    def info(self, problem: str) -> Message:
        """What the service is; ``problem`` is what is wrong with its log, or empty."""

    def state(self, sensor: str) -> Sequence[Message]:
        """How it stands with a sensor now."""

    def live(self, told: SessionEvent) -> Sequence[Message]:
        """What of an event is for those who listen at this moment; nothing, for most."""

    def goodbye(self) -> Sequence[Message]:
        """What is said of the sensors when the service ends."""


class CommandHandler(Protocol):
    """Does what is asked for."""

    async def handle(self, incoming: Incoming) -> Sequence[Message]:
        """Carry a command out; gives the answers."""
