"""A whole session: standing, walking up, sets with rests between, walking off.

Reads from top to bottom as the person goes through it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from firmware_sim.person import activities, daily_life, rests
from firmware_sim.person.exercises import Posture
from firmware_sim.person.script import Script, Span
from firmware_sim.person.sets import first_lean_deg, perform

if TYPE_CHECKING:
    import numpy as np

    from firmware_sim.person.exercises import Exercise
    from firmware_sim.person.person import Person
    from firmware_sim.person.plan import SetPlan
    from firmware_sim.person.random_streams import RandomStreams
    from firmware_sim.person.truth import TrueSet

PLATES_FROM_KG = 5.0
"""Whoever trains with more than this fetches plates before the first set; own estimate."""


Variety = Literal["plain", "life"]

AT_ONCE_S = 1.5
"""Stillness before the first rep of a session without a lead-in."""
REST_S = 60.0
"""Rest between sets where nothing else is asked for."""
CUT_AFTER_S = (1.0, 4.0)
"""Where nobody is seen upright, the recording ends so long after the last set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a session holds."""

    sets: tuple[SetPlan, ...] = ()
    rest_s: float | None = None
    """From the end of a set to the start of the next; None: ``REST_S``, or drawn each time in life."""
    lead_in: bool = True
    """Stand still and walk up first, so that upright can be seen."""
    daily_s: float = 0.0
    """Daily life before the first set, or alone."""
    day: str = daily_life.PLAIN
    """Kind of daily life, one of ``daily_life.DAYS``."""
    variety: Variety = "plain"
    """life: comes and rests in as many ways as people do."""
    calibrated: Exercise | None = None
    """Hold its straight line once, and do nothing else."""
    person_seed: int | None = None
    """The seed that draws who does it; None: the session's own."""
    cut_after_s: float | None = None
    """End so long after the last set's last movement; None: get off and walk away."""


def write_session(session: Session, person: Person, streams: RandomStreams) -> tuple[Script, list[TrueSet]]:
    """Write the script of a session, and the truth about its sets."""
    going = _Going(session, streams, Script(), rests.Coming())
    if session.variety == "life":
        going.coming = rests.draw_coming(streams.named("coming"))
    script = going.script
    going.come()
    if session.calibrated:
        activities.hold_line(script, session.calibrated, person, streams.named("calibration"))
    if session.daily_s:
        daily_life.write_daily_life(script, streams.named("daily"), session.daily_s, session.day)
    found: list[TrueSet] = []
    for number, plan in enumerate(session.sets):
        bottom, top = person.ends(plan.exercise)
        end = top if plan.exercise.starts_at_top else bottom
        start = Posture(first_lean_deg(plan, person, streams, number), end.up_m, end.forward_m)
        if found:
            going.rest(number, start, found[-1].end_s)
        else:
            going.begin(start)
        found.append(perform(script, plan, person, streams, number))
    going.leave()
    cut_after_s = session.cut_after_s
    if cut_after_s is None and not going.coming.in_sight:
        cut_after_s = streams.named("cut").uniform(*CUT_AFTER_S)
    if cut_after_s is not None and found:
        script.t_s = min(script.t_s, found[-1].end_s + cut_after_s)
    return script, found


@dataclass(slots=True)
class _Going:
    """All that a person does before, between and after the sets."""

    session: Session
    streams: RandomStreams
    script: Script
    coming: rests.Coming
    rng: np.random.Generator = field(init=False)
    """Of what is done from one set to the next."""

    @property
    def _in_sight(self) -> bool:
        return self.session.lead_in and self.coming.in_sight

    def come(self) -> None:
        """Stand, and walk up."""
        self.script.now["lean_deg"] = activities.UPRIGHT.lean_deg
        rng = self.streams.named("lead in")
        if self._in_sight and self.coming.walks:
            activities.stand(self.script, rng.uniform(4.0, 7.0))
            activities.walk(self.script, rng, rng.uniform(7.0, 11.0))
        elif self._in_sight:
            activities.fidget(self.script, rng, rng.uniform(6.0, 20.0))

    def begin(self, start: Posture) -> None:
        """Go to where the first set starts, or be there when the recording begins."""
        self.rng = self.streams.named("between", 0)
        if self._in_sight or self.session.daily_s:
            self._get_ready(0, start, fetches=self._in_sight)
        else:
            self.script.now |= {"lean_deg": start.lean_deg, "up_m": start.up_m, "forward_m": start.forward_m}
            self.script.wait(AT_ONCE_S)

    def rest(self, number: int, start: Posture, since_s: float) -> None:
        """From the end of the set before, at ``since_s``, to where set ``number`` starts."""
        life = self.session.variety == "life"
        exercise, before = (self.session.sets[at].exercise for at in (number, number - 1))
        rest_s = self._rest_s(number)
        rng = self.streams.named("stay", number)
        if life and exercise is before and rests.stays(exercise, rest_s, rng):
            rests.stay(self.script, exercise, start, rng, rest_s)
            return
        activities.get_off(self.script, before, self.rng)
        self.rng = self.streams.named("between", number)
        left_s = rest_s - (self.script.t_s - since_s) - _time_to_get_ready(exercise)
        if life:
            rests.rest(self.script, self.rng, left_s, walks=self.coming.walks)
        else:
            _rest(self.script, self.rng, left_s, at_place=exercise is before)
        self._get_ready(number, start, fetches=exercise is not before)

    def leave(self) -> None:
        """Get off and walk away."""
        if self.session.sets:
            activities.get_off(self.script, self.session.sets[-1].exercise, self.rng)
        if self.session.sets or self.session.lead_in:
            rng = self.streams.named("lead out")
            activities.fidget(self.script, rng, rng.uniform(5.0, 8.0))
            if self.coming.walks:
                activities.walk(self.script, rng, rng.uniform(8.0, 12.0))
            activities.stand(self.script, rng.uniform(6.0, 9.0))

    def _get_ready(self, number: int, start: Posture, *, fetches: bool) -> None:
        plan = self.session.sets[number]
        if plan.load_kg >= PLATES_FROM_KG and fetches and self.coming.walks:
            activities.plates(self.script, self.rng)
        activities.get_on(self.script, plan.exercise, start, self.streams.named("get on", number))

    def _rest_s(self, number: int) -> float:
        """Length of the rest before a set."""
        if self.session.rest_s is not None:
            return self.session.rest_s
        if self.session.variety == "life":
            return rests.draw_rest_s(self.streams.named("rest", number))
        return REST_S


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
