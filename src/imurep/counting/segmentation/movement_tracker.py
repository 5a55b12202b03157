"""Tracks the movements of a set: in its own plane, with a hysteresis relative to its own range."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from imurep.counting.motion.pose import angle
from imurep.counting.motion.sagittal_plane import SagittalPlane
from imurep.counting.segmentation.movement_timing import Cue, measure_timing
from imurep.counting.segmentation.turning_points import TurningPoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from imurep.counting.motion.pose import Pose
    from imurep.counting.motion.ring_buffer import MotionHistory
    from imurep.counting.segmentation.movement_timing import MovementTiming
    from imurep.counting.segmentation.segmentation_params import MovementTimingParams, MovementTrackerParams


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of the trunk from one end of the set to the other."""

    start_pose: Pose
    """Pose at its first turning point."""
    end_pose: Pose
    """Pose at its last turning point."""
    steps: range
    """Steps from turning point to turning point."""
    timing: MovementTiming
    range_rad: float
    """Angle between the poses at its turning points."""
    endpoint_error: float
    """Distance of its end from the end two turning points before, as a share of the range."""
    outlier: bool
    """It ended elsewhere, or its range is far from that of the others: perhaps not of this set."""
    complete: bool
    """False while the trunk may still continue in its direction."""
    about_vertical: float = 0.0
    """Share of its turning that is about the vertical, which only a gyroscope sees: 0 in a hinge, up to 1
    in a twist."""


class MovementTracker:
    """Tracks a set from its first turning points on."""

    def __init__(
        self,
        turns: Sequence[TurningPoint],
        history: MotionHistory,
        margin: int,
        after_us: int,
        *,
        arrived: bool,
        params: MovementTrackerParams,
        timing: MovementTimingParams,
    ) -> None:
        """Take over from the turning points of an onset.

        ``margin`` steps lie between two poses. What came before ``after_us``
        belongs to another set. ``arrived``: at the last pose the trunk has only
        slowed down, and may continue.
        """
        self._params = params
        self._timing = timing
        self._history = history
        self.margin = margin
        self.plane = SagittalPlane.through([turn.pose for turn in turns])
        self.turns: list[TurningPoint] = []
        self._angles: list[float] = []
        self._sign = 1.0
        self.movements: list[Movement] = []
        self.range_rad = median([angle(a.pose, b.pose) for a, b in pairwise(turns)])
        self.after_us = after_us
        """Nothing of the set is before this."""
        self.end_us = after_us
        """End of the last complete movement."""
        self.outlier_run = 0
        """Outliers in a row, up to now."""
        self.turn_expected = False
        """Whether the last turn changed nothing, since the movement had stopped there before."""
        self._stopped: Movement | None = None
        for turn in turns[:-1] if arrived else turns:
            self._add_turn(turn)
        # The others are compared with them.
        self.movements = [replace(movement, outlier=False) for movement in self.movements]
        self.outlier_run = 0
        self._before: tuple[float, int] | None = None
        # The movement under way: its farthest pose, its fastest rate and how far it has come.
        self._lead, self._lead_rad = (turns[-1].step, turns[-1].pose), self.plane.angle_rad(turns[-1].pose)
        self._peak = self.movements[-1].timing.peak_rads if arrived else 0.0
        self._slow_since_us = 0
        self.reached = False
        self.progress_us = self.cue_us = history.time_at(history.now - 1)
        self.progress_step = history.now - 1

    @property
    def outward(self) -> bool:
        """Whether the trunk goes, or is about to go, towards the second end."""
        return len(self.turns) % 2 == 1

    @property
    def elsewhere(self) -> bool:
        """Whether the trunk is, or was at the last turn, off the set's way, such as beside the bench."""
        if self.outlier_run:
            return True
        if not self.reached or len(self._angles) < 2:
            return False
        return abs(self._lead_rad - self._angles[-2]) > self._params.same_end * self.range_rad

    @property
    def rested_us(self) -> int:
        """Time from which on the person has rested, or done something else."""
        movements = [*self.movements, self.current_movement()] if self.reached else self.movements
        return max((one.timing.end_us for one in movements if not one.outlier), default=self.end_us)

    def finish(self) -> list[Movement]:
        """Add the movement under way, if it has arrived; give all movements of the set."""
        if self.reached or self._travelled() > self._params.alike * self.range_rad:
            self._add_turn(TurningPoint(*self._lead))
        return self.movements

    def _travelled(self) -> float:
        return self._sign * (self._lead_rad - self._angles[-1])

    def push(self, step: int, time_us: int, pose: Pose) -> Sequence[Cue]:
        """Take the next pose; give what it means for the movement under way."""
        params, range_rad, sign = self._params, self.range_rad, self._sign
        here = self.plane.angle_rad(pose)
        there, earlier_us = self._before or (here, time_us - 1)
        self._before = here, time_us
        ahead = sign * (here - self._lead_rad)
        rate = sign * (here - there) / (time_us - earlier_us) * 1e6
        if ahead > 0:
            if ahead > params.progress * range_rad:
                self.progress_us, self.progress_step = time_us, step
            self._lead, self._lead_rad = (step, pose), here
            self._peak = max(self._peak, rate)
        elif -ahead > params.hysteresis * range_rad:
            self._add_turn(TurningPoint(*self._lead))
            self._begin_movement((step, pose), here, -rate)
            self.progress_us = self.cue_us = time_us
            self.progress_step = step
            return (Cue.TURNED, Cue.DEPARTED)
        if self._stopped is not None:
            return ()
        cue = self._cue(self._travelled() / range_rad, rate, time_us)
        if cue is None:
            return ()
        self.cue_us = time_us
        return (cue,)

    def _cue(self, travelled: float, rate: float, time_us: int) -> Cue | None:
        """Give the progress of the movement under way; ``travelled`` is a share of the range."""
        params = self._params
        if travelled <= params.alike:
            return None
        if not self.reached:
            self.reached = rate < params.near * self._peak
            self._slow_since_us = time_us
            return Cue.REACHED if self.reached else None
        if abs(rate) >= self._timing.edge * self._peak:
            self._slow_since_us = time_us
        if time_us - self._slow_since_us < params.stopped_s * 1e6:
            return None
        self._stopped = self._measure(self.turns[-1], TurningPoint(*self._lead), len(self.turns))
        return Cue.STOPPED

    def _begin_movement(self, lead: tuple[int, Pose], lead_rad: float, rate: float) -> None:
        self._lead, self._lead_rad = lead, lead_rad
        self._peak = max(rate, 0.0)
        self._slow_since_us = 0
        self.reached, self._stopped = False, None

    def current_movement(self) -> Movement:
        """The movement under way, measured as far as it has gone."""
        return self._stopped or self._measure(
            self.turns[-1], TurningPoint(*self._lead), len(self.turns), complete=False
        )

    def _add_turn(self, turn: TurningPoint) -> None:
        if self.turns:
            movement, turn = self._movement_to(turn)
            self.turn_expected = self._stopped is not None and movement.steps == self._stopped.steps
            self.movements.append(movement)
            self.outlier_run = self.outlier_run + 1 if movement.outlier else 0
            self.range_rad = median(
                [
                    movement.range_rad
                    for movement in self.movements[-2 * self._params.range_movements :]
                    if not movement.outlier
                ][-self._params.range_movements :]
                or [self.range_rad]
            )
            self.end_us = movement.timing.end_us
        self.turns.append(turn)
        self._angles.append(self.plane.angle_rad(turn.pose))
        self._sign = 1.0 if self.outward else -1.0

    def _movement_to(self, turn: TurningPoint) -> tuple[Movement, TurningPoint]:
        stopped_movement = self._stopped
        if stopped_movement is not None:
            beyond = angle(stopped_movement.end_pose, turn.pose) / self.range_rad
            # Either it went no farther afterwards, or from its usual end on to something else, such as
            # off the bench.
            passed_end = beyond > self._params.near and stopped_movement.endpoint_error < self._params.near
            if passed_end or beyond < self._params.progress:
                end = TurningPoint(stopped_movement.steps.stop, stopped_movement.end_pose)
                return stopped_movement, end
        return self._measure(self.turns[-1], turn, len(self.turns)), turn

    def _measure(
        self, start: TurningPoint, end: TurningPoint, number: int, *, complete: bool = True
    ) -> Movement:
        begin, stop = start.step - self.margin, end.step + self.margin + 1
        if number == 1:
            # It was seen to begin where the trunk left the end, which is within the movement already.
            begin -= min(end.step - start.step, round(self._params.lead_s * self._history.per_second))
        outward = number % 2 == 1
        rates = self.plane.rates_rads(self._history.rate_rads(begin, stop))
        found = measure_timing(self._history.time_us(begin, stop), rates if outward else -rates, self._timing)
        if found.start_us < self.end_us:
            # Where one movement turns into the next within a step, both edges are estimates.
            found = replace(found, start_us=self.end_us, end_us=max(found.end_us, self.end_us))
        range_rad = angle(start.pose, end.pose)
        endpoint_error = angle(self.turns[-2].pose, end.pose) / self.range_rad if number >= 2 else 0.0
        return Movement(
            start_pose=start.pose,
            end_pose=end.pose,
            steps=range(start.step, end.step),
            timing=found,
            range_rad=range_rad,
            endpoint_error=endpoint_error,
            outlier=endpoint_error > self._params.same_end or self.range_rad < self._params.alike * range_rad,
            complete=complete,
            about_vertical=_about_vertical(
                self._history.gravity(start.step, end.step + 1),
                self._history.rate_rads(start.step, end.step + 1),
            ),
        )


def _about_vertical(gravity: NDArray[np.float64], rate_rads: NDArray[np.float64]) -> float:
    """Root mean square of the rate about the vertical, as a share of that of the whole rate; (n, 3) each."""
    about = (gravity * rate_rads).sum(axis=1)
    whole = float((rate_rads * rate_rads).sum())
    return math.sqrt(float(about @ about) / whole) if whole > 0 else 0.0
