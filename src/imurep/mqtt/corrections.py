"""What the person changes of a set, as the next version of its payload.

Pure functions. What was counted stays beside it: the reps as they are, and the
number of them and the exercise under keys of their own.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from imurep.counting.assessment.form_metrics import form_of
from imurep.events import ExerciseSet, Rep, State
from imurep.exercises import EXERCISES
from imurep.mqtt.payloads import BY_PERSON
from imurep.serialization import form_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imurep.mqtt.payloads import SetPayload
    from imurep.serialization import FormFields, RepFields

CORRECTED = "it was corrected"
"""The reason of a corrected exercise."""


def corrected(
    payload: SetPayload,
    *,
    repetitions: int | None = None,
    exercise: str | None = None,
    lines_deg: Mapping[str, float] = MappingProxyType({}),
) -> SetPayload:
    """The next version of a set, as the person corrects it; the same one where they did so before.

    Args:
        payload: The version so far, perhaps of an imurep that could not correct exercises.
        repetitions: What the person counted; None changes nothing.
        exercise: Name of what they did, or ``unknown``; None changes nothing. Reps and phases stay as
            counted, the figures of form become those of the exercise.
        lines_deg: Straight lines of the set's person and sensor, degrees, by exercise.
    """
    changed = payload
    if repetitions is not None and not (payload["corrected"] and payload["repetitions"] == repetitions):
        changed = {**changed, "repetitions": repetitions, "corrected": True}
    known = payload["exercise"] if payload.get("exercise_corrected") else None
    if exercise is not None and exercise != known:
        changed = _with_exercise(changed, exercise, lines_deg.get(exercise))
    return payload if changed is payload else _next(changed)


def deleted(payload: SetPayload) -> SetPayload:
    """The last version of a set that the person deletes."""
    return {**_next(payload), "event_type": "set_withdrawn", "state": "withdrawn"}


def _next(payload: SetPayload) -> SetPayload:
    version = max(payload["version"] + 1, BY_PERSON)
    return {**payload, "event_type": "set_corrected", "version": version, "replay": False}


def _with_exercise(payload: SetPayload, exercise: str, line_deg: float | None) -> SetPayload:
    profile = EXERCISES.get(exercise)
    return {
        **payload,
        "exercise": exercise,
        "exercise_group": list(profile.group) if profile else [],
        "exercise_reasons": [CORRECTED],
        "contradiction": None,
        "counted_exercise": payload.get("counted_exercise", payload["exercise"]),
        "exercise_corrected": True,
        "form": _form(payload, exercise, line_deg),
    }


def _form(payload: SetPayload, exercise: str, line_deg: float | None) -> FormFields:
    """Measure the form again. Only what depends on the exercise is taken: a payload has rounded values."""
    found = _set_of(payload, exercise)
    target = payload["target_tempo_s"]
    target_tempo_s = None if target is None else (target[0], target[1], target[2], target[3])
    form = form_fields(form_of(found, line_deg=line_deg, target_tempo_s=target_tempo_s))
    known = payload["form"]
    return {
        **known,
        "on_tempo_repetitions": form["on_tempo_repetitions"],
        "over_line_repetitions": form["over_line_repetitions"],
        "target_tempo_s": form["target_tempo_s"],
        "momentum": form["momentum"],
        "over_line_deg": form["over_line_deg"],
        "reps": [
            {
                **rep,
                "over_line_deg": of_exercise["over_line_deg"],
                "over_line": of_exercise["over_line"],
                "momentum": of_exercise["momentum"],
                "on_tempo": of_exercise["on_tempo"],
            }
            for rep, of_exercise in zip(known["reps"], form["reps"], strict=True)
        ],
    }


def _set_of(payload: SetPayload, exercise: str) -> ExerciseSet:
    """The set as far as it is in its payload, its times from the first sample."""
    return ExerciseSet(
        id=payload["id"],
        version=payload["version"],
        state=State(payload["state"]),
        exercise=exercise,
        exercise_group=(),
        reps=tuple(_rep_of(rep) for rep in payload["reps"]),
        start_us=_us(payload["start_s"]),
        end_us=_us(payload["end_s"]),
        gyroscope=payload["gyroscope"],
        top_assumed=payload["top_assumed"],
        gaps=payload["gaps"],
        confidence=payload.get("confidence", 0.0),
    )


def _rep_of(fields: RepFields) -> Rep:
    return Rep(
        id=fields["id"],
        set_id=fields["set_id"],
        version=fields["version"],
        state=State(fields["state"]),
        start_us=_us(fields["start_s"]),
        top_us=_us(fields["top_s"]),
        end_us=None if fields["end_s"] is None else _us(fields["end_s"]),
        eccentric_s=fields["eccentric_s"],
        bottom_hold_s=fields["bottom_hold_s"],
        concentric_s=fields["concentric_s"],
        top_hold_s=fields["top_hold_s"],
        range_of_motion_deg=fields["range_of_motion_deg"],
        range_estimated=fields["range_estimated"],
        top_inclination_deg=fields["top_inclination_deg"],
        bottom_inclination_deg=fields["bottom_inclination_deg"],
        peak_rate_dps=fields["peak_rate_dps"],
        mean_rate_dps=fields["mean_rate_dps"],
        partial=fields["partial"],
    )


def _us(time_s: float) -> int:
    return round(time_s * 1e6)
