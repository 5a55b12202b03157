"""What a person does before, between and after the sets: ``Plain`` alike each time, ``Life`` as people do.

``workout`` calls one of them in the order of the session: ``come``, ``begin``, a ``rest`` before each
further set, ``leave``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.person import activities, habits, rests

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from firmware_sim.person.exercises import Exercise, Posture
    from firmware_sim.person.plan import SetPlan
    from firmware_sim.person.random_streams import RandomStreams
    from firmware_sim.person.script import Script

PLATES_FROM_KG = 5.0
"""Whoever trains with more than this fetches plates before the first set; own estimate."""
AT_ONCE_S = 1.5
"""Stillness before the first rep of a session without a lead-in."""
REST_S = 60.0
"""Rest between sets where nothing else is asked for."""
ALL_WEIGHTS_S = 60.0
"""Time for weights before the first set of an exercise and after its last."""
REST_LEFT_S = 25.0
"""What is left of the rest for getting off and on when weights are fetched between sets."""
CUT_AFTER_S = (1.0, 4.0)
"""Where nobody is seen upright, the recording ends so long after the last set."""


class Plain:
    """Stands, walks up, gets on and off in one way, and rests by walking, sitting or standing."""

    coming = rests.Coming()

    def __init__(
        self, plans: Sequence[SetPlan], script: Script, streams: RandomStreams, rest_s: float | None
    ) -> None:
        self._plans = plans
        self._script = script
        self._streams = streams
        self._rest_s = rest_s
        self._rng = streams.named("between", 0)

    def come(self) -> None:
        """Stand, and walk up."""
        rng = self._streams.named("lead in")
        if self.coming.walks:
            activities.stand(self._script, rng.uniform(4.0, 7.0))
            activities.walk(self._script, rng, rng.uniform(7.0, 11.0))
        else:
            activities.fidget(self._script, rng, rng.uniform(6.0, 20.0))

    def begin(self, start: Posture, *, came: bool) -> None:
        """From standing to where the first set starts; whoever did not come has no plates to fetch."""
        if came and self._plans[0].load_kg >= PLATES_FROM_KG:
            activities.plates(self._script, self._rng)
        activities.get_on(self._script, self._plans[0].exercise, start, self._streams.named("get on", 0))

    def be_there(self, start: Posture) -> None:
        """Be where the first set starts when the recording begins."""
        self._script.now |= {"lean_deg": start.lean_deg, "up_m": start.up_m, "forward_m": start.forward_m}
        self._script.wait(AT_ONCE_S)

    def rest(self, number: int, start: Posture, since_s: float) -> None:
        """From the end of the set before, at ``since_s``, to where set ``number`` starts."""
        plan, same = self._plans[number], self._same(number)
        activities.get_off(self._script, self._plans[number - 1].exercise, self._rng)
        self._rng = self._streams.named("between", number)
        rest_s = REST_S if self._rest_s is None else self._rest_s
        left_s = rest_s - (self._script.t_s - since_s) - _time_to_get_ready(plan.exercise)
        _rest(self._script, self._rng, left_s, at_place=same)
        if plan.load_kg >= PLATES_FROM_KG and not same:
            activities.plates(self._script, self._rng)
        activities.get_on(self._script, plan.exercise, start, self._streams.named("get on", number))

    def leave(self, *, seen: bool) -> None:
        """Get off, and walk away where that is ``seen``."""
        if self._plans:
            self._get_off_last()
        if seen:
            rng = self._streams.named("lead out")
            activities.fidget(self._script, rng, rng.uniform(5.0, 8.0))
            if self.coming.walks:
                activities.walk(self._script, rng, rng.uniform(8.0, 12.0))
            activities.stand(self._script, rng.uniform(6.0, 9.0))

    def cut_after_s(self) -> float | None:
        """When the recording ends of itself after the last set; None: when the person has left."""
        return None

    def _same(self, number: int) -> bool:
        """Whether a set is of the same exercise as the one before."""
        return self._plans[number].exercise.name == self._plans[number - 1].exercise.name

    def _get_off_last(self) -> None:
        activities.get_off(self._script, self._plans[-1].exercise, self._rng)


class Life(Plain):
    """Walks up or not, gets on and off in many ways, fetches weights, rests for 15-240 s."""

    def __init__(
        self, plans: Sequence[SetPlan], script: Script, streams: RandomStreams, rest_s: float | None
    ) -> None:
        super().__init__(plans, script, streams, rest_s)
        self.coming = rests.draw_coming(streams.named("coming"))

    def begin(self, start: Posture, *, came: bool) -> None:
        """From standing to where the first set starts, with the weights for it."""
        del came
        self._fetch_weights(0, "before", ALL_WEIGHTS_S)
        habits.get_on(self._script, self._plans[0].exercise, start, self._streams.named("get on", 0))

    def rest(self, number: int, start: Posture, since_s: float) -> None:
        """Stay at the place or get off, clear weights away, rest, fetch others, get on."""
        exercise, same = self._plans[number].exercise, self._same(number)
        rest_s = self._rest_s
        if rest_s is None:
            rest_s = rests.draw_rest_s(self._streams.named("rest", number))
        rng = self._streams.named("stay", number)
        if same and rests.stays(exercise, rest_s, rng):
            habits.breathe_hard(self._script, rng)
            rests.stay(self._script, exercise, start, rng, rest_s)
            return
        self._get_off(number - 1)
        self._fetch_weights(number - 1, "after", rest_s - REST_LEFT_S if same else ALL_WEIGHTS_S)
        left_s = rest_s - (self._script.t_s - since_s) - _time_to_get_ready(exercise)
        rng = self._streams.named("between", number)
        rests.rest(self._script, rng, left_s, walks=self.coming.walks)
        if not same:
            self._fetch_weights(number, "before", ALL_WEIGHTS_S)
        habits.get_on(self._script, exercise, start, self._streams.named("get on", number))

    def cut_after_s(self) -> float | None:
        """Soon, where nobody is to be seen upright."""
        return None if self.coming.in_sight else self._streams.named("cut").uniform(*CUT_AFTER_S)

    def _get_off(self, number: int) -> None:
        habits.get_off(self._script, self._plans[number].exercise, self._streams.named("get off", number))

    def _get_off_last(self) -> None:
        last = len(self._plans) - 1
        self._get_off(last)
        self._fetch_weights(last, "after", ALL_WEIGHTS_S)

    def _fetch_weights(self, number: int, when: str, most_s: float) -> None:
        rng = self._streams.named("weights", when, number)
        exercise = self._plans[number].exercise
        habits.fetch_weights(self._script, exercise, rng, most_s, walks=self.coming.walks)


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
