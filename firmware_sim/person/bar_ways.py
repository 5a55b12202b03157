"""Ways to and from a bar on the floor and a kettlebell; own estimates throughout.

Places: ``standing``, ``grip`` (the exercise's bottom with the hips lower, the
weight still on the floor) and ``edge``, where the first rep starts or the last
one ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.person.ways import Step

if TYPE_CHECKING:
    from firmware_sim.person.ways import Way

_STAND = Step(near="standing", seconds=(1.0, 1.8))
_BEND = Step(near="edge", lean_deg=(-6.0, 10.0), seconds=(1.1, 2.0), stay_s=(0.4, 1.2))
_SET = Step(near="edge", seconds=(0.4, 0.9), stay_s=(0.5, 2.0))
_TUG = Step(near="edge", lean_deg=(-9.0, -3.0), seconds=(0.25, 0.5), stay_s=(0.0, 0.2))
"""Taking the slack out of the bar: the trunk comes up a little, and back."""

TO_BAR: dict[str, Way] = {
    "bending to the bar": (_BEND, _SET),
    "one tug": (_BEND, _TUG, _SET),
    "tugs": (
        _BEND,
        _TUG,
        Step(near="edge", lean_deg=(-2.0, 3.0), seconds=(0.3, 0.6), stay_s=(0.1, 0.6)),
        _TUG,
        Step(near="edge", lean_deg=(-2.0, 3.0), seconds=(0.3, 0.6), stay_s=(0.1, 0.6)),
        _TUG,
        _SET,
    ),
    "a hold at the bar": (
        _BEND,
        Step(near="edge", lean_deg=(-3.0, 3.0), seconds=(0.5, 1.0), stay_s=(0.6, 2.0), times=(2, 4)),
        _SET,
    ),
    "up again before the first": (
        _BEND,
        Step(near="standing", part=(0.5, 0.95), seconds=(1.1, 1.9), stay_s=(1.0, 5.0)),
        _BEND,
        _SET,
    ),
    "squatting down to it": (
        Step(near="edge", lean_deg=(-32.0, -15.0), up_m=(-0.25, -0.1), seconds=(1.0, 1.6), stay_s=(0.4, 1.5)),
        _SET,
    ),
    "straps on": (
        _BEND,
        Step(
            near="edge",
            lean_deg=(-5.0, 5.0),
            roll_deg=(2.0, 8.0),
            seconds=(0.6, 1.2),
            stay_s=(1.0, 3.0),
            times=(3, 5),
        ),
        _SET,
    ),
    "rocking into it": (
        _BEND,
        Step(near="edge", lean_deg=(-14.0, -5.0), up_m=(-0.12, -0.04), seconds=(0.4, 0.8), stay_s=(0.0, 0.2)),
        Step(near="edge", lean_deg=(0.0, 6.0), seconds=(0.4, 0.8), stay_s=(0.0, 0.2)),
        Step(near="edge", lean_deg=(-14.0, -5.0), up_m=(-0.12, -0.04), seconds=(0.4, 0.8), stay_s=(0.0, 0.2)),
        _SET,
    ),
    "finding the stance": (
        Step(
            near="standing",
            lean_deg=(2.0, 12.0),
            roll_deg=(1.0, 4.0),
            seconds=(0.5, 0.9),
            times=(2, 4),
            jolt_ms2=2.0,
        ),
        _BEND,
        _SET,
    ),
    "hips up last": (
        Step(near="edge", lean_deg=(4.0, 16.0), up_m=(0.02, 0.12), seconds=(1.2, 2.0), stay_s=(0.4, 1.5)),
        _SET,
    ),
}

FROM_BAR: dict[str, Way] = {
    "letting go": (Step(near="standing", yaw_deg=(0.0, 40.0), seconds=(1.2, 2.0)), _STAND),
    "after a hold at the bar": (
        Step(near="edge", lean_deg=(-4.0, 4.0), seconds=(0.4, 0.9), stay_s=(0.8, 2.5), times=(2, 3)),
        Step(near="standing", seconds=(1.1, 2.2)),
    ),
    "hands on the knees": (
        Step(near="standing", part=(0.35, 0.6), seconds=(0.9, 1.6), stay_s=(1.0, 6.0)),
        Step(near="standing", seconds=(1.0, 2.2)),
    ),
    "stepping back bent": (
        Step(
            near="edge",
            lean_deg=(-12.0, -2.0),
            roll_deg=(2.0, 6.0),
            seconds=(0.5, 0.8),
            times=(2, 3),
            jolt_ms2=2.0,
        ),
        _STAND,
    ),
    "slowly": (Step(near="standing", seconds=(2.0, 3.5)),),
    "squatting at the bar": (
        Step(
            near="standing", lean_deg=(20.0, 35.0), up_m=(-0.6, -0.45), seconds=(0.8, 1.4), stay_s=(1.5, 6.0)
        ),
        _STAND,
    ),
    "to the collar": (
        Step(near="standing", yaw_deg=(20.0, 60.0), seconds=(1.1, 1.9), stay_s=(1.0, 4.0)),
        Step(
            near="edge",
            lean_deg=(-22.0, 6.0),
            roll_deg=(5.0, 14.0),
            twist_deg=(5.0, 20.0),
            yaw_deg=(30.0, 70.0),
            stay_s=(0.8, 3.0),
        ),
        _STAND,
    ),
    "turning away": (
        Step(near="standing", part=(0.5, 0.8), yaw_deg=(25.0, 70.0), roll_deg=(2.0, 9.0), seconds=(0.9, 1.5)),
        Step(near="standing", yaw_deg=(50.0, 110.0), seconds=(0.8, 1.5)),
    ),
    "straps off": (
        Step(
            near="edge",
            lean_deg=(-8.0, 3.0),
            roll_deg=(1.0, 6.0),
            seconds=(0.6, 1.2),
            stay_s=(0.8, 2.5),
            times=(2, 4),
        ),
        _STAND,
    ),
    "on one knee": (
        Step(
            near="standing", lean_deg=(8.0, 25.0), up_m=(-0.45, -0.4), seconds=(1.0, 1.8), stay_s=(1.0, 8.0)
        ),
        _STAND,
    ),
}

_HIKE = Step(near="edge", seconds=(0.45, 0.7), stay_s=(0.0, 0.05))
"""The bell is pulled back between the legs: the first swing starts from there without a stop."""

TO_KETTLEBELL: dict[str, Way] = {
    "hike": (Step(near="grip", lean_deg=(-6.0, 8.0), stay_s=(0.5, 2.0)), _HIKE),
    "hike after a tilt": (
        Step(near="grip", seconds=(1.2, 2.0)),
        Step(near="grip", lean_deg=(-12.0, -4.0), seconds=(0.5, 0.9), stay_s=(0.4, 1.5)),
        _HIKE,
    ),
    "up and down again": (
        Step(near="grip", stay_s=(0.5, 2.0)),
        Step(near="standing", part=(0.4, 1.0), seconds=(1.0, 1.8), stay_s=(0.5, 2.0)),
        Step(near="grip", lean_deg=(-6.0, 8.0), stay_s=(0.5, 1.5)),
        _HIKE,
    ),
    "hinged, waiting": (
        Step(near="grip", lean_deg=(-4.0, 4.0), seconds=(0.6, 1.2), stay_s=(0.8, 2.0), times=(2, 3)),
        _HIKE,
    ),
}

_PARK = Step(near="grip", lean_deg=(-6.0, 8.0), seconds=(0.6, 1.1), stay_s=(1.0, 3.0), jolt_ms2=5.0)

FROM_KETTLEBELL: dict[str, Way] = {
    "park": (_PARK, Step(near="standing", seconds=(1.6, 2.6))),
    "park, then slowly up": (_PARK, Step(near="standing", seconds=(2.4, 3.6))),
    "park, hands on the knees": (
        _PARK,
        Step(near="standing", part=(0.4, 0.6), seconds=(0.8, 1.4), stay_s=(1.0, 5.0)),
        Step(near="standing", seconds=(1.0, 1.8)),
    ),
    "a slow last half swing": (
        Step(near="standing", part=(0.25, 0.5), seconds=(0.6, 0.9), stay_s=(0.0, 0.1)),
        _PARK,
        Step(near="standing", seconds=(1.4, 2.4)),
    ),
    "park, down on one knee": (
        _PARK,
        Step(
            near="standing", lean_deg=(8.0, 25.0), up_m=(-0.45, -0.4), seconds=(1.0, 1.6), stay_s=(1.0, 6.0)
        ),
        _STAND,
    ),
}
