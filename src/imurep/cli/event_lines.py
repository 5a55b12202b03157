"""Events as the JSON lines of the command contract: times in seconds from the recording's first sample."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

from imurep.counting.assessment.form_metrics import form_of
from imurep.events import ExerciseSet, GapEvent, PhaseChange, Rep
from imurep.serialization import gap_fields, phase_fields, rep_fields, set_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imurep.events import Event


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
    kind: str
    fields: Mapping[str, object]
    match event:
        case ExerciseSet():
            kind = "set"
            form = form_of(event, line_deg=lines_deg.get(event.exercise))
            fields = set_fields(event, form, sensor=sensor, person=person, first_us=first_us)
        case Rep():
            kind, fields = "rep", {"sensor": sensor, "person": person, **rep_fields(event, first_us)}
        case PhaseChange():
            kind, fields = "phase", phase_fields(event.time_us, event.phase, event.rep_id, first_us)
        case GapEvent():
            kind, fields = "gap", gap_fields(event.start_us, event.end_us, first_us)
    return json.dumps({"type": kind, "recording": recording, **fields}, allow_nan=False)
