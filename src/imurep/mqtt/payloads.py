"""The payload of each message, as types.

Reps and sets have the keys of the command contract (``imurep.serialization``). Beside
them are the person, the time of day, and what the person had set. Times of day
are ISO 8601 in UTC, durations seconds, units are part of the keys, and null
means not known. Keys may be added; one that changed its meaning would need
another number behind ``imurep.set/``.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from imurep.serialization import RepFields, SetFields

INFO, STATE, CONFIG, REP, SET, RESPONSE = (
    f"imurep.{name}/1" for name in ("info", "state", "config", "rep", "set", "response")
)
"""Names of the payloads with the number of their meaning; also the user property ``schema``."""

REP_EXPIRY_S = 60
SET_EXPIRY_S = 7 * 24 * 3600
"""Within it, a dashboard with a persistent session gets the sets that it missed."""

ONLINE, OFFLINE = b"online", b"offline"

BY_PERSON = 1000
"""Versions from here on are corrections by the person: higher than any that counting gives, so that
nothing counted later replaces them."""

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
    """Duration of the packets that were lost in them, together."""


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
    """Its present place in its set, from 1; null if it was withdrawn."""
    started: str
    """Time of day at start_s."""


class SetPayload(SetFields):
    """A set that is finished, corrected or withdrawn."""

    schema: Literal["imurep.set/1"]
    """Which payload this is."""
    event_type: Literal["set_finished", "set_corrected", "set_withdrawn"]
    """set_corrected: another version of a set that was finished before; set_withdrawn: it was not a set, or
    the person deleted it."""
    session: str
    """Id of the session."""
    started: str
    """Time of day at start_s."""
    ended: str
    """Time of day at end_s."""
    counted_repetitions: int
    """What was counted, also where the person corrected it."""
    corrected: bool
    """Whether the person corrected the number of repetitions."""
    counted_exercise: NotRequired[str]
    """The exercise as counting gave it, also where the person corrected it; missing in sets of imurep 0.1."""
    exercise_corrected: NotRequired[bool]
    """Whether the person corrected the exercise; missing in sets of imurep 0.1."""
    tempo: TempoFields
    """Median over the full reps."""
    range_of_motion_deg: float
    """Median over the full reps."""
    quality: Quality
    """How complete the data are."""
    target_reps: int | None
    """Number of reps that the person had set."""
    target_tempo_s: list[float] | None
    """Tempo that the person had set: eccentric, bottom hold, concentric, top hold."""
    load_kg: float | None
    """Load that the person had set."""
    replay: bool
    """The command replay requested it again; it is not new."""


class StatePayload(TypedDict):
    """The present state of a sensor, flat. Figures of reps belong to the open set, else to the last one."""

    schema: Literal["imurep.state/1"]
    """Which payload this is."""
    sensor: str
    """Name or address of the sensor."""
    person: str | None
    """Who wears it; null before the first event."""
    time: str
    """Time of day of this message."""
    link: LinkWord
    """State of the link to the sensor."""
    detail: str
    """What is wrong with the link and what to do; empty: nothing."""
    battery_percent: int | None
    """Battery level of the sensor."""
    rssi_dbm: int | None
    """Signal strength of its last advertisement."""
    set_running: bool
    """Whether a set is open."""
    phase: PhaseWord | None
    """Present phase; null outside a set."""
    exercise: str
    """Exercise of the last set that was published; unknown before."""
    repetitions: int
    """Reps in the open set, else in the last one; 0 before the first."""
    tempo: str | None
    """The four durations as text, with a dash for what is not known; null before the first rep."""
    eccentric_s: float | None
    """Lowering of the newest rep that has one."""
    bottom_hold_s: float | None
    """Hold at the bottom of the newest rep that has one."""
    concentric_s: float | None
    """Lifting of the newest rep that has one."""
    top_hold_s: float | None
    """Hold at the top of the newest rep that has one."""
    range_of_motion_deg: float | None
    """Range of motion of the newest rep."""
    momentum: float | None
    """Momentum of the last finished set: 0 (lifted) to 100 (thrown)."""
    sets_today: int
    """Sets of the person since midnight, with this sensor."""
    repetitions_today: int
    """Reps in them, and in the open set."""


class ConfigPayload(TypedDict):
    """What the person has set for a sensor."""

    schema: Literal["imurep.config/1"]
    """Which payload this is."""
    sensor: str
    """Name or address of the sensor."""
    exercise: str
    """The exercise; unknown leaves it to recognition."""
    target_reps: int | None
    """Repetitions wanted in a set."""
    target_tempo_s: list[float] | None
    """Tempo wanted: eccentric, bottom hold, concentric, top hold."""
    load_kg: float | None
    """Load besides the body."""


class InfoSensor(TypedDict):
    """A sensor of the service."""

    id: str
    """Its part of the topics."""
    sensor: str
    """Name or address of the sensor."""


class InfoPayload(TypedDict):
    """The service."""

    schema: Literal["imurep.info/1"]
    """Which payload this is."""
    version: str
    """Version of imurep."""
    sensors: list[InfoSensor]
    """All sensors of the service."""
    problem: str
    """What is wrong with the service, such as a full disk, and what to do; empty: nothing."""


class ResponsePayload(TypedDict):
    """The answer to a command."""

    schema: Literal["imurep.response/1"]
    """Which payload this is."""
    command: str
    """Name of the command."""
    status: Literal["ok", "progress", "error"]
    """progress: more responses will follow."""
    data: NotRequired[dict[str, object]]
    """Result of the command."""
    error: NotRequired[str]
    """What was wrong, and what is allowed."""
    transaction: NotRequired[str | int]
    """The transaction of the command."""
