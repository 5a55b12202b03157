"""Puts finished sets in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imurep.events import ExerciseSet, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imurep.events import SensorStatus, SessionEvent
    from imurep.log.set_log_writer import SetLogWriter


class SetLogListener:
    """Listens to sessions. Provisional sets are not logged."""

    def __init__(self, log: SetLogWriter, payload: Callable[[SessionEvent], Mapping[str, Any]]) -> None:
        """Log the ``payload`` of each set."""
        self._log = log
        self._payload = payload

    def event(self, session_event: SessionEvent) -> None:
        """Put a set in the log."""
        found = session_event.event
        if isinstance(found, ExerciseSet) and found.state is not State.PROVISIONAL:
            self._log.put(
                found.id,
                found.version,
                session_event.sensor,
                session_event.person,
                session_event.utc(found.start_us),
                self._payload(session_event),
            )

    def status(self, status: SensorStatus) -> None:
        """Do nothing: the log has sets only."""
