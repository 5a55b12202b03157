"""One call for arrays or a file: the pipeline of the live service, and its result as one object."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from imurep.counting.pipeline import Pipeline
from imurep.offline.arrays import packet_from_arrays
from imurep.offline.replay import NO_SAMPLES, LastSets, Replay, pieces
from imurep.offline.trunk_angle import GravityTrack, trunk_angle_deg
from imurep.offline.unit_checks import UnitChecks
from imurep.tempo import phase_spans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from imurep.counting.params import CountingParams
    from imurep.events import Event, ExerciseSet, Rep
    from imurep.tempo import PhaseSpan

_CHECKED_ROWS = 4096
"""Units are checked in parts about as long as those in which a CSV file is read."""


class Analysis(Sequence["Event"]):
    """What was counted in a recording; made by ``analyze`` and ``analyze_file``.

    It is a sequence of all events in the order in which they became known, and
    compares equal to a tuple of them. Among these are provisional versions of
    reps and sets; ``sets`` and ``reps`` hold the last ones.

    Times in events are int64 microseconds on the clock of the recording
    (``_us``). Columns of ``to_dataframe`` and ``time_s`` count seconds from the
    first sample, which is at ``first_us``.
    """

    def __init__(
        self,
        events: Iterable[Event],
        *,
        session: str = "session",
        name: str = "",
        exercise: str | None = None,
        min_reps: int = 3,
        first_us: int = 0,
        warnings: Iterable[str] = (),
        gravity: GravityTrack | None = None,
    ) -> None:
        self.events: tuple[Event, ...] = tuple(events)
        """All events in the order in which they became known."""
        self.session: str = session
        """Id of the session, with which the ids of its sets and reps begin."""
        self.name: str = name or session
        """Name of the file, or the session's id: the title of a report."""
        self.exercise: str | None = exercise
        """The exercise that ``analyze`` was given; None: it was to be recognised."""
        self.min_reps: int = min_reps
        """The fewest reps of a set that ``analyze`` was given."""
        self.first_us: int = first_us
        """Time of the first sample in microseconds; 0 when there is none."""
        self.warnings: tuple[str, ...] = tuple(warnings)
        """What may explain a wrong count, such as a wrong unit, one sentence each; empty when all is well."""
        self._gravity = gravity or GravityTrack()

    @cached_property
    def sets(self) -> tuple[ExerciseSet, ...]:
        """The sets in their last versions, by their start; sets that were withdrawn are left out."""
        last = LastSets()
        for event in self.events:
            last.add(event)
        return last.in_order()

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The reps of all ``sets``, in order."""
        return tuple(rep for found in self.sets for rep in found.reps)

    @property
    def phases(self) -> tuple[PhaseSpan, ...]:
        """The phases of all ``reps``, in order; phases of unknown duration are left out."""
        return tuple(span for rep in self.reps for span in phase_spans(rep))

    @cached_property
    def time_s(self) -> NDArray[np.float64]:
        """Instants of ``angle_deg`` in seconds from the first sample, shape (n,); about 52 a second."""
        seconds: NDArray[np.float64] = (self._gravity.time_us - self.first_us) / 1e6
        return seconds

    @cached_property
    def angle_deg(self) -> NDArray[np.float64]:
        """Trunk angle from the top of the nearest set in degrees, growing towards the bottom, shape (n,).

        Without any set, it is the angle from the pose that was held most.
        """
        return trunk_angle_deg(self._gravity.time_us, self._gravity.gravity, self.sets)

    def to_dataframe(self, table: Literal["reps", "sets", "phases"] = "reps") -> pd.DataFrame:
        """Make a pandas table with one row per rep, set or phase.

        ``table`` is ``"reps"``, ``"sets"`` or ``"phases"``. The columns of reps
        and sets are the keys of the JSON output, with units in their names; the
        figures of form stand beside them, e.g. ``momentum``. Times count seconds
        from the first sample. What is not known is NaN (or NA).

        Raises ConfigError without pandas, and for another table.
        """
        from imurep.offline.dataframe import dataframe  # noqa: PLC0415 needs pandas, an extra

        return dataframe(self.sets, table, first_us=self.first_us)

    def report(self, path: str | Path, *, lines_deg: Mapping[str, float] | None = None) -> None:
        """Draw the trunk's angle with all sets, phases and reps, and write it to ``path``.

        A name that ends in ``.html`` gives one page that needs nothing else, ``.png`` one picture.
        ``lines_deg`` holds the person's straight lines in degrees, by exercise.

        Raises ConfigError for another ending or without matplotlib, RecordingError
        when the file cannot be written.
        """
        from imurep.report import SessionView, write_report  # noqa: PLC0415 needs matplotlib, an extra

        view = SessionView(
            name=self.name,
            sets=self.sets,
            time_s=self.time_s,
            angle_deg=self.angle_deg,
            first_us=self.first_us,
            min_reps=self.min_reps,
            exercise=self.exercise,
            warnings=self.warnings,
            lines_deg=lines_deg or {},
        )
        write_report(view, path)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Event, ...]: ...
    def __getitem__(self, index: int | slice) -> Event | tuple[Event, ...]:
        return self.events[index]

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Analysis):
            return self.events == other.events
        return self.events == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.events)

    def __repr__(self) -> str:
        counts = f"{len(self.sets)} sets, {len(self.reps)} reps, {len(self.events)} events"
        return f"<Analysis of {self.name!r}: {counts}>"


def analyze(
    time: ArrayLike,
    acc_ms2: ArrayLike,
    gyr_rads: ArrayLike | None = None,
    *,
    exercise: str | None = None,
    min_reps: int = 3,
    recent_exercises: Collection[str] = (),
    session: str = "session",
    params: CountingParams | None = None,
) -> Analysis:
    """Count the reps and sets in a recording held as arrays.

    ``time`` has shape (n,), and its type gives the unit: integers are
    microseconds, floats seconds, datetime64 instants (counted from 1970-01-01)
    and timedelta64 durations. Any zero will do. Stamps may repeat and jitter.

    ``acc_ms2`` is the specific force in m/s2, shape (n, 3): about +9.81 along
    the axis that points up when still. ``gyr_rads`` is the angular rate in
    rad/s, shape (n, 3), about the same axes, or None. How the sensor sits on
    the torso does not matter. Rows that are not finite count as missing.

    ``exercise`` is what was done, one of ``EXERCISES``; None leaves it to
    recognition. Sets of fewer than ``min_reps`` reps are not counted.
    ``recent_exercises`` names exercises that the person did before: of those
    that one sensor cannot tell apart, they are preferred. ``session`` begins
    the ids of sets and reps. ``params`` replaces the thresholds and times of the
    counting, for experiments.

    Raises PacketError for arrays that cannot be used, ConfigError for an
    unknown exercise and for ``min_reps`` below 1.
    """
    packet = packet_from_arrays(time, acc_ms2, gyr_rads)
    gravity = GravityTrack()
    pipeline = Pipeline(
        session=session,
        exercise=exercise,
        min_reps=min_reps,
        recent_exercises=recent_exercises,
        params=params,
        observer=gravity,
    )
    events = (*pipeline.push(packet), *pipeline.flush())
    checks = UnitChecks()
    for part in pieces(packet, _CHECKED_ROWS):
        checks.add(part)
    return Analysis(
        events,
        session=session,
        exercise=exercise,
        min_reps=min_reps,
        first_us=pipeline.first_us or 0,
        warnings=checks.warnings() + [NO_SAMPLES] * (pipeline.first_us is None),
        gravity=gravity,
    )


def analyze_file(
    path: str | Path,
    *,
    exercise: str | None = None,
    min_reps: int = 3,
    recent_exercises: Collection[str] = (),
    session: str | None = None,
    params: CountingParams | None = None,
) -> Analysis:
    """Count the reps and sets in a file: a recording of imurep or a CSV file, gzipped or not.

    The content decides which of the formats it is, not the name. Options are
    those of ``analyze``. ``session`` is by default the one that the recording
    names, for CSV the file's name without its endings. An exercise that was
    selected in the course of a recorded session counts unless ``exercise`` is given.

    Raises RecordingError when the file cannot be read, ConfigError as ``analyze`` does.
    """
    gravity = GravityTrack()
    replay = Replay(
        path,
        exercise=exercise,
        min_reps=min_reps,
        recent_exercises=recent_exercises,
        session=session,
        params=params,
        observer=gravity,
    )
    events = tuple(replay.events())
    return Analysis(
        events,
        session=replay.header.session if session is None else session,
        name=Path(path).name,
        exercise=exercise,
        min_reps=min_reps,
        first_us=replay.first_us,
        warnings=replay.warnings(),
        gravity=gravity,
    )
