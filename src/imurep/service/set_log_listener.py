"""Who listens for sets, and puts them in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imurep.events import ExerciseSet, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imurep.events import SensorStatus, SessionEvent
    from imurep.log.set_log_writer import SetLogWriter


class Keeper:
    """A listener. Sets that are not over are no sets yet."""

    def __init__(self, log: SetLogWriter, payload: Callable[[SessionEvent], Mapping[str, Any]]) -> None:
        """Keep in ``log`` what ``payload`` makes of each set."""
        self._log = log
        self._payload = payload

    def event(self, told: SessionEvent) -> None:
        """Put a set in the log."""
        found = told.event
        if isinstance(found, ExerciseSet) and found.state is not State.PROVISIONAL:
            self._log.put(
                found.id,
                found.version,
                told.sensor,
                told.person,
                told.utc(found.start_us),
                self._payload(told),
            )

    def status(self, status: SensorStatus) -> None:
        """Is of no interest here."""
