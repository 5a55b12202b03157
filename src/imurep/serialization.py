"""Reps and sets as JSON objects, the same for ``--json`` and for MQTT.

Names and meaning are a contract with other programs (docs/reference/commands.md):
keys may be added, none changes its meaning. Units stand in the keys, and null is
what is not known. JSON Schemas are made from these types and their comments
(``docs/generate/schemas.py``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypedDict

from imurep.events import Phase
from imurep.tempo import phase_spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imurep.counting.assessment.form_metrics import SetForm
    from imurep.events import ExerciseSet, Rep
    from imurep.tempo import PhaseSpan

StateWord = Literal["provisional", "final", "withdrawn"]


class RepFields(TypedDict):
    """One repetition."""

    id: str
    """Stable over replays."""
    set_id: str
    """The set that it belongs to."""
    version: int
    """Grows with each event of this rep."""
    state: StateWord
    """provisional at the top, final at the end of its last movement, withdrawn if it was not a rep."""
    start_s: float
    """Start of its first movement, in seconds from the session's first sample."""
    top_s: float
    """Time at which the top is reached."""
    end_s: float | None
    """End of its last movement; null before that."""
    eccentric_s: float | None
    """How long the lowering took."""
    bottom_hold_s: float | None
    """How long the bottom was held; null before the next movement begins."""
    concentric_s: float | None
    """How long the lifting took."""
    top_hold_s: float | None
    """How long the top was held; null before the next movement begins."""
    range_of_motion_deg: float
    """Highest less lowest trunk angle."""
    range_estimated: bool
    """The range is an estimate: there is no gyroscope, and the rep was not held at both ends."""
    top_inclination_deg: float | None
    """Angle between the trunk at the top and upright; null where upright was not seen."""
    bottom_inclination_deg: float | None
    """Angle between the trunk at the bottom and upright; null where upright was not seen."""
    peak_rate_dps: float
    """Highest angular rate over its movements."""
    mean_rate_dps: float
    """Mean angular rate over its movements."""
    partial: bool
    """Range clearly below that of the set."""


class RepFormFields(TypedDict):
    """How well one rep was done."""

    id: str
    """Id of the rep."""
    from_habit_deg: float | None
    """Top against the usual top of the set; positive is higher."""
    over_line_deg: float | None
    """Top against the person's straight line; positive is over it."""
    over_line: bool
    """Over the line by more than the error of the measurement."""
    momentum: float | None
    """0 (lifted) to 100 (thrown)."""
    lowering_ratio: float | None
    """Eccentric as a multiple of the concentric."""
    range_part: float
    """Range as a share of the largest of the set."""
    on_tempo: bool | None
    """Every known phase is near its target; null without a target."""


class FormFields(TypedDict):
    """How well a set was done; medians are over its full reps."""

    full_repetitions: int
    """Reps of full range."""
    on_tempo_repetitions: int | None
    """Reps near the target tempo; null without a target."""
    over_line_repetitions: int
    """Reps over the straight line by more than 10 degrees."""
    target_tempo_s: list[float] | None
    """The person's target, else the exercise's usual tempo: eccentric, bottom hold, concentric, top hold."""
    momentum: float | None
    """Median, 0 (lifted) to 100 (thrown); null for exercises that rely on momentum."""
    lowering_s: float | None
    """Median eccentric."""
    lowering_ratio: float | None
    """Median of eccentric to concentric."""
    slowing_percent: float | None
    """Loss of concentric speed from the first three reps to the last three."""
    unsteadiness_percent: float | None
    """Coefficient of variation of the time in movement."""
    top_spread_deg: float | None
    """Standard deviation of the tops."""
    over_line_deg: float | None
    """Median of the tops over the person's straight line; null where none is calibrated."""
    reps: list[RepFormFields]
    """Per rep, in order."""


class SetFields(TypedDict):
    """One set."""

    id: str
    """Stable over replays."""
    version: int
    """Grows with each event of this set; only the highest version is valid."""
    state: StateWord
    """final when no other event will follow, withdrawn when it turned out not to be a set."""
    sensor: str
    """Name or address of the sensor."""
    person: str
    """Who wore it."""
    exercise: str
    """As the person corrected it, else as selected, else as recognised; unknown where it was neither."""
    exercise_group: list[str]
    """The names that one torso sensor cannot distinguish; empty with unknown."""
    exercise_reasons: list[str]
    """Why it is that exercise, or unknown: sentences for people."""
    contradiction: str | None
    """What in the set contradicts the exercise that was selected; null: nothing."""
    repetitions: int
    """Number of reps, partial ones included; the person's number where they corrected it."""
    full_repetitions: int
    """Those that are not partial."""
    start_s: float
    """Start of its first movement, in seconds from the session's first sample."""
    end_s: float
    """End of its last movement."""
    gyroscope: bool
    """False: accelerometer only, so phases are coarser."""
    top_assumed: bool
    """True: upright is not known surely enough, so which end is the top is a guess."""
    confidence: float
    """How probable it is, from 0 to 1, that it was exercise and not daily life."""
    gaps: int
    """Gaps in the data within the set."""
    form: FormFields
    """How well the set was done."""
    reps: list[RepFields]
    """The reps as counted, in order."""


class PhaseSpanFields(TypedDict):
    """One phase of a rep."""

    rep_id: str
    """The rep that it belongs to."""
    phase: str
    """One of eccentric, bottom_hold, concentric and top_hold."""
    start_s: float
    """It begins, in seconds from the session's first sample."""
    end_s: float
    """It ends."""
    duration_s: float
    """How long it lasts."""


def set_fields(found: ExerciseSet, form: SetForm, *, sensor: str, person: str, first_us: int) -> SetFields:
    """A set and its form; times count from ``first_us``."""
    return {
        "id": found.id,
        "version": found.version,
        "state": found.state.value,
        "sensor": sensor,
        "person": person,
        "exercise": found.exercise,
        "exercise_group": list(found.exercise_group),
        "exercise_reasons": list(found.reasons),
        "contradiction": found.contradiction or None,
        "repetitions": found.repetitions,
        "full_repetitions": sum(not rep.partial for rep in found.reps),
        "start_s": _since_s(found.start_us, first_us),
        "end_s": _since_s(found.end_us, first_us),
        "gyroscope": found.gyroscope,
        "top_assumed": found.top_assumed,
        "confidence": round(found.confidence, 3),
        "gaps": found.gaps,
        "form": form_fields(form),
        "reps": [rep_fields(rep, first_us) for rep in found.reps],
    }


def rep_fields(rep: Rep, first_us: int) -> RepFields:
    """A rep, its times counting from ``first_us``."""
    # Boundaries are rounded, and durations lie between them, so that they still add up to the time they fill.
    durations_s = {span.phase: phase_span_fields(span, first_us)["duration_s"] for span in phase_spans(rep)}
    return {
        "id": rep.id,
        "set_id": rep.set_id,
        "version": rep.version,
        "state": rep.state.value,
        "start_s": _since_s(rep.start_us, first_us),
        "top_s": _since_s(rep.top_us, first_us),
        "end_s": None if rep.end_us is None else _since_s(rep.end_us, first_us),
        "eccentric_s": durations_s.get(Phase.ECCENTRIC),
        "bottom_hold_s": durations_s.get(Phase.BOTTOM_HOLD),
        "concentric_s": durations_s.get(Phase.CONCENTRIC),
        "top_hold_s": durations_s.get(Phase.TOP_HOLD),
        "range_of_motion_deg": round(rep.range_of_motion_deg, 2),
        "range_estimated": rep.range_estimated,
        "top_inclination_deg": rounded(rep.top_inclination_deg),
        "bottom_inclination_deg": rounded(rep.bottom_inclination_deg),
        "peak_rate_dps": round(rep.peak_rate_dps, 2),
        "mean_rate_dps": round(rep.mean_rate_dps, 2),
        "partial": rep.partial,
    }


def gap_fields(start_us: int, end_us: int, first_us: int) -> dict[str, float]:
    """When samples are missing."""
    return {"start_s": _since_s(start_us, first_us), "end_s": _since_s(end_us, first_us)}


def phase_fields(time_us: int, phase: Phase, rep_id: str, first_us: int) -> dict[str, float | str]:
    """When a phase began."""
    return {"time_s": _since_s(time_us, first_us), "phase": phase.value, "rep_id": rep_id}


def phase_span_fields(span: PhaseSpan, first_us: int) -> PhaseSpanFields:
    """A phase with its end; its duration lies between its rounded boundaries."""
    start_s, end_s = _since_s(span.start_us, first_us), _since_s(span.end_us, first_us)
    return {
        "rep_id": span.rep_id,
        "phase": span.phase.value,
        "start_s": start_s,
        "end_s": end_s,
        "duration_s": round(end_s - start_s, 3),
    }


def dumps(fields: Mapping[str, object]) -> bytes:
    """Write an object as one line of JSON in UTF-8, which has no half characters: they become ``?``."""
    text = json.dumps(fields, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace")


def rounded(value: float | None, digits: int = 1) -> float | None:
    """Round what is known."""
    return None if value is None else round(value, digits)


def form_fields(form: SetForm) -> FormFields:
    """The form of a set."""
    return {
        "full_repetitions": form.full,
        "on_tempo_repetitions": form.on_tempo,
        "over_line_repetitions": form.over,
        "target_tempo_s": list(form.target_tempo_s) if form.target_tempo_s else None,
        "momentum": rounded(form.momentum),
        "lowering_s": rounded(form.lowering_s, 3),
        "lowering_ratio": rounded(form.lowering, 2),
        "slowing_percent": rounded(form.slowing_percent),
        "unsteadiness_percent": rounded(form.unsteadiness_percent),
        "top_spread_deg": rounded(form.top_spread_deg),
        "over_line_deg": rounded(form.over_line_deg),
        "reps": [
            {
                "id": rep.rep_id,
                "from_habit_deg": rounded(rep.from_habit_deg),
                "over_line_deg": rounded(rep.over_line_deg),
                "over_line": rep.over,
                "momentum": rounded(rep.momentum),
                "lowering_ratio": rounded(rep.lowering, 2),
                "range_part": round(rep.range_part, 3),
                "on_tempo": rep.on_tempo,
            }
            for rep in form.reps
        ],
    }


def _since_s(time_us: int, first_us: int) -> float:
    return round((time_us - first_us) / 1e6, 3)
