"""Time without any of our exercises: what a counter has to be quiet about.

Order and durations are drawn. In a plain day the bends that people do (picking up, tying a
shoe) come singly, never three alike in a row; house work and the gym floor are less kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.person import activities, gym_floor, house_work

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from firmware_sim.person.script import Script


PLAIN = "plain"


def write_daily_life(script: Script, rng: np.random.Generator, seconds: float, day: str = PLAIN) -> None:
    """Write ``seconds`` of a day of this kind, one of ``DAYS``, ending upright."""
    deeds = DAYS[day]
    end_s = script.t_s + seconds
    last = -1
    while end_s - script.t_s > 45.0:
        choice = int(rng.integers(len(deeds)))
        if choice != last:
            deeds[choice](script, rng)
            last = choice
    activities.fidget(script, rng, end_s - script.t_s)


def _stand(script: Script, rng: np.random.Generator) -> None:
    activities.fidget(script, rng, rng.uniform(10, 30))


def _walk(script: Script, rng: np.random.Generator) -> None:
    activities.walk(script, rng, rng.uniform(10, 35))


def _sit(script: Script, rng: np.random.Generator) -> None:
    activities.sit(script, rng, rng.uniform(12, 35))


def _stairs(script: Script, rng: np.random.Generator) -> None:
    with script.doing("stairs"), script.bout("stairs", rng.uniform(0.9, 1.1)):
        script.wait(rng.uniform(6, 14))
        script.move(1.5, yaw_deg=script.now["yaw_deg"] + 180.0)
        script.wait(rng.uniform(6, 14))


def _pick_up(script: Script, rng: np.random.Generator) -> None:
    activities.pick_up(script, rng)
    activities.fidget(script, rng, rng.uniform(5, 12))


def _tie_shoe(script: Script, rng: np.random.Generator) -> None:
    # Kneeling down: the trunk leans for as long as it takes, with the small moves of the hands.
    with script.doing("tying a shoe"):
        script.move(rng.uniform(1.2, 1.8), lean_deg=rng.uniform(45, 65), up_m=-0.4, roll_deg=rng.normal(0, 5))
        for _ in range(int(rng.integers(3, 7))):
            script.wait(rng.uniform(0.5, 1.5))
            script.move(rng.uniform(0.4, 0.9), lean_deg=script.now["lean_deg"] + rng.normal(0, 4))
        script.move(rng.uniform(1.0, 1.6), lean_deg=2.0, up_m=0.0, roll_deg=0.0)


_DEEDS: tuple[Callable[[Script, np.random.Generator], None], ...] = (
    _stand,
    _walk,
    _sit,
    _stairs,
    _pick_up,
    _tie_shoe,
)

DAYS = {PLAIN: _DEEDS, "house": house_work.DEEDS, "gym": gym_floor.DEEDS}
"""What is done on each kind of day."""
