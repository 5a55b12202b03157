"""A set, performed: movements laid behind each other into the script, and the truth about them.

The normative rule cuts the slow beginning and end of a movement off and
gives them to the holds. So a movement is made longer than its time by the
rule, and what stands still between two movements is shorter than the hold;
where the hold has no room for both edges, the edges become steeper.
"""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.exercises import Posture
from firmware_sim.person.reps import TURN_S, movements, prescribed, start_deg
from firmware_sim.person.script import Effort, Jolt, Span
from firmware_sim.person.set_manner import PAUSE_S
from firmware_sim.person.shapes import NATURAL_EDGE, bell_with_edges, edges
from firmware_sim.person.truth import TrueRep, TrueSet

if TYPE_CHECKING:
    from firmware_sim.person.person import Person
    from firmware_sim.person.plan import SetPlan
    from firmware_sim.person.random_streams import RandomStreams
    from firmware_sim.person.reps import Movement
    from firmware_sim.person.script import Script
    from firmware_sim.person.set_manner import FailedRep
    from firmware_sim.person.shapes import Shape

PAUSE_BREATHS_HZ = (0.3, 0.6)
"""Breathing in a pause amid a set."""
STRAIN_WITH_FATIGUE = 1.0
"""How much stronger the tremor is in a set that slows by 100 %; own estimate."""


def first_lean_deg(plan: SetPlan, person: Person, streams: RandomStreams, number: int) -> float:
    """Lean from which set ``number`` of the session starts."""
    return start_deg(plan, person, streams.named("reps", number))


def perform(script: Script, plan: SetPlan, person: Person, streams: RandomStreams, number: int) -> TrueSet:
    """Write a set into the script, from where the first rep starts; return the truth."""
    todo = movements(plan, person, streams.named("reps", number))
    aside = streams.named("aside", number)
    bottom, top = person.ends(plan.exercise)
    twist = person.twist_deg, person.side_deg
    yaw_deg = script.now["yaw_deg"]
    before_s, after_s, still_s, shapes = _fit(todo)

    spans: list[tuple[float, float]] = []
    lean_deg = [script.now["lean_deg"]]
    with script.bout("set", 1.0 + STRAIN_WITH_FATIGUE * plan.fatigue):
        for k, movement in enumerate(todo):
            start_s = script.t_s + before_s[k]
            spans.append((start_s, start_s + movement.seconds))
            depth = (movement.to_deg - top.lean_deg) / (bottom.lean_deg - top.lean_deg)
            skew = aside.normal(0.0, 0.5, 2) * person.variation
            whole_s = before_s[k] + movement.seconds + after_s[k]
            script.move_aside(
                0.0,
                whole_s,
                plan.manner.hips or shapes[k],
                up_m=top.up_m + depth * (bottom.up_m - top.up_m),
                forward_m=top.forward_m + depth * (bottom.forward_m - top.forward_m),
            )
            script.move(
                whole_s,
                shapes[k],
                lean_deg=movement.to_deg,
                yaw_deg=yaw_deg + depth * twist[0] + skew[0],
                roll_deg=depth * twist[1] + skew[1],
            )
            lean_deg.append(movement.to_deg)
            if plan.exercise.jolt_ms2 and movement.kind == "eccentric":
                peak_ms2 = plan.exercise.jolt_ms2 * aside.uniform(0.5, 1.3)
                script.jolts.append(Jolt(script.t_s - after_s[k], peak_ms2))
            if plan.manner.pauses and still_s[k] > PAUSE_S[0]:
                _breathe(script, still_s[k], aside)
            script.wait(still_s[k])
    if plan.manner.failed is not None:
        _fail(script, plan.manner.failed, plan, (bottom, top))

    return TrueSet(
        exercise=plan.exercise.name,
        first_movement="eccentric" if plan.exercise.starts_at_top else "concentric",
        tempo=str(prescribed(plan)),
        load_kg=plan.load_kg,
        arms=plan.arms,
        straight_line_deg=plan.exercise.straight_line_deg,
        variations=plan.variations,
        reps=tuple(_truth(plan, todo, spans, lean_deg)),
    )


def _breathe(script: Script, seconds: float, rng: np.random.Generator) -> None:
    """Pause amid a set: breathe, and shift the weight a little, in the same posture."""
    script.efforts.append(
        Effort(script.t_s, rng.uniform(*PAUSE_BREATHS_HZ), rng.uniform(1.0, 1.8), recovery_s=seconds)
    )
    script.move_aside(
        rng.uniform(0.1, 0.4) * seconds, 0.4 * seconds, roll_deg=script.now["roll_deg"] + rng.normal(0.0, 1.5)
    )


def _fail(script: Script, failed: FailedRep, plan: SetPlan, ends: tuple[Posture, Posture]) -> None:
    """Try one more, give up on the way, and return."""
    bottom, top = ends
    start = Posture(script.now["lean_deg"], script.now["up_m"], script.now["forward_m"])
    far = bottom if plan.exercise.starts_at_top else top
    script.wait(failed.before_s)
    start_s = script.t_s
    with script.bout("set", 1.0 + STRAIN_WITH_FATIGUE * plan.fatigue):
        script.take(
            Posture(*(a + failed.part * (b - a) for a, b in zip(astuple(start), astuple(far), strict=True))),
            failed.seconds,
        )
        script.wait(failed.stop_s)
        script.take(start, failed.back_s)
    script.neutral.append(Span(start_s, script.t_s, "failed rep"))


def _fit(todo: list[Movement]) -> tuple[list[float], list[float], list[float], list[Shape]]:
    """Time before and after each movement, time that stands still behind it, and its shape."""
    before_s = []
    after_s = []
    for movement in todo:
        if movement.shape is None:
            before_s.append(NATURAL_EDGE * movement.seconds)
            after_s.append(NATURAL_EDGE * movement.seconds)
        else:
            on, off = edges(movement.shape)
            before_s.append(on / (1 - on - off) * movement.seconds)
            after_s.append(off / (1 - on - off) * movement.seconds)
    still_s = []
    for k, movement in enumerate(todo[:-1]):
        hold_s = max(TURN_S, movement.hold_s)
        fixed_s = after_s[k] * (movement.shape is not None) + before_s[k + 1] * (
            todo[k + 1].shape is not None
        )
        loose_s = after_s[k] + before_s[k + 1] - fixed_s
        # A shape of its own keeps its edges; a bell beside it gives way, but not below half a turn.
        room_s = max(TURN_S / 2, hold_s - fixed_s)
        if loose_s > room_s:
            if movement.shape is None:
                after_s[k] *= room_s / loose_s
            if todo[k + 1].shape is None:
                before_s[k + 1] *= room_s / loose_s
        still_s.append(max(0.0, hold_s - after_s[k] - before_s[k + 1]))
    still_s.append(max(0.0, todo[-1].hold_s - after_s[-1]))
    shapes: list[Shape] = []
    for k, movement in enumerate(todo):
        if movement.shape is None:
            whole_s = before_s[k] + movement.seconds + after_s[k]
            shapes.append(bell_with_edges(before_s[k] / whole_s, after_s[k] / whole_s))
        else:
            shapes.append(movement.shape)
    return before_s, after_s, still_s, shapes


def _truth(
    plan: SetPlan, todo: list[Movement], spans: list[tuple[float, float]], lean_deg: list[float]
) -> list[TrueRep]:
    """The reps of these movements; ``lean_deg`` has the lean before the first movement and after each."""
    found = []
    for rep in range(plan.reps):
        own = [k for k, movement in enumerate(todo) if movement.rep == rep]
        at = {todo[k].kind: spans[k] for k in own}
        holds: dict[str, float | None] = {"eccentric": None, "concentric": None}
        for k in own:
            if k + 1 < len(spans):
                holds[todo[k].kind] = spans[k + 1][0] - spans[k][1]
        leans = lean_deg[own[0] : own[-1] + 2]
        found.append(
            TrueRep(
                start_s=spans[own[0]][0],
                top_s=at["concentric"][1],
                end_s=spans[own[-1]][1],
                eccentric_s=at["eccentric"][1] - at["eccentric"][0] if "eccentric" in at else None,
                bottom_hold_s=holds["eccentric"],
                concentric_s=at["concentric"][1] - at["concentric"][0],
                top_hold_s=holds["concentric"],
                range_of_motion_deg=float(np.ptp(leans)),
                top_lean_deg=next(todo[k].to_deg for k in own if todo[k].kind == "concentric"),
                partial=rep + 1 in plan.partial,
            )
        )
    return found
