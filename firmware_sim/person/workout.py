"""A whole session: standing, walking up, sets with rests between, walking off.

Reads from top to bottom as the person goes through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from firmware_sim.person import activities, daily_life, habits
from firmware_sim.person.between_sets import Life, Plain
from firmware_sim.person.exercises import Posture
from firmware_sim.person.script import Script, Span
from firmware_sim.person.sets import first_lean_deg, perform

if TYPE_CHECKING:
    from firmware_sim.person.exercises import Exercise
    from firmware_sim.person.person import Person
    from firmware_sim.person.plan import SetPlan
    from firmware_sim.person.random_streams import RandomStreams
    from firmware_sim.person.truth import TrueSet

Variety = Literal["plain", "life"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a session holds."""

    sets: tuple[SetPlan, ...] = ()
    rest_s: float | None = None
    """From the end of a set to the start of the next; None: 60, or drawn each time in life."""
    lead_in: bool = True
    """Stand still and walk up first, so that upright can be seen."""
    daily_s: float = 0.0
    """Daily life before the first set, or alone."""
    day: str = daily_life.PLAIN
    """Kind of daily life, one of ``daily_life.DAYS``."""
    variety: Variety = "plain"
    """life: sets, rests, and ways of coming, getting on and off that vary as people do."""
    calibrated: Exercise | None = None
    """Hold its straight line once, and do nothing else."""
    person_seed: int | None = None
    """The seed that draws who does it; None: the session's own."""
    cut_after_s: float | None = None
    """End so long after the last set's last movement; None: get off and walk away."""


def write_session(session: Session, person: Person, streams: RandomStreams) -> tuple[Script, list[TrueSet]]:
    """Write the script of a session, and the truth about its sets."""
    script = Script()
    plans = session.sets
    if session.variety == "life":
        plans = tuple(habits.live(plan, streams, number) for number, plan in enumerate(plans))
    between_sets = (Life if session.variety == "life" else Plain)(plans, script, streams, session.rest_s)
    in_sight = session.lead_in and between_sets.coming.in_sight
    script.now["lean_deg"] = activities.UPRIGHT.lean_deg
    if in_sight:
        between_sets.come()
    if session.calibrated:
        activities.hold_line(script, session.calibrated, person, streams.named("calibration"))
    if session.daily_s:
        daily_life.write_daily_life(script, streams.named("daily"), session.daily_s, session.day)
    found: list[TrueSet] = []
    for number, plan in enumerate(plans):
        bottom, top = person.ends(plan.exercise)
        end = top if plan.exercise.starts_at_top else bottom
        start = Posture(first_lean_deg(plan, person, streams, number), end.up_m, end.forward_m)
        if found:
            between_sets.rest(number, start, found[-1].end_s)
        elif in_sight or session.daily_s:
            between_sets.begin(start, came=in_sight)
        else:
            between_sets.be_there(start)
        found.append(perform(script, plan, person, streams, number))
    between_sets.leave(seen=bool(plans) or session.lead_in)
    cut_after_s = between_sets.cut_after_s() if session.cut_after_s is None else session.cut_after_s
    if cut_after_s is not None and found:
        script.cut(found[-1].end_s + cut_after_s)
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
        for span in sorted(script.spans, key=lambda span: (span.start_s, -span.end_s)):
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
