"""House work as the trunk shows it: laundry, cleaning, kitchen, garden, a child.

Bends come irregularly: their number, depth and the time between them are drawn anew
each time, so no set of a hinge is among them. Own estimates throughout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.person import activities
from firmware_sim.person.activities import UPRIGHT
from firmware_sim.person.rests import straighten

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from firmware_sim.person.script import Script

DEPTH_DEG = 14.0
"""Standard deviation of the depth of bends to the same place."""
PAUSE_S = 6.0
"""Median of what is done between two bends."""
PAUSE_SPREAD = 0.7
"""Standard deviation of its logarithm."""


def _pause_s(rng: np.random.Generator) -> float:
    return float(min(40.0, PAUSE_S * rng.lognormal(0.0, PAUSE_SPREAD)))


def _bend(script: Script, rng: np.random.Generator, depth_deg: float) -> None:
    """Down to something, and up with it."""
    script.move(
        rng.uniform(0.8, 1.7),
        lean_deg=min(115.0, max(20.0, depth_deg + rng.normal(0.0, DEPTH_DEG))),
        roll_deg=rng.normal(0.0, 7.0),
        twist_deg=rng.normal(0.0, 10.0),
        up_m=-rng.uniform(0.02, 0.4),
        forward_m=-rng.uniform(0.0, 0.2),
    )
    script.wait(rng.uniform(0.2, 2.5))
    straighten(script, rng.uniform(0.8, 1.8))


def _reach(script: Script, rng: np.random.Generator) -> None:
    """Do something with the hands, upright."""
    script.move(
        rng.uniform(0.6, 1.4),
        lean_deg=rng.uniform(-8, 18),
        roll_deg=rng.normal(0.0, 4.0),
        yaw_deg=script.now["yaw_deg"] + rng.normal(0.0, 35.0),
    )


def _few_steps(script: Script, rng: np.random.Generator) -> None:
    with script.bout("walk", rng.uniform(0.5, 0.9)):
        script.move(rng.uniform(1.5, 4.0), yaw_deg=script.now["yaw_deg"] + rng.normal(0.0, 50.0))


def _laundry(script: Script, rng: np.random.Generator) -> None:
    """Out of the basket, onto the line: 3-11 bends."""
    depth_deg = rng.uniform(45, 100)
    with script.doing("laundry"):
        for _ in range(int(rng.integers(3, 12))):
            _bend(script, rng, depth_deg)
            if rng.random() < 0.4:
                _few_steps(script, rng)
            until_s = script.t_s + _pause_s(rng)
            while script.t_s < until_s:
                _reach(script, rng)
                script.wait(rng.uniform(0.3, 2.0))
        straighten(script, 0.8)


def _vacuum(script: Script, rng: np.random.Generator) -> None:
    """To and fro, bent a little, a step now and then."""
    with script.doing("vacuuming"):
        base_deg = rng.uniform(12, 35)
        far_deg = rng.uniform(2, 8)
        stroke_s = rng.uniform(0.7, 1.3)
        for _ in range(int(rng.integers(8, 30))):
            for side in (1.0, -1.0):
                script.move(
                    stroke_s * rng.uniform(0.75, 1.3),
                    lean_deg=base_deg + side * far_deg * rng.uniform(0.5, 1.4),
                    roll_deg=rng.normal(0.0, 2.0),
                    twist_deg=side * rng.uniform(0, 10),
                    forward_m=side * rng.uniform(0.05, 0.2),
                )
            if rng.random() < 0.3:
                _few_steps(script, rng)
        straighten(script, 1.0)


def _mop(script: Script, rng: np.random.Generator) -> None:
    """Sweeping or mopping: from side to side."""
    with script.doing("sweeping"):
        base_deg = rng.uniform(12, 30)
        stroke_s = rng.uniform(0.7, 1.2)
        for _ in range(int(rng.integers(8, 25))):
            for side in (1.0, -1.0):
                script.move(
                    stroke_s * rng.uniform(0.75, 1.3),
                    lean_deg=base_deg + rng.normal(0.0, 3.0),
                    roll_deg=side * rng.uniform(2, 9),
                    twist_deg=side * rng.uniform(8, 28),
                )
            if rng.random() < 0.25:
                _few_steps(script, rng)
        straighten(script, 1.0)


def _wipe(script: Script, rng: np.random.Generator) -> None:
    """A table, a bath tub, or the floor on hands and knees."""
    lean_deg, up_m = ((rng.uniform(30, 50), -0.05), (rng.uniform(55, 75), -0.3), (rng.uniform(80, 95), -0.5))[
        int(rng.integers(3))
    ]
    with script.doing("wiping"):
        script.move(rng.uniform(1.0, 2.0), lean_deg=lean_deg, up_m=up_m)
        for _ in range(int(rng.integers(3, 8))):
            stroke_s = rng.uniform(0.3, 0.6)
            for _ in range(int(rng.integers(3, 12))):
                for side in (1.0, -1.0):
                    script.move(
                        stroke_s * rng.uniform(0.8, 1.2),
                        lean_deg=lean_deg + side * rng.uniform(0, 5),
                        twist_deg=side * rng.uniform(1, 9),
                        forward_m=side * rng.uniform(0.0, 0.08),
                    )
            script.wait(rng.uniform(0.5, 4.0))
            lean_deg += rng.normal(0.0, 4.0)
        straighten(script, rng.uniform(1.0, 2.0))


def _bed(script: Script, rng: np.random.Generator) -> None:
    """Bent over the bed, pulling and tucking in, on both sides of it."""
    with script.doing("making the bed"):
        for _ in range(int(rng.integers(2, 4))):
            for _ in range(int(rng.integers(2, 5))):
                script.move(
                    rng.uniform(0.7, 1.4),
                    lean_deg=rng.uniform(35, 80),
                    twist_deg=rng.normal(0.0, 15.0),
                    roll_deg=rng.normal(0.0, 6.0),
                    up_m=-rng.uniform(0.0, 0.15),
                )
                script.wait(rng.uniform(0.3, 2.5))
            straighten(script, rng.uniform(0.8, 1.5))
            _few_steps(script, rng)


def _dishwasher(script: Script, rng: np.random.Generator) -> None:
    """Out of the machine below, into the cupboard above."""
    depth_deg = rng.uniform(40, 80)
    with script.doing("emptying the dishwasher"):
        for _ in range(int(rng.integers(3, 10))):
            _bend(script, rng, depth_deg)
            _reach(script, rng)
            script.wait(0.5 * _pause_s(rng))
            _reach(script, rng)
        straighten(script, 0.8)


def _cook(script: Script, rng: np.random.Generator) -> None:
    """Stand at the counter; to the fridge, to the oven, to the shelf."""
    with script.doing("cooking"):
        for _ in range(int(rng.integers(3, 9))):
            deed = int(rng.integers(6))
            if deed == 0:
                _bend(script, rng, 55.0)
            elif deed == 1:
                _few_steps(script, rng)
            else:
                lean_deg = rng.uniform(5, 20)
                for _ in range(int(rng.integers(3, 15))):
                    script.move(
                        rng.uniform(0.3, 0.9),
                        lean_deg=lean_deg + rng.normal(0.0, 1.5),
                        twist_deg=rng.normal(0.0, 4.0),
                    )
            _reach(script, rng)
            script.wait(rng.uniform(0.5, 5.0))
        straighten(script, 0.8)


def _dig(script: Script, rng: np.random.Generator) -> None:
    """Drive the spade in, lift, throw aside: rhythmic for a while, never twice alike."""
    side = rng.choice([-1.0, 1.0])
    with script.doing("digging"):
        for _ in range(int(rng.integers(4, 13))):
            script.move(rng.uniform(0.5, 1.2), lean_deg=rng.uniform(25, 60), up_m=-rng.uniform(0.02, 0.15))
            script.wait(rng.uniform(0.2, 1.2))
            script.move(rng.uniform(0.5, 1.0), lean_deg=rng.uniform(35, 70), roll_deg=rng.normal(0.0, 5.0))
            script.move(
                rng.uniform(0.6, 1.1), lean_deg=rng.uniform(10, 35), twist_deg=side * rng.uniform(15, 50)
            )
            script.move(rng.uniform(0.5, 1.2), lean_deg=rng.uniform(5, 25), twist_deg=0.0, up_m=0.0)
            script.wait(0.4 * _pause_s(rng))
            if rng.random() < 0.2:
                straighten(script, 1.0)
                script.wait(_pause_s(rng))
        straighten(script, 1.0)


def _weed(script: Script, rng: np.random.Generator) -> None:
    """Kneel or squat at the bed and pull, move on, and again."""
    with script.doing("weeding"):
        for _ in range(int(rng.integers(2, 5))):
            lean_deg = rng.uniform(45, 95)
            script.move(rng.uniform(1.2, 2.2), lean_deg=lean_deg, up_m=-rng.uniform(0.2, 0.5))
            for _ in range(int(rng.integers(3, 14))):
                script.move(
                    rng.uniform(0.5, 1.2),
                    lean_deg=lean_deg + rng.normal(0.0, 8.0),
                    twist_deg=rng.normal(0.0, 12.0),
                    roll_deg=rng.normal(0.0, 5.0),
                )
                script.wait(rng.uniform(0.2, 3.0))
            straighten(script, rng.uniform(1.2, 2.2))
            _few_steps(script, rng)


def _rake(script: Script, rng: np.random.Generator) -> None:
    """Reach out and pull, a step, and again."""
    with script.doing("raking"):
        base_deg = rng.uniform(15, 30)
        for _ in range(int(rng.integers(6, 20))):
            script.move(
                rng.uniform(0.6, 1.2),
                lean_deg=base_deg + rng.uniform(2, 18),
                twist_deg=rng.uniform(-20, 5),
                forward_m=0.1,
            )
            script.move(
                rng.uniform(0.6, 1.3),
                lean_deg=base_deg - rng.uniform(2, 14),
                twist_deg=rng.uniform(-5, 20),
                forward_m=0.0,
            )
            if rng.random() < 0.3:
                _few_steps(script, rng)
        straighten(script, 1.0)


def _carry_child(script: Script, rng: np.random.Generator) -> None:
    """Lift a child, rock it, set it down."""
    with script.doing("with a child"):
        _bend(script, rng, rng.uniform(45, 75))
        for _ in range(int(rng.integers(6, 25))):
            side = rng.choice([-1.0, 1.0])
            script.move(
                rng.uniform(0.6, 1.1),
                lean_deg=rng.uniform(-8, 4),
                roll_deg=side * rng.uniform(1, 7),
                yaw_deg=script.now["yaw_deg"] + side * rng.uniform(0, 10),
            )
        if rng.random() < 0.5:
            straighten(script, 0.8)
            activities.walk(script, rng, rng.uniform(5, 15))
        _bend(script, rng, rng.uniform(45, 75))


def _play(script: Script, rng: np.random.Generator) -> None:
    """On the floor with a child, then pick up the toys: 3-9 bends."""
    with script.doing("with a child"):
        script.move(rng.uniform(1.5, 2.5), lean_deg=rng.uniform(20, 45), up_m=-0.6)
        for _ in range(int(rng.integers(4, 12))):
            script.move(
                rng.uniform(0.8, 2.0),
                lean_deg=rng.uniform(0, 75),
                roll_deg=rng.normal(0.0, 8.0),
                twist_deg=rng.normal(0.0, 15.0),
            )
            script.wait(rng.uniform(0.5, 6.0))
        straighten(script, rng.uniform(1.5, 2.5))
        for _ in range(int(rng.integers(3, 10))):
            _bend(script, rng, 75.0)
            script.wait(0.4 * _pause_s(rng))
            if rng.random() < 0.6:
                _few_steps(script, rng)


def _stand(script: Script, rng: np.random.Generator) -> None:
    activities.fidget(script, rng, rng.uniform(5, 20))


def _walk(script: Script, rng: np.random.Generator) -> None:
    activities.walk(script, rng, rng.uniform(5, 20))


def _sit(script: Script, rng: np.random.Generator) -> None:
    activities.sit(script, rng, rng.uniform(12, 40))


def _pick_up(script: Script, rng: np.random.Generator) -> None:
    with script.doing("tidying up"):
        for _ in range(int(rng.integers(1, 6))):
            _bend(script, rng, rng.uniform(40, 95))
            script.wait(_pause_s(rng))
            if rng.random() < 0.5:
                _few_steps(script, rng)
    script.move(0.5, lean_deg=UPRIGHT.lean_deg)


DEEDS: tuple[Callable[[Script, np.random.Generator], None], ...] = (
    _laundry,
    _vacuum,
    _mop,
    _wipe,
    _bed,
    _dishwasher,
    _cook,
    _dig,
    _weed,
    _rake,
    _carry_child,
    _play,
    _pick_up,
    _stand,
    _walk,
    _sit,
)
"""Each is called upright and ends upright."""
