"""Sends a recording through a pipeline and keeps the last version of each set."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from imurep.counting.pipeline import Pipeline
from imurep.devices import decoder_for
from imurep.errors import ConfigError, PacketError, RecordingError
from imurep.events import ExerciseSet, Instruction, Packet, State
from imurep.offline.unit_checks import UnitChecks
from imurep.recording import open_recording

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from imurep.counting.motion.orientation import Motion
    from imurep.counting.params import CountingParams
    from imurep.devices import Decoder
    from imurep.events import Event
    from imurep.recording import Header


NO_SAMPLES = "it holds no samples that can be used; record again"


class Replay:
    """One recording and the pipeline that counts it, once.

    Raises RecordingError when the recording cannot be read (on opening, or
    while its events are taken), ConfigError for an exercise that does not exist.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        exercise: str | None = None,
        min_reps: int = 3,
        recent_exercises: Collection[str] = (),
        session: str | None = None,
        params: CountingParams | None = None,
        observer: Callable[[Motion], None] | None = None,
    ) -> None:
        self._path = path
        self._recording = open_recording(path)
        # What the caller gives counts in place of what the recording has.
        self._given: dict[str, Any] = {}
        if exercise is not None:
            self._given["exercise"] = None
        if recent_exercises:
            self._given["recent_exercises"] = None
        self._checks = UnitChecks()
        self._pipeline = Pipeline(
            session=self.header.session if session is None else session,
            exercise=exercise,
            min_reps=min_reps,
            recent_exercises=recent_exercises,
            params=params,
            decoder=_decoder(path, self.header),
            observer=observer,
        )

    @property
    def header(self) -> Header:
        """The recording's header."""
        return self._recording.header

    @property
    def progress(self) -> float:
        """How much of the recording has been read, 0 to 1."""
        return self._recording.progress

    @property
    def first_us(self) -> int:
        """Time of the first sample, the zero of times that people see; 0 before it was read."""
        return self._pipeline.first_us or 0

    @property
    def malformed(self) -> int:
        """Number of notifications so far that could not be decoded."""
        return self._pipeline.malformed

    def warnings(self) -> list[str]:
        """What may explain a wrong count, one sentence each; complete once the recording was replayed."""
        found = self._checks.warnings()
        if self.malformed:
            found.append(f"{self.malformed} notifications could not be decoded and were skipped")
        if self._pipeline.first_us is None:
            found.append(NO_SAMPLES)
        return found

    def events(self, before: Callable[[int], None] | None = None, *, live: bool = False) -> Iterator[Event]:
        """All events in the order in which they become known.

        ``before`` is called with each arrival time in microseconds before it is
        counted. With ``live``, a CSV file is counted in pieces as small as a
        sensor's packets, not in thousands of rows. The events are the same.
        """
        try:
            for item in self._recording:
                if isinstance(item, Packet):
                    self._checks.add(item)
                elif isinstance(item, Instruction):
                    item = dataclasses.replace(item, **self._given)  # noqa: PLW2901 the rest of it counts
                for piece in pieces(item) if live and isinstance(item, Packet) else (item,):
                    if before is not None:
                        before(piece.arrival_us)
                    yield from self._pipeline.push(piece)
            yield from self._pipeline.flush()
        except PacketError as error:
            msg = f"{self._path}: {error}"  # to the user, the file cannot be read
            raise RecordingError(msg) from error


def pieces(packet: Packet, samples: int = 8) -> Iterator[Packet]:
    """Cut a packet with a stamp on every sample into packets of a few."""
    stamps_us = packet.stamps_us
    if stamps_us is None:
        yield packet
        return
    for first in range(0, len(stamps_us), samples):
        part = slice(first, first + samples)
        yield dataclasses.replace(
            packet,
            arrival_us=int(stamps_us[part][-1]),
            acc_ms2=None if packet.acc_ms2 is None else packet.acc_ms2[part],
            gyr_rads=None if packet.gyr_rads is None else packet.gyr_rads[part],
            stamps_us=stamps_us[part],
        )


def _decoder(path: str | Path, header: Header) -> Decoder | None:
    if header.protocol == "csv":
        return None
    try:
        return decoder_for(header.protocol)
    except ConfigError as error:
        msg = f"{path}: {error}"  # the recording named it, not a setting
        raise RecordingError(msg) from error


class LastSets:
    """The sets in their last versions."""

    def __init__(self) -> None:
        self._by_id: dict[str, ExerciseSet] = {}

    def add(self, event: Event) -> None:
        """Keep a set that is newer than the version known so far; other events are ignored."""
        if isinstance(event, ExerciseSet):
            known = self._by_id.get(event.id)
            if known is None or event.version >= known.version:
                self._by_id[event.id] = event

    def in_order(self) -> tuple[ExerciseSet, ...]:
        """Those that were not withdrawn, by their start."""
        kept = (found for found in self._by_id.values() if found.state is not State.WITHDRAWN)
        return tuple(sorted(kept, key=lambda found: found.start_us))


class Pace:
    """Slows a replay down to ``speed`` times real time; called before each arrival."""

    def __init__(
        self,
        speed: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._begin: tuple[float, int] | None = None

    def __call__(self, arrival_us: int) -> None:
        """Sleep until it is time for the item that arrived at ``arrival_us``."""
        now_s = self._clock()
        if self._begin is None:
            self._begin = now_s, arrival_us
        begin_s, begin_us = self._begin
        ahead_s = begin_s + (arrival_us - begin_us) / 1e6 / self._speed - now_s
        if ahead_s > 0:
            self._sleep(ahead_s)
