"""From a planned set to its movements: the target and duration of each, and the hold behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from firmware_sim.person.person import clipped_normal
from firmware_sim.person.plan import (
    ARMS,
    HESITATION_TIME,
    LOAD_RANGE_PER_KG,
    LOAD_TIME_PER_KG,
    MOMENTUM_OVERSHOOT_DEG,
    MOMENTUM_TEMPO,
    PARTIAL_RANGE,
    ROLL_UP_TIME,
)
from firmware_sim.person.shapes import Hesitation, Wave
from firmware_sim.person.tempo import Tempo

if TYPE_CHECKING:
    from firmware_sim.person.person import Person
    from firmware_sim.person.plan import SetPlan
    from firmware_sim.person.shapes import Shape

TURN_S = 0.05
"""Shortest hold. A smooth path needs time from -10 % to +10 % of its peak rates; 0.05 s of a
two-second, 85 degree movement asks for about 250 deg/s2, which is what a 0.4 Hz sway of the trunk has."""

BALLISTIC_STEADINESS = 0.5
"""Swings vary less than slow lifts: the pendulum keeps time (Meigh et al. 2021, see exercises.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of a rep and the hold behind it, both by the normative rule."""

    rep: int
    """Counted from 0."""
    kind: Literal["eccentric", "concentric"]
    seconds: float
    hold_s: float
    to_deg: float
    shape: Shape | None = None
    """None: a bell that fits the holds on either side."""


@dataclass(frozen=True, slots=True)
class _Reps:
    """Arrays with a value per rep."""

    eccentric_s: np.ndarray
    bottom_hold_s: np.ndarray
    concentric_s: np.ndarray
    top_hold_s: np.ndarray
    bottom_deg: np.ndarray
    """One more than reps: where the set starts or ends."""
    top_deg: np.ndarray


def prescribed(plan: SetPlan) -> Tempo:
    """Return the tempo that a set asks for, before anything human."""
    tempo = plan.tempo
    if tempo is None:
        usual = plan.exercise.tempo
        slower = (1.0 + LOAD_TIME_PER_KG * plan.load_kg) * ARMS[plan.arms][0]
        tempo = Tempo(usual.eccentric_s, usual.bottom_hold_s, usual.concentric_s * slower, usual.top_hold_s)
        if plan.momentum:
            tempo = Tempo(
                tempo.eccentric_s * MOMENTUM_TEMPO[0], 0.0, tempo.concentric_s * MOMENTUM_TEMPO[1], 0.1
            )
        if plan.roll_up:
            tempo = Tempo(
                tempo.eccentric_s, tempo.bottom_hold_s, tempo.concentric_s * ROLL_UP_TIME, tempo.top_hold_s
            )
    return Tempo(
        tempo.eccentric_s if plan.eccentric_s is None else plan.eccentric_s,
        tempo.bottom_hold_s,
        tempo.concentric_s,
        tempo.top_hold_s if plan.top_hold_s is None else plan.top_hold_s,
    )


def movements(plan: SetPlan, person: Person, rng: np.random.Generator) -> list[Movement]:
    """Lay out all movements of a set, with this person's variation."""
    reps = _reps(plan, person, rng)
    found: list[Movement] = []
    for rep in range(plan.reps):
        up = Movement(
            rep=rep,
            kind="concentric",
            seconds=float(reps.concentric_s[rep]) * (HESITATION_TIME if rep + 1 in plan.hesitate else 1.0),
            hold_s=max(float(reps.top_hold_s[rep]), _pause_s(plan, rep, "top")),
            to_deg=float(reps.top_deg[rep + plan.exercise.starts_at_top]),
            shape=_shape(plan, rep),
        )
        down = Movement(
            rep=rep,
            kind="eccentric",
            seconds=float(reps.eccentric_s[rep]),
            hold_s=max(float(reps.bottom_hold_s[rep]), _pause_s(plan, rep, "bottom")),
            to_deg=float(reps.bottom_deg[rep + (not plan.exercise.starts_at_top)]),
            shape=plan.manner.eccentric[rep] if plan.manner.eccentric else None,
        )
        found += [down, up] if plan.exercise.starts_at_top else [up, down]
    if plan.ends_at_top and not plan.exercise.starts_at_top:
        found.pop()
    return found


def start_deg(plan: SetPlan, person: Person, rng: np.random.Generator) -> float:
    """Lean from which the first movement starts; ``rng`` as fresh as the one given to ``movements``."""
    reps = _reps(plan, person, rng)
    return float(reps.top_deg[0] if plan.exercise.starts_at_top else reps.bottom_deg[0])


def _shape(plan: SetPlan, rep: int) -> Shape | None:
    if rep + 1 in plan.hesitate:
        return Hesitation()
    if plan.roll_up:
        return Wave()
    return plan.manner.concentric[rep] if plan.manner.concentric else None


def _pause_s(plan: SetPlan, rep: int, end: Literal["top", "bottom"]) -> float:
    return sum(pause.seconds for pause in plan.manner.pauses if (pause.rep, pause.end) == (rep, end))


def _reps(plan: SetPlan, person: Person, rng: np.random.Generator) -> _Reps:
    # All numbers are drawn whatever the plan is, so that a variation changes only what it is about.
    n = plan.reps
    late = np.linspace(0.0, 1.0, n) ** 1.5 if n > 1 else np.zeros(1)
    steady = person.variation * (BALLISTIC_STEADINESS if plan.exercise.ballistic else 1.0)
    steady *= plan.manner.unsteadiness
    tempo = prescribed(plan)

    def varied(seconds: float, cv: float) -> np.ndarray:
        return np.asarray(seconds * np.exp(steady * cv * clipped_normal(rng, n)))

    def hold(seconds: float) -> np.ndarray:
        # The second term lets even a hold of no length be one now and then: 30 ms.
        return np.asarray(varied(seconds, person.hold_cv) + steady * 0.03 * np.abs(clipped_normal(rng, n)))

    longer_hold = 1.0 + plan.manner.hold_drift * late
    eccentric_s = varied(tempo.eccentric_s, person.movement_cv) * (1.0 + plan.manner.eccentric_drift * late)
    bottom_hold_s = hold(tempo.bottom_hold_s) * longer_hold
    concentric_s = varied(tempo.concentric_s, person.movement_cv) * (1.0 + plan.fatigue * late)
    top_hold_s = hold(tempo.top_hold_s) * longer_hold

    bottom, top = (posture.lean_deg for posture in person.ends(plan.exercise))
    full_deg = bottom - top
    shorter = 1.0 - ARMS[plan.arms][1] * max(0.5, 1.0 - LOAD_RANGE_PER_KG * plan.load_kg)
    tired = np.append(late, late[-1]) * 0.25 * plan.fatigue
    noise_deg = steady * person.end_part * full_deg
    bottoms = bottom + noise_deg * clipped_normal(rng, n + 1)
    tops = top + noise_deg * clipped_normal(rng, n + 1)
    overshoot_deg = rng.uniform(*MOMENTUM_OVERSHOOT_DEG, n + 1)
    partial = rng.uniform(*PARTIAL_RANGE, n + 1)

    # What costs range costs it at the end that is hard to reach: an extension's top, a hinge's bottom.
    lost_deg = full_deg * (shorter + tired)
    if plan.exercise.starts_at_top:
        bottoms -= lost_deg
    else:
        tops += lost_deg
    if plan.over_line_deg is not None:
        tops += plan.exercise.straight_line_deg - plan.over_line_deg - top
    if plan.momentum:
        tops -= overshoot_deg
    for rep in plan.partial:
        if plan.exercise.starts_at_top:
            bottoms[rep - 1] = top + full_deg * partial[rep - 1]
        else:
            tops[rep - 1] = bottom - full_deg * partial[rep - 1]
    return _Reps(eccentric_s, bottom_hold_s, concentric_s, top_hold_s, bottoms, tops)
