"""Sets: from poses on the grid to the events about sets and their reps.

A set opens when the trunk has gone out and back between the same two poses
(``opening``), is followed in its own plane (``following``, ``tracking``) and
ends when the person rests, walks away or does something else. Whether it was
one is judged again at its end (``verdict``), when it is known how alike its
reps are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.counting.motion.accelerometer_bias import Offset
from imurep.counting.motion.motion_params import MotionParams
from imurep.counting.motion.ring_buffer import History
from imurep.counting.motion.standing_reference import Upright
from imurep.counting.segmentation.active_set import Known, OpenSet
from imurep.counting.segmentation.set_classifier import VerdictParams
from imurep.counting.segmentation.set_onset import OpeningParams, opening
from imurep.counting.segmentation.turning_points import Scale
from imurep.errors import ConfigError
from imurep.events import Boundary

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from imurep.counting.motion.orientation import Motion
    from imurep.counting.segmentation.top_bottom import Ends
    from imurep.counting.segmentation.turning_points import Pose, Turn
    from imurep.events import Event, Gap
    from imurep.exercises import Exercise


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParams:
    """How poses are looked at."""

    pose_hz: float = 10.4
    """Poses a second that are searched for turns; the edges of phases use every step."""
    scales: float = 1.6
    """From one hysteresis to the next; each suits ranges from 2 to 5 times itself."""
    largest_deg: float = 30.0
    """The last hysteresis is the first that is larger."""
    still: float = 0.01
    """A pose that differs by less than this (about half a degree) from the last one is the same."""
    still_poses: int = 4
    memory_s: int = 300
    """A rep can be measured so far back."""
    opens_at: float = 0.8
    """A set may open with a smaller range than it must have in the end."""


DEFAULT = SetParams()
MOST_GAPS = 1000
NEVER_US = -(2**62)
MOST_STEPS = 10_000
"""So many steps are looked at in one go: after each set, the rest of them is looked at again."""


class SetCounter:
    """Counts sets in the motion of the trunk."""

    def __init__(
        self,
        *,
        session: str,
        exercise: Exercise | None,
        min_reps: int,
        last_time: Collection[str] = (),
        params: SetParams = DEFAULT,
        motion: MotionParams | None = None,
    ) -> None:
        """Prepare for a session; ``start`` comes before the first motion."""
        if min_reps < 1:
            msg = f"min_reps is {min_reps}; it must be at least 1"
            raise ConfigError(msg)
        self._session = session
        self._exercise = exercise
        self._last_time = last_time
        self._min_reps = min_reps
        self._params = params
        self._motion = motion or MotionParams()
        self._sets = 0
        self.start(step_hz=params.pose_hz, gyroscope=True)

    def start(self, step_hz: float, *, gyroscope: bool) -> None:
        """Begin with a sensor that gives ``step_hz`` steps a second; sets go on being numbered."""
        params = self._params
        self._gyroscope = gyroscope
        self._expect()
        self._history = History(step_hz, params.memory_s)
        self._stride = max(1, round(step_hz / params.pose_hz))
        self._next = self._stride - 1
        self._way = 0.0
        """How far the trunk has moved since a pose was last looked at."""
        self._still = 0
        self._upright = Upright(self._motion.standing)
        self._offset = Offset(self._motion.accelerometer_bias)
        self._next_second = self._history.per_second - 1
        self._open: OpenSet | None = None
        self._opened_at = 0
        self._ends: Ends | None = None
        self._after_us = NEVER_US
        self._gaps: list[Gap] = []

    def _expect(self) -> None:
        """Look for what suits the exercise that was told, or for anything."""
        params = self._params
        told, single = self._exercise is not None, self._min_reps == 1
        self._verdict = VerdictParams.for_session(gyroscope=self._gyroscope, told=told)
        self._opening = OpeningParams(
            turns=3 if told or single else 4,
            closure=0.45 if single else 0.35,
            min_range_deg=params.opens_at * self._verdict.min_range_deg,
        )
        self._scales = [Scale(math.radians(self._opening.min_range_deg / self._opening.hystereses[0]))]
        while self._scales[-1].hysteresis_rad < math.radians(params.largest_deg):
            self._scales.append(Scale(self._scales[-1].hysteresis_rad * params.scales))

    def tell(self, exercise: Exercise | None) -> list[Event]:
        """Note what the person does from the next set on; None leaves it to recognition.

        What may be the beginning of a set is looked at again in this light.
        """
        if exercise == self._exercise:
            return []
        self._exercise = exercise
        events: list[Event] = []
        begun = self._open
        if begun is not None and not begun.announced:
            self._open = None
            events = begun.withdraw()
            self._go_back(begun.last_step)
        self._way = 0.0
        self._expect()
        self._look(events)
        return events

    def divide(self, boundary: Boundary) -> list[Event]:
        """End the open set because the person says so; what was before belongs to no later one."""
        events: list[Event] = []
        closed, self._open = self._open, None
        if closed is not None:
            keep = boundary is Boundary.FINISH or closed.announced
            events = closed.close(self._gaps, at_end=True) if keep else closed.withdraw()
            self._ends = closed.ends
        if self._history.end > self._history.begin:
            self._after_us = self._history.time_at(self._history.end - 1)
        self._search_anew()
        return events

    @property
    def announced(self) -> bool:
        """Whether a set is open that has been told of."""
        return self._open is not None and self._open.announced

    def gap(self, gap: Gap) -> None:
        """Note that data is missing."""
        self._gaps = [*self._gaps[-MOST_GAPS:], gap]

    def push(self, motion: Motion) -> list[Event]:
        """Look at what the trunk did."""
        self._history.append(motion)
        events: list[Event] = []
        self._look(events)
        self._history.forget()
        return events

    def flush(self) -> list[Event]:
        """End of the data: end the open set, and those that were hidden behind it."""
        events: list[Event] = []
        while self._open is not None:
            events += self._close(self._open, at_end=True)
            self._look(events)
        return events

    def _look(self, events: list[Event]) -> None:
        """Look at the poses from ``_next`` on; where a set ends, go back to its last turn."""
        history = self._history
        while self._next < history.end:
            for step, time_us, pose, moved in history.coming(self._next, self._stride, MOST_STEPS):
                history.now = step + 1
                self._next = step + self._stride
                if step >= self._next_second:
                    self._look_at_second(step + 1)
                if self._open is None:
                    self._search(step, time_us, pose, moved, events)
                    continue
                events += self._open.push(step, time_us, pose)
                if self._open.is_over(step, time_us):
                    events += self._close(self._open, at_end=False)
                    break

    def _look_at_second(self, end: int) -> None:
        """Look at the last whole second before a step."""
        second, number = self._history.last_second(), end // self._history.per_second
        self._next_second = (number + 1) * self._history.per_second - 1
        self._offset.push(second.pose, second.upward_ms2)
        if not (self._open and self._open.announced):
            self._upright.push(number, second.spread_ms2, second.pose, second.acc_ms2)

    def _search(self, step: int, time_us: int, pose: Pose, moved: float, events: list[Event]) -> None:
        """Look for the beginning of a set."""
        stopped = False
        self._way += moved
        if moved < self._params.still:
            self._still += 1
            stopped = self._still == self._params.still_poses
        else:
            self._still = 0
        way = self._way
        for scale in self._scales:
            if way < scale.due and not stopped:
                continue
            scale.due = way + scale.stride
            turned = scale.push(step, pose)
            if not turned and not (stopped and scale.leads):
                continue
            turns = scale.turns if turned else [*scale.turns, scale.leading]
            found = opening(turns, scale, self._history, self._opening)
            if found is not None:
                events += self._begin(found, step, time_us, pose, arrived=not turned)
                return

    def _begin(
        self, turns: Sequence[Turn], step: int, time_us: int, pose: Pose, *, arrived: bool
    ) -> list[Event]:
        """Open a set."""
        self._sets += 1
        self._opened_at = turns[-1].step
        known = Known(
            exercise=self._exercise,
            last_time=self._last_time,
            min_reps=self._min_reps,
            after_us=self._after_us,
            gyroscope=self._gyroscope,
            verdict=self._verdict,
            upright=self._upright_in(turns),
            before=self._ends,
        )
        self._open = OpenSet(
            f"{self._session}-s{self._sets}", turns, self._history, self._stride, known, arrived=arrived
        )
        return self._open.begin(step, time_us, pose)

    def _upright_in(self, turns: Sequence[Turn]) -> Pose | None:
        """How the person stands, as it would be seen during the movement between these turns."""
        pose = self._upright.pose
        if pose is None:
            return None
        # Between two turns of the same side, so that no part of the movement counts twice.
        first = turns[(len(turns) - 1) % 2].step
        x, y, z = self._history.gravity(first, turns[-1].step).mean(axis=0).tolist()
        return self._offset.seen_from((x, y, z), pose)

    def _close(self, closed: OpenSet, *, at_end: bool) -> list[Event]:
        """End the open set and go back to its last turn: what came then may begin another one."""
        self._open = None
        events = closed.close(self._gaps, at_end=at_end)
        self._after_us = closed.end_us
        self._ends = closed.ends
        # Never back to before the turns that opened it, or it would open for ever.
        self._go_back(max(closed.last_step, self._opened_at))
        return events

    def _go_back(self, step: int) -> None:
        """Look for a set from a step on."""
        resume = max(step, self._history.begin)
        self._next += -((self._next - resume) // self._stride) * self._stride
        self._search_anew()

    def _search_anew(self) -> None:
        self._still = 0
        for scale in self._scales:
            scale.restart()
