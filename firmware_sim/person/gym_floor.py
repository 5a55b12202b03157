"""A gym floor without any of our exercises.

Twists, carries, machines, planks, stretches, falls: nothing may be counted. A twist about the
trunk's long axis starts and ends in the middle of its range, as no hinge does. Sets of other
exercises that swing the trunk between two ends - sit-ups, squats, rows, push-ups, burpees - are
labelled neutral: a counter that calls them unknown exercises is right, and so is one that is silent.
Own estimates throughout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.person import activities
from firmware_sim.person.rests import drink, straighten, stretch, tie_shoes
from firmware_sim.person.script import Jolt
from firmware_sim.person.shapes import MINIMUM_JERK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from firmware_sim.person.script import Script

    Pose = Mapping[str, float]

FALL_MS2 = (8.0, 20.0)
"""Peak acceleration of a fall that the arms break."""


def _to_and_fro(
    script: Script,
    rng: np.random.Generator,
    ends: tuple[Pose, Pose],
    seconds: float,
    reps: int,
    spread: float,
) -> None:
    """So many times to the second pose and back; each leg takes ``seconds``, each end differs a little."""
    for _ in range(reps):
        for end in (ends[1], ends[0]):
            pose = {
                channel: value + rng.normal(0.0, spread if channel.endswith("_deg") else 0.01)
                for channel, value in end.items()
            }
            script.move(seconds * rng.uniform(0.9, 1.1), MINIMUM_JERK, **pose)
            script.wait(max(0.0, rng.normal(0.2, 0.15)))


def _twist(script: Script, rng: np.random.Generator) -> None:
    """Standing, or leaning: Russian twists (back), windmills (forward). From the middle to the middle."""
    lean_deg, up_m = (
        (rng.uniform(0, 8), 0.0),
        (rng.uniform(-48, -28), -0.85),
        (rng.uniform(50, 85), -0.05),
        (rng.uniform(20, 45), -0.1),
    )[int(rng.integers(4))]
    far_deg = rng.uniform(25, 60)
    seconds = rng.uniform(0.6, 1.4) * max(1.0, far_deg / 40.0)
    with script.doing("twists"):
        script.move(rng.uniform(1.5, 2.5), lean_deg=lean_deg, up_m=up_m)
        script.wait(rng.uniform(0.5, 2.0))
        side = rng.choice([-1.0, 1.0])
        script.move(seconds / 2, twist_deg=side * far_deg)
        for _ in range(int(rng.integers(8, 25))):
            side = -side
            script.move(
                seconds * rng.uniform(0.9, 1.1),
                twist_deg=side * far_deg + rng.normal(0, 4),
                lean_deg=lean_deg + rng.normal(0, 2.5),
            )
            script.wait(max(0.0, rng.normal(0.1, 0.1)))
        script.move(seconds / 2, twist_deg=0.0)
        straighten(script, rng.uniform(1.5, 2.5))


def _carry(script: Script, rng: np.random.Generator) -> None:
    """Lift two weights off the floor, carry them, set them down."""
    with script.doing("carrying"):
        for _ in range(int(rng.integers(1, 3))):
            script.move(rng.uniform(1.0, 1.5), lean_deg=rng.uniform(30, 60), up_m=-rng.uniform(0.25, 0.45))
            script.wait(rng.uniform(0.5, 2.0))
            straighten(script, rng.uniform(1.0, 1.6))
            activities.walk(script, rng, rng.uniform(10, 35))
            script.move(rng.uniform(1.0, 1.6), lean_deg=rng.uniform(30, 60), up_m=-rng.uniform(0.25, 0.45))
            script.jolts.append(Jolt(script.t_s, rng.uniform(1.0, 3.0)))
            script.wait(rng.uniform(0.3, 1.0))
            straighten(script, rng.uniform(0.9, 1.4))
            script.wait(rng.uniform(2.0, 15.0))


def _machine(script: Script, rng: np.random.Generator) -> None:
    """Seated presses and pulls, leg press: the trunk stays, but for a few degrees."""
    lean_deg = rng.uniform(-40, 5)
    far_deg = rng.uniform(0.5, 4.0)
    seconds = rng.uniform(0.8, 1.8)
    with script.doing("machine"):
        script.move(0.9, lean_deg=rng.uniform(28, 40), up_m=-0.25, forward_m=-0.15)
        script.move(rng.uniform(1.0, 1.8), lean_deg=lean_deg, up_m=-0.45, forward_m=-0.25)
        script.wait(rng.uniform(2.0, 8.0))
        with script.bout("set", 1.2):
            ends: tuple[Pose, Pose] = ({"lean_deg": lean_deg}, {"lean_deg": lean_deg - far_deg})
            _to_and_fro(script, rng, ends, seconds, int(rng.integers(8, 16)), 0.5)
        script.wait(rng.uniform(2.0, 20.0))
        script.move(0.9, lean_deg=rng.uniform(30, 42), forward_m=-0.2)
        straighten(script, rng.uniform(0.9, 1.4))


def _plank(script: Script, rng: np.random.Generator) -> None:
    """Held on the forearms, prone, or on one side."""
    with script.doing("plank"):
        _down(script, rng)
        script.move(1.0, lean_deg=rng.uniform(78, 90), roll_deg=rng.choice([0.0, 0.0, -75.0, 75.0]))
        with script.bout("set", 1.5):
            script.wait(rng.uniform(20, 60))
        script.move(0.8, roll_deg=0.0)
        _up(script, rng)


def _lie(script: Script, rng: np.random.Generator) -> None:
    """Lie on the back and stretch a leg, or just lie."""
    with script.doing("lying"):
        script.move(1.5, lean_deg=rng.uniform(-20, 10), up_m=-0.85)
        script.move(rng.uniform(1.2, 2.0), lean_deg=rng.uniform(-92, -86))
        for _ in range(int(rng.integers(2, 5))):
            script.wait(rng.uniform(5, 15))
            script.move(rng.uniform(0.8, 1.6), roll_deg=rng.normal(0, 12))
        script.move(rng.uniform(1.2, 2.0), lean_deg=rng.uniform(-15, 20), roll_deg=0.0)
        straighten(script, rng.uniform(1.8, 2.8))


def _fall(script: Script, rng: np.random.Generator) -> None:
    """Fall, forward, backward or sideways, lie for a moment, get up; as often as three times."""
    with script.doing("falling and getting up"):
        for _ in range(int(rng.integers(1, 4))):
            lean_deg, roll_deg = (
                (rng.uniform(75, 95), 0.0),
                (rng.uniform(-95, -60), 0.0),
                (rng.uniform(10, 40), rng.choice([-80.0, 80.0])),
            )[int(rng.integers(3))]
            script.move(rng.uniform(0.5, 1.0), lean_deg=lean_deg, roll_deg=roll_deg, up_m=-0.85)
            script.jolts.append(Jolt(script.t_s, rng.uniform(*FALL_MS2)))
            script.wait(rng.uniform(0.8, 8.0))
            script.move(rng.uniform(0.8, 1.6), lean_deg=rng.uniform(60, 86), roll_deg=0.0, up_m=-0.5)
            _up(script, rng)
            script.wait(rng.uniform(2.0, 20.0))


def _bike(script: Script, rng: np.random.Generator) -> None:
    """Pedal: the trunk leans and rocks from side to side."""
    with script.doing("cycling"):
        lean_deg = rng.uniform(15, 45)
        script.move(2.0, lean_deg=lean_deg, up_m=0.05)
        half_s = 30.0 / rng.uniform(70, 95)
        for turn in range(int(rng.integers(40, 120))):
            script.move(
                half_s,
                roll_deg=(1 if turn % 2 else -1) * rng.uniform(1, 3),
                lean_deg=lean_deg + rng.normal(0, 0.6),
            )
        straighten(script, 2.0)


def _run(script: Script, rng: np.random.Generator) -> None:
    """On the treadmill: gait, twice as hard."""
    with script.doing("running"), script.bout("walk", rng.uniform(1.8, 2.4)):
        script.move(1.0, lean_deg=rng.uniform(4, 9))
        script.wait(rng.uniform(15, 60))
    straighten(script, 1.0)


def _sit_ups(script: Script, rng: np.random.Generator) -> None:
    high_deg = rng.uniform(-60, 5)
    with script.exercising("sit-ups"):
        script.move(1.5, lean_deg=rng.uniform(-20, 10), up_m=-0.85)
        script.move(rng.uniform(1.2, 2.0), lean_deg=-88.0)
        script.wait(rng.uniform(0.5, 2.0))
        ends: tuple[Pose, Pose] = ({"lean_deg": -88.0}, {"lean_deg": high_deg})
        _to_and_fro(script, rng, ends, rng.uniform(0.8, 1.5), int(rng.integers(6, 20)), 2.0)
        script.move(rng.uniform(1.2, 2.0), lean_deg=0.0)
        straighten(script, rng.uniform(1.8, 2.8))


def _squats(script: Script, rng: np.random.Generator) -> None:
    """Squats, free or in a machine, lunges: the hip sinks, the trunk leans 8-45 degrees."""
    with script.exercising("squats"):
        ends: tuple[Pose, Pose] = (
            {"lean_deg": 3.0, "up_m": 0.0},
            {"lean_deg": rng.uniform(8, 45), "up_m": -rng.uniform(0.3, 0.5)},
        )
        _to_and_fro(script, rng, ends, rng.uniform(0.9, 1.6), int(rng.integers(5, 13)), 1.5)
        straighten(script, 0.8)


def _rows(script: Script, rng: np.random.Generator) -> None:
    """Bent over, or seated at a cable or a rowing machine."""
    near, far, up_m = (
        (rng.uniform(45, 60), rng.uniform(60, 78), -0.1),
        (rng.uniform(-10, 0), rng.uniform(8, 20), -0.45),
        (rng.uniform(-25, -10), rng.uniform(20, 32), -0.6),
    )[int(rng.integers(3))]
    with script.exercising("rows"):
        script.move(2.0, lean_deg=far, up_m=up_m)
        script.wait(rng.uniform(0.5, 3.0))
        ends: tuple[Pose, Pose] = ({"lean_deg": far}, {"lean_deg": near})
        _to_and_fro(script, rng, ends, rng.uniform(0.7, 1.3), int(rng.integers(8, 20)), 1.5)
        straighten(script, rng.uniform(1.2, 2.0))


def _push_ups(script: Script, rng: np.random.Generator) -> None:
    with script.exercising("push-ups"):
        _down(script, rng)
        ends: tuple[Pose, Pose] = ({"lean_deg": 70.0, "up_m": -0.55}, {"lean_deg": 88.0, "up_m": -0.8})
        _to_and_fro(script, rng, ends, rng.uniform(0.6, 1.2), int(rng.integers(5, 16)), 1.5)
        _up(script, rng)


def _burpees(script: Script, rng: np.random.Generator) -> None:
    with script.exercising("burpees"):
        for _ in range(int(rng.integers(4, 10))):
            script.move(rng.uniform(0.7, 1.0), lean_deg=rng.uniform(50, 65), up_m=-0.5)
            script.move(rng.uniform(0.4, 0.7), lean_deg=rng.uniform(72, 85), up_m=-0.65)
            script.move(rng.uniform(0.5, 0.8), lean_deg=rng.uniform(45, 60), up_m=-0.5)
            straighten(script, rng.uniform(0.5, 0.8))
            script.jolts.append(Jolt(script.t_s, rng.uniform(4.0, 9.0)))
            script.wait(rng.uniform(0.1, 0.6))


def _down(script: Script, rng: np.random.Generator) -> None:
    """From standing onto hands and knees."""
    script.move(rng.uniform(1.0, 1.6), lean_deg=rng.uniform(15, 35), up_m=-0.45)
    script.move(rng.uniform(0.8, 1.4), lean_deg=rng.uniform(72, 85), up_m=-0.6)
    script.wait(rng.uniform(0.3, 1.5))


def _up(script: Script, rng: np.random.Generator) -> None:
    """From hands and knees to standing."""
    script.move(rng.uniform(0.8, 1.5), lean_deg=rng.uniform(20, 45), roll_deg=rng.normal(0, 4), up_m=-0.45)
    script.wait(rng.uniform(0.1, 0.8))
    straighten(script, rng.uniform(0.9, 1.6))


def _stretch(script: Script, rng: np.random.Generator) -> None:
    with script.doing("stretching"):
        for _ in range(int(rng.integers(1, 4))):
            stretch(script, rng)
            script.wait(rng.uniform(0.5, 3.0))


def _drink(script: Script, rng: np.random.Generator) -> None:
    with script.doing("drinking"):
        drink(script, rng)


def _shoes(script: Script, rng: np.random.Generator) -> None:
    with script.doing("tying shoes"):
        tie_shoes(script, rng)


def _plates(script: Script, rng: np.random.Generator) -> None:
    with script.doing("fetching plates"):
        for _ in range(int(rng.integers(1, 4))):
            activities.plates(script, rng)


def _stand(script: Script, rng: np.random.Generator) -> None:
    activities.fidget(script, rng, rng.uniform(8, 40))


def _walk(script: Script, rng: np.random.Generator) -> None:
    activities.walk(script, rng, rng.uniform(8, 30))


DEEDS: tuple[Callable[[Script, np.random.Generator], None], ...] = (
    _twist,
    _twist,
    _carry,
    _machine,
    _plank,
    _lie,
    _fall,
    _bike,
    _run,
    _sit_ups,
    _squats,
    _rows,
    _push_ups,
    _burpees,
    _stretch,
    _drink,
    _shoes,
    _plates,
    _stand,
    _walk,
)
"""Each is called upright and ends upright."""
