"""A recording up to segmentation, kept to be counted by many parameters: most of the work is done before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import numpy as np

from imurep.counting import pipeline
from imurep.counting.motion.orientation import Motion
from imurep.counting.segmentation.set_detector import SetDetector
from imurep.exercises import exercise_named
from imurep.offline.replay import LastSets, Replay

if TYPE_CHECKING:
    from pathlib import Path

    from imurep.counting.params import CountingParams
    from imurep.events import Event, ExerciseSet, Gap


class Tape(NamedTuple):
    """What reached ``SetDetector``, call by call."""

    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]]

    def play(
        self, params: CountingParams, *, exercise: str | None = None, min_reps: int = 3
    ) -> tuple[ExerciseSet, ...]:
        """Count it."""
        detector = SetDetector(
            session="tape",
            exercise=exercise_named(exercise) if exercise else None,
            min_reps=min_reps,
            params=params.segmentation,
            assessment=params.assessment,
            motion=params.motion,
        )
        last = LastSets()
        for name, args, options in self.calls:
            for event in getattr(detector, name)(*args, **options) or ():
                last.add(event)
        return last.in_order()


def record(path: Path, params: CountingParams | None = None) -> Tape:
    """Record what reaches segmentation from a recording."""
    detector = _Recorder()
    with patch.object(pipeline, "SetDetector", lambda **_: detector):
        for _ in Replay(path, params=params).events():
            pass
    detector.end_motion()
    return Tape(detector.calls)


class _Recorder:
    """Stands in for ``SetDetector``."""

    published = False

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._motion: list[Motion] = []

    def __deepcopy__(self, memo: object) -> _Recorder:
        return self

    def end_motion(self) -> None:
        """Join what came in small parts: counting does not depend on how motion is cut."""
        if self._motion:
            times_us, rows = zip(*((one.time_us, one.rows) for one in self._motion), strict=True)
            self.calls.append(("push", (Motion(np.concatenate(times_us), np.concatenate(rows)),), {}))
            self._motion = []

    def push(self, motion: Motion) -> list[Event]:
        self._motion.append(motion)
        return []

    def gap(self, gap: Gap) -> None:
        self._keep("gap", gap)

    def start(self, step_hz: float, *, gyroscope: bool) -> None:
        self._keep("start", step_hz, gyroscope=gyroscope)

    def flush(self) -> list[Event]:
        self._keep("flush")
        return []

    def _keep(self, name: str, *args: object, **options: object) -> None:
        self.end_motion()
        self.calls.append((name, args, options))
