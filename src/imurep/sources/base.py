"""The seam between the service and where its samples come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imurep.model import Notification, SensorStatus
    from imurep.recording import Header, Item


class Sink(Protocol):
    """Takes what a source has, at once and in order, on the event loop."""

    def now_us(self) -> int:
        """Return the time on the clock of arrivals."""

    def found(self, sensor: str, protocol: str, recorded: Header | None = None) -> Iterator[Notification]:
        """The sensor is known, before anything of it is received; ``recorded``: it comes from a recording.

        Gives what it said earlier in a session that goes on, so that a conversation can know it.
        """

    def received(self, item: Item) -> None:
        """Something arrived, or the link changed."""

    def status(self, status: SensorStatus) -> None:
        """The sensor's state changed."""


class Source(Protocol):
    """One sensor, or a recording in its place."""

    async def run(self, sink: Sink) -> None:
        """Read until ``stop``, or until there is no more.

        Raises ConfigError or SourceError for what cannot get better by waiting.
        """

    def stop(self) -> None:
        """Make ``run`` end in order, soon."""
