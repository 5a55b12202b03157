"""How well a set was done: figures per rep and per set, no judgement.

Pure functions of counted reps. Each figure's definition, unit and limits stand
in docs/explanation/form.md; a figure that cannot be known is None. No rep is
dropped: partial ones are figures of their own, and counted beside the others.

The slowing over a set follows the velocity loss of Sanchez-Medina and
Gonzalez-Badillo 2011 (doi:10.1249/MSS.0b013e318213f880), with angular in place
of bar velocity and medians of three reps in place of the fastest and the last
one, which chance alone makes differ by a tenth.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, median, pstdev
from typing import TYPE_CHECKING

from imurep.counting.assessment.assessment_params import FormParams
from imurep.exercises import EXERCISES
from imurep.tempo import starts_at_top, tempo_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imurep.events import ExerciseSet, Rep
    from imurep.exercises import Exercise
    from imurep.tempo import Tempo


DEFAULT = FormParams()
OVER_DEG = DEFAULT.over_deg
"""Over the straight line by more than this is flagged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepForm:
    """Figures of one rep."""

    rep_id: str
    from_habit_deg: float | None
    """Top against the median top of the set's full reps; positive is higher."""
    over_line_deg: float | None
    """Top against the straight line; positive is over it. None without a calibrated line."""
    over: bool
    """Over the line by more than sensors like this can err."""
    momentum: float | None
    """0 (lifted) to 100 (thrown); None where momentum is what the exercise is about."""
    lowering: float | None
    """Eccentric as a multiple of the concentric."""
    range_part: float
    """Range as a share of the largest of the set."""
    on_tempo: bool | None
    """Every phase that is known is near its target; None without a target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetForm:
    """Figures of a set; medians are over its full reps."""

    reps: tuple[RepForm, ...]
    full: int
    """Reps of full range."""
    on_tempo: int | None
    """Reps on target tempo; None without a target."""
    over: int
    """Reps over the straight line."""
    target_tempo_s: tuple[float, float, float, float] | None
    top_spread_deg: float | None
    """Standard deviation of the tops."""
    over_line_deg: float | None
    """Median."""
    momentum: float | None
    """Median."""
    lowering_s: float | None
    """Median eccentric."""
    lowering: float | None
    """Median of eccentric to concentric."""
    slowing_percent: float | None
    """Loss of mean concentric rate from the first reps to the last ones; negative is faster."""
    unsteadiness_percent: float | None
    """Coefficient of variation of the time in movement."""


def form_of(
    found: ExerciseSet,
    *,
    line_deg: float | None = None,
    target_tempo_s: tuple[float, float, float, float] | None = None,
    params: FormParams = DEFAULT,
) -> SetForm:
    """Measure the form of a set.

    ``line_deg`` is the lean of the person's straight line (``calibration``),
    ``target_tempo_s`` the tempo that they want rather than the exercise's usual one.
    """
    exercise = EXERCISES.get(found.exercise)
    if target_tempo_s is None and exercise is not None:
        target_tempo_s = exercise.target.tempo_s
    reps = found.reps
    full = [rep for rep in reps if not rep.partial] or list(reps)
    usual_deg = _median(rep.top_angle_deg for rep in full)
    best_deg = max(rep.range_of_motion_deg for rep in reps)
    holds = [None, *(rep.bottom_hold_s for rep in reps)]
    forms = tuple(
        _rep_form(rep, before_s, exercise, (usual_deg, best_deg, line_deg), target_tempo_s, params)
        for rep, before_s in zip(reps, holds, strict=False)
    )
    of_full = [form for form, rep in zip(forms, reps, strict=True) if not rep.partial] or list(forms)
    tops_deg = [rep.top_angle_deg for rep in full if rep.top_angle_deg is not None]
    return SetForm(
        reps=forms,
        full=sum(not rep.partial for rep in reps),
        on_tempo=sum(bool(form.on_tempo) for form in forms) if target_tempo_s else None,
        over=sum(form.over for form in forms),
        target_tempo_s=target_tempo_s,
        top_spread_deg=pstdev(tops_deg) if len(tops_deg) > 1 else None,
        over_line_deg=_median(form.over_line_deg for form in of_full),
        momentum=_median(form.momentum for form in of_full),
        lowering_s=_median(rep.eccentric_s for rep in full),
        lowering=_median(form.lowering for form in of_full),
        slowing_percent=_slowing_percent(full, params),
        unsteadiness_percent=_unsteadiness_percent(full, params),
    )


def _rep_form(
    rep: Rep,
    hold_before_s: float | None,
    exercise: Exercise | None,
    against_deg: tuple[float | None, float, float | None],
    target_tempo_s: Sequence[float] | None,
    params: FormParams,
) -> RepForm:
    usual_deg, best_deg, line_deg = against_deg
    top_deg, inclination_deg = rep.top_angle_deg, rep.top_inclination_deg
    straight = exercise is not None and exercise.form.straight_line
    over_deg = None
    if straight and line_deg is not None and inclination_deg is not None:
        over_deg = line_deg - inclination_deg
    bottom_hold_s = rep.bottom_hold_s if starts_at_top(rep) else hold_before_s
    judged = exercise is None or exercise.form.momentum
    return RepForm(
        rep_id=rep.id,
        from_habit_deg=None if top_deg is None or usual_deg is None else usual_deg - top_deg,
        over_line_deg=over_deg,
        over=over_deg is not None and over_deg > params.over_deg,
        momentum=_momentum(rep, bottom_hold_s, params) if judged else None,
        lowering=rep.eccentric_s / rep.concentric_s if rep.eccentric_s and rep.concentric_s else None,
        range_part=rep.range_of_motion_deg / best_deg if best_deg else 0.0,
        on_tempo=_on_tempo(tempo_of(rep), target_tempo_s, params) if target_tempo_s else None,
    )


def _momentum(rep: Rep, bottom_hold_s: float | None, params: FormParams) -> float | None:
    """Half of it is the throw, half the rests that are missing at both ends, as far as they are known."""
    if not rep.range_of_motion_deg:
        return None
    throw = _ramp(rep.peak_rate_dps / rep.range_of_motion_deg, params.throw_per_s)
    rests = [_ramp(rest_s, params.rest_s) for rest_s in (bottom_hold_s, rep.top_hold_s) if rest_s is not None]
    return 100 * fmean((throw, fmean(rests)) if rests else (throw,))


def _ramp(value: float, ramp: tuple[float, float]) -> float:
    nothing, everything = ramp
    return min(1.0, max(0.0, (value - nothing) / (everything - nothing)))


def _on_tempo(tempo: Tempo, target_s: Sequence[float], params: FormParams) -> bool:
    return all(
        abs(value - wanted) <= max(params.on_tempo_s, params.on_tempo_part * wanted)
        for value, wanted in zip(tempo, target_s, strict=True)
        if value is not None
    )


def _slowing_percent(reps: Sequence[Rep], params: FormParams) -> float | None:
    rates_dps = [rep.range_of_motion_deg / rep.concentric_s for rep in reps if rep.concentric_s]
    if len(rates_dps) < 2 * params.few_reps:
        return None
    first, last = median(rates_dps[: params.few_reps]), median(rates_dps[-params.few_reps :])
    return 100 * (first - last) / first


def _unsteadiness_percent(reps: Sequence[Rep], params: FormParams) -> float | None:
    moving_s = [rep.eccentric_s + rep.concentric_s for rep in reps if rep.eccentric_s and rep.concentric_s]
    if len(moving_s) < params.few_reps:
        return None
    return 100 * pstdev(moving_s) / fmean(moving_s)


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
