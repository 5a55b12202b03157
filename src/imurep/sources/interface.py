"""The interface of a source, and that of the sink that it calls.

A source runs on the event loop. It calls its sink synchronously, in the order
of arrival, and never waits for it. Arrival times come from ``now_us``, which
the service makes from the loop's clock: int64 microseconds since the session's
zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.events import Notification, SensorStatus
    from imurep.recording import Header, RecordingItem

Clock = Callable[[], int]
"""Microseconds since the session's zero, never going back."""


class Sink(Protocol):
    """Receives what a source brings."""

    def found(self, sensor: str, protocol: str, *, recorded: Header | None = None) -> Iterable[Notification]:
        """Name the sensor and its protocol, before its first item; ``recorded`` when it is a recording's.

        Gives the earlier notifications of a session that continues, for the
        conversation to learn from.
        """

    def received(self, item: RecordingItem) -> None:
        """Take what arrived; packets come only from a CSV file."""

    def status(self, status: SensorStatus) -> None:
        """Take a new state of the sensor."""


class Source(Protocol):
    """One sensor, or a recording in its place."""

    async def run(self) -> None:
        """Call the sink with what arrives until ``stop``, or until there is no more.

        Raises ConfigError or SourceError for what no waiting mends. Everything
        else becomes a status, and the source tries again. Cancelling it
        disconnects without stopping the sensor.
        """

    def identify(self) -> bool:
        """Let the sensor show which one it is, for instance by blinking; give whether it can now."""

    def stop(self) -> None:
        """Request a clean end: ``run`` stops a connected sensor and returns soon."""
