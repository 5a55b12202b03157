"""Events as the JSON objects of the command contract: times in ms from the recording's first sample."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from imurep.model import ExerciseSet, GapEvent, Phase, PhaseChange, Rep
from imurep.stages.form import form_of
from imurep.tempo import phase_spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imurep.model import Event
    from imurep.stages.form import SetForm


def to_json(
    event: Event,
    *,
    recording: str,
    sensor: str,
    first_us: int,
    person: str = "",
    lines_deg: Mapping[str, float] = MappingProxyType({}),
) -> str:
    """One event as one line; ``lines_deg`` has the person's straight lines, by exercise."""
    fields: dict[str, Any]
    match event:
        case ExerciseSet():
            fields = {
                "type": "set",
                "recording": recording,
                **_set(event, sensor, person, first_us, lines_deg),
            }
        case Rep():
            fields = {
                "type": "rep",
                "recording": recording,
                "sensor": sensor,
                "person": person,
                **_rep(event, first_us),
            }
        case PhaseChange():
            fields = {
                "type": "phase",
                "recording": recording,
                "time_s": _since_s(event.time_us, first_us),
                "phase": event.phase.value,
                "rep_id": event.rep_id,
            }
        case GapEvent():
            fields = {
                "type": "gap",
                "recording": recording,
                "start_s": _since_s(event.start_us, first_us),
                "end_s": _since_s(event.end_us, first_us),
            }
    return json.dumps(fields, allow_nan=False)


def _set(
    found: ExerciseSet, sensor: str, person: str, first_us: int, lines_deg: Mapping[str, float]
) -> dict[str, Any]:
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
        "gaps": found.gaps,
        "form": _form(form_of(found, line_deg=lines_deg.get(found.exercise))),
        "reps": [_rep(rep, first_us) for rep in found.reps],
    }


def _form(form: SetForm) -> dict[str, Any]:
    return {
        "full_repetitions": form.full,
        "on_tempo_repetitions": form.on_tempo,
        "over_line_repetitions": form.over,
        "target_tempo_s": list(form.target_tempo_s) if form.target_tempo_s else None,
        "momentum": _rounded(form.momentum),
        "lowering_s": _rounded(form.lowering_s, 3),
        "lowering_ratio": _rounded(form.lowering, 2),
        "slowing_percent": _rounded(form.slowing_percent),
        "unsteadiness_percent": _rounded(form.unsteadiness_percent),
        "top_spread_deg": _rounded(form.top_spread_deg),
        "over_line_deg": _rounded(form.over_line_deg),
        "reps": [
            {
                "id": rep.rep_id,
                "from_habit_deg": _rounded(rep.from_habit_deg),
                "over_line_deg": _rounded(rep.over_line_deg),
                "over_line": rep.over,
                "momentum": _rounded(rep.momentum),
                "lowering_ratio": _rounded(rep.lowering, 2),
                "range_part": round(rep.range_part, 3),
                "on_tempo": rep.on_tempo,
            }
            for rep in form.reps
        ],
    }


def _rep(rep: Rep, first_us: int) -> dict[str, Any]:
    # Boundaries are rounded, and durations lie between them, so that they still add up to the time they fill.
    durations_s = {
        span.phase: round(_since_s(span.end_us, first_us) - _since_s(span.start_us, first_us), 3)
        for span in phase_spans(rep)
    }
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
        "top_inclination_deg": _rounded(rep.top_inclination_deg),
        "bottom_inclination_deg": _rounded(rep.bottom_inclination_deg),
        "peak_rate_dps": round(rep.peak_rate_dps, 2),
        "mean_rate_dps": round(rep.mean_rate_dps, 2),
        "partial": rep.partial,
    }


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)


def _since_s(time_us: int, first_us: int) -> float:
    return round((time_us - first_us) / 1e6, 3)
