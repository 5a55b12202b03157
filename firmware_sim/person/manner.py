"""How one person does one set on one day: ends, pace, shapes, pauses, and the rep that fails.

``usual`` draws an exercise as this person does it, for all sets of a session;
``draw_manner`` what is different in a single set. Own estimates throughout.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.exercises import Posture
from firmware_sim.person.set_manner import PAUSE_S, FailedRep, Manner, Pause
from firmware_sim.person.shapes import Bell, Hesitation, Wave
from firmware_sim.person.tempo import Tempo

if TYPE_CHECKING:
    from firmware_sim.person.exercises import Exercise
    from firmware_sim.person.plan import SetPlan
    from firmware_sim.person.shapes import Shape

SMALL_RANGE_DEG = (20.0, 26.0)
"""A deadlift with the trunk well braced and upright: the legs do the work."""
FLOOR_RANGE_DEG = (12.0, 28.0)
SMALL_RANGE_PART = 0.25
"""How many of those who deadlift do it like that."""
RANGE_PART = (0.75, 1.1)
PACE = {"eccentric": (0.6, 1.5), "bottom hold": (0.2, 2.5), "concentric": (0.7, 1.5), "top hold": (0.2, 2.0)}
"""Times of a rep relative to the exercise's usual ones."""
SWING_PACE = (0.88, 1.15)


def usual(exercise: Exercise, rng: np.random.Generator) -> Exercise:
    """Draw an exercise as somebody does it: their range, their pace."""
    full_deg = exercise.bottom.lean_deg - exercise.top.lean_deg
    bottom, top = exercise.bottom, exercise.top
    small = rng.random() < SMALL_RANGE_PART
    part = rng.uniform(*RANGE_PART)
    if exercise.place == "floor":
        top = replace(top, lean_deg=bottom.lean_deg - rng.uniform(*FLOOR_RANGE_DEG))
    elif exercise.place == "bar" and small:
        # Upright over bent knees: the hips are lower, the weight on the floor is where it was.
        bottom = Posture(top.lean_deg + rng.uniform(*SMALL_RANGE_DEG), bottom.up_m - 0.1, bottom.forward_m)
    else:
        bottom = replace(bottom, lean_deg=top.lean_deg + part * full_deg)
    small_range = min(1.0, (bottom.lean_deg - top.lean_deg) / full_deg)
    return replace(
        exercise,
        bottom=bottom,
        top=top,
        tempo=_pace(exercise, rng),
        # The spread of the ends from person to person belongs to a full range.
        person_deg=exercise.person_deg * small_range,
    )


def _pace(exercise: Exercise, rng: np.random.Generator) -> Tempo:
    tempo = exercise.tempo
    if exercise.ballistic:
        pace = rng.uniform(*SWING_PACE)
        return Tempo(
            tempo.eccentric_s * pace, tempo.bottom_hold_s, tempo.concentric_s * pace, tempo.top_hold_s
        )
    eccentric, bottom, concentric, top = (rng.uniform(*span) for span in PACE.values())
    return Tempo(
        tempo.eccentric_s * eccentric,
        tempo.bottom_hold_s * bottom,
        tempo.concentric_s * concentric,
        tempo.top_hold_s * top,
    )


def draw_manner(plan: SetPlan, rng: np.random.Generator) -> Manner:
    """Draw how a set is done."""
    if plan.exercise.ballistic:
        # The pendulum sets pace and shape, and nobody pauses in mid-swing.
        return Manner(unsteadiness=rng.uniform(0.7, 1.8), eccentric_drift=rng.uniform(-0.05, 0.1))
    shaped = rng.random() < 0.7
    concentric = _shapes(plan.reps, rng)
    eccentric = _shapes(plan.reps, rng)
    late = int(rng.integers(0, 3)) if rng.random() < 0.25 else 0
    grinds = tuple(_grind(rng) for _ in range(min(late, plan.reps)))
    concentric = concentric[: plan.reps - len(grinds)] + grinds
    rest_pause = bool(rng.random() < 0.5)
    pauses = _pauses(plan, rng, rest_pause=rest_pause) if rng.random() < 0.4 else ()
    failed = _failed(rng) if rng.random() < 0.15 else None
    return Manner(
        eccentric=eccentric if shaped else (),
        concentric=concentric if shaped else (),
        hips=Bell(*(float(one) for one in rng.uniform(1.3, 3.2, 2))) if shaped else None,
        unsteadiness=rng.uniform(0.7, 2.0),
        eccentric_drift=rng.uniform(-0.25, 0.3),
        hold_drift=rng.uniform(-0.2, 1.0),
        pauses=pauses,
        rest_pause=rest_pause,
        failed=None if plan.ends_at_top else failed,
    )


def _shapes(reps: int, rng: np.random.Generator) -> tuple[Shape, ...]:
    """Bells that lean to one side, much the same one in the whole set."""
    rise, fall = rng.uniform(1.3, 3.2, 2)
    spread = np.exp(rng.normal(0.0, 0.1, (reps, 2)).clip(-0.25, 0.25))
    return tuple(Bell(float(rise * one), float(fall * other)) for one, other in spread)


def _grind(rng: np.random.Generator) -> Shape:
    """Draw a concentric through a sticking region: slow amid it, or at a stop."""
    if rng.random() < 0.5:
        return Wave(parts=2, lag=float(rng.uniform(0.3, 0.45)))
    return Hesitation(
        at=float(rng.uniform(0.35, 0.65)),
        dip=float(rng.uniform(0.0, 0.04)),
        pause=float(rng.uniform(0.15, 0.3)),
    )


def _pauses(plan: SetPlan, rng: np.random.Generator, *, rest_pause: bool) -> tuple[Pause, ...]:
    # Of those who start at the bottom some rest there: hanging, or with the bar on the floor.
    below = not plan.exercise.starts_at_top and rng.random() < (0.5 if plan.exercise.place == "bar" else 0.2)
    if rest_pause:
        first, every = int(rng.integers(3, 7)), int(rng.integers(2, 5))
        reps = range(first - 1, plan.reps - 1, every)
    else:
        late = [rep for rep in range(plan.reps // 2, plan.reps - 1) if rng.random() < 0.35]
        reps = late[:3]  # type: ignore[assignment]  # both are rep numbers in order
    return tuple(Pause(rep, rng.uniform(*PAUSE_S), "bottom" if below else "top") for rep in reps)


def _failed(rng: np.random.Generator) -> FailedRep:
    return FailedRep(
        part=rng.uniform(0.2, 0.55),
        seconds=rng.uniform(1.2, 3.0),
        stop_s=rng.uniform(0.2, 1.5),
        back_s=rng.uniform(0.6, 1.6),
        before_s=rng.uniform(0.0, 2.5),
    )
