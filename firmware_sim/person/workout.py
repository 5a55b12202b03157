"""A whole session: standing, walking up, sets with rests between, walking off.

Reads from top to bottom as the person goes through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from firmware_sim.person import activities, daily_life, habits
from firmware_sim.person.exercises import Posture
from firmware_sim.person.script import Script, Span
from firmware_sim.person.sets import first_lean_deg, perform

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from firmware_sim.person.exercises import Exercise
    from firmware_sim.person.person import Person
    from firmware_sim.person.plan import SetPlan
    from firmware_sim.person.random_streams import RandomStreams
    from firmware_sim.person.truth import TrueSet

    GetOn = Callable[[Script, Exercise, Posture, np.random.Generator], None]

PLATES_FROM_KG = 5.0
"""Whoever trains with more than this fetches plates before the first set; own estimate."""


Variety = Literal["plain", "life"]

AT_ONCE_S = 1.5
"""Stillness before the first rep of a session without a lead-in."""
ALL_WEIGHTS_S = 60.0
"""Time for weights before the first set of an exercise and after its last."""
REST_LEFT_S = 25.0
"""What is left of the rest for getting off and on when weights are fetched between sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a session holds."""

    sets: tuple[SetPlan, ...] = ()
    rest_s: float = 60.0
    """From the end of a set to the start of the next."""
    lead_in: bool = True
    """Stand still and walk up first, so that upright can be seen."""
    daily_s: float = 0.0
    """Daily life before the first set, or alone."""
    calibrated: Exercise | None = None
    """Hold its straight line once, and do nothing else."""
    person_seed: int | None = None
    """The seed that draws who does it; None: the session's own."""
    variety: Variety = "plain"
    """How varied sets are, and what belongs to them: getting on and off, pauses, weights."""
    cut_after_s: float | None = None
    """End so long after the last set's last movement; None: get off and walk away."""


def write_session(session: Session, person: Person, streams: RandomStreams) -> tuple[Script, list[TrueSet]]:
    """Write the script of a session, and the truth about its sets."""
    script = Script()
    found: list[TrueSet] = []
    rng = streams.named("lead in")
    script.now["lean_deg"] = activities.UPRIGHT.lean_deg
    if session.lead_in:
        activities.stand(script, rng.uniform(4.0, 7.0))
        activities.walk(script, rng, rng.uniform(7.0, 11.0))
    if session.calibrated:
        activities.hold_line(script, session.calibrated, person, streams.named("calibration"))
    if session.daily_s:
        daily_life.write_daily_life(script, streams.named("daily"), session.daily_s)
    for number, plan in enumerate(session.sets):
        rng = streams.named("between", number)
        same = number > 0 and session.sets[number - 1].exercise is plan.exercise
        ready_s = _time_to_get_ready(plan.exercise)
        if found:
            _rest(script, rng, session.rest_s - (script.t_s - found[-1].end_s) - ready_s, at_place=same)
        at_once = not (session.lead_in or session.daily_s or found)
        if session.variety == "life":
            found.append(_lived_set(script, session, person, streams, number, at_once=at_once))
            continue
        if plan.load_kg >= PLATES_FROM_KG and (session.lead_in if number == 0 else not same):
            activities.plates(script, rng)
        found.append(_set(script, plan, person, streams, number, at_once=at_once))
        activities.get_off(script, plan.exercise, rng)
    if session.sets or session.lead_in:
        rng = streams.named("lead out")
        activities.fidget(script, rng, rng.uniform(5.0, 8.0))
        activities.walk(script, rng, rng.uniform(8.0, 12.0))
        activities.stand(script, rng.uniform(6.0, 9.0))
    if session.cut_after_s is not None and found:
        script.t_s = min(script.t_s, found[-1].end_s + session.cut_after_s)
    return script, found


def quiet_spans(script: Script, sets: list[TrueSet]) -> list[Span]:
    """All that is neither a set nor neutral, with labels; without one it is ``moving about``."""
    taken = sorted(
        [(one.start_s, one.end_s) for one in sets] + [(one.start_s, one.end_s) for one in script.neutral]
    )
    ends = [0.0, *(value for one in taken for value in one), script.t_s]
    found = []
    for start_s, end_s in zip(ends[::2], ends[1::2], strict=True):
        at_s = start_s
        for span in sorted(script.spans, key=lambda span: span.start_s):
            if min(span.start_s, script.t_s) >= end_s or span.end_s <= at_s:
                continue
            if span.start_s > at_s + 0.01:
                found.append(Span(at_s, span.start_s, "moving about"))
                at_s = span.start_s
            found.append(Span(at_s, min(span.end_s, end_s), span.what))
            at_s = min(span.end_s, end_s)
        if end_s > at_s + 0.01:
            found.append(Span(at_s, end_s, "moving about"))
    return found


def _lived_set(
    script: Script, session: Session, person: Person, streams: RandomStreams, number: int, *, at_once: bool
) -> TrueSet:
    """Perform a set as varied as life, with the weights that are fetched before and after it."""
    plan = habits.live(session.sets[number], streams, number)
    rng = streams.named("weights", number)
    neighbours = [session.sets[at].exercise for at in (number - 1, number + 1) if 0 <= at < len(session.sets)]
    before = number == 0 or neighbours[0] is not session.sets[number].exercise
    after = number + 1 == len(session.sets) or neighbours[-1] is not session.sets[number].exercise
    if before and not at_once:
        habits.fetch_weights(script, plan.exercise, rng, ALL_WEIGHTS_S)
    found = _set(script, plan, person, streams, number, at_once=at_once, get_on=habits.get_on)
    habits.get_off(script, plan.exercise, streams.named("get off", number))
    habits.fetch_weights(script, plan.exercise, rng, ALL_WEIGHTS_S if after else session.rest_s - REST_LEFT_S)
    return found


def _set(
    script: Script,
    plan: SetPlan,
    person: Person,
    streams: RandomStreams,
    number: int,
    *,
    at_once: bool,
    get_on: GetOn = activities.get_on,
) -> TrueSet:
    bottom, top = person.ends(plan.exercise)
    end = top if plan.exercise.starts_at_top else bottom
    start = Posture(first_lean_deg(plan, person, streams, number), end.up_m, end.forward_m)
    if at_once:
        script.now |= {"lean_deg": start.lean_deg, "up_m": start.up_m, "forward_m": start.forward_m}
        script.wait(AT_ONCE_S)
    else:
        get_on(script, plan.exercise, start, streams.named("get on", number))
    return perform(script, plan, person, streams, number)


def _rest(script: Script, rng: np.random.Generator, seconds: float, *, at_place: bool) -> None:
    """Rest for a time: walk off and back, sit or stand about; always walk to another place."""
    end_s = script.t_s + max(4.0, seconds)
    if seconds > 40 and rng.random() < 0.5:
        activities.walk(script, rng, rng.uniform(4.0, 7.0))
        activities.sit(script, rng, rng.uniform(12.0, end_s - script.t_s - 12.0))
    if not at_place or rng.random() < 0.5:
        activities.walk(script, rng, min(rng.uniform(5.0, 9.0), max(3.0, end_s - script.t_s - 4.0)))
    activities.fidget(script, rng, end_s - script.t_s)


def _time_to_get_ready(exercise: Exercise) -> float:
    """Usual time from standing to the first rep, seconds."""
    return {"bench": 7.0, "floor": 8.0, "bar": 5.5, "kettlebell": 5.5, "rack": 7.0}[exercise.place]
