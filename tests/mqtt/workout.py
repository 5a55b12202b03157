"""A recorded workout as the service tells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.events import ExerciseSet, Link, SensorStatus, SessionEvent, State
from imurep.log.cached_user_data import CachedPlans
from imurep.mqtt.state_announcer import StateAnnouncer
from imurep.mqtt.topics import Topics
from imurep.offline.replay import Replay
from imurep.plan import Plan
from imurep.recording import open_recording

if TYPE_CHECKING:
    from imurep.mqtt.homeassistant import Form

RECORDING = Path(__file__).parents[2] / "recordings" / "workout.jsonl.gz"
SENSOR, DEV = "Back Strap", "back-strap"
NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
PLAN = Plan(target_reps=12, target_tempo_s=(3.0, 1.0, 2.0, 1.0), load_kg=10.0)
STREAMING = SensorStatus(sensor=SENSOR, spec="ble", link=Link.STREAMING, battery_percent=81, rssi_dbm=-60)


@cache
def workout_events() -> tuple[SessionEvent, ...]:
    """All events."""
    replay = Replay(RECORDING)
    return tuple(
        SessionEvent(
            session=open_recording(RECORDING).header.session,
            sensor=SENSOR,
            person="Ann",
            zero_utc=NOW,
            first_us=replay.first_us,
            event=event,
        )
        for event in replay.events()
    )


def finished() -> list[SessionEvent]:
    """The sets that are over."""
    return [
        one
        for one in workout_events()
        if isinstance(one.event, ExerciseSet) and one.event.state is State.FINAL
    ]


def announcer(_directory: Path, *, form: Form = "device", plan: Plan = PLAN) -> StateAnnouncer:
    """An announcer that has heard of the sensor, ten minutes after it began."""
    made = StateAnnouncer(
        Topics(),
        CachedPlans(plan),
        now_utc=lambda: NOW + timedelta(minutes=10),
        version="1.2.3",
        lines_deg=lambda _person, _sensor: {"back_extension_45": 40.0},
        form=form,
    )
    made.status(STREAMING)
    return made


def announce_workout(announcer: StateAnnouncer) -> None:
    """Tell it the whole workout."""
    for one in workout_events():
        announcer.event(one)
    for one in finished():
        announcer.set_payload(one)
