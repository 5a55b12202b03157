"""Who takes part in publishing, besides the publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.events import SensorStatus, SessionEvent
    from imurep.mqtt.message import Incoming, Message


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
