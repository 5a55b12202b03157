"""Rests of 15-240 s and what people do in them, for sessions as varied as life.

None of it is a rep. Whoever rests briefly may stay where the set was: under the
bar, prone, or on the bench with the hands on its handles. Which deeds there are,
their durations and angles are own estimates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_sim.person import activities
from firmware_sim.person.activities import UPRIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from firmware_sim.person.exercises import Exercise, Posture
    from firmware_sim.person.script import Script

REST_S = (15.0, 240.0)
STAY_UP_TO_S = 40.0
"""Nobody stays on the bench or under the bar for longer."""
STAYING = ("bench", "floor", "rack")
"""Places where one can; a bar on the floor is let go of."""
NO_WALK = 1 / 3
"""Share of the sessions without walking."""
OUT_OF_SIGHT = 1 / 2
"""Share of those in which the recording begins in the first set's starting posture."""


@dataclass(frozen=True, slots=True)
class Coming:
    """How a person comes to the first set, and what is seen of it."""

    in_sight: bool = True
    """Stands upright before the first set."""
    walks: bool = True
    """Walks up, in rests and off."""


def draw_coming(rng: np.random.Generator) -> Coming:
    """Draw how a person comes; a third of them do not walk."""
    if rng.random() >= NO_WALK:
        return Coming()
    return Coming(in_sight=rng.random() >= OUT_OF_SIGHT, walks=False)


def draw_rest_s(rng: np.random.Generator) -> float:
    """Draw the length of a rest, short ones as often as long ones on a logarithmic scale."""
    low, high = (math.log(end) for end in REST_S)
    return math.exp(rng.uniform(low, high))


def stays(exercise: Exercise, rest_s: float, rng: np.random.Generator) -> bool:
    """Draw whether a person stays at the place of the set for a rest of this length."""
    return exercise.place in STAYING and rest_s <= STAY_UP_TO_S and rng.random() < 0.5


def stay(
    script: Script, exercise: Exercise, start: Posture, rng: np.random.Generator, seconds: float
) -> None:
    """Rest between two sets without getting off, ending in the posture where the next set starts."""
    end_s = script.t_s + seconds
    rest_deg = {
        "bench": exercise.straight_line_deg
        + rng.uniform(-5.0, 45.0),  # hands on the handles, or half hanging
        "floor": start.lean_deg + rng.normal(0.0, 1.0),
        "rack": UPRIGHT.lean_deg + rng.normal(0.0, 2.0),
    }[exercise.place]
    with script.doing("resting at the place"):
        script.wait(rng.uniform(0.5, 2.0))
        script.move(rng.uniform(1.0, 2.0), lean_deg=rest_deg, roll_deg=0.0)
        while (left_s := end_s - script.t_s) > 8.0:
            script.wait(min(rng.uniform(2.0, 8.0), left_s - 6.0))
            script.move(
                rng.uniform(0.6, 1.4), lean_deg=rest_deg + rng.normal(0.0, 1.5), roll_deg=rng.normal(0.0, 2.0)
            )
        script.move_aside(0.0, 1.0, roll_deg=0.0)
        script.take(start, rng.uniform(1.0, 2.0))
        script.wait(max(rng.uniform(1.0, 3.0), end_s - script.t_s))


def rest(script: Script, rng: np.random.Generator, seconds: float, *, walks: bool) -> None:
    """Rest upright beside the place: one thing after the other, ending upright."""
    end_s = script.t_s + seconds
    last = None
    while True:
        left_s = end_s - script.t_s
        fitting = [
            deed
            for deed in _DEEDS
            if deed is not last and deed.least_s <= left_s and (walks or deed.do is not _walk_about)
        ]
        if not fitting:
            break
        last = fitting[int(rng.integers(len(fitting)))]
        with script.doing(last.name):
            last.do(script, rng, left_s - 3.0)
        script.wait(rng.uniform(0.3, 3.0))
    activities.stand(script, end_s - script.t_s)


def tie_shoes(script: Script, rng: np.random.Generator) -> None:
    """Bend or kneel down for one shoe, and often for the other."""
    for _ in range(1 + int(rng.random() < 0.6)):
        script.move(
            rng.uniform(1.0, 1.8),
            lean_deg=rng.uniform(45, 95),
            up_m=-rng.uniform(0.15, 0.45),
            roll_deg=rng.normal(0, 5),
        )
        for _ in range(int(rng.integers(2, 6))):
            script.wait(rng.uniform(0.5, 1.5))
            script.move(rng.uniform(0.4, 0.9), lean_deg=script.now["lean_deg"] + rng.normal(0, 4))
        straighten(script, rng.uniform(1.0, 1.6))
        script.wait(rng.uniform(0.3, 2.0))


def drink(script: Script, rng: np.random.Generator) -> None:
    """Drink a few sips, from a bottle that often stands on the floor."""
    fetched = rng.random() < 0.5
    if fetched:
        _reach_down(script, rng)
    for _ in range(int(rng.integers(1, 4))):
        script.move(rng.uniform(0.5, 0.9), lean_deg=rng.uniform(-12, -3))
        script.wait(rng.uniform(1.0, 2.5))
        script.move(rng.uniform(0.5, 0.9), lean_deg=UPRIGHT.lean_deg + rng.normal(0, 2))
        script.wait(rng.uniform(0.4, 2.0))
    if fetched:
        _reach_down(script, rng)
    straighten(script, 0.6)


def stretch(script: Script, rng: np.random.Generator) -> None:
    """Hold one stretch for 10-30 s: toes, rack, one side, arched back, a hip."""
    pose = (
        {"lean_deg": rng.uniform(85, 115), "forward_m": -0.15},
        {"lean_deg": rng.uniform(75, 95), "up_m": -0.1, "forward_m": -0.2},
        {"roll_deg": rng.choice([-1, 1]) * rng.uniform(18, 35)},
        {"lean_deg": rng.uniform(-22, -10)},
        {"lean_deg": rng.uniform(-5, 12), "up_m": -0.4},
    )[int(rng.integers(5))]
    script.move(rng.uniform(1.2, 2.5), **pose)
    end_s = script.t_s + rng.uniform(10, 30)
    lean_deg = script.now["lean_deg"]
    while (left_s := end_s - script.t_s) > 3.0:
        script.wait(min(rng.uniform(2, 6), left_s - 2.0))
        script.move(rng.uniform(0.5, 1.5), lean_deg=lean_deg + rng.normal(0, 2.0))
    straighten(script, rng.uniform(1.2, 2.5))


def straighten(script: Script, seconds: float) -> None:
    """Come upright from anywhere."""
    script.move(
        seconds, lean_deg=UPRIGHT.lean_deg, roll_deg=0.0, twist_deg=0.0, up_m=UPRIGHT.up_m, forward_m=0.0
    )


def _reach_down(script: Script, rng: np.random.Generator) -> None:
    script.move(
        rng.uniform(0.8, 1.3), lean_deg=rng.uniform(40, 85), up_m=-rng.uniform(0.05, 0.3), forward_m=-0.12
    )
    script.wait(rng.uniform(0.2, 0.8))
    straighten(script, rng.uniform(0.8, 1.4))
    script.wait(rng.uniform(0.3, 1.0))


def _drink(script: Script, rng: np.random.Generator, most_s: float) -> None:
    del most_s
    drink(script, rng)


def _phone(script: Script, rng: np.random.Generator, most_s: float) -> None:
    end_s = script.t_s + rng.uniform(8.0, min(90.0, most_s))
    script.move(rng.uniform(0.8, 1.5), lean_deg=rng.uniform(6, 20))
    lean_deg = script.now["lean_deg"]
    while end_s - script.t_s > 3.0:
        script.wait(rng.uniform(2, 10))
        script.move(
            rng.uniform(0.6, 1.5), lean_deg=lean_deg + rng.normal(0, 1.5), roll_deg=rng.normal(0, 2.5)
        )
    straighten(script, 1.0)


def _wipe(script: Script, rng: np.random.Generator, most_s: float) -> None:
    end_s = script.t_s + min(most_s, rng.uniform(7.0, 18.0)) - 2.5
    script.move(rng.uniform(0.8, 1.3), lean_deg=rng.uniform(30, 65), up_m=-0.08, forward_m=-0.1)
    lean_deg = script.now["lean_deg"]
    while script.t_s < end_s:
        for _ in range(int(rng.integers(2, 6))):
            script.move(
                rng.uniform(0.3, 0.6),
                lean_deg=lean_deg + rng.normal(0, 4),
                roll_deg=rng.normal(0, 3),
                twist_deg=rng.normal(0, 8),
            )
        script.wait(rng.uniform(0.2, 1.2))
    straighten(script, rng.uniform(0.8, 1.3))


def _chat(script: Script, rng: np.random.Generator, most_s: float) -> None:
    activities.fidget(script, rng, rng.uniform(8.0, min(60.0, most_s)))


def _sit_on_bench(script: Script, rng: np.random.Generator, most_s: float) -> None:
    end_s = script.t_s + rng.uniform(14.0, min(120.0, most_s)) - 3.0
    script.move(0.8, lean_deg=rng.uniform(28, 42), up_m=-0.2, forward_m=-0.15)
    script.take(activities.SEATED, rng.uniform(0.8, 1.2))
    while end_s - script.t_s > 4.0:
        # Upright, or with the elbows on the knees.
        lean_deg = rng.uniform(30, 48) if rng.random() < 0.4 else rng.uniform(0, 15)
        script.move(rng.uniform(0.8, 1.8), lean_deg=lean_deg, roll_deg=rng.normal(0, 2.5))
        script.wait(rng.uniform(3, 20))
    script.move(0.8, lean_deg=rng.uniform(32, 45), forward_m=-0.2, roll_deg=0.0)
    straighten(script, rng.uniform(0.9, 1.3))


def _stretch(script: Script, rng: np.random.Generator, most_s: float) -> None:
    del most_s
    stretch(script, rng)


def _shoes(script: Script, rng: np.random.Generator, most_s: float) -> None:
    del most_s
    tie_shoes(script, rng)


def _stand_still(script: Script, rng: np.random.Generator, most_s: float) -> None:
    script.wait(rng.uniform(5.0, min(45.0, most_s)))


def _lean_on(script: Script, rng: np.random.Generator, most_s: float) -> None:
    # Hands on the bench or the bar, or the back against a wall.
    lean_deg = rng.uniform(15, 45) if rng.random() < 0.7 else rng.uniform(-12, -4)
    end_s = script.t_s + rng.uniform(8.0, min(40.0, most_s)) - 2.0
    script.move(rng.uniform(1.0, 1.8), lean_deg=lean_deg, up_m=-0.05, forward_m=-0.1)
    while end_s - script.t_s > 5.0:
        script.wait(rng.uniform(3, 10))
        script.move(rng.uniform(0.8, 1.6), lean_deg=lean_deg + rng.normal(0, 2.5), roll_deg=rng.normal(0, 2))
    straighten(script, rng.uniform(1.0, 1.8))


def _walk_about(script: Script, rng: np.random.Generator, most_s: float) -> None:
    activities.walk(script, rng, rng.uniform(5.0, min(25.0, most_s)))


@dataclass(frozen=True, slots=True)
class _Deed:
    name: str
    least_s: float
    """Where less of the rest is left, it is not begun."""
    do: Callable[[Script, np.random.Generator, float], None]
    """Is called with the most seconds that it should take."""


_DEEDS = (
    _Deed("drinking", 16.0, _drink),
    _Deed("on the phone", 12.0, _phone),
    _Deed("wiping the bench", 12.0, _wipe),
    _Deed("chatting", 12.0, _chat),
    _Deed("sitting on the bench", 20.0, _sit_on_bench),
    _Deed("stretching", 36.0, _stretch),
    _Deed("tying shoes", 22.0, _shoes),
    _Deed("standing", 8.0, _stand_still),
    _Deed("leaning on something", 12.0, _lean_on),
    _Deed("walking about", 9.0, _walk_about),
)
