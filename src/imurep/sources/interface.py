"""What every source is to the service, and what it tells of.

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
    from imurep.recording import Header, Item

Clock = Callable[[], int]
"""Microseconds since the session's zero, never going back."""


class Sink(Protocol):
    """Who takes what a source brings."""

    def found(self, sensor: str, protocol: str, *, recorded: Header | None = None) -> Iterable[Notification]:
        """Whose items will be received, before the first is; ``recorded``: they come from a recording.

        Gives what the sensor said earlier in a session that goes on, so that a
        conversation can know it.
        """

    def received(self, item: Item) -> None:
        """Something arrived; only a CSV file brings packets."""

    def status(self, status: SensorStatus) -> None:
        """The sensor's state is another one than before."""


class Source(Protocol):
    """One sensor, or what stands for it."""

    async def run(self) -> None:
        """Bring samples until ``stop``, or until there are no more.

        Raises ConfigError or SourceError for what no waiting mends. Everything
        else is told as a status while the source goes on trying. Cancelling it
        hangs up without telling the sensor.
        """

    def identify(self) -> bool:
        """Let the sensor show which one it is, by blinking say; whether it can now."""

    def stop(self) -> None:
        """Ask for a clean end: ``run`` returns soon, the sensor having been told to stop if it was there."""
