"""One set from its onset to its end, and the events about it.

Every rep keeps its id while its version grows: provisional at the top, final
at the end of its last movement, withdrawn when it turns out to be none.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from imurep.counting.assessment.exercise_classifier import classify_exercise, set_features
from imurep.counting.assessment.out_of_plane import out_of_plane_deg
from imurep.counting.ordering.reported_reps import ReportedReps
from imurep.counting.segmentation.movement_timing import Cue, next_phase
from imurep.counting.segmentation.movement_tracker import MovementTracker
from imurep.counting.segmentation.rep_builder import RepBuilder, group_into_reps, without_last_hold
from imurep.counting.segmentation.set_classifier import is_exercise, typical_range_rad
from imurep.counting.segmentation.set_window import FEWEST_MOVEMENTS
from imurep.counting.segmentation.top_bottom import DataEdges, expected_start, find_layout
from imurep.counting.segmentation.upright_choice import with_upright_chosen_again
from imurep.events import ExerciseSet, Phase, PhaseChange, State
from imurep.exercises import EXERCISES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.assessment.assessment_params import AssessmentParams
    from imurep.counting.assessment.exercise_classifier import Classification
    from imurep.counting.motion.pose import Pose
    from imurep.counting.motion.ring_buffer import MotionHistory
    from imurep.counting.motion.upright_evidence import UprightCandidate
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import SegmentationParams
    from imurep.counting.segmentation.set_context import SetContext
    from imurep.counting.segmentation.top_bottom import SetStart
    from imurep.counting.segmentation.turning_points import TurningPoint
    from imurep.events import Event, Gap, Rep
    from imurep.exercises import Exercise


class ActiveSet:
    """A set that is being done."""

    def __init__(
        self,
        set_id: str,
        turns: Sequence[TurningPoint],
        history: MotionHistory,
        margin: int,
        context: SetContext,
        *,
        arrived: bool,
        params: SegmentationParams,
        assessment: AssessmentParams,
    ) -> None:
        """Take over from the turning points of an onset (see ``MovementTracker``)."""
        self.tracker = MovementTracker(
            turns,
            history,
            margin,
            context.after_us,
            arrived=arrived,
            params=params.tracker,
            timing=params.timing,
        )
        self._id = set_id
        self._history = history
        self._context = context
        self._params = params
        self._assessment = assessment
        self._reported = ReportedReps()
        self._skipped = 0
        self._published = False
        self._reps = RepBuilder(
            set_id,
            upright=context.upright,
            gyroscope=context.gyroscope,
            plane=self.tracker.plane,
            params=params.reps,
        )
        self.last_step = turns[0].step
        """Step of the last turning point of its own; until it is closed, of the first one."""
        self.end_us = context.after_us
        """End of its last movement; until it is closed, of the set before."""
        self.ends = context.before
        """Its ends, once it is closed and if its exercise is known; else those of the set before."""
        self._start = expected_start(turns[0].pose, turns[1].pose, context, params.top_bottom)
        self._phase = Phase.CONCENTRIC if self._rising else Phase.ECCENTRIC

    @property
    def published(self) -> bool:
        """Whether it has been published as a set."""
        return self._published

    @property
    def _rising(self) -> bool:
        return self.tracker.outward != self._start.top_first

    def begin(self, step: int, time_us: int, pose: Pose) -> list[Event]:
        """Publish the reps that the onset already holds."""
        self.tracker.push(step, time_us, pose)
        return self._publish_reps(changed=len(self.tracker.turns))

    def push(self, step: int, time_us: int, pose: Pose) -> list[Event]:
        """Take the next pose; give the events that follow from it."""
        cues = self.tracker.push(step, time_us, pose)
        if not cues:
            return []
        events: list[Event] = []
        for cue in cues:
            phase = next_phase(self._phase, cue, rising=self._rising)
            if phase is not self._phase:
                self._phase = phase
                rep_id = self._reported.last_id
                events.append(PhaseChange(time_us=time_us, phase=phase, rep_id=rep_id))
            if self._changes_reps(cue):
                events += self._publish_reps(changed=2)
        return events

    def _changes_reps(self, cue: Cue) -> bool:
        """Whether a cue can change what is published of reps; at the bottom, the stop is soon enough."""
        return (
            cue is Cue.STOPPED
            or (cue is Cue.REACHED and self._rising)
            or (cue is Cue.TURNED and not self.tracker.turn_expected)
        )

    def is_over(self, step: int, time_us: int) -> bool:
        """Whether the person rests, walks away or does something else."""
        params, tracker = self._params.set_end, self.tracker
        if tracker.outlier_run >= params.outlier_movements:
            return True
        if self._has_rested(step, time_us):
            return True
        per_second = self._history.per_second
        if step % per_second >= tracker.margin:
            return False
        # Counted in steps, since nobody knows what was done in a gap.
        away = step + 1 - params.away_s * per_second
        if tracker.end_us > self._history.time_at(max(away, self._history.begin)):
            return False
        return (
            time_us - tracker.cue_us > params.stuck_s * 1e6
            or self._history.shake_rms_ms2(away, step + 1) > params.away_ms2
        )

    def _has_rested(self, step: int, time_us: int) -> bool:
        params, tracker = self._params.set_end, self.tracker
        shortest_s, longest_s = params.rest_s
        rested_s = (time_us - tracker.progress_us) / 1e6
        if rested_s <= shortest_s:
            return False
        if rested_s > longest_s or not self._published or tracker.elsewhere:
            return True
        # In a gap nobody saw a rest.
        seen_s = (step - tracker.progress_step) / self._history.per_second
        return seen_s > max(shortest_s, params.rest_factor * self._usual_pause_s())

    def _usual_pause_s(self) -> float:
        """Median pause of the set at its present end; infinite as long as that is not known."""
        movements = self.tracker.movements
        # A movement under way that has arrived will be the next one.
        end = (len(movements) + (0 if self.tracker.reached else 1)) % 2
        pauses_s = [(b.timing.start_us - a.timing.end_us) / 1e6 for a, b in pairwise(movements)][end::2]
        return median(pauses_s) if len(pauses_s) > 1 else math.inf

    def close(
        self, gaps: Sequence[Gap], uprights: Sequence[UprightCandidate], *, at_end: bool
    ) -> list[Event]:
        """End the set; publish its last version, or withdraw it when it is none."""
        tracker = self.tracker
        all_movements = tracker.finish()
        self._context = context = with_upright_chosen_again(
            self._context, all_movements, uprights, self._start, self._params.top_bottom
        )
        self._reps.upright = context.upright
        layout = find_layout(
            all_movements,
            context,
            self._data_edges(all_movements, at_end=at_end),
            recognise=self._recognise,
            params=self._params.window,
            top_bottom=self._params.top_bottom,
        )
        self.last_step = tracker.turns[layout.own.stop].step
        self._skipped += layout.own.start // 2
        movements = tracker.movements[layout.own]
        drafts = self._drafts(movements, layout.start)
        if len(drafts) < context.min_reps or not self._is_exercise(movements, own=True):
            if len(all_movements) >= FEWEST_MOVEMENTS:
                # A set may have begun within it.
                self.last_step = tracker.turns[max(layout.own.start, 1)].step
            return self.withdraw()
        drafts[-1] = without_last_hold(drafts[-1], after_top=not layout.start.concentric_first)
        self.end_us = drafts[-1].end_us or drafts[-1].top_us
        if context.exercise is not None:
            self.ends = layout.ends(tracker.movements)
        events: list[Event] = [*self._reported.keep_only({draft.id for draft in drafts})]
        events += self._reported.update(
            draft if draft.state is State.FINAL else replace(draft, state=State.FINAL, end_us=draft.top_us)
            for draft in drafts
        )
        events.append(self._event(State.FINAL, self._reported.reps, gaps))
        return events

    def _data_edges(self, movements: Sequence[Movement], *, at_end: bool) -> DataEdges:
        history, near_us = self._history, self._params.window.data_edge_s * 1e6
        return DataEdges(
            near_begin=history.begin == 0 and movements[0].timing.start_us - history.time_at(0) < near_us,
            near_end=at_end and history.time_at(history.end - 1) - movements[-1].timing.end_us < near_us,
            at_end=at_end,
        )

    def _recognise(self, movements: Sequence[Movement], start: SetStart) -> Exercise | None:
        reps = self._drafts(movements, start)
        return EXERCISES.get(self._classification(reps).exercise) if reps else None

    def _is_exercise(self, movements: Sequence[Movement], *, own: bool) -> bool:
        shake_rms_ms2 = (
            self._history.shake_rms_ms2(movements[0].steps.start, movements[-1].steps.stop)
            if movements
            else 0.0
        )
        return is_exercise(
            movements, shake_rms_ms2, self._context.thresholds, self._params.classifier, own=own
        )

    def withdraw(self) -> list[Event]:
        """Withdraw all that was published of it."""
        reps = self._reported.reps
        events: list[Event] = [*self._reported.keep_only(set())]
        if self._published:
            events.append(self._event(State.WITHDRAWN, reps, ()))
        return events

    def _publish_reps(self, changed: int) -> list[Event]:
        """Publish the last reps; a turn changes the one before it too: the hold between them is known."""
        tracker = self.tracker
        movements = [*tracker.movements, tracker.current_movement()] if tracker.reached else tracker.movements
        events: list[Event] = [*self._reported.update(self._drafts(movements, self._start, last=changed))]
        if (
            not self._published
            and len(self._reported.reps) >= self._context.min_reps
            and self._is_exercise(tracker.movements, own=False)
        ):
            self._published = True
            events.append(self._event(State.PROVISIONAL, self._reported.reps, ()))
        return events

    def _drafts(
        self, movements: Sequence[Movement], start: SetStart, *, last: int | None = None
    ) -> list[Rep]:
        """Describe the reps, or only the ``last`` ones."""
        concentric_first = start.concentric_first
        typical = self.tracker.range_rad if last else typical_range_rad(movements)
        movements = movements[start.lead_in :]
        skip = max(0, (len(movements) + 1) // 2 - last) if last else 0
        return [
            self._reps.build(number, of_rep, concentric_first=concentric_first, typical_rad=typical)
            for number, of_rep in enumerate(group_into_reps(movements[2 * skip :]), self._skipped + skip + 1)
            if of_rep[1] is not None or concentric_first
        ]

    def _classification(self, reps: Sequence[Rep]) -> Classification:
        movements, history, params = self.tracker.movements, self._history, self._assessment
        features = set_features(
            reps,
            params.exercise_classifier,
            out_of_plane_deg=out_of_plane_deg([one.steps for one in movements], history, params.out_of_plane),
            shake_rms_ms2=history.shake_rms_ms2(movements[0].steps.start, movements[-1].steps.stop),
        )
        return classify_exercise(
            features, params.exercise_classifier, self._context.exercise, self._context.recent_exercises
        )

    def _event(self, state: State, reps: tuple[Rep, ...], gaps: Sequence[Gap]) -> ExerciseSet:
        classification = self._classification(reps)
        start_us = reps[0].start_us
        end_us = max(rep.end_us or rep.top_us for rep in reps)
        within = [gap for gap in gaps if start_us <= gap.start_us <= end_us]
        return ExerciseSet(
            id=self._id,
            version=0,
            state=state,
            exercise=classification.exercise,
            exercise_group=classification.group,
            reps=reps,
            start_us=start_us,
            end_us=end_us,
            gyroscope=self._context.gyroscope,
            top_assumed=self._context.top_assumed,
            gaps=len(within),
            lost_s=sum(gap.end_us - gap.start_us for gap in within) / 1e6,
            reasons=classification.reasons,
            contradiction=classification.contradiction,
        )
