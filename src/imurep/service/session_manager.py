"""All sensors' sessions: when they begin, go on and end, and who hears of what is counted in them.

A sensor's session lasts from its connection until it has been away for
``AWAY_S``. A shorter absence is a gap, and what the sensor kept of it is merged
in. A session that a killed service left goes on where it was, from what is on disk.
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
    from imurep.service.raw_archive import Archive
    from imurep.service.session import Counting

AWAY_S = 300.0
"""Between two sets one is back by then; and what a sensor can send again covers a minute or two."""
SWEEP_S = 3600.0

_log = structlog.get_logger("imurep")


class Listener(Protocol):
    """Whoever wants to know. Called on the event loop, so nothing in it may block."""

    def event(self, event: SessionEvent) -> None:
        """Something was counted."""

    def status(self, status: SensorStatus) -> None:
        """Something about a sensor changed."""


class _GoingOn:
    """A session, where it stands on the service's clock, and the timer that ends it."""

    def __init__(self, session: LiveSession, *, path: Path | None, zero_us: int) -> None:
        self.session = session
        self.path = path
        self.zero_us = zero_us
        self.taken_up = False
        self.ending: asyncio.TimerHandle | None = None

    def stay(self) -> None:
        """Forget about ending."""
        if self.ending is not None:
            self.ending.cancel()
            self.ending = None

    def said(self) -> Iterator[Notification]:
        """What is on disk, on the service's clock."""
        if self.taken_up and self.path is not None:
            for item in open_recording(self.path):
                if isinstance(item, Notification):
                    yield replace(item, arrival_us=item.arrival_us + self.zero_us)


class Sessions:
    """The sessions that go on, by sensor and protocol."""

    def __init__(
        self, *, archive: Archive, counting: Counting, clock: ServiceClock, listeners: Sequence[Listener]
    ) -> None:
        """Prepare; ``open`` begins."""
        self.clock = clock
        self._archive = archive
        self._counting = counting
        self._listeners = tuple(listeners)
        self._told: dict[str, str] = {}
        """What is done with a sensor, where the person said so."""
        self._going_on: dict[tuple[str, str], _GoingOn] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Take up what a killed service left, and delete what is too old."""
        for path in self._archive.unfinished():
            try:
                self._take_up(path)
            except ImurepError as error:
                _log.warning("a session cannot be taken up", file=path.name, problem=str(error))
                self._archive.finish(path)
        self._sweep()

    @property
    def open_sessions(self) -> tuple[str, ...]:
        """Ids of the sessions that go on."""
        return tuple(going_on.session.header.session for going_on in self._going_on.values())

    def said_before(self, sensor: str, protocol: str) -> Iterator[Notification]:
        """What the sensor said in a session that was taken up, for a conversation to know."""
        going_on = self._going_on.get((sensor, protocol))
        return iter(()) if going_on is None else going_on.said()

    def received(
        self, sensor: str, protocol: str, item: RecordingItem, *, recorded: Header | None = None
    ) -> None:
        """Take what arrived, by the service's clock. What was ``recorded`` before is not kept again."""
        key = sensor, protocol
        going_on = self._going_on.get(key)
        if going_on is None:
            if isinstance(item, LinkEvent) and not item.up:
                return  # the end of nothing
            going_on = self._going_on[key] = self._begin(sensor, protocol, item.arrival_us, recorded)
        if isinstance(item, LinkEvent) and recorded is None:
            self._link(key, going_on, up=item.up)
        going_on.session.push(replace(item, arrival_us=item.arrival_us - going_on.zero_us))

    def tell(self, sensor: str, exercise: str | None = None, boundary: Boundary | None = None) -> bool:
        """Take what the person says about a sensor's session; whether there is one now.

        The exercise holds for this session and for those to come. Raises ConfigError
        for one that does not exist.
        """
        if exercise is not None:
            exercise_named(exercise)
            self._told[sensor] = exercise
        sessions = [going_on for (name, _), going_on in self._going_on.items() if name == sensor]
        for going_on in sessions:
            going_on.session.push(Instruction(self.clock.now_us() - going_on.zero_us, exercise, boundary))
        return bool(sessions)

    def watch(self, sensor: str, watcher: Callable[[Motion], None] | None) -> bool:
        """Show a sensor's motion to ``watcher``, until None takes its place; whether there is a session."""
        sessions = [going_on for (name, _), going_on in self._going_on.items() if name == sensor]
        for going_on in sessions:
            going_on.session.watcher = watcher
        return bool(sessions)

    def event(self, event: SessionEvent) -> None:
        """Pass on what was counted."""
        for listener in self._listeners:
            with _kept_going():
                listener.event(event)

    def status(self, status: SensorStatus) -> None:
        """Pass on a sensor's state."""
        for listener in self._listeners:
            with _kept_going():
                listener.status(status)

    def close(self) -> None:
        """End all sessions, and leave the archive."""
        for key in tuple(self._going_on):
            self._end(key)
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._archive.close()

    def _begin(self, sensor: str, protocol: str, zero_us: int, recorded: Header | None) -> _GoingOn:
        utc = self.clock.utc(zero_us)
        counting = replace(self._counting, exercise=self._told.get(sensor, self._counting.exercise))
        if recorded is not None:
            session = LiveSession(replace(recorded, utc=utc), None, counting, self.event)
            return _GoingOn(session, path=None, zero_us=zero_us)
        name = f"{utc:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        header = Header(session=name, sensor=sensor, protocol=protocol, utc=utc)
        try:
            writer = self._archive.begin(header, utc)
        except RecordingError as error:
            writer = None
            _log.error("a session is not kept", sensor=sensor, problem=str(error))
        session = LiveSession(header, writer, counting, self.event)
        if counting.exercise is not None:
            session.push(Instruction(0, counting.exercise))  # so that a replay knows it
        return _GoingOn(session, path=writer.path if writer else None, zero_us=zero_us)

    def _take_up(self, path: Path) -> None:
        recording = open_recording(path)
        header = recording.header
        session = LiveSession(header, RecordingWriter(path, None), self._counting, self.event)
        session.catch_up(recording)
        key = header.sensor, header.protocol
        if key in self._going_on:
            self._end(key)
        going_on = _GoingOn(session, path=path, zero_us=self.clock.at_us(session.zero_utc))
        going_on.taken_up = True
        self._going_on[key] = going_on
        away_s = (self.clock.utc() - session.last_utc).total_seconds()
        _log.info("session taken up", sensor=header.sensor, session=header.session, away_s=round(away_s))
        self._end_after(key, going_on, AWAY_S - away_s)

    def _link(self, key: tuple[str, str], going_on: _GoingOn, *, up: bool) -> None:
        going_on.stay()
        if not up:
            self._end_after(key, going_on, AWAY_S)

    def _end_after(self, key: tuple[str, str], going_on: _GoingOn, seconds: float) -> None:
        going_on.ending = asyncio.get_running_loop().call_later(seconds, self._end, key)

    def _end(self, key: tuple[str, str]) -> None:
        going_on = self._going_on.pop(key)
        going_on.stay()
        going_on.session.end()
        if going_on.path is not None:
            self._archive.finish(going_on.path)

    def _sweep(self) -> None:
        for path in self._archive.sweep(self.clock.utc()):
            _log.info("old session deleted", file=path.name)
        self._sweeping = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)


@contextmanager
def _kept_going() -> Iterator[None]:
    """One listener that fails must not keep the others from hearing, nor the sensor from being read."""
    try:
        yield
    except Exception:  # noqa: BLE001 whatever it is, it is logged
        _log.exception("a listener failed")
