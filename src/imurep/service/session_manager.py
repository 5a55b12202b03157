"""The sessions of all sensors: begins, continues and ends them, and calls the listeners with their events.

A sensor's session lasts from its connection until it has been away for
``AWAY_S``. A shorter absence is a gap, and what the sensor kept of it is merged
in. A session that a killed service left is resumed from what is on disk.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import structlog

from imurep.errors import ImurepError, RecordingError
from imurep.events import Instruction, LinkEvent, Notification
from imurep.exercises import exercise_named
from imurep.recording import Header, RecordingWriter, open_recording
from imurep.service.session import LiveSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from imurep.counting.motion.orientation import Motion
    from imurep.events import Boundary, SensorStatus, SessionEvent
    from imurep.recording import RecordingItem
    from imurep.service.clock import ServiceClock
    from imurep.service.raw_archive import RawArchive
    from imurep.service.session import CountingOptions

AWAY_S = 300.0
"""Longer than a rest between two sets, and than the minute or two that a sensor can send again."""
SWEEP_S = 3600.0

_log = structlog.get_logger("imurep")


class Listener(Protocol):
    """Receives what is counted. Called on the event loop, so it must not block."""

    def event(self, event: SessionEvent) -> None:
        """Called with what was counted."""

    def status(self, status: SensorStatus) -> None:
        """Called with a sensor's state when it changed."""


class _ActiveSession:
    """An open session, its place on the service's clock, and the timer that ends it."""

    def __init__(self, session: LiveSession, *, path: Path | None, zero_us: int) -> None:
        self.session = session
        self.path = path
        self.zero_us = zero_us
        self.resumed = False
        self.ending: asyncio.TimerHandle | None = None

    def keep_open(self) -> None:
        """Cancel the timer that ends it."""
        if self.ending is not None:
            self.ending.cancel()
            self.ending = None

    def recorded_notifications(self) -> Iterator[Notification]:
        """The notifications on disk of a resumed session, on the service's clock."""
        if self.resumed and self.path is not None:
            for item in open_recording(self.path):
                if isinstance(item, Notification):
                    yield replace(item, arrival_us=item.arrival_us + self.zero_us)


class SessionManager:
    """Open sessions, by sensor and protocol."""

    def __init__(
        self,
        *,
        archive: RawArchive,
        counting: CountingOptions,
        clock: ServiceClock,
        listeners: Sequence[Listener],
    ) -> None:
        """Prepare; ``open`` begins."""
        self.clock = clock
        self._archive = archive
        self._counting = counting
        self._listeners = tuple(listeners)
        self._exercises: dict[str, str] = {}
        """The exercise that the person has set, by sensor."""
        self._active: dict[tuple[str, str], _ActiveSession] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Resume the sessions that a killed service left, and delete those that are too old."""
        for path in self._archive.unfinished():
            try:
                self._resume(path)
            except ImurepError as error:
                _log.warning("a session cannot be resumed", file=path.name, problem=str(error))
                self._archive.finish(path)
        self._sweep()

    def replay_notifications(self, sensor: str, protocol: str) -> Iterator[Notification]:
        """Notifications of the sensor's resumed session, from which a conversation restores its state."""
        active = self._active.get((sensor, protocol))
        return iter(()) if active is None else active.recorded_notifications()

    def received(
        self, sensor: str, protocol: str, item: RecordingItem, *, recorded: Header | None = None
    ) -> None:
        """Count what arrived, and write it to disk unless it comes from a recording (``recorded``)."""
        key = sensor, protocol
        active = self._active.get(key)
        if active is None:
            if isinstance(item, LinkEvent) and not item.up:
                return  # no session ends
            active = self._active[key] = self._begin(sensor, protocol, item.arrival_us, recorded)
        if isinstance(item, LinkEvent) and recorded is None:
            self._link(key, active, up=item.up)
        active.session.push(replace(item, arrival_us=item.arrival_us - active.zero_us))

    def instruct(self, sensor: str, exercise: str | None = None, boundary: Boundary | None = None) -> bool:
        """Hand an instruction of the person to a sensor's session; gives whether there is one.

        The exercise holds for this session and for those to come. Raises ConfigError
        for one that does not exist.
        """
        if exercise is not None:
            exercise_named(exercise)
            self._exercises[sensor] = exercise
        sessions = [active for (name, _), active in self._active.items() if name == sensor]
        for active in sessions:
            active.session.push(Instruction(self.clock.now_us() - active.zero_us, exercise, boundary))
        return bool(sessions)

    def set_recent_exercises(self, names: tuple[str, ...]) -> None:
        """Hand what the person did before, the newest last, to all sessions, and to those to come."""
        self._counting = replace(self._counting, recent_exercises=names)
        for active in self._active.values():
            at_us = self.clock.now_us() - active.zero_us
            active.session.push(Instruction(at_us, recent_exercises=names))

    def watch(self, sensor: str, observer: Callable[[Motion], None] | None) -> bool:
        """Call ``observer`` with a sensor's motion, until it is None; gives whether there is a session."""
        sessions = [active for (name, _), active in self._active.items() if name == sensor]
        for active in sessions:
            active.session.observer = observer
        return bool(sessions)

    def event(self, event: SessionEvent) -> None:
        """Call all listeners with what was counted."""
        for listener in self._listeners:
            with _logged_errors():
                listener.event(event)

    def status(self, status: SensorStatus) -> None:
        """Call all listeners with a sensor's state."""
        for listener in self._listeners:
            with _logged_errors():
                listener.status(status)

    def close(self) -> None:
        """End all sessions, and leave the archive."""
        for key in tuple(self._active):
            self._end(key)
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._archive.close()

    def _begin(self, sensor: str, protocol: str, zero_us: int, recorded: Header | None) -> _ActiveSession:
        utc = self.clock.utc(zero_us)
        counting = replace(self._counting, exercise=self._exercises.get(sensor, self._counting.exercise))
        if recorded is not None:
            session = LiveSession(replace(recorded, utc=utc), None, counting, self.event)
            return _ActiveSession(session, path=None, zero_us=zero_us)
        name = f"{utc:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        header = Header(session=name, sensor=sensor, protocol=protocol, utc=utc)
        try:
            writer = self._archive.begin(header, utc)
        except RecordingError as error:
            writer = None
            _log.error("a session is not written to disk", sensor=sensor, problem=str(error))
        session = LiveSession(header, writer, counting, self.event)
        if counting.exercise is not None or counting.recent_exercises:
            # So that a replay of the file counts the same.
            recent = counting.recent_exercises or None
            session.push(Instruction(0, counting.exercise, recent_exercises=recent))
        return _ActiveSession(session, path=writer.path if writer else None, zero_us=zero_us)

    def _resume(self, path: Path) -> None:
        recording = open_recording(path)
        header = recording.header
        recent = self._counting.recent_exercises
        counting = replace(self._counting, recent_exercises=())  # the recording has those of its time
        session = LiveSession(header, RecordingWriter(path, None), counting, self.event)
        session.catch_up(recording)
        if recent:
            session.push(Instruction(session.last_us, recent_exercises=recent))
        key = header.sensor, header.protocol
        if key in self._active:
            self._end(key)
        active = _ActiveSession(session, path=path, zero_us=self.clock.at_us(session.zero_utc))
        active.resumed = True
        self._active[key] = active
        away_s = (self.clock.utc() - session.last_utc).total_seconds()
        _log.info("session resumed", sensor=header.sensor, session=header.session, away_s=round(away_s))
        self._end_after(key, active, AWAY_S - away_s)

    def _link(self, key: tuple[str, str], active: _ActiveSession, *, up: bool) -> None:
        active.keep_open()
        if not up:
            self._end_after(key, active, AWAY_S)

    def _end_after(self, key: tuple[str, str], active: _ActiveSession, seconds: float) -> None:
        active.ending = asyncio.get_running_loop().call_later(seconds, self._end, key)

    def _end(self, key: tuple[str, str]) -> None:
        active = self._active.pop(key)
        active.keep_open()
        active.session.end()
        if active.path is not None:
            self._archive.finish(active.path)

    def _sweep(self) -> None:
        for path in self._archive.sweep(self.clock.utc()):
            _log.info("old session deleted", file=path.name)
        self._sweeping = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)


@contextmanager
def _logged_errors() -> Iterator[None]:
    """Log any error of a listener, so that the other listeners are called and the sensor is read."""
    try:
        yield
    except Exception:  # noqa: BLE001 whatever it is, it is logged
        _log.exception("a listener failed")
