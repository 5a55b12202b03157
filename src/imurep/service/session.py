"""One live session: writes what arrives to disk, counts it, and emits events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from imurep.counting.pipeline import Pipeline
from imurep.devices import decoder_for
from imurep.errors import ConfigError, PacketError, RecordingError
from imurep.events import ExerciseSet, Packet, SessionEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from imurep.counting.motion.orientation import Motion
    from imurep.events import Event
    from imurep.recording import Header, RecordingItem, RecordingWriter

_log = structlog.get_logger("imurep")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingOptions:
    """Whose sessions they are, and how they are counted."""

    person: str = "me"
    exercise: str | None = None
    min_reps: int = 3
    recent_exercises: tuple[str, ...] = ()
    """What the person did last in each group of exercises, the newest last."""


class LiveSession:
    """An open session."""

    def __init__(
        self,
        header: Header,
        writer: RecordingWriter | None,
        counting: CountingOptions,
        emit: Callable[[SessionEvent], None],
    ) -> None:
        """Begin to count; ``emit`` is called with each event. ``writer`` writes what arrives (None: nothing).

        Raises ConfigError for a protocol without a decoder, and for a header without its time.
        """
        if header.utc is None:
            msg = f"session {header.session} has no start time; only imurep replay can count it"
            raise ConfigError(msg)
        self.header = header
        self.last_us = 0
        """Arrival of the newest item."""
        self.zero_utc: datetime = header.utc
        self._writer = writer
        self._person = counting.person
        self._emit = emit
        self.observer: Callable[[Motion], None] | None = None
        """Called with the motion that counting is based on, for instance for a calibration."""
        self._pipeline = Pipeline(
            session=header.session,
            exercise=counting.exercise,
            min_reps=counting.min_reps,
            recent_exercises=counting.recent_exercises,
            decoder=None if header.protocol == "csv" else decoder_for(header.protocol),
            observer=self._observe,
        )

    @property
    def last_utc(self) -> datetime:
        """Wall clock time of the newest item."""
        return self.zero_utc + timedelta(microseconds=self.last_us)

    def push(self, item: RecordingItem) -> None:
        """Write what arrived, then count it. A disk that fails is no reason to stop counting."""
        if self._writer is not None and not isinstance(item, Packet):
            try:
                self._writer.write(item)
            except RecordingError as error:
                _log.error(
                    "a session is no longer written to disk", sensor=self.header.sensor, problem=str(error)
                )
                self._writer = None
        for event in self._counted(item):
            self._out(event)

    def catch_up(self, items: Iterable[RecordingItem]) -> None:
        """Count what is on disk. Its reps were emitted before; its sets perhaps not, so they are again."""
        for item in items:
            for event in self._counted(item):
                if isinstance(event, ExerciseSet):
                    self._out(event)

    def end(self) -> None:
        """End the open set, and leave the file."""
        for event in self._pipeline.flush():
            self._out(event)
        if self._writer is not None:
            self._writer.close()

    def _observe(self, motion: Motion) -> None:
        if self.observer is not None:
            self.observer(motion)

    def _counted(self, item: RecordingItem) -> list[Event]:
        self.last_us = item.arrival_us
        try:
            return self._pipeline.push(item)
        except PacketError:  # of a file that is replayed; a sensor's are counted by the pipeline
            return []

    def _out(self, event: Event) -> None:
        self._emit(
            SessionEvent(
                session=self.header.session,
                sensor=self.header.sensor,
                person=self._person,
                zero_utc=self.zero_utc,
                first_us=self._pipeline.first_us or 0,
                event=event,
            )
        )
