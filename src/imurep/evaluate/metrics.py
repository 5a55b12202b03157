"""Aggregates comparisons to the metrics that are printed: F1, agreement of durations, false positives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import TYPE_CHECKING

from imurep.evaluate.quiet_metrics import QuietMetrics
from imurep.events import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imurep.evaluate.movement_matching import PhasePair
    from imurep.evaluate.set_matching import QuietComparison, RecordingComparison, SetComparison

ALL = "all"
PHASES = (Phase.ECCENTRIC, Phase.BOTTOM_HOLD, Phase.CONCENTRIC, Phase.TOP_HOLD)

# The bound on a phase's mean absolute error.
BOUND_S = 0.05
BOUND_PART = 0.03
"""Of the longer of the movements beside a hold, or of the movement itself, if that is more."""

# What counts as a hold at the top.
HELD_S = 0.5
NOT_HELD_S = 0.15
REPORTED_S = 0.3


@dataclass(frozen=True, slots=True)
class Agreement:
    """Found less true, after Bland and Altman (doi:10.1016/S0140-6736(86)90837-8)."""

    n: int
    mean: float
    mae: float
    """Mean absolute error."""
    low: float
    high: float
    """95 % limits of agreement: mean -+ 1.96 standard deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseMetrics:
    """How well the durations of one phase agree."""

    phase: Phase
    total: int
    """True ones within the sets that were found."""
    error_s: Agreement | None
    bound_s: float
    """Mean over the phases of ``max(BOUND_S, BOUND_PART x longer movement)``."""
    within: float
    """Share of the phases whose error is within their bound."""

    @property
    def met(self) -> bool:
        """Whether the mean absolute error is within the bound."""
        return self.error_s is not None and self.error_s.mae <= self.bound_s


@dataclass(frozen=True, slots=True)
class HoldMetrics:
    """Detection of top holds, as a yes or no."""

    kept: int
    """True holds of at least ``HELD_S`` that are reported as at least ``REPORTED_S``."""
    missed: int
    """Such holds that are not."""
    invented: int
    """Reported as at least ``REPORTED_S``, and shorter than ``NOT_HELD_S`` in truth."""

    @property
    def f1(self) -> float | None:
        """None where there is nothing to find and nothing was found."""
        return _f1(self.kept, self.missed, self.invented)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseMetrics:
    """Metrics of all sets of one exercise, or of all exercises."""

    exercise: str
    sets: int
    exact_sets: int
    found_sets: int
    first_reps: int
    last_reps: int
    """Sets whose first (last) rep was found."""
    reps: int
    matched: int
    false_reps: int
    start_error_s: Agreement | None
    end_error_s: Agreement | None
    phases: tuple[PhaseMetrics, ...]
    top_holds: HoldMetrics
    range_error_deg: Agreement | None
    foreign: int
    """Matched reps whose range was not compared: one of their movements is no part of the exercise."""

    @property
    def precision(self) -> float | None:
        """Share of the found reps that are true."""
        return _part(self.matched, self.matched + self.false_reps)

    @property
    def recall(self) -> float | None:
        """Share of the true reps that were found."""
        return _part(self.matched, self.reps)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both."""
        return _f1(self.matched, self.reps - self.matched, self.false_reps)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthMetrics:
    """Metrics of all recordings that have a truth file, as ``imurep evaluate`` prints them."""

    recordings: int
    exercises: tuple[ExerciseMetrics, ...]
    pooled: ExerciseMetrics
    quiet: QuietMetrics
    off: tuple[RecordingComparison, ...]
    """Recordings in which reps or sets are off."""


def truth_metrics(comparisons: Iterable[RecordingComparison]) -> TruthMetrics:
    """Aggregate the comparisons of all recordings."""
    every = tuple(comparisons)
    groups: defaultdict[str, list[SetComparison]] = defaultdict(list)
    for one in every:
        for part in one.sets:
            groups[part.exercise].append(part)
    return TruthMetrics(
        recordings=len(every),
        exercises=tuple(exercise_metrics(name, groups[name]) for name in sorted(groups)),
        pooled=exercise_metrics(ALL, [part for one in every for part in one.sets]),
        quiet=quiet_metrics(one.quiet for one in every),
        off=tuple(one for one in every if _is_off(one)),
    )


def exercise_metrics(name: str, sets: Sequence[SetComparison]) -> ExerciseMetrics:
    """Aggregate some sets under a name."""
    phases = [phase for one in sets for phase in one.phases]
    return ExerciseMetrics(
        exercise=name,
        sets=len(sets),
        exact_sets=sum(one.exact for one in sets),
        found_sets=sum(one.found_reps is not None for one in sets),
        first_reps=sum(one.matched[0] for one in sets),
        last_reps=sum(one.matched[-1] for one in sets),
        reps=sum(len(one.matched) for one in sets),
        matched=sum(sum(one.matched) for one in sets),
        false_reps=sum(one.false_reps for one in sets),
        start_error_s=agreement([one.start_error_s for one in sets]),
        end_error_s=agreement([one.end_error_s for one in sets]),
        phases=tuple(phase_metrics(name, [p for p in phases if p.phase is name]) for name in PHASES),
        top_holds=hold_metrics([p for p in phases if p.phase is Phase.TOP_HOLD]),
        range_error_deg=agreement([part.found_deg - part.true_deg for one in sets for part in one.ranges]),
        foreign=sum(one.foreign for one in sets),
    )


def quiet_metrics(parts: Iterable[QuietComparison]) -> QuietMetrics:
    """Aggregate time without exercise."""
    every = tuple(parts)
    return QuietMetrics(
        hours=sum(part.seconds for part in every) / 3600,
        false_sets=sum(part.false_sets for part in every),
        false_reps=sum(part.false_reps for part in every),
    )


def phase_metrics(phase: Phase, every: Sequence[PhasePair]) -> PhaseMetrics:
    """Aggregate pairs of one phase."""
    bounds_s = [max(BOUND_S, BOUND_PART * one.longer_s) for one in every if one.found_s is not None]
    errors_s = [one.found_s - one.true_s for one in every if one.found_s is not None]
    within = [abs(error_s) <= bound_s for error_s, bound_s in zip(errors_s, bounds_s, strict=True)]
    return PhaseMetrics(
        phase=phase,
        total=len(every),
        error_s=agreement(errors_s),
        bound_s=fmean(bounds_s) if bounds_s else BOUND_S,
        within=fmean(within) if within else 0.0,
    )


def hold_metrics(holds: Iterable[PhasePair]) -> HoldMetrics:
    """Count holds detected, missed and invented; those between ``NOT_HELD_S`` and ``HELD_S`` are either."""
    kept = missed = invented = 0
    for one in holds:
        reported = one.found_s is not None and one.found_s >= REPORTED_S
        if one.true_s >= HELD_S:
            kept += reported
            missed += not reported
        elif one.true_s < NOT_HELD_S:
            invented += reported
    return HoldMetrics(kept, missed, invented)


def agreement(errors: Iterable[float | None]) -> Agreement | None:
    """Mean, mean absolute error and limits of agreement; None where there are no errors."""
    known = [error for error in errors if error is not None]
    if not known:
        return None
    mean = fmean(known)
    spread = sqrt(sum((error - mean) ** 2 for error in known) / (len(known) - 1)) if len(known) > 1 else 0.0
    mae = fmean(abs(error) for error in known)
    return Agreement(len(known), mean, mae, mean - 1.96 * spread, mean + 1.96 * spread)


def _is_off(one: RecordingComparison) -> bool:
    sets = any(not part.exact or not all(part.matched) or part.false_reps for part in one.sets)
    return sets or one.quiet.false_reps > 0


def _part(number: int, total: int) -> float | None:
    return number / total if total else None


def _f1(right: int, missed: int, wrong: int) -> float | None:
    total = 2 * right + missed + wrong
    return 2 * right / total if total else None
