"""Which exercise a set was, or that it is unknown, with the reasons.

Idea. The profiles (``imurep.exercises``) give, per exercise, the inclination of
the trunk at both ends, the range, the rhythm and the dynamics. A set is
described by the medians of its reps and compared with every profile:

1. What leaves the plane of a hinge (turns, twists) is no exercise known here.
2. With upright seen, both ends have to lie within the profile's, and to agree
   with the range: a trunk that leans back and forth spans more than its
   inclinations show.
3. What starts with the load on the floor has to start at the bottom: with a
   rise, or with a stay at the bottom, early in the set, that is far longer than
   those after it: there the load was taken hold of. Bends before that, such as
   for plates, are left out. What starts at the top must not start so.
4. Where a hinge starts at the top, the body must not rise and fall by more
   than the bend explains: then the knees bend, as in squats.
5. Without upright, postures are not known. Only an exercise that rhythm and
   dynamics separate from all others is named then.

One group left: that is it. None or several: unknown.
docs/explanation/identification.md has what was measured, and the limits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from imurep.exercises import EXERCISES, UNKNOWN, Start
from imurep.tempo import starts_at_top

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from imurep.counting.assessment.assessment_params import ExerciseClassifierParams
    from imurep.events import Rep
    from imurep.exercises import Exercise, ValueRange


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFeatures:
    """Features of a set."""

    top_deg: float | None
    """Inclination at the top; None where the pose of standing is unknown."""
    bottom_deg: float | None
    """Inclination at the bottom; None where the pose of standing is unknown."""
    range_deg: float
    """Range of motion."""
    rep_s: float | None
    """Time from start to start; None for a single rep."""
    peak_dps: float
    """Highest angular rate."""
    from_bottom: bool
    """It began at the bottom, or with a stay there that is longer than the others."""
    out_of_plane_deg: float = 0.0
    """Deviation from the plane of movement."""
    shake_rms_ms2: float = 0.0
    """Spread of the force within a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """The exercise of a set, and why."""

    exercise: str
    """Its name, or ``unknown``."""
    group: tuple[str, ...]
    """Names that the signal cannot tell apart, its own among them; empty for ``unknown``."""
    reasons: tuple[str, ...]
    """Sentences for people."""
    contradiction: str = ""
    """What in the set contradicts the exercise that the person chose; empty: nothing."""


def set_features(
    reps: Sequence[Rep],
    params: ExerciseClassifierParams,
    *,
    out_of_plane_deg: float = 0.0,
    shake_rms_ms2: float = 0.0,
) -> SetFeatures:
    """Describe a set by its reps; partial ones count where there are no others."""
    grip = _grip(reps, params)
    reps = reps[grip or 0 :]
    full = [rep for rep in reps if not rep.partial] or list(reps)
    return SetFeatures(
        top_deg=_median(rep.top_inclination_deg for rep in full),
        bottom_deg=_median(rep.bottom_inclination_deg for rep in full),
        range_deg=median(rep.range_of_motion_deg for rep in full),
        rep_s=_rhythm_s(reps),
        peak_dps=median(rep.peak_rate_dps for rep in full),
        from_bottom=grip is not None or not starts_at_top(reps[0]),
        out_of_plane_deg=out_of_plane_deg,
        shake_rms_ms2=shake_rms_ms2,
    )


def classify_exercise(
    found: SetFeatures,
    params: ExerciseClassifierParams,
    chosen: Exercise | None = None,
    recent_exercises: Collection[str] = (),
) -> Classification:
    """Name the exercise of a set.

    An exercise that the person chose is trusted; where the set does not fit it,
    there is a contradiction. ``recent_exercises`` names what the person did
    before: within a group the set is taken for that again.
    """
    if chosen is not None:
        return Classification(
            exercise=chosen.name,
            group=chosen.group,
            reasons=("it was told",),
            contradiction=_contradiction(found, chosen, params),
        )
    against = _against_all(found, params)
    if against:
        return _unknown(against)
    known_posture = found.top_deg is not None and found.bottom_deg is not None
    candidates = [one for one in EXERCISES.values() if known_posture or one.distinct]
    fitting = {one.group: one for one in candidates if not any(_misfits(found, one, params))}
    if len(fitting) == 1:
        ((group, fits),) = fitting.items()
        before = [EXERCISES[name] for name in group if name in recent_exercises]
        name = before[0] if before else next(EXERCISES[name] for name in group if EXERCISES[name].common)
        why = "it is what you did last time" if before else "this is the more common one"
        return Classification(
            exercise=name.name, group=group, reasons=tuple(_reasons(found, fits, name, why))
        )
    if fitting:
        titles = " and ".join(sorted(one.title for one in fitting.values()))
        return _unknown(f"it fits {titles}")
    if not known_posture:
        return _unknown(
            "where upright is was not seen, so the postures are not known; stand still or walk ten steps "
            "before a set, or tell the exercise"
        )
    return _unknown(f"no exercise known here is like it: {_posture(found)}, {_rhythm(found)}")


def _against_all(found: SetFeatures, params: ExerciseClassifierParams) -> str:
    if found.out_of_plane_deg > params.out_of_plane_deg:
        return f"the trunk turned or bent to a side by {found.out_of_plane_deg:.0f}° in each movement"
    top, bottom, reach = found.top_deg, found.bottom_deg, found.range_deg
    if top is None or bottom is None:
        return ""
    # Past upright, or past hanging, the inclinations of the two ends add up.
    ways = [bottom - top, 360 - bottom - top]
    if top <= params.past_upright * bottom:
        ways.append(bottom + top)
    off = min(abs(reach - way) for way in ways)
    if off > max(params.disagreement_deg, params.disagreement_share * reach):
        return f"the trunk moved by {reach:.0f}°, but not straight forward: {_posture(found)}"
    return ""


def _misfits(found: SetFeatures, one: Exercise, params: ExerciseClassifierParams) -> Iterator[str]:
    """Give what does not fit, in words."""
    yield from _off_spans(found, one)
    if found.top_deg is None or one.distinct:
        return
    if one.set_down and not found.from_bottom:
        yield "it did not start with a load on the floor"
    if one.starts_at is Start.TOP:
        if found.from_bottom:
            yield "it started at the bottom"
        shaken_ms2 = math.sqrt(max(0.0, found.shake_rms_ms2**2 - params.calm_ms2**2))
        if shaken_ms2 > params.lever_m * math.radians(found.peak_dps) ** 2:
            yield "the knees bent, as in a squat"


def _off_spans(found: SetFeatures, one: Exercise, slack_deg: float = 0.0) -> Iterator[str]:
    for what, value, span, unit, slack in (
        ("at the top the trunk was", found.top_deg, one.top_deg, "° from upright", slack_deg),
        ("at the bottom the trunk was", found.bottom_deg, one.bottom_deg, "° from upright", slack_deg),
        ("the range was", found.range_deg, one.range_deg, "°", slack_deg),
        ("a rep took", found.rep_s, one.rep_s, " s", slack_deg and math.inf),
        ("the trunk turned at up to", found.peak_dps, one.peak_dps, "°/s", slack_deg and math.inf),
    ):
        if value is not None and not span.low - slack <= value <= span.high + slack:
            yield f"{what} {_number(value, unit)}, not {_between(span, unit)}"


def _contradiction(found: SetFeatures, chosen: Exercise, params: ExerciseClassifierParams) -> str:
    misfits = list(_off_spans(found, chosen, params.slack_deg))
    if not misfits:
        return ""
    other = classify_exercise(found, params)
    like = "" if other.exercise == UNKNOWN else f"; it looks like {EXERCISES[other.exercise].title}"
    return f"told {chosen.title}, but {' and '.join(misfits)}{like}"


def _reasons(found: SetFeatures, fits: Exercise, named: Exercise, why: str) -> Iterator[str]:
    if found.top_deg is not None:
        yield f"{_posture(found)}, a range of {found.range_deg:.0f}°"
    else:
        yield f"upright was not seen, but a range of {found.range_deg:.0f}° this fast is nothing else"
    yield _rhythm(found)
    if fits.set_down and found.from_bottom:
        yield "it started at the bottom, where the load stood"
    elif fits.starts_at is Start.TOP:
        yield "it started at the top"
    others = [EXERCISES[name].title for name in named.group if name != named.name]
    if others:
        yield f"one sensor cannot tell it from {' or '.join(others)}; {why}"


def _unknown(why: str) -> Classification:
    return Classification(exercise=UNKNOWN, group=(), reasons=(why,))


def _posture(found: SetFeatures) -> str:
    return f"{found.top_deg:.0f}° from upright at the top and {found.bottom_deg:.0f}° at the bottom"


def _rhythm(found: SetFeatures) -> str:
    rhythm = "" if found.rep_s is None else f"a rep every {found.rep_s:.1f} s, "
    return f"{rhythm}up to {found.peak_dps:.0f}°/s"


def _between(span: ValueRange, unit: str) -> str:
    return f"{span.low:g} to {_number(span.high, unit)}"


def _number(value: float, unit: str) -> str:
    return f"{value:.1f}{unit}" if unit == " s" else f"{value:.0f}{unit}"


def _grip(reps: Sequence[Rep], params: ExerciseClassifierParams) -> int | None:
    """Give the rep in which a load was taken hold of; None for none."""
    holds_s = [rep.bottom_hold_s for rep in reps]
    early_s = [hold_s or 0.0 for hold_s in holds_s[: params.grip_reps]]
    at = early_s.index(max(early_s))
    # As long as it is the last rep so far, those before it have to do.
    usual_s = _median(holds_s[at + 1 :])
    if usual_s is None:
        usual_s = _median(holds_s[:at])
    if usual_s is None or early_s[at] < max(params.grip_s, params.grip_factor * usual_s):
        return None
    return at


def _rhythm_s(reps: Sequence[Rep]) -> float | None:
    """Median time from start to start; the first one is left out, since people settle into a set."""
    starts_s = [(b.start_us - a.start_us) / 1e6 for a, b in pairwise(reps)]
    return _median(starts_s[1:] or starts_s)


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
