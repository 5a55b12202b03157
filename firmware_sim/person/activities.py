"""What a person does between sets: walking, getting on and off, plates, sitting, resting.

None of it is a rep. Durations and angles are own estimates; gait is rendered
in ``gait``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.person.exercises import Posture
from firmware_sim.person.script import Jolt

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from firmware_sim.person.exercises import Exercise
    from firmware_sim.person.person import Person
    from firmware_sim.person.script import Script

UPRIGHT = Posture(2.0)
SEATED = Posture(8.0, -0.45, -0.25)
"""Sitting lowers the hip by the lower leg's difference to the bench, about 0.45 m."""
LINE_HELD_DEG = 1.0
"""How well people find their straight line again (standard deviation); own estimate."""


def stand(script: Script, seconds: float) -> None:
    """Stand still."""
    with script.doing("standing"):
        script.wait(seconds)


def walk(script: Script, rng: np.random.Generator, seconds: float) -> None:
    """Walk, turning into it and, when it is long, somewhere on the way."""
    with script.doing("walking"), script.bout("walk", rng.uniform(0.85, 1.1)):
        start_s = script.t_s
        script.move(min(0.8, seconds), lean_deg=rng.uniform(3.0, 7.0), roll_deg=0.0)
        while (left_s := seconds - (script.t_s - start_s)) > 4.0:
            turn_deg = rng.choice([-1, 1]) * rng.uniform(40, 160)
            turn_s = 0.6 + abs(turn_deg) / 90.0  # a brisk turn peaks near 150 deg/s
            script.move(turn_s, yaw_deg=script.now["yaw_deg"] + turn_deg)
            script.wait(min(rng.uniform(2.0, 7.0), left_s - turn_s))
        script.wait(seconds - (script.t_s - start_s))
    script.move(0.7, lean_deg=UPRIGHT.lean_deg, roll_deg=0.0)


def fidget(script: Script, rng: np.random.Generator, seconds: float) -> None:
    """Rest upright: shift weight, look around, stretch a little."""
    end_s = script.t_s + seconds
    with script.doing("resting"):
        while (left_s := end_s - script.t_s) > 4.0:
            script.wait(min(rng.uniform(1.0, 6.0), left_s - 3.0))
            yaw_deg = script.now["yaw_deg"]
            script.move(
                rng.uniform(0.8, 1.8),
                lean_deg=UPRIGHT.lean_deg + rng.normal(0.0, 3.0),
                roll_deg=rng.normal(0.0, 2.5),
                yaw_deg=yaw_deg + rng.normal(0.0, 15.0),
                forward_m=rng.normal(0.0, 0.03),
            )
        script.move(1.0, lean_deg=UPRIGHT.lean_deg, roll_deg=0.0, forward_m=0.0)
        script.wait(end_s - script.t_s)


def sit(script: Script, rng: np.random.Generator, seconds: float) -> None:
    """Sit down, sit, and stand up; the trunk leans forward for both (about 30-40 degrees)."""
    with script.doing("sitting"):
        script.move(0.8, lean_deg=rng.uniform(28, 40), up_m=-0.2, forward_m=-0.15)
        script.take(SEATED, rng.uniform(0.8, 1.2))
        script.wait(seconds - 4.0)
        script.move(0.8, lean_deg=rng.uniform(30, 42), forward_m=-0.2)
        script.take(UPRIGHT, rng.uniform(0.9, 1.3))


def pick_up(script: Script, rng: np.random.Generator) -> None:
    """Bend down once, reach for something, and come up with it."""
    with script.doing("picking up"):
        lean_deg = rng.uniform(45, 80)
        side_deg = rng.normal(0.0, 8.0)
        script.move(
            rng.uniform(0.9, 1.5),
            lean_deg=lean_deg,
            roll_deg=side_deg,
            up_m=-rng.uniform(0.1, 0.4),
            forward_m=-0.15,
        )
        script.wait(rng.uniform(0.3, 1.5))
        script.move(rng.uniform(0.9, 1.6), lean_deg=UPRIGHT.lean_deg, roll_deg=0.0, up_m=0.0, forward_m=0.0)


def plates(script: Script, rng: np.random.Generator) -> None:
    """Fetch plates: a bend or two, some steps between."""
    for _ in range(int(rng.integers(1, 3))):
        pick_up(script, rng)
        script.wait(rng.uniform(0.3, 0.8))
        walk(script, rng, rng.uniform(3.0, 5.0))


def get_on(script: Script, exercise: Exercise, start: Posture, rng: np.random.Generator) -> None:
    """From standing to where the first rep starts."""
    with script.doing("getting ready"):
        _GET_ON[exercise.place](script, exercise, start, rng)


def get_off(script: Script, exercise: Exercise, rng: np.random.Generator) -> None:
    """From where the last rep ended to standing."""
    with script.doing("getting off"):
        _GET_OFF[exercise.place](script, exercise, rng)


def hold_line(script: Script, exercise: Exercise, person: Person, rng: np.random.Generator) -> None:
    """Get on the bench, hold trunk and legs in line for some seconds, get off again."""
    held_deg = exercise.straight_line_deg + rng.normal(0.0, LINE_HELD_DEG)
    _, top = person.ends(exercise)
    with script.doing("getting ready"):
        _onto_bench(script, exercise, Posture(held_deg, top.up_m, top.forward_m), rng)
    with script.doing("holding the straight line"), script.bout("set"):
        script.wait(rng.uniform(3.5, 6.0))
    get_off(script, exercise, rng)


def _onto_bench(script: Script, exercise: Exercise, start: Posture, rng: np.random.Generator) -> None:
    # Hands on the handles first; half of the people then lie straight for a moment before they go down.
    line_deg = exercise.straight_line_deg
    script.move(rng.uniform(1.2, 1.8), lean_deg=line_deg * 0.6, up_m=start.up_m / 2, forward_m=0.15)
    script.wait(rng.uniform(0.6, 1.5))
    if rng.random() < 0.5:
        script.move(
            rng.uniform(1.0, 1.6),
            lean_deg=line_deg + rng.uniform(0, 8),
            up_m=start.up_m,
            forward_m=start.forward_m,
        )
        script.wait(rng.uniform(0.8, 2.0))
    script.take(start, rng.uniform(1.5, 2.5))
    script.wait(rng.uniform(0.8, 2.0))


def _off_bench(script: Script, exercise: Exercise, rng: np.random.Generator) -> None:
    # Whoever hangs takes the handles below the line before pushing up and stepping back.
    script.wait(rng.uniform(0.5, 1.2))
    line_deg = exercise.straight_line_deg
    if script.now["lean_deg"] > line_deg + 30:
        hang_deg = script.now["lean_deg"]
        script.move(rng.uniform(0.9, 1.4), lean_deg=line_deg + 0.5 * (hang_deg - line_deg))
        script.wait(rng.uniform(0.5, 1.0))
    script.move(
        rng.uniform(1.4, 2.2), lean_deg=line_deg * 0.4, up_m=0.0, forward_m=0.1, roll_deg=rng.normal(0, 4)
    )
    script.wait(rng.uniform(0.3, 0.8))
    script.move(rng.uniform(0.8, 1.3), lean_deg=UPRIGHT.lean_deg, forward_m=0.0, roll_deg=0.0)


def _onto_floor(script: Script, exercise: Exercise, start: Posture, rng: np.random.Generator) -> None:
    del exercise
    script.move(rng.uniform(1.2, 1.8), lean_deg=rng.uniform(15, 30), up_m=-0.45, roll_deg=rng.normal(0, 4))
    script.wait(rng.uniform(0.3, 0.8))
    script.move(rng.uniform(1.0, 1.5), lean_deg=rng.uniform(75, 85), up_m=-0.5, forward_m=0.1, roll_deg=0.0)
    script.wait(rng.uniform(0.3, 0.8))
    script.take(start, rng.uniform(1.2, 2.0))
    script.wait(rng.uniform(1.5, 3.0))


def _off_floor(script: Script, exercise: Exercise, rng: np.random.Generator) -> None:
    del exercise
    script.wait(rng.uniform(0.8, 2.0))
    script.move(rng.uniform(1.0, 1.6), lean_deg=rng.uniform(78, 86), up_m=-0.5)
    script.wait(rng.uniform(0.2, 0.6))
    script.move(rng.uniform(1.0, 1.5), lean_deg=rng.uniform(20, 35), up_m=-0.45, roll_deg=rng.normal(0, 4))
    script.wait(rng.uniform(0.2, 0.6))
    script.take(UPRIGHT, rng.uniform(1.0, 1.6))
    script.move(0.4, roll_deg=0.0)


def _grip_bar(script: Script, exercise: Exercise, start: Posture, rng: np.random.Generator) -> None:
    # Grip, take the slack out, set the back: small moves around the start.
    del exercise
    script.take(
        Posture(start.lean_deg + rng.uniform(2, 8), start.up_m, start.forward_m), rng.uniform(1.2, 1.8)
    )
    for _ in range(int(rng.integers(1, 4))):
        script.wait(rng.uniform(0.4, 1.0))
        script.move(rng.uniform(0.4, 0.8), lean_deg=start.lean_deg + rng.normal(0.0, 2.0))
    script.take(start, rng.uniform(0.5, 0.9))
    script.wait(rng.uniform(0.5, 1.0))


def _leave_bar(script: Script, exercise: Exercise, rng: np.random.Generator) -> None:
    # Let go at the floor and stand up without the bar; after a stop at the top it is dropped from there.
    script.wait(rng.uniform(0.7, 1.6))
    if abs(script.now["lean_deg"] - exercise.bottom.lean_deg) > 20:
        script.jolts.append(Jolt(script.t_s, exercise.jolt_ms2 / 2))
        script.move(0.6, lean_deg=UPRIGHT.lean_deg, up_m=0.0, forward_m=0.0, roll_deg=0.0)
        return
    script.move(rng.uniform(0.3, 0.5), lean_deg=script.now["lean_deg"] + rng.uniform(-4, 4), roll_deg=0.0)
    # Without a weight in the hands people already turn to where they go.
    seconds = rng.uniform(1.0, 1.5)
    script.move_aside(0.0, 0.6 * seconds, roll_deg=rng.normal(0.0, 5.0))
    script.move_aside(0.3 * seconds, seconds, yaw_deg=script.now["yaw_deg"] + rng.normal(0.0, 30.0))
    script.take(UPRIGHT, seconds)
    script.wait(0.3 * seconds)
    script.move(0.5, roll_deg=0.0)


def _from_rack(script: Script, exercise: Exercise, start: Posture, rng: np.random.Generator) -> None:
    # Duck under or take hold of the bar, lift it out, step back.
    del exercise
    script.move(rng.uniform(0.8, 1.2), lean_deg=rng.uniform(12, 22), up_m=-0.12)
    script.wait(rng.uniform(0.6, 1.2))
    script.take(start, rng.uniform(0.8, 1.2))
    with script.bout("walk", 0.5):
        script.wait(rng.uniform(1.2, 2.0))
    script.wait(rng.uniform(1.0, 2.0))


def _to_rack(script: Script, exercise: Exercise, rng: np.random.Generator) -> None:
    del exercise
    script.wait(rng.uniform(0.8, 1.5))
    with script.bout("walk", 0.5):
        script.wait(rng.uniform(1.0, 1.8))
    script.move(rng.uniform(0.7, 1.0), lean_deg=rng.uniform(10, 18), up_m=-0.1)
    script.wait(rng.uniform(0.3, 0.8))
    script.take(UPRIGHT, rng.uniform(0.7, 1.0))


_GET_ON: dict[str, Callable[[Script, Exercise, Posture, np.random.Generator], None]] = {
    "bench": _onto_bench,
    "floor": _onto_floor,
    "bar": _grip_bar,
    "kettlebell": _grip_bar,
    "rack": _from_rack,
}
_GET_OFF: dict[str, Callable[[Script, Exercise, np.random.Generator], None]] = {
    "bench": _off_bench,
    "floor": _off_floor,
    "bar": _leave_bar,
    "kettlebell": _leave_bar,
    "rack": _to_rack,
}
