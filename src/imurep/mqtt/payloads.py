"""What stands in each message: pure functions from what was counted to JSON objects.

Reps and sets have the keys of the command contract (``imurep.payload``). Beside
them stand whose they are, the time of day, and what the person had set. Times
of day are ISO 8601 in UTC, durations seconds, units stand in the keys, and null
is what is not known. Keys may be added; one that changed its meaning would need
another number behind ``imurep.set/``.
"""

from __future__ import annotations

from datetime import UTC
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from imurep.exercises import UNKNOWN
from imurep.model import ExerciseSet, Link, Rep, State
from imurep.mqtt.plan import NO_PLAN
from imurep.payload import RepFields, SetFields, dumps, rep_fields, rounded, set_fields
from imurep.tempo import median_tempo
from imurep.words import tempo_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from imurep.board import SensorBoard
    from imurep.live import SessionEvent
    from imurep.mqtt.plan import Plan

__all__ = ["dumps"]  # so that who makes payloads can write them

INFO, STATE, CONFIG, REP, SET, RESPONSE = (
    f"imurep.{name}/1" for name in ("info", "state", "config", "rep", "set", "response")
)
"""Names of the payloads with the number of their meaning; also the user property ``schema``."""

REP_EXPIRY_S = 60
SET_EXPIRY_S = 7 * 24 * 3600
"""A dashboard that comes back after a holiday is not told of each rep that was done meanwhile."""

ONLINE, OFFLINE = b"online", b"offline"

BY_PERSON = 1000
"""Versions from here on are the person's word: higher than any that counting gives, so nothing counted
later takes it back."""

PhaseWord = Literal["concentric", "top_hold", "eccentric", "bottom_hold"]
LinkWord = Literal["searching", "connecting", "streaming", "lost", "stopped"]


class TempoFields(TypedDict):
    """The four durations of a tempo, in the order in which it is written."""

    eccentric_s: float | None
    """Lowering."""
    bottom_hold_s: float | None
    """Hold at the bottom."""
    concentric_s: float | None
    """Lifting."""
    top_hold_s: float | None
    """Hold at the top."""


class Quality(TypedDict):
    """How complete the data of a set are."""

    accelerometer_only: bool
    """There was no gyroscope, so phases are coarser."""
    gaps: int
    """Gaps in the data within the set."""
    lost_s: float
    """How much is missing in them, together: packets that were lost, as time."""


class RepPayload(RepFields):
    """One event of a rep, as it happens."""

    schema: Literal["imurep.rep/1"]
    """Which payload this is."""
    event_type: Literal["rep"]
    """For Home Assistant's event entities."""
    session: str
    """Id of the session."""
    sensor: str
    """Name or address of the sensor."""
    person: str
    """Who wears it."""
    number: int | None
    """Which rep of its set it is as things stand, from 1."""
    started: str
    """Time of day at start_s."""


class SetPayload(SetFields):
    """A set that is finished, corrected or taken back."""

    schema: Literal["imurep.set/1"]
    """Which payload this is."""
    event_type: Literal["set_finished", "set_corrected", "set_withdrawn"]
    """set_corrected: another version of a set that was finished before; set_withdrawn: it was none, or the
    person deleted it."""
    session: str
    """Id of the session."""
    started: str
    """Time of day at start_s."""
    ended: str
    """Time of day at end_s."""
    counted_repetitions: int
    """What was counted, also where the person corrected it."""
    corrected: bool
    """The person said how many repetitions it were."""
    tempo: TempoFields
    """Median over the full reps."""
    range_of_motion_deg: float
    """Median over the full reps."""
    quality: Quality
    """How complete the data are."""
    target_reps: int | None
    """What the person wanted to do."""
    target_tempo_s: list[float] | None
    """The tempo that they wanted: eccentric, bottom hold, concentric, top hold."""
    load_kg: float | None
    """What was lifted, as the person said."""
    replay: bool
    """It was asked for again and is not new."""


class StatePayload(TypedDict):
    """What goes on with a sensor, flat. Figures of reps are of the set that goes on, else of the last one."""

    schema: Literal["imurep.state/1"]
    """Which payload this is."""
    sensor: str
    """Name or address of the sensor."""
    person: str | None
    """Who wears it; null before the first event."""
    time: str
    """Time of day of this message."""
    link: LinkWord
    """How far away the sensor is."""
    detail: str
    """What is wrong with the link and what to do; empty: nothing is."""
    battery_percent: int | None
    """Charge of the sensor."""
    rssi_dbm: int | None
    """Its signal when it was last seen advertising."""
    set_running: bool
    """Whether a set is being done."""
    phase: PhaseWord | None
    """What the person does; null outside a set."""
    exercise: str
    """Of the last set that was told of; unknown before."""
    repetitions: int
    """Reps in the set that goes on, else in the last one; 0 before the first."""
    tempo: str | None
    """The four durations below as people write them, with a dash for what is not known; null before a rep."""
    eccentric_s: float | None
    """Lowering of the newest rep that has one."""
    bottom_hold_s: float | None
    """Hold at the bottom, likewise."""
    concentric_s: float | None
    """Lifting, likewise."""
    top_hold_s: float | None
    """Hold at the top, likewise."""
    range_of_motion_deg: float | None
    """Range of motion of the newest rep."""
    momentum: float | None
    """Of the last finished set: 0 (lifted) to 100 (thrown)."""
    sets_today: int
    """Sets of the person since midnight, with this sensor."""
    repetitions_today: int
    """Reps in them, and in the set that goes on."""


class ConfigPayload(TypedDict):
    """What the person has set for a sensor."""

    schema: Literal["imurep.config/1"]
    """Which payload this is."""
    sensor: str
    """Name or address of the sensor."""
    exercise: str
    """What is done; unknown leaves it to recognition."""
    target_reps: int | None
    """Repetitions wanted in a set."""
    target_tempo_s: list[float] | None
    """Tempo wanted: eccentric, bottom hold, concentric, top hold."""
    load_kg: float | None
    """What is lifted besides the body."""


class InfoSensor(TypedDict):
    """A sensor of the service."""

    id: str
    """Its part of the topics."""
    sensor: str
    """Name or address of the sensor."""


class InfoPayload(TypedDict):
    """What the service is."""

    schema: Literal["imurep.info/1"]
    """Which payload this is."""
    version: str
    """Of imurep."""
    sensors: list[InfoSensor]
    """All that it knows."""
    problem: str
    """What is wrong with the service and what to do, a full disk say; empty: nothing is."""


class ResponsePayload(TypedDict):
    """The answer to a command."""

    schema: Literal["imurep.response/1"]
    """Which payload this is."""
    command: str
    """Its name."""
    status: Literal["ok", "progress", "error"]
    """progress: more answers will come."""
    data: NotRequired[dict[str, object]]
    """What the command gave."""
    error: NotRequired[str]
    """What was wrong, and what is allowed."""
    transaction: NotRequired[str | int]
    """As it stood in the command."""


def rep_payload(told: SessionEvent, *, number: int | None = None) -> RepPayload:
    """An event of a rep; ``number`` is its place in its set as things stand."""
    rep = told.event
    if not isinstance(rep, Rep):
        msg = f"{type(rep).__name__} is no rep"
        raise TypeError(msg)
    return {
        "schema": "imurep.rep/1",
        "event_type": "rep",
        "session": told.session,
        "sensor": told.sensor,
        "person": told.person,
        "number": number,
        "started": utc_text(told.utc(rep.start_us)),
        **rep_fields(rep, told.first_us),
    }


def set_payload(
    told: SessionEvent,
    plan: Plan = NO_PLAN,
    *,
    lines_deg: Mapping[str, float] = MappingProxyType({}),
    again: bool = False,
) -> SetPayload:
    """A set that has ended, or was taken back.

    ``plan`` is what the person had set, ``lines_deg`` their straight lines by
    exercise; ``again`` says that it was told as finished before.
    """
    found = told.event
    if not isinstance(found, ExerciseSet):
        msg = f"{type(found).__name__} is no set"
        raise TypeError(msg)
    full = [rep for rep in found.reps if not rep.partial] or found.reps
    finished: Literal["set_finished", "set_corrected"] = "set_corrected" if again else "set_finished"
    return {
        "schema": "imurep.set/1",
        "event_type": "set_withdrawn" if found.state is State.WITHDRAWN else finished,
        "session": told.session,
        "started": utc_text(told.utc(found.start_us)),
        "ended": utc_text(told.utc(found.end_us)),
        **set_fields(
            found,
            sensor=told.sensor,
            person=told.person,
            first_us=told.first_us,
            lines_deg=lines_deg,
            target_tempo_s=plan.target_tempo_s,
        ),
        "counted_repetitions": found.repetitions,
        "corrected": False,
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


def corrected(payload: SetPayload, repetitions: int) -> SetPayload:
    """The next version of a set, in which the person says how many repetitions it were."""
    return {
        **payload,
        "event_type": "set_corrected",
        "version": max(payload["version"] + 1, BY_PERSON),
        "repetitions": repetitions,
        "corrected": True,
        "replay": False,
    }


def deleted(payload: SetPayload) -> SetPayload:
    """The last version of a set that the person deletes."""
    return {
        **payload,
        "event_type": "set_withdrawn",
        "version": max(payload["version"] + 1, BY_PERSON),
        "state": "withdrawn",
        "replay": False,
    }


def replayed(payload: SetPayload) -> SetPayload:
    """A set that is sent again because somebody asked."""
    return {**payload, "replay": True}


def state_payload(
    board: SensorBoard,
    *,
    utc: datetime,
    last: SetPayload | None = None,
    sets_today: int = 0,
    repetitions_today: int = 0,
) -> StatePayload:
    """What goes on with a sensor.

    ``last`` is the newest finished set; the counts of today are those of finished sets.
    """
    status = board.status
    running = [rep_fields(rep, 0) for rep in board.reps.values()]
    shown = running or (last["reps"] if last else [])
    tempo = (
        _newest(rep["eccentric_s"] for rep in shown),
        _newest(rep["bottom_hold_s"] for rep in shown),
        _newest(rep["concentric_s"] for rep in shown),
        _newest(rep["top_hold_s"] for rep in shown),
    )
    newest = next(reversed(board.sets.values()), None)
    known = newest.event if newest else None
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
        "phase": board.phase.value if board.phase and running else None,
        "exercise": known.exercise
        if isinstance(known, ExerciseSet)
        else last["exercise"]
        if last
        else UNKNOWN,
        "repetitions": len(running) if running or last is None else last["repetitions"],
        "tempo": tempo_text(tempo) if shown else None,
        **_tempo(tempo),
        "range_of_motion_deg": _newest(rep["range_of_motion_deg"] for rep in shown),
        "momentum": last["form"]["momentum"] if last else None,
        "sets_today": sets_today,
        "repetitions_today": repetitions_today + len(running),
    }


def config_payload(sensor: str, plan: Plan) -> ConfigPayload:
    """What the person has set."""
    return {
        "schema": "imurep.config/1",
        "sensor": sensor,
        "exercise": plan.exercise,
        "target_reps": plan.target_reps,
        "target_tempo_s": _listed(plan.target_tempo_s),
        "load_kg": plan.load_kg,
    }


def info_payload(version: str, sensors: Mapping[str, str], *, problem: str = "") -> InfoPayload:
    """What the service is; ``sensors`` has names by device id."""
    return {
        "schema": "imurep.info/1",
        "version": version,
        "sensors": [{"id": dev, "sensor": sensor} for dev, sensor in sorted(sensors.items())],
        "problem": problem,
    }


def availability(link: Link) -> bytes:
    """Whether a sensor is there."""
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
