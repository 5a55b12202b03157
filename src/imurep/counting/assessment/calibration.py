"""A person's straight line: the lean from standing straight at which trunk and legs are in line.

Idea. The person stands straight for two seconds, goes to the bench and holds
the line. Both are still, and nothing else is known of the sensor:

1. Quarters of a second in which the trunk points the same way make a still
   pose. One that is too still for something that breathes is a sensor on a table.
2. Standing is a still pose; where a walk was seen, one like it, since sitting
   and lying are still, too.
3. The line is the longest still pose after standing that is about as far from
   it as the exercise's top. The angle between the two is what is kept: the
   strap may sit elsewhere the next time. It is freed from what the
   accelerometer's offset adds to it (``accelerometer_bias``).

Sets measure their tops from the same standing pose (``standing_reference``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.assessment.assessment_params import CalibrationParams
from imurep.counting.motion.accelerometer_bias import AccelerometerBias
from imurep.counting.motion.orientation import ACC, COLUMNS, FORCE, FORCE2, GRAVITY, UPWARD
from imurep.counting.motion.pose import angle
from imurep.counting.motion.standing_reference import StandingReference
from imurep.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.counting.motion.orientation import Motion
    from imurep.counting.motion.pose import Pose
    from imurep.exercises import Exercise

QUARTER_US = 250_000
"""Length of the pieces that the motion is looked at in: a quarter of a second."""
DEFAULT = CalibrationParams()


class Step(StrEnum):
    """What the person should do now."""

    STAND = "stand straight"
    HOLD = "hold the straight line"
    DONE = "done"


@dataclass(slots=True)
class _HeldPose:
    """A pose that is held, from the force: who holds still is not accelerated."""

    sum_ms2: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    quarters: list[Pose] = field(default_factory=list)

    def add(self, acc_ms2: NDArray[np.float64]) -> None:
        self.sum_ms2 += acc_ms2
        self.quarters.append(_unit(acc_ms2))

    @property
    def median_pose(self) -> Pose:
        """Median pose: settling into it counts little."""
        return _unit(np.median(self.quarters, axis=0))

    @property
    def seconds(self) -> float:
        return len(self.quarters) * QUARTER_US / 1e6

    @property
    def pose(self) -> Pose:
        return _unit(self.sum_ms2)

    @property
    def tremble_deg(self) -> float:
        pose = self.pose
        return math.degrees(sum(angle(one, pose) for one in self.quarters) / len(self.quarters))


class Calibration:
    """Measures the straight line of an exercise; a ``Pipeline`` takes ``push`` as its observer."""

    def __init__(self, exercise: Exercise, params: CalibrationParams = DEFAULT) -> None:
        """Prepare. Raises ConfigError for an exercise whose top is no straight line."""
        if not exercise.form.straight_line:
            msg = f"{exercise.name} has no straight line to hold; choose a back extension on a bench"
            raise ConfigError(msg)
        self._exercise = exercise
        self._params = params
        self._standing = StandingReference()
        self._quarter = -1
        self._bias = AccelerometerBias()
        self._sums = np.zeros(COLUMNS + 1)
        """Sums over the current quarter: the columns of the motion, and the number of steps."""
        self._second: list[NDArray[np.float64]] = []
        self._held = [_HeldPose()]

    def push(self, motion: Motion) -> None:
        """Take the next steps."""
        quarters = motion.time_us // QUARTER_US
        # Step by step: sums must not depend on how the motion is cut. Calibrations are short.
        for quarter, row in zip(quarters.tolist(), motion.rows, strict=True):
            if quarter != self._quarter:
                self._end(quarter)
            self._sums[:COLUMNS] += row
            self._sums[COLUMNS] += 1

    @property
    def next(self) -> Step:
        """What the person should do now."""
        if self.line_deg is not None:
            return Step.DONE
        return Step.HOLD if self._stands() else Step.STAND

    @property
    def line_deg(self) -> float | None:
        """Lean of the straight line from standing; None until it was held."""
        usual_deg = self._exercise.top_deg
        fitting = [held for held in self._lines() if usual_deg.low <= held[1] <= usual_deg.high]
        return max(fitting, key=lambda held: held[0])[1] if fitting else None

    @property
    def expected_deg(self) -> float:
        """Lean of most people's line, degrees."""
        top_deg = self._exercise.top_deg
        return (top_deg.low + top_deg.high) / 2

    def complaint(self) -> str:
        """Why there is no line, and what to do; empty when there is one."""
        params = self._params
        if self.line_deg is not None:
            return ""
        if not self._stands():
            return (
                f"nobody was seen to stand still for {params.hold_s:.0f} seconds; with the sensor on, stand "
                "straight and still, then walk to the bench and hold the straight line"
            )
        lines = self._lines()
        if not lines:
            return (
                f"no pose was held for {params.hold_s:.0f} seconds after standing; hold the straight line "
                "for three seconds or more"
            )
        _, off_deg = min(lines, key=lambda held: abs(held[1] - self.expected_deg))
        return (
            f"the pose that was held is {off_deg:.0f}° from standing, but the straight line of "
            f"{self._exercise.title} is at about {self.expected_deg:.0f}°; check the exercise, and hold the "
            "line for longer than any other pose"
        )

    def _end(self, following: int) -> None:
        """Process the quarter that has ended; ``following`` is the next one, later where data is missing."""
        quarter, sums = self._quarter, self._sums
        self._quarter, self._sums = following, np.zeros(COLUMNS + 1)
        if not sums[COLUMNS]:
            return
        held_ms2, params = sums[ACC] / sums[COLUMNS], self._params
        still = _spread_ms2(sums) < params.still_ms2
        if not still or angle(self._held[-1].pose, _unit(held_ms2)) > math.radians(params.still_deg):
            self._break()
        if still:
            self._held[-1].add(held_ms2)
        self._second = [*self._second, sums] if quarter % 4 else [sums]
        if quarter % 4 == 3 and len(self._second) == 4:
            total = np.sum(self._second, axis=0)
            gravity, acc_ms2 = _pose(total[GRAVITY] / total[COLUMNS]), _pose(total[ACC] / total[COLUMNS])
            self._standing.push(quarter // 4, _spread_ms2(total), gravity, acc_ms2)
            self._bias.push(gravity, float(total[UPWARD] / total[COLUMNS]))
        if following != quarter + 1:
            self._second = []
            self._break()

    def _break(self) -> None:
        """Begin another pose."""
        if self._held[-1].seconds < self._params.hold_s:
            self._held.pop()
        self._held.append(_HeldPose())

    def _stands(self) -> bool:
        return any(self._may_stand(held) for held in self._held)

    def _may_stand(self, held: _HeldPose) -> bool:
        near, walk = math.radians(self._params.near_deg), self._standing.walk
        return self._lasts(held, self._params.hold_s) and (walk is None or angle(held.pose, walk) < near)

    def _lines(self) -> list[tuple[float, float]]:
        """Poses that were held after standing: for how long (s), and how far from standing (degrees)."""
        found, stand = [], None
        for held in self._held:
            if not held.quarters:
                continue  # it has only just begun
            off_deg = self._apart_deg(stand, held) if stand else 0.0
            if off_deg < self._params.near_deg:
                if self._may_stand(held):
                    stand = held
            elif self._lasts(held, self._params.hold_s):
                found.append((held.seconds, off_deg))
        return found

    def _apart_deg(self, stand: _HeldPose, held: _HeldPose) -> float:
        return math.degrees(
            angle(held.median_pose, self._bias.seen_from(held.median_pose, stand.median_pose))
        )

    def _lasts(self, held: _HeldPose, seconds: float) -> bool:
        return held.seconds >= seconds and held.tremble_deg > self._params.alive_deg


def _spread_ms2(sums: NDArray[np.float64]) -> float:
    mean, square = sums[[FORCE, FORCE2]] / sums[COLUMNS]
    return math.sqrt(max(0.0, square - mean * mean))


def _unit(vector: NDArray[np.float64]) -> Pose:
    return _pose(vector / (np.linalg.norm(vector) or 1.0))


def _pose(vector: NDArray[np.float64]) -> Pose:
    x, y, z = vector.tolist()
    return (x, y, z)
