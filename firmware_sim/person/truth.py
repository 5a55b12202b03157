"""What truly happened: sets, reps and phases, and the file they are written to.

The file's form is docs/reference/truth-format.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmware_sim.person.script import Span

FORMAT = "imurep-truth"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRep:
    """One rep by the normative rule; times in seconds from the recording's first sample."""

    start_s: float
    top_s: float | None
    end_s: float
    eccentric_s: float | None
    bottom_hold_s: float | None
    concentric_s: float | None
    top_hold_s: float | None
    range_of_motion_deg: float
    top_lean_deg: float
    partial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueSet:
    """One set, with its prescription."""

    exercise: str
    first_movement: str
    tempo: str
    load_kg: float
    arms: str
    straight_line_deg: float
    variations: tuple[str, ...]
    reps: tuple[TrueRep, ...]

    @property
    def start_s(self) -> float:
        """Start of the first rep."""
        return self.reps[0].start_s

    @property
    def end_s(self) -> float:
        """End of the last movement."""
        return self.reps[-1].end_s


def rep_json(rep: TrueRep) -> dict[str, object]:
    """One rep as the file has it: seconds to the millisecond, degrees to the hundredth."""

    def seconds(value: float | None) -> float | None:
        return None if value is None else round(value, 3)

    return {
        "start_s": seconds(rep.start_s),
        "top_s": seconds(rep.top_s),
        "end_s": seconds(rep.end_s),
        "eccentric_s": seconds(rep.eccentric_s),
        "bottom_hold_s": seconds(rep.bottom_hold_s),
        "concentric_s": seconds(rep.concentric_s),
        "top_hold_s": seconds(rep.top_hold_s),
        "range_of_motion_deg": round(rep.range_of_motion_deg, 2),
        "top_lean_deg": round(rep.top_lean_deg, 2),
        "partial": rep.partial,
    }


def set_json(exercise_set: TrueSet) -> dict[str, object]:
    """One set as the file has it."""
    return {
        "exercise": exercise_set.exercise,
        "start_s": round(exercise_set.start_s, 3),
        "end_s": round(exercise_set.end_s, 3),
        "repetitions": len(exercise_set.reps),
        "first_movement": exercise_set.first_movement,
        "tempo": exercise_set.tempo,
        "load_kg": exercise_set.load_kg,
        "arms": exercise_set.arms,
        "straight_line_deg": exercise_set.straight_line_deg,
        "variations": list(exercise_set.variations),
        "reps": [rep_json(rep) for rep in exercise_set.reps],
    }


def _span_json(span: Span) -> dict[str, object]:
    return {"start_s": round(span.start_s, 3), "end_s": round(span.end_s, 3), "what": span.what}


def truth_json(
    *,
    recording: str,
    duration_s: float,
    sets: list[TrueSet],
    quiet: list[Span],
    neutral: list[Span],
    simulation: dict[str, object],
) -> str:
    """Write the whole file's text."""
    truth: dict[str, object] = {
        "format": FORMAT,
        "version": VERSION,
        "recording": recording,
        "duration_s": round(duration_s, 3),
        "simulation": simulation,
        "sets": [set_json(exercise_set) for exercise_set in sets],
        "quiet": [_span_json(span) for span in quiet],
    }
    if neutral:
        truth["neutral"] = [_span_json(span) for span in neutral]
    return json.dumps(truth, indent=1) + "\n"
