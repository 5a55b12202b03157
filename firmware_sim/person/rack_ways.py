"""Ways to a bar in a rack and away from it, or to one on the floor that stays in the hands; own estimates.

Places: ``standing``, and ``edge``, where the first rep starts or the last one ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.person.ways import Step

if TYPE_CHECKING:
    from firmware_sim.person.ways import Way

_STAND = Step(near="standing", seconds=(1.0, 1.8))
_STEP = Step(
    near="edge",
    lean_deg=(-2.0, 3.0),
    roll_deg=(1.0, 4.0),
    forward_m=(-0.03, 0.03),
    seconds=(0.45, 0.8),
    stay_s=(0.05, 0.5),
    times=(2, 4),
    jolt_ms2=3.0,
)
"""Of a walk-out with a bar: a foot at a time."""
_STEP_BACK = Step(
    near="standing",
    lean_deg=(0.0, 6.0),
    roll_deg=(1.0, 4.0),
    seconds=(0.45, 0.8),
    stay_s=(0.05, 0.4),
    times=(2, 4),
    jolt_ms2=3.0,
)
_STEADY = Step(near="edge", seconds=(0.5, 1.0), stay_s=(0.8, 3.0))

FROM_RACK: dict[str, Way] = {
    "ducking under": (
        Step(
            near="standing", lean_deg=(15.0, 28.0), up_m=(-0.2, -0.1), seconds=(0.9, 1.5), stay_s=(0.5, 2.0)
        ),
        Step(near="edge", seconds=(0.7, 1.3), stay_s=(0.3, 1.0), jolt_ms2=3.0),
        _STEP,
        _STEADY,
    ),
    "hands on the bar": (
        Step(
            near="standing", lean_deg=(8.0, 18.0), up_m=(-0.12, -0.05), seconds=(0.8, 1.3), stay_s=(0.8, 3.0)
        ),
        Step(near="edge", seconds=(0.6, 1.0), stay_s=(0.2, 0.8), jolt_ms2=3.0),
        _STEP,
        _STEADY,
    ),
    "twice under the bar": (
        Step(
            near="standing", lean_deg=(15.0, 28.0), up_m=(-0.2, -0.1), seconds=(0.9, 1.5), stay_s=(0.5, 1.5)
        ),
        Step(near="standing", lean_deg=(4.0, 10.0), seconds=(0.7, 1.2), stay_s=(0.5, 2.0)),
        Step(
            near="standing", lean_deg=(15.0, 28.0), up_m=(-0.2, -0.1), seconds=(0.9, 1.5), stay_s=(0.5, 1.5)
        ),
        Step(near="edge", seconds=(0.7, 1.3), jolt_ms2=3.0),
        _STEP,
        _STEADY,
    ),
    "a small bend first": (
        Step(
            near="standing", lean_deg=(10.0, 20.0), up_m=(-0.15, -0.05), seconds=(0.8, 1.3), stay_s=(0.5, 2.0)
        ),
        Step(near="edge", seconds=(0.6, 1.0), jolt_ms2=3.0),
        _STEP,
        Step(near="edge", lean_deg=(6.0, 16.0), seconds=(0.7, 1.2), stay_s=(0.1, 0.5)),
        _STEADY,
    ),
    "from low pins": (
        Step(
            near="standing", lean_deg=(28.0, 42.0), up_m=(-0.3, -0.2), seconds=(1.0, 1.6), stay_s=(0.5, 2.0)
        ),
        Step(near="edge", seconds=(0.9, 1.5), stay_s=(0.3, 1.0), jolt_ms2=3.0),
        _STEP,
        _STEADY,
    ),
}

TO_RACK: dict[str, Way] = {
    "steps to the rack": (
        Step(near="standing", lean_deg=(0.0, 5.0), seconds=(0.5, 0.9), stay_s=(0.3, 2.0)),
        _STEP_BACK,
        Step(near="standing", lean_deg=(8.0, 18.0), up_m=(-0.12, -0.06), seconds=(0.7, 1.2), jolt_ms2=4.0),
        _STAND,
    ),
    "out from under": (
        _STEP_BACK,
        Step(near="standing", lean_deg=(8.0, 16.0), up_m=(-0.12, -0.06), seconds=(0.7, 1.1), jolt_ms2=4.0),
        Step(
            near="standing", lean_deg=(18.0, 32.0), up_m=(-0.22, -0.12), seconds=(0.7, 1.2), stay_s=(0.1, 0.5)
        ),
        _STAND,
    ),
    "leaning on the bar": (
        _STEP_BACK,
        Step(near="standing", lean_deg=(10.0, 18.0), seconds=(0.7, 1.1), jolt_ms2=4.0),
        Step(near="standing", lean_deg=(25.0, 45.0), seconds=(1.0, 1.8), stay_s=(2.0, 8.0)),
        _STAND,
    ),
    "racked at the second try": (
        _STEP_BACK,
        Step(near="standing", lean_deg=(8.0, 18.0), seconds=(0.7, 1.2), jolt_ms2=3.0),
        Step(near="standing", lean_deg=(0.0, 6.0), seconds=(0.5, 0.9), stay_s=(0.3, 1.0)),
        Step(near="standing", lean_deg=(8.0, 18.0), seconds=(0.7, 1.2), jolt_ms2=4.0),
        _STAND,
    ),
    "to low pins": (
        _STEP_BACK,
        Step(near="standing", lean_deg=(28.0, 42.0), up_m=(-0.3, -0.2), seconds=(1.0, 1.7), jolt_ms2=4.0),
        _STAND,
    ),
}

FROM_FLOOR: dict[str, Way] = {
    "lifted from the floor": (
        Step(
            near="standing", lean_deg=(36.0, 55.0), up_m=(-0.5, -0.35), seconds=(1.2, 2.0), stay_s=(0.6, 2.5)
        ),
        Step(near="edge", seconds=(1.2, 2.0), stay_s=(0.8, 2.5)),
        _STEADY,
    ),
}
"""Nobody lifts the bar of a good morning like that."""

TO_FLOOR: dict[str, Way] = {
    "set down on the floor": (
        Step(near="standing", seconds=(0.5, 0.9), stay_s=(0.8, 3.0)),
        Step(
            near="standing",
            lean_deg=(36.0, 55.0),
            up_m=(-0.5, -0.35),
            seconds=(1.3, 2.2),
            stay_s=(0.7, 2.0),
            jolt_ms2=4.0,
        ),
        _STAND,
    ),
}
