"""What a person has set for a sensor."""

from __future__ import annotations

from dataclasses import dataclass

from imurep.exercises import UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Settings of one sensor; None where nothing is set."""

    exercise: str = UNKNOWN
    """``unknown`` leaves it to recognition."""
    target_reps: int | None = None
    target_tempo_s: tuple[float, float, float, float] | None = None
    """Eccentric - bottom hold - concentric - top hold."""
    load_kg: float | None = None
    """What was lifted besides the body."""


NO_PLAN = Plan()
