"""Sets and reps as a session would tell of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from imurep.events import ExerciseSet, Rep, SessionEvent, State

if TYPE_CHECKING:
    from imurep.events import Event

SENSOR = "back strap"
BEGAN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
SET_S = 60


def rep(number: int = 0, *, version: int = 1, set_id: str = "session-1") -> Rep:
    start_us = number * 5_000_000
    return Rep(
        id=f"{set_id}-{number}",
        set_id=set_id,
        version=version,
        state=State.FINAL,
        start_us=start_us,
        top_us=start_us + 2_000_000,
        end_us=start_us + 4_500_000,
        eccentric_s=2.0,
        bottom_hold_s=None,
        concentric_s=1.5,
        top_hold_s=1.0,
        range_of_motion_deg=70.0,
        top_inclination_deg=2.0,
        bottom_inclination_deg=72.0,
        peak_rate_dps=90.0,
        mean_rate_dps=40.0,
        partial=False,
    )


def exercise_set(number: int = 0, *, version: int = 1, state: State = State.FINAL) -> ExerciseSet:
    name = f"session-{number:06d}"
    start_us = number * SET_S * 1_000_000
    return ExerciseSet(
        id=name,
        version=version,
        state=state,
        exercise="back_extension_45",
        exercise_group=("back_extension_45",),
        reps=tuple(rep(one, set_id=name) for one in range(3)),
        start_us=start_us,
        end_us=start_us + 15_000_000,
        gyroscope=True,
        top_assumed=False,
        gaps=0,
        confidence=0.998,
    )


def session_event(event: Event, sensor: str = SENSOR) -> SessionEvent:
    return SessionEvent(
        session="session", sensor=sensor, person="Ann", zero_utc=BEGAN, first_us=0, event=event
    )


def started(number: int) -> datetime:
    return BEGAN + timedelta(seconds=number * SET_S)
