"""From poses on the grid to the events about sets and their reps.

A set begins when the trunk has gone out and back between the same two poses
(``set_onset``), is tracked in its own plane (``movement_tracker``) and ends when
the person rests, walks away or does something else (``active_set``). At its end,
movements that are unlike its reps are trimmed from its edges (``set_window``), and
it is classified again (``set_classifier``), when it is known how alike its reps are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from imurep.counting.assessment.assessment_params import AssessmentParams
from imurep.counting.motion.motion_params import MotionParams
from imurep.counting.motion.pose import angle
from imurep.counting.motion.ring_buffer import MotionHistory
from imurep.counting.motion.session_upright import SessionUpright
from imurep.counting.segmentation.active_set import ActiveSet
from imurep.counting.segmentation.segmentation_params import SegmentationParams
from imurep.counting.segmentation.set_context import SetContext
from imurep.counting.segmentation.set_onset import OnsetLimits, SetOnset
from imurep.counting.segmentation.turning_points import HysteresisDetector
from imurep.counting.segmentation.upright_choice import choose_upright
from imurep.errors import ConfigError
from imurep.events import Boundary

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from imurep.counting.motion.orientation import Motion
    from imurep.counting.motion.pose import Pose
    from imurep.counting.segmentation.set_context import SetEnds
    from imurep.counting.segmentation.turning_points import TurningPoint
    from imurep.events import Event, Gap
    from imurep.exercises import Exercise


DEFAULT = SegmentationParams()
DEFAULT_ASSESSMENT = AssessmentParams()
NEVER_US = -(2**62)


class SetDetector:
    """Detects sets in the motion of the trunk."""

    def __init__(
        self,
        *,
        session: str,
        exercise: Exercise | None,
        min_reps: int,
        recent_exercises: Collection[str] = (),
        params: SegmentationParams = DEFAULT,
        assessment: AssessmentParams = DEFAULT_ASSESSMENT,
        motion: MotionParams | None = None,
    ) -> None:
        """Prepare for a session; ``start`` comes before the first motion."""
        if min_reps < 1:
            msg = f"min_reps is {min_reps}; it must be at least 1"
            raise ConfigError(msg)
        self._session = session
        self._exercise = exercise
        self._recent_exercises = recent_exercises
        self._min_reps = min_reps
        self._params = params
        self._assessment = assessment
        self._motion = motion or MotionParams()
        self._sets = 0
        self.start(step_hz=params.detector.pose_hz, gyroscope=True)

    def start(self, step_hz: float, *, gyroscope: bool) -> None:
        """Begin with a sensor that gives ``step_hz`` steps a second; the numbers of sets continue."""
        params = self._params.detector
        self._gyroscope = gyroscope
        self._history = MotionHistory(step_hz, params.memory_s)
        self._prepare_search()
        self._stride = max(1, round(step_hz / params.pose_hz))
        self._next = self._stride - 1
        self._path = 0.0
        """How far the trunk has moved, summed over the axes."""
        self._still = 0
        """Poses for which the trunk has stood."""
        self._still_poses = round(self._params.timing.moment_s * params.pose_hz)
        self._upright = SessionUpright(self._motion, params.memory_s)
        self._onset_pose: Pose = (0.0, 0.0, 0.0)
        """Mean direction of gravity during the onset of the active set."""
        self._next_second = self._history.per_second - 1
        self._active: ActiveSet | None = None
        self._onset_step = 0
        self._searched = 0
        """Steps that have been searched before counting went back."""
        self._ends: SetEnds | None = None
        self._after_us = NEVER_US
        self._gaps: list[Gap] = []

    def _prepare_search(self) -> None:
        """Search for the exercise that was chosen, or for any."""
        params, known = self._params, self._exercise is not None
        limits = OnsetLimits.for_session(
            params.onset,
            known=known,
            single=self._min_reps == 1,
            widened=1.0 if self._gyroscope else params.turning_points.spacing,
        )
        self._onset = SetOnset(self._history, limits, params.onset, params.tracker)
        turning_points = params.turning_points
        hysteresis_rad = math.radians(limits.min_range_deg / params.onset.hystereses)
        self._detectors = [HysteresisDetector(hysteresis_rad, turning_points)]
        while hysteresis_rad < math.radians(turning_points.largest_deg):
            hysteresis_rad *= turning_points.spacing
            self._detectors.append(HysteresisDetector(hysteresis_rad, turning_points))

    def set_exercise(self, exercise: Exercise | None) -> list[Event]:
        """Set the exercise of the next sets; None leaves it to recognition.

        What may be the beginning of a set is searched again for that exercise.
        """
        if exercise == self._exercise:
            return []
        self._exercise = exercise
        events: list[Event] = []
        begun = self._active
        if begun is not None and not begun.recognised:
            self._active = None
            events = begun.withdraw()
            self._go_back(begun.last_step)
        self._path = 0.0
        self._prepare_search()
        self._process(events)
        return events

    def set_recent_exercises(self, names: Collection[str]) -> None:
        """Set what the person did before, for the active set, too: getting in position may have begun it."""
        self._recent_exercises = names
        if self._active is not None:
            self._active.set_recent_exercises(names)

    def apply_boundary(self, boundary: Boundary) -> list[Event]:
        """End the active set at the person's request; what came before belongs to no later set."""
        events: list[Event] = []
        closed, self._active = self._active, None
        if closed is not None:
            keep = boundary is Boundary.FINISH or closed.recognised
            events = self._finish(closed, at_end=True) if keep else closed.withdraw()
            self._ends = closed.ends
        if self._history.end > self._history.begin:
            self._after_us = self._history.time_at(self._history.end - 1)
        self._restart_search()
        return events

    @property
    def recognised(self) -> bool:
        """Whether a set is active that has been recognised as exercise."""
        return self._active is not None and self._active.recognised

    def gap(self, gap: Gap) -> None:
        """Note that data is missing."""
        self._gaps = [*self._gaps[-self._params.detector.max_gaps :], gap]

    def push(self, motion: Motion) -> list[Event]:
        """Take motion of the trunk; give the events that follow from it."""
        self._history.append(motion)
        events: list[Event] = []
        self._process(events)
        self._history.discard_old()
        return events

    def flush(self) -> list[Event]:
        """End the active set at the end of the data, and those that were hidden behind it."""
        events: list[Event] = []
        self._search_at_end(events)
        while self._active is not None:
            events += self._close(self._active, at_end=True)
            self._process(events)
            self._search_at_end(events)
        return events

    def _search_at_end(self, events: list[Event]) -> None:
        """Search where the data end: nobody will see the trunk come back from its last pose."""
        last = self._next - self._stride
        if self._active is None and last >= self._history.begin:
            for step, time_us, pose, _ in self._history.iter_poses(last, self._stride, 1):
                self._find_onset(step, time_us, pose, events, stopped=True)

    def _process(self, events: list[Event]) -> None:
        """Process the poses from ``_next`` on; where a set ends, go back to its last turning point."""
        history, most = self._history, self._params.detector.steps_at_once
        while self._next < history.end:
            for step, time_us, pose, moved in history.iter_poses(self._next, self._stride, most):
                history.now = step + 1
                self._next = step + self._stride
                if step >= self._next_second:
                    self._observe_second(step + 1)
                if self._active is None:
                    self._search(step, time_us, pose, moved, events)
                    continue
                events += self._active.push(step, time_us, pose, live=step >= self._searched)
                if self._active.is_over(step, time_us):
                    events += self._close(self._active, at_end=False)
                    break

    def _observe_second(self, end: int) -> None:
        """Update what is known of standing with the last whole second before a step."""
        history, active = self._history, self._active
        second, number = history.last_second(), end // history.per_second
        self._next_second = (number + 1) * history.per_second - 1
        self._upright.push(
            number,
            history.time_at(end - history.per_second),
            second,
            set_active=active is not None,
            set_published=active is not None and active.recognised,
        )

    def _search(self, step: int, time_us: int, pose: Pose, moved: float, events: list[Event]) -> None:
        """Search for the beginning of a set."""
        params = self._params.detector
        stopped = False
        self._path += moved
        if moved < params.still:
            self._still += 1
            stopped = self._still == self._still_poses
        else:
            self._still = 0
        self._find_onset(step, time_us, pose, events, stopped=stopped)

    def _find_onset(self, step: int, time_us: int, pose: Pose, events: list[Event], *, stopped: bool) -> None:
        """Begin a set where a detector finds turning points that do; ``stopped``: the trunk stands."""
        path = self._path
        for detector in self._detectors:
            if path < detector.due and not stopped:
                continue
            detector.due = path + detector.stride
            turned = detector.push(step, pose)
            if not turned and not (stopped and detector.may_turn):
                continue
            turns = detector.turns if turned else [*detector.turns, detector.candidate]
            found = self._onset.find(turns, detector.hysteresis_rad)
            if found is not None:
                events += self._begin(found, step, time_us, pose, arrived=not turned)
                return

    def _begin(
        self, turns: Sequence[TurningPoint], step: int, time_us: int, pose: Pose, *, arrived: bool
    ) -> list[Event]:
        """Begin a set."""
        self._sets += 1
        self._onset_step = turns[-1].step
        context = SetContext(
            exercise=self._exercise,
            recent_exercises=self._recent_exercises,
            min_reps=self._min_reps,
            after_us=self._after_us,
            gyroscope=self._gyroscope,
            prior=self._params.classifier.prior(known=self._exercise is not None, min_reps=self._min_reps),
            upright=self._upright_before(turns),
            before=self._ends,
        )
        self._active = ActiveSet(
            f"{self._session}-s{self._sets}",
            turns,
            self._history,
            self._stride,
            context,
            arrived=arrived,
            params=self._params,
            assessment=self._assessment,
        )
        return self._active.begin(step, time_us, pose, live=step >= self._searched)

    def _upright_before(self, turns: Sequence[TurningPoint]) -> Pose | None:
        """Upright as what came before a set shows it, and as it would be measured during the set."""
        ends, params = (turns[0].pose, turns[1].pose), self._params
        self._upright.learn_before(
            self._history.time_at(turns[0].step),
            ends[0],
            params.top_bottom.same_end * angle(*ends),
            params.tracker.rest_s,
        )
        # Between two turning points of the same side, so that no part of the movement counts twice.
        first = turns[(len(turns) - 1) % 2].step
        x, y, z = self._history.gravity(first, turns[-1].step).mean(axis=0).tolist()
        self._onset_pose = (x, y, z)
        return choose_upright(
            self._upright.candidates(self._onset_pose), ends, self._exercise, params.top_bottom
        )

    def _close(self, closed: ActiveSet, *, at_end: bool) -> list[Event]:
        """End the active set and go back to its last turning point: what follows may begin another one."""
        self._active = None
        events = self._finish(closed, at_end=at_end)
        self._after_us = closed.end_us
        self._ends = closed.ends
        # Never back to before the turning points that began it, or it would begin for ever.
        self._go_back(max(closed.last_step, self._onset_step))
        return events

    def _finish(self, closed: ActiveSet, *, at_end: bool) -> list[Event]:
        """End a set; how the person rested after it shows upright as well."""
        if closed.recognised:  # else a set may have begun within it
            self._upright.learn_after(closed.tracker.rested_us)
        return closed.close(self._gaps, self._upright.candidates(self._onset_pose), at_end=at_end)

    def _go_back(self, step: int) -> None:
        """Search for a set from a step on; what is found in the past is published when it is over."""
        self._searched = max(self._searched, self._next)
        resume = max(step, self._history.begin)
        self._next += -((self._next - resume) // self._stride) * self._stride
        self._restart_search()

    def _restart_search(self) -> None:
        self._still = 0
        for detector in self._detectors:
            detector.restart()
