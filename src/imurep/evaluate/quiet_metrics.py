"""False positives: what was counted in time without exercise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietMetrics:
    """Sets and reps that were counted in hours without exercise."""

    hours: float
    false_sets: int
    false_reps: int

    @property
    def false_sets_per_hour(self) -> float:
        """False sets per hour; 0 without any hours."""
        return self.false_sets / self.hours if self.hours else 0.0

    @property
    def false_reps_per_hour(self) -> float:
        """False reps per hour, those beside true sets included; 0 without any hours."""
        return self.false_reps / self.hours if self.hours else 0.0
