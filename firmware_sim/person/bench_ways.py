"""Ways on and off a bench for back extensions; angles and times are own estimates.

Places: ``standing``, ``line`` (trunk and legs in line), ``hang`` (the
exercise's bottom) and ``edge``, where the first rep starts or the last one ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.person.ways import Step

if TYPE_CHECKING:
    from firmware_sim.person.ways import Way

_STAND = Step(near="standing", seconds=(0.8, 1.6))
_KNEELING_M = (-0.5, -0.4)
"""Height of the hip of somebody who kneels or sits back, against standing."""

ONTO_BENCH: dict[str, Way] = {
    "hands on the pads": (
        Step(near="line", part=(0.5, 0.7), seconds=(1.2, 1.8), stay_s=(0.6, 1.8)),
        Step(near="edge", seconds=(1.4, 2.6), stay_s=(0.6, 2.0)),
    ),
    "lying down first": (
        Step(near="line", lean_deg=(-2.0, 8.0), seconds=(1.4, 2.4), stay_s=(1.0, 3.5)),
        Step(near="edge", seconds=(1.5, 3.0), stay_s=(0.5, 2.0)),
    ),
    "stepping on from the side": (
        Step(near="standing", lean_deg=(4.0, 12.0), roll_deg=(8.0, 18.0), yaw_deg=(40.0, 80.0), jolt_ms2=3.0),
        Step(near="line", part=(0.4, 0.6), roll_deg=(-8.0, 0.0), yaw_deg=(30.0, 60.0), stay_s=(0.2, 0.6)),
        Step(near="line", seconds=(1.0, 1.8), stay_s=(0.3, 1.5)),
        Step(near="edge", seconds=(1.2, 2.4), stay_s=(0.5, 2.0)),
    ),
    "one foot after the other": (
        Step(near="standing", lean_deg=(15.0, 30.0), roll_deg=(5.0, 14.0), stay_s=(0.2, 0.6), jolt_ms2=3.0),
        Step(near="standing", lean_deg=(20.0, 35.0), roll_deg=(-12.0, -4.0), up_m=(0.0, 0.1), jolt_ms2=2.0),
        Step(near="line", lean_deg=(-4.0, 6.0), seconds=(1.2, 2.0), stay_s=(0.4, 2.0)),
        Step(near="edge", seconds=(1.4, 2.4), stay_s=(0.5, 2.0)),
    ),
    "hands to the floor first": (
        Step(near="hang", lean_deg=(-8.0, 4.0), seconds=(1.8, 3.0), stay_s=(0.5, 1.5)),
        Step(
            near="hang", lean_deg=(-30.0, -14.0), roll_deg=(2.0, 8.0), seconds=(0.6, 1.1), stay_s=(0.2, 0.8)
        ),
        Step(near="edge", seconds=(0.7, 1.3), stay_s=(0.5, 2.0)),
    ),
    "looking round": (
        Step(near="line", lean_deg=(-20.0, -8.0), seconds=(1.2, 2.0), stay_s=(0.5, 1.5)),
        Step(
            near="line", lean_deg=(-15.0, -5.0), twist_deg=(15.0, 35.0), seconds=(0.8, 1.4), stay_s=(0.4, 1.5)
        ),
        Step(near="line", seconds=(0.8, 1.4), stay_s=(0.3, 1.0)),
        Step(near="edge", seconds=(1.3, 2.4), stay_s=(0.5, 2.0)),
    ),
    "straight into the hang": (Step(near="edge", seconds=(2.0, 3.5), stay_s=(0.8, 3.0)),),
    "shifting on the pads": (
        Step(near="line", seconds=(1.4, 2.2), stay_s=(0.3, 1.0)),
        Step(
            near="line",
            lean_deg=(-6.0, 6.0),
            forward_m=(-0.04, 0.04),
            roll_deg=(0.0, 4.0),
            seconds=(0.5, 0.9),
            stay_s=(0.1, 0.6),
            times=(2, 4),
        ),
        Step(near="edge", seconds=(1.4, 2.6), stay_s=(0.5, 2.0)),
    ),
    "trying the range": (
        Step(near="line", seconds=(1.4, 2.2), stay_s=(0.4, 1.5)),
        Step(near="hang", part=(0.3, 0.6), seconds=(0.9, 1.6), stay_s=(0.1, 0.5)),
        Step(near="line", seconds=(0.8, 1.5), stay_s=(0.4, 1.5)),
        Step(near="edge", seconds=(1.4, 2.6), stay_s=(0.6, 2.0)),
    ),
    "reaching for the plate": (
        Step(near="line", seconds=(1.4, 2.2), stay_s=(0.3, 1.0)),
        Step(near="hang", lean_deg=(-4.0, 8.0), roll_deg=(3.0, 10.0), seconds=(1.4, 2.4), stay_s=(0.8, 2.5)),
        Step(near="hang", lean_deg=(-16.0, -6.0), seconds=(0.6, 1.2), stay_s=(0.4, 1.2)),
        Step(near="edge", seconds=(0.6, 1.2), stay_s=(0.5, 1.5)),
    ),
}

OFF_BENCH: dict[str, Way] = {
    "hands on the handles": (
        Step(near="line", part=(0.4, 0.6), seconds=(0.9, 1.5), stay_s=(0.4, 1.2)),
        Step(near="standing", part=(0.5, 0.8), roll_deg=(0.0, 6.0), seconds=(1.3, 2.2)),
        _STAND,
    ),
    "by the hands, with a stop half-way": (
        Step(near="standing", part=(0.35, 0.6), seconds=(1.4, 2.6), stay_s=(0.3, 1.0)),
        Step(near="standing", seconds=(1.4, 2.6), stay_s=(0.2, 0.8)),
    ),
    "pushed up through the top": (Step(near="standing", lean_deg=(0.0, 6.0), seconds=(2.4, 4.0)), _STAND),
    "from half-way": (
        Step(near="line", part=(0.4, 0.65), seconds=(0.8, 1.6), stay_s=(0.8, 2.5)),
        Step(near="hang", part=(0.4, 0.9), seconds=(0.7, 1.4), stay_s=(0.3, 1.5)),
        Step(near="standing", seconds=(2.4, 3.6)),
    ),
    "walking the hands back": (
        Step(
            near="hang",
            lean_deg=(-14.0, -2.0),
            roll_deg=(2.0, 7.0),
            seconds=(0.4, 0.8),
            stay_s=(0.0, 0.3),
            times=(3, 5),
        ),
        Step(near="standing", lean_deg=(50.0, 75.0), seconds=(1.2, 2.0), stay_s=(0.4, 1.0)),
        _STAND,
    ),
    "child's pose": (
        Step(
            near="standing", lean_deg=(70.0, 90.0), seconds=(1.6, 2.8), stay_s=(4.0, 12.0), up_m=_KNEELING_M
        ),
        Step(near="standing", lean_deg=(18.0, 32.0), seconds=(1.2, 2.0), up_m=(-0.4, -0.3)),
        _STAND,
    ),
    "rolling to the side": (
        Step(near="line", part=(0.5, 0.8), twist_deg=(30.0, 75.0), seconds=(1.4, 2.2), stay_s=(0.3, 1.5)),
        Step(
            near="standing",
            lean_deg=(10.0, 25.0),
            roll_deg=(6.0, 16.0),
            twist_deg=(0.0, 20.0),
            up_m=(-0.4, -0.3),
        ),
        _STAND,
    ),
    "sitting back": (
        Step(near="standing", lean_deg=(15.0, 30.0), seconds=(1.8, 3.0), stay_s=(2.0, 6.0), up_m=_KNEELING_M),
        Step(
            near="standing", lean_deg=(25.0, 38.0), seconds=(0.7, 1.1), up_m=(-0.25, -0.15), stay_s=(0.0, 0.2)
        ),
        _STAND,
    ),
    "one foot after the other": (
        Step(near="line", part=(0.6, 0.9), seconds=(1.0, 1.8), stay_s=(0.2, 0.8)),
        Step(
            near="standing",
            part=(0.2, 0.35),
            roll_deg=(6.0, 15.0),
            seconds=(0.7, 1.2),
            stay_s=(0.2, 0.6),
            times=(2, 2),
            jolt_ms2=3.0,
        ),
        _STAND,
    ),
    "hanging a while": (
        Step(
            near="hang",
            lean_deg=(-5.0, 3.0),
            roll_deg=(0.0, 4.0),
            seconds=(0.8, 1.6),
            stay_s=(1.0, 3.0),
            times=(1, 3),
        ),
        Step(near="standing", part=(0.2, 0.4), seconds=(0.8, 1.5), stay_s=(0.3, 1.0)),
        Step(near="standing", part=(0.4, 0.6), seconds=(0.8, 1.5), stay_s=(0.3, 1.0)),
        _STAND,
    ),
    "turning out": (
        Step(
            near="standing", part=(0.5, 0.7), yaw_deg=(30.0, 70.0), roll_deg=(3.0, 12.0), seconds=(1.4, 2.4)
        ),
        Step(near="standing", yaw_deg=(60.0, 110.0), seconds=(0.9, 1.6), jolt_ms2=2.0),
    ),
}
