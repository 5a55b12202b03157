"""Times and ranges of a set's movements, measured again by the geometry of the hip.

Without a gyroscope, movements are found on the accelerometer's low-pass, which
blurs their edges. When a set is over and its own movements are known, the trunk's
angle is fitted to the force of the whole set (``hip_hinge``), and each movement is
measured on it by the same rule. Which movements there are does not change.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.segmentation.hip_hinge import fit_hinge
from imurep.counting.segmentation.movement_timing import measure_timing

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose
    from imurep.counting.motion.ring_buffer import MotionHistory
    from imurep.counting.segmentation.movement_tracker import Movement, MovementTracker
    from imurep.counting.segmentation.segmentation_params import HipHingeParams, MovementTimingParams

LEAST_MOVEMENT_S = 0.3
"""No movement of a trunk is shorter; what is measured to be is a fragment of one."""
HIGHEST_CUTOFF = 0.25
"""Share of the rate of the steps up to which an angle can follow the force."""


def measured_by_hinge(
    tracker: MovementTracker,
    own: slice,
    history: MotionHistory,
    upright: Pose | None,
    params: HipHingeParams,
    timing: MovementTimingParams,
) -> list[Movement]:
    """Measure timing and range of the set's ``own`` movements.

    ``upright`` is the pose of standing, where it is known.
    """
    movements = tracker.movements[own]
    around, margin = round(params.around_s * history.per_second), tracker.margin
    begin = max(movements[0].steps.start - around, history.begin)
    time_us = history.time_us(begin, movements[-1].steps.stop + around)
    # An even grid, in which steps that were lost keep their places.
    step_us = float(np.median(time_us[1:] - time_us[:-1]))
    places = np.rint((time_us - time_us[0]) / step_us).astype(np.int64)
    grid_us = time_us[0] + np.rint(np.arange(places[-1] + 1) * step_us).astype(np.int64)
    seen = np.zeros(len(grid_us))
    seen[places] = 1.0
    in_plane = np.array([tracker.plane.zero, tracker.plane.ahead])
    measured = in_plane @ history.acc_ms2(begin, begin + len(places)).T
    force = np.stack([np.interp(np.arange(len(seen)), places, along) for along in measured], axis=1)
    shorter_s = min(
        median(one.timing.duration_s for one in movements[side::2] or movements) for side in (0, 1)
    )
    step_s = step_us / 1e6
    cutoff_hz = min(params.cutoff / max(shorter_s, LEAST_MOVEMENT_S), HIGHEST_CUTOFF / step_s)
    angle = fit_hinge(force, seen, step_s, cutoff_hz, None if upright is None else in_plane @ upright, params)
    rate = np.zeros_like(angle)
    rate[1:] = (angle[1:] - angle[:-1]) / step_s

    def place(step: int) -> int:
        return int(places[min(max(step - begin, 0), len(places) - 1)])

    found: list[Movement] = []
    before_us = max(int(grid_us[0]), tracker.after_us)
    for number, one in enumerate(movements, own.start):
        # The first one was seen to begin where the trunk left the end, which is within the movement.
        left = min(len(one.steps), around) if number == 0 else 0
        part = slice(place(one.steps.start - margin - left), place(one.steps.stop + margin) + 1)
        now = measure_timing(grid_us[part], rate[part] if number % 2 == 0 else -rate[part], timing)
        if now.start_us < before_us:
            # Where one movement turns into the next within a step, both edges are estimates.
            now = replace(now, start_us=before_us, end_us=max(now.end_us, before_us))
        before_us = now.end_us
        turned = angle[place(one.steps.start) : part.stop]
        range_rad = min(float(turned.max() - turned.min()), math.pi)
        found.append(replace(one, timing=now, range_rad=range_rad))
    return found
