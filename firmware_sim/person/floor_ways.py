"""Ways down to the floor and up from it; angles and times are own estimates.

Places: ``standing``, ``fours`` (hands and knees), ``prone`` (lying on the
front) and ``edge``, where the first rep starts or the last one ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.person.exercises import Posture
from firmware_sim.person.ways import Step

if TYPE_CHECKING:
    from firmware_sim.person.ways import Way

FOURS = Posture(80.0, -0.5, 0.1)

_STAND = Step(near="standing", seconds=(0.9, 1.7))
_FOURS = Step(near="fours", lean_deg=(-5.0, 5.0), seconds=(1.0, 1.6))
_DOWN = Step(near="edge", seconds=(1.2, 2.2), stay_s=(0.8, 3.0))
_KNEEL = Step(
    near="standing", lean_deg=(10.0, 30.0), up_m=(-0.45, -0.4), roll_deg=(0.0, 6.0), seconds=(1.0, 1.8)
)

ONTO_FLOOR: dict[str, Way] = {
    "kneeling": (_KNEEL, _FOURS, _DOWN),
    "hands first": (
        Step(
            near="standing", lean_deg=(85.0, 105.0), up_m=(-0.25, -0.1), seconds=(1.2, 2.0), stay_s=(0.2, 0.6)
        ),
        Step(
            near="fours",
            lean_deg=(-6.0, 12.0),
            roll_deg=(2.0, 6.0),
            seconds=(0.5, 0.9),
            stay_s=(0.0, 0.3),
            times=(2, 4),
        ),
        _DOWN,
    ),
    "one knee, a hand to the side": (
        Step(near="standing", lean_deg=(15.0, 30.0), up_m=(-0.45, -0.4), roll_deg=(8.0, 18.0), jolt_ms2=2.0),
        Step(near="fours", roll_deg=(-6.0, 6.0), twist_deg=(0.0, 15.0), seconds=(1.0, 1.8)),
        _DOWN,
    ),
    "sitting sideways": (
        Step(
            near="standing",
            lean_deg=(0.0, 20.0),
            up_m=(-0.85, -0.75),
            roll_deg=(5.0, 20.0),
            seconds=(1.6, 2.6),
        ),
        Step(near="prone", part=(0.6, 0.8), twist_deg=(40.0, 80.0), seconds=(1.2, 2.0)),
        _DOWN,
    ),
    "on the side first": (
        _FOURS,
        Step(
            near="prone", lean_deg=(-12.0, 0.0), twist_deg=(60.0, 90.0), seconds=(1.4, 2.2), stay_s=(0.8, 3.0)
        ),
        _DOWN,
    ),
    "plank first": (
        _FOURS,
        Step(near="prone", lean_deg=(-22.0, -14.0), up_m=(0.2, 0.35), seconds=(0.9, 1.5), stay_s=(0.8, 4.0)),
        _DOWN,
    ),
    "child's pose first": (
        _KNEEL,
        Step(
            near="fours", lean_deg=(12.0, 30.0), up_m=(-0.15, -0.05), seconds=(1.2, 2.0), stay_s=(3.0, 10.0)
        ),
        _FOURS,
        _DOWN,
    ),
    "onto the elbows first": (
        _KNEEL,
        _FOURS,
        Step(near="prone", lean_deg=(-26.0, -14.0), seconds=(1.0, 1.8), stay_s=(1.0, 4.0)),
        _DOWN,
    ),
    "shifting on the mat": (
        _FOURS,
        Step(near="edge", seconds=(1.2, 2.0), stay_s=(0.3, 1.0)),
        Step(
            near="edge",
            lean_deg=(-4.0, 3.0),
            roll_deg=(1.0, 5.0),
            twist_deg=(0.0, 6.0),
            seconds=(0.5, 1.0),
            times=(2, 4),
        ),
        Step(near="edge", seconds=(0.5, 1.0), stay_s=(0.8, 2.5)),
    ),
    "squatting down": (
        Step(
            near="standing", lean_deg=(28.0, 45.0), up_m=(-0.65, -0.55), seconds=(1.2, 2.0), stay_s=(0.2, 1.0)
        ),
        Step(near="edge", seconds=(1.8, 3.0), stay_s=(0.8, 3.0)),
    ),
}

OFF_FLOOR: dict[str, Way] = {
    "all fours, one knee": (_FOURS, _KNEEL, _STAND),
    "push-up": (
        Step(near="prone", lean_deg=(-24.0, -14.0), up_m=(0.2, 0.35), seconds=(1.0, 2.0), stay_s=(0.3, 1.5)),
        _KNEEL,
        _STAND,
    ),
    "child's pose": (
        _FOURS,
        Step(
            near="fours", lean_deg=(14.0, 32.0), up_m=(-0.15, -0.05), seconds=(1.2, 2.2), stay_s=(4.0, 15.0)
        ),
        Step(near="standing", lean_deg=(20.0, 45.0), up_m=(-0.5, -0.4), seconds=(1.2, 2.0)),
        _STAND,
    ),
    "rolling to the side": (
        Step(
            near="prone", lean_deg=(-10.0, 0.0), twist_deg=(60.0, 90.0), seconds=(1.2, 2.0), stay_s=(0.5, 4.0)
        ),
        Step(
            near="standing",
            lean_deg=(10.0, 30.0),
            up_m=(-0.85, -0.75),
            roll_deg=(5.0, 20.0),
            stay_s=(0.5, 3.0),
        ),
        Step(near="standing", lean_deg=(25.0, 45.0), up_m=(-0.45, -0.35), seconds=(1.2, 2.0)),
        _STAND,
    ),
    "lying on": (Step(near="prone", seconds=(0.8, 1.6), stay_s=(5.0, 12.0)), _FOURS, _KNEEL, _STAND),
    "onto the elbows": (
        Step(near="prone", lean_deg=(-26.0, -14.0), seconds=(0.9, 1.8), stay_s=(1.5, 5.0)),
        _FOURS,
        _KNEEL,
        _STAND,
    ),
    "kneeling a while": (
        _FOURS,
        Step(
            near="standing", lean_deg=(2.0, 10.0), up_m=(-0.45, -0.4), seconds=(1.0, 1.8), stay_s=(2.0, 6.0)
        ),
        Step(near="standing", lean_deg=(15.0, 28.0), up_m=(-0.35, -0.25), roll_deg=(2.0, 8.0), jolt_ms2=2.0),
        _STAND,
    ),
    "sitting back": (
        _FOURS,
        Step(
            near="standing", lean_deg=(8.0, 22.0), up_m=(-0.65, -0.55), seconds=(1.2, 2.0), stay_s=(3.0, 8.0)
        ),
        _KNEEL,
        _STAND,
    ),
    "hands and feet": (
        Step(near="fours", lean_deg=(20.0, 45.0), up_m=(0.25, 0.35), seconds=(1.4, 2.4), stay_s=(0.4, 2.0)),
        Step(near="standing", lean_deg=(70.0, 95.0), seconds=(0.8, 1.6), stay_s=(0.2, 0.8)),
        Step(near="standing", seconds=(1.8, 3.0)),
    ),
    "up on the second try": (
        Step(near="fours", part=(0.4, 0.9), seconds=(0.8, 1.4), stay_s=(0.4, 1.2)),
        Step(near="prone", part=(0.6, 1.0), seconds=(0.7, 1.3), stay_s=(0.5, 2.5)),
        _FOURS,
        _KNEEL,
        _STAND,
    ),
}
