"""The variety of life: how a set is done, how people get on and off, which weights they fetch.

All is drawn from the seed, a stream per set and purpose; ``workout`` asks here
where a session is to be as varied as life, and ``activities`` where not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from firmware_sim.person import activities
from firmware_sim.person.bar_ways import FROM_BAR, FROM_KETTLEBELL, TO_BAR, TO_KETTLEBELL
from firmware_sim.person.bench_ways import OFF_BENCH, ONTO_BENCH
from firmware_sim.person.exercises import Posture
from firmware_sim.person.floor_ways import FOURS, OFF_FLOOR, ONTO_FLOOR
from firmware_sim.person.manner import draw_manner, usual
from firmware_sim.person.rack_ways import FROM_FLOOR, FROM_RACK, TO_FLOOR, TO_RACK
from firmware_sim.person.script import Effort, Jolt
from firmware_sim.person.ways import Step, go

if TYPE_CHECKING:
    import numpy as np

    from firmware_sim.person.exercises import Exercise
    from firmware_sim.person.plan import SetPlan
    from firmware_sim.person.random_streams import RandomStreams
    from firmware_sim.person.script import Script
    from firmware_sim.person.ways import Way

WAYS_ON: dict[str, dict[str, Way]] = {
    "bench": ONTO_BENCH,
    "floor": ONTO_FLOOR,
    "bar": TO_BAR,
    "kettlebell": TO_KETTLEBELL,
    "rack": FROM_RACK,
    "romanian_deadlift": FROM_RACK | FROM_FLOOR,
}
"""By the exercise where it has ways of its own, else by its place."""
WAYS_OFF: dict[str, dict[str, Way]] = {
    "bench": OFF_BENCH,
    "floor": OFF_FLOOR,
    "bar": FROM_BAR,
    "kettlebell": FROM_KETTLEBELL,
    "rack": TO_RACK,
    "romanian_deadlift": TO_RACK | TO_FLOOR,
}
LET_GO_S = {
    "bench": (0.3, 2.0),
    "floor": (0.3, 2.0),
    "bar": (0.7, 2.5),
    "kettlebell": (0.0, 0.1),
    "rack": (0.3, 2.0),
}
"""From the end of the last movement to the first of leaving; a bell that swings cannot be left."""
WEIGHTS: dict[str, Way] = {
    "bending": (
        Step(
            near="standing",
            lean_deg=(43.0, 83.0),
            up_m=(-0.3, 0.0),
            forward_m=(-0.2, -0.1),
            roll_deg=(0.0, 12.0),
        ),
        Step(near="standing", lean_deg=(0.0, 8.0)),
    ),
    "squatting": (
        Step(near="standing", lean_deg=(23.0, 45.0), up_m=(-0.6, -0.4), roll_deg=(0.0, 8.0)),
        Step(near="standing", lean_deg=(0.0, 8.0)),
    ),
    "to the side": (
        Step(
            near="standing",
            lean_deg=(35.0, 60.0),
            up_m=(-0.3, -0.1),
            roll_deg=(8.0, 20.0),
            twist_deg=(10.0, 35.0),
        ),
        Step(near="standing", yaw_deg=(20.0, 70.0)),
    ),
    "from a stand": (
        Step(near="standing", lean_deg=(10.0, 28.0), seconds=(0.6, 1.1), stay_s=(0.3, 1.5)),
        Step(near="standing", lean_deg=(0.0, 6.0), seconds=(0.6, 1.1)),
    ),
}
"""How a plate or a bell is taken up or put down."""

MOST_BENDS = {"bench": 2, "floor": 0, "bar": 6, "kettlebell": 2, "rack": 6}
"""Most plates that are fetched before the first set, or cleared away after the last."""
BEND_S = 8.0
"""Usual time for one; between sets nobody fetches more than the rest allows."""

FATIGUE = (0.3, 4.0)
"""Relative to the plan's."""
BREATHS_HZ = (20.0 / 60.0, 35.0 / 60.0)
BREATH_DEPTH = (1.2, 2.5)
RECOVERY_S = (30.0, 90.0)
DROPPED_FROM_DEG = 20.0
"""Whoever ends a set with a bar so far from its bottom lets it drop."""


def live(plan: SetPlan, streams: RandomStreams, number: int) -> SetPlan:
    """Return a plan as the person carries it out: their usual exercise, and the manner of this set."""
    rng = streams.named("manner", number)
    lived = replace(plan, exercise=usual(plan.exercise, streams.named("usual", plan.exercise.name)))
    lived = replace(lived, fatigue=plan.fatigue * rng.uniform(*FATIGUE))
    return replace(lived, manner=draw_manner(lived, rng))


def get_on(script: Script, exercise: Exercise, start: Posture, rng: np.random.Generator) -> None:
    """From standing to where the first rep starts."""
    ways = ways_of(exercise, WAYS_ON)
    name = list(ways)[int(rng.integers(len(ways)))]
    with script.doing(f"getting ready: {name}"):
        go(script, ways[name], places(exercise, start), rng)


def breathe_hard(script: Script, rng: np.random.Generator) -> None:
    """Be out of breath from here on, and recover."""
    script.efforts.append(
        Effort(script.t_s, rng.uniform(*BREATHS_HZ), rng.uniform(*BREATH_DEPTH), rng.uniform(*RECOVERY_S))
    )


def get_off(script: Script, exercise: Exercise, rng: np.random.Generator) -> None:
    """From where the last rep ended to standing, out of breath."""
    breathe_hard(script, rng)
    edge = Posture(script.now["lean_deg"], script.now["up_m"], script.now["forward_m"])
    held_up = exercise.place == "bar" and exercise.bottom.lean_deg - edge.lean_deg > DROPPED_FROM_DEG
    ways = ways_of(exercise, WAYS_OFF)
    name = "dropping the bar" if held_up else list(ways)[int(rng.integers(len(ways)))]
    with script.doing(f"getting off: {name}"):
        script.wait(rng.uniform(*LET_GO_S[exercise.place]))
        if held_up:
            script.jolts.append(Jolt(script.t_s, exercise.jolt_ms2 / 2))
            go(script, (Step(near="standing"),), places(exercise, edge), rng)
        else:
            go(script, ways[name], places(exercise, edge), rng)


def ways_of(exercise: Exercise, table: dict[str, dict[str, Way]]) -> dict[str, Way]:
    """Ways on or off for an exercise."""
    return table.get(exercise.name, table[exercise.place])


def fetch_weights(
    script: Script, exercise: Exercise, rng: np.random.Generator, most_s: float, *, walks: bool = True
) -> None:
    """Fetch plates or clear them away, a bend each, in about so many seconds at most."""
    most = min(MOST_BENDS[exercise.place], int(most_s / BEND_S))
    for _ in range(int(rng.integers(0, most + 1)) if most > 0 else 0):
        name = list(WEIGHTS)[int(rng.integers(len(WEIGHTS)))]
        with script.doing("fetching weights"):
            go(script, WEIGHTS[name], places(exercise, activities.UPRIGHT), rng)
            script.wait(rng.uniform(0.3, 3.0))
        if walks and rng.random() < 0.5:
            activities.walk(script, rng, rng.uniform(2.5, 5.0))


def places(exercise: Exercise, edge: Posture) -> dict[str, Posture]:
    """Postures that the ways name."""
    bottom, top = exercise.bottom, exercise.top
    return {
        "standing": activities.UPRIGHT,
        "edge": edge,
        "line": Posture(exercise.straight_line_deg, top.up_m, top.forward_m),
        "hang": bottom,
        "prone": bottom,
        "fours": FOURS,
        "grip": Posture(bottom.lean_deg, bottom.up_m - 0.2, bottom.forward_m),
    }
