"""Test data that several rooms share: reps, sets, a recording, and a pipeline with scripted events."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from imurep.events import ExerciseSet, GapEvent, Packet, Phase, PhaseChange, Rep, State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from imurep.events import Event
    from imurep.recording import RecordingItem

FIRST_US = 5_000_000
"""Time of the recording's first sample. It is not zero, so that a missing subtraction shows."""


def make_rep(number: int = 0, **changes: Any) -> Rep:  # noqa: ANN401 any field of a Rep
    """A rep of 7.5 s from the top: 3.0-1.0-2.0-1.5, the first movement starting at 1.0 s + 7.5 s x number."""
    start_us = FIRST_US + 1_000_000 + 7_500_000 * number
    fields: dict[str, Any] = {
        "id": f"workout/1/{number + 1}",
        "set_id": "workout/1",
        "version": 3,
        "state": State.FINAL,
        "start_us": start_us,
        "top_us": start_us + 6_000_000,
        "end_us": start_us + 6_000_000,
        "eccentric_s": 3.0,
        "bottom_hold_s": 1.0,
        "concentric_s": 2.0,
        "top_hold_s": 1.5,
        "range_of_motion_deg": 60.0,
        "top_inclination_deg": 5.0,
        "bottom_inclination_deg": 65.0,
        "peak_rate_dps": 55.5,
        "mean_rate_dps": 24.0,
        "partial": False,
    }
    return Rep(**(fields | changes))


def make_set(repetitions: int = 3, **changes: Any) -> ExerciseSet:  # noqa: ANN401 any field of an ExerciseSet
    """A set of such reps, the hold after its last one unknown."""
    reps = tuple(
        make_rep(number, top_hold_s=None if number == repetitions - 1 else 1.5)
        for number in range(repetitions)
    )
    fields: dict[str, Any] = {
        "id": "workout/1",
        "version": 2,
        "state": State.FINAL,
        "exercise": "good_morning",
        "exercise_group": ("good_morning", "romanian_deadlift"),
        "reps": reps,
        "start_us": reps[0].start_us,
        "end_us": reps[-1].end_us,
        "gyroscope": True,
        "top_assumed": False,
        "confidence": 0.998,
        "gaps": 0,
    }
    return ExerciseSet(**(fields | changes))


def make_events(*sets: ExerciseSet) -> list[Event]:
    """A phase, a gap, every rep twice, every set twice: as they come from a pipeline."""
    events: list[Event] = [
        PhaseChange(time_us=FIRST_US + 1_000_000, phase=Phase.ECCENTRIC, rep_id="workout/1/1"),
        GapEvent(start_us=FIRST_US + 500_000, end_us=FIRST_US + 750_000),
    ]
    for found in sets:
        for rep in found.reps:
            events += [rep, rep]
        earlier = ExerciseSet(
            **{name: getattr(found, name) for name in found.__slots__}
            | {"version": 1, "reps": found.reps[:1]}
        )
        events += [earlier, found]
    return events


class ScriptedPipeline:
    """Takes what a pipeline takes, and returns ``events`` from ``flush``."""

    events: tuple[Event, ...] = ()
    arguments: SimpleNamespace

    def __init__(
        self,
        *,
        session: str = "session",
        exercise: str | None = None,
        min_reps: int = 3,
        recent_exercises: Collection[str] = (),
        params: object = None,
        decoder: object = None,
        observer: Callable[[Any], None] | None = None,
    ) -> None:
        type(self).arguments = SimpleNamespace(
            session=session,
            exercise=exercise,
            min_reps=min_reps,
            recent_exercises=tuple(recent_exercises),
            params=params,
            decoder=decoder,
            packets=0,
        )
        self.malformed = 0
        self.first_us: int | None = None
        self._observer = observer

    def push(self, item: RecordingItem) -> list[Event]:
        self.arguments.packets += 1
        if isinstance(item, Packet) and item.stamps_us is not None:
            if self.first_us is None:
                self.first_us = int(item.stamps_us[0])
            if self._observer is not None:
                angle_deg = 30 - 30 * np.cos((item.stamps_us - FIRST_US - 1_000_000) / 7.5e6 * 2 * np.pi)
                angle = np.radians(angle_deg)
                gravity = np.stack([np.cos(angle), np.zeros(len(angle)), -np.sin(angle)], axis=1)
                self._observer(SimpleNamespace(time_us=item.stamps_us, gravity=gravity))
        return []

    def flush(self) -> list[Event]:
        return list(self.events)


def write_csv(path: Path, *, seconds: float = 26.0, rate_hz: float = 20.0) -> Path:
    """Standing still, with an accelerometer."""
    stamps_s = FIRST_US / 1e6 + np.arange(round(seconds * rate_hz)) / rate_hz
    rows = "".join(f"{stamp:.3f},9.81,0.0,0.0\n" for stamp in stamps_s)
    path.write_text("t_s,acc_x_ms2,acc_y_ms2,acc_z_ms2\n" + rows, encoding="utf-8")
    return path
