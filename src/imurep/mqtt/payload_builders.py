"""Builds payloads: pure functions from events to JSON objects, whose types are in ``payloads``."""

from __future__ import annotations

from datetime import UTC
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from imurep.counting.assessment.form_metrics import form_of
from imurep.events import ExerciseSet, Link, Rep, State
from imurep.exercises import UNKNOWN
from imurep.formatting.labels import tempo_text
from imurep.mqtt.payloads import OFFLINE, ONLINE
from imurep.plan import NO_PLAN
from imurep.serialization import rep_fields, rounded, set_fields
from imurep.tempo import median_tempo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from imurep.events import SessionEvent
    from imurep.live_state import SensorState
    from imurep.mqtt.payloads import (
        ConfigPayload,
        InfoPayload,
        RepPayload,
        SetPayload,
        StatePayload,
        TempoFields,
    )
    from imurep.plan import Plan


def rep_payload(session_event: SessionEvent, *, number: int | None = None) -> RepPayload:
    """An event of a rep; ``number`` is its place in its set as things stand."""
    rep = session_event.event
    if not isinstance(rep, Rep):
        msg = f"{type(rep).__name__} is no rep"
        raise TypeError(msg)
    return {
        "schema": "imurep.rep/1",
        "event_type": "rep",
        "session": session_event.session,
        "sensor": session_event.sensor,
        "person": session_event.person,
        "number": number,
        "started": utc_text(session_event.utc(rep.start_us)),
        **rep_fields(rep, session_event.first_us),
    }


def set_payload(
    session_event: SessionEvent,
    plan: Plan = NO_PLAN,
    *,
    lines_deg: Mapping[str, float] = MappingProxyType({}),
    again: bool = False,
) -> SetPayload:
    """A set that has ended, or was taken back.

    ``plan`` is what the person had set, ``lines_deg`` their straight lines by
    exercise; ``again``: a version of it was published before.
    """
    found = session_event.event
    if not isinstance(found, ExerciseSet):
        msg = f"{type(found).__name__} is no set"
        raise TypeError(msg)
    full = [rep for rep in found.reps if not rep.partial] or found.reps
    finished: Literal["set_finished", "set_corrected"] = "set_corrected" if again else "set_finished"
    return {
        "schema": "imurep.set/1",
        "event_type": "set_withdrawn" if found.state is State.WITHDRAWN else finished,
        "session": session_event.session,
        "started": utc_text(session_event.utc(found.start_us)),
        "ended": utc_text(session_event.utc(found.end_us)),
        **set_fields(
            found,
            form_of(found, line_deg=lines_deg.get(found.exercise), target_tempo_s=plan.target_tempo_s),
            sensor=session_event.sensor,
            person=session_event.person,
            first_us=session_event.first_us,
        ),
        "counted_repetitions": found.repetitions,
        "corrected": False,
        "counted_exercise": found.exercise,
        "exercise_corrected": False,
        "tempo": _tempo(median_tempo(found.reps)),
        "range_of_motion_deg": round(median(rep.range_of_motion_deg for rep in full), 1),
        "quality": {
            "accelerometer_only": not found.gyroscope,
            "gaps": found.gaps,
            "lost_s": round(found.lost_s, 3),
        },
        "target_reps": plan.target_reps,
        "target_tempo_s": _listed(plan.target_tempo_s),
        "load_kg": plan.load_kg,
        "replay": False,
    }


def state_payload(
    state: SensorState,
    *,
    utc: datetime,
    last: SetPayload | None = None,
    sets_today: int = 0,
    repetitions_today: int = 0,
) -> StatePayload:
    """State of a sensor at this moment.

    ``last`` is the newest finished set; the counts of today are those of finished sets.
    """
    status = state.status
    running = [rep_fields(rep, 0) for rep in state.reps.values()]
    shown = running or (last["reps"] if last else [])
    tempo = (
        _newest(rep["eccentric_s"] for rep in shown),
        _newest(rep["bottom_hold_s"] for rep in shown),
        _newest(rep["concentric_s"] for rep in shown),
        _newest(rep["top_hold_s"] for rep in shown),
    )
    newest = next(reversed(state.sets.values()), None)
    counted = newest.event if newest and isinstance(newest.event, ExerciseSet) else None
    if counted is not None and (last is None or counted.state is State.PROVISIONAL):
        exercise = counted.exercise
    else:
        exercise = last["exercise"] if last else UNKNOWN
    return {
        "schema": "imurep.state/1",
        "sensor": status.sensor,
        "person": newest.person if newest else last["person"] if last else None,
        "time": utc_text(utc),
        "link": status.link.value,
        "detail": status.detail,
        "battery_percent": status.battery_percent,
        "rssi_dbm": status.rssi_dbm,
        "set_running": bool(running),
        "phase": state.phase.value if state.phase and running else None,
        "exercise": exercise,
        "repetitions": len(running) if running or last is None else last["repetitions"],
        "tempo": tempo_text(tempo) if shown else None,
        **_tempo(tempo),
        "range_of_motion_deg": _newest(rep["range_of_motion_deg"] for rep in shown),
        "momentum": last["form"]["momentum"] if last else None,
        "sets_today": sets_today,
        "repetitions_today": repetitions_today + len(running),
    }


def config_payload(sensor: str, plan: Plan) -> ConfigPayload:
    """Plan of a sensor."""
    return {
        "schema": "imurep.config/1",
        "sensor": sensor,
        "exercise": plan.exercise,
        "target_reps": plan.target_reps,
        "target_tempo_s": _listed(plan.target_tempo_s),
        "load_kg": plan.load_kg,
    }


def info_payload(version: str, sensors: Mapping[str, str], *, problem: str = "") -> InfoPayload:
    """Version and sensors of the service; ``sensors`` has names by device id."""
    return {
        "schema": "imurep.info/1",
        "version": version,
        "sensors": [{"id": dev, "sensor": sensor} for dev, sensor in sorted(sensors.items())],
        "problem": problem,
    }


def availability(link: Link) -> bytes:
    """Payload for whether a sensor streams."""
    return ONLINE if link is Link.STREAMING else OFFLINE


def utc_text(utc: datetime) -> str:
    """Time of day in ISO 8601, UTC, milliseconds."""
    return utc.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _tempo(seconds: Iterable[float | None]) -> TempoFields:
    eccentric_s, bottom_hold_s, concentric_s, top_hold_s = (rounded(value, 3) for value in seconds)
    return {
        "eccentric_s": eccentric_s,
        "bottom_hold_s": bottom_hold_s,
        "concentric_s": concentric_s,
        "top_hold_s": top_hold_s,
    }


def _newest(values: Iterable[float | None]) -> float | None:
    """The last that is known: a hold is, once the next rep has begun."""
    known = [value for value in values if value is not None]
    return known[-1] if known else None


def _listed(tempo_s: tuple[float, float, float, float] | None) -> list[float] | None:
    return None if tempo_s is None else list(tempo_s)
