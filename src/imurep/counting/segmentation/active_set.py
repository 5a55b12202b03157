"""One set from its onset to its end, and the events about it.

Every rep keeps its id while its version grows: provisional at the top, final
at the end of its last movement, withdrawn when it turns out to be none.

A count that comes too early is worse than one that comes a little later. So reps
wait until the set looks like exercise, unless the exercise is known, and each later
one until its movements are like the set's own so far: by the same likeness and the
same classification that decide at the end (``set_window``, ``set_classifier``).

The module is long because all that is published of a set comes from one state.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.counting.assessment.exercise_classifier import classify_exercise, set_features
from imurep.counting.assessment.out_of_plane import out_of_plane_deg
from imurep.counting.ordering.reported_reps import ReportedReps
from imurep.counting.segmentation.hinge_timing import measured_by_hinge
from imurep.counting.segmentation.movement_timing import Cue, next_phase
from imurep.counting.segmentation.movement_tracker import MovementTracker
from imurep.counting.segmentation.rep_builder import RepBuilder, group_into_reps, without_last_hold
from imurep.counting.segmentation.set_classifier import exercise_confidence, typical_range_rad
from imurep.counting.segmentation.set_window import FEWEST_MOVEMENTS
from imurep.counting.segmentation.top_bottom import DataEdges, expected_start, find_layout, own_so_far
from imurep.counting.segmentation.upright_choice import with_upright_chosen_again
from imurep.events import ExerciseSet, Phase, PhaseChange, State
from imurep.exercises import EXERCISES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

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
        self._recognised = False
        self._published = False
        self._confidence = 0.0
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

    def set_recent_exercises(self, names: Collection[str]) -> None:
        """Set what the person did before; the next event of the set is named by it."""
        self._context = replace(self._context, recent_exercises=names)

    @property
    def recognised(self) -> bool:
        """Whether it has passed as exercise while it was being done."""
        return self._recognised

    @property
    def _rising(self) -> bool:
        return self.tracker.outward != self._start.top_first

    def begin(self, step: int, time_us: int, pose: Pose, *, live: bool) -> list[Event]:
        """Publish the reps that the onset already holds."""
        self.tracker.push(step, time_us, pose)
        return self._update_reps(changed=len(self.tracker.turns), live=live)

    def push(self, step: int, time_us: int, pose: Pose, *, live: bool) -> list[Event]:
        """Take the next pose; give the events that follow from it.

        Without ``live`` the pose is one of the past that is searched again: there are none.
        """
        events: list[Event] = []
        for cue in self.tracker.push(step, time_us, pose):
            phase = next_phase(self._phase, cue, rising=self._rising)
            if phase is not self._phase:
                self._phase = phase
                rep_id = self._reported.last_id
                if live and rep_id:
                    events.append(PhaseChange(time_us=time_us, phase=phase, rep_id=rep_id))
            if self._changes_reps(cue):
                events += self._update_reps(changed=2, live=live)
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
        if tracker.outlier_run >= params.outlier_movements or self._has_rested(step, time_us):
            return True
        per_second = self._history.per_second
        if step % per_second >= tracker.margin:
            return False
        # Counted in steps, since nobody knows what was done in a gap.
        away = step + 1 - round(self._params.tracker.rest_s / 2 * per_second)
        if tracker.end_us > self._history.time_at(max(away, self._history.begin)):
            return False
        return (
            time_us - tracker.cue_us > 2 * self._params.tracker.rest_s * 1e6
            or self._history.shake_rms_ms2(away, step + 1) > params.away_ms2
        )

    def _has_rested(self, step: int, time_us: int) -> bool:
        tracker, rest_s = self.tracker, self._params.tracker.rest_s
        rested_s = (time_us - tracker.progress_us) / 1e6
        if rested_s <= rest_s:
            return False
        # In a gap nobody saw a rest.
        seen_s = (step - tracker.progress_step) / self._history.per_second
        return seen_s > rest_s or rested_s > 2 * rest_s or not self._recognised or tracker.elsewhere

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
        if len(drafts) < context.min_reps or not self._is_exercise(movements):
            if len(all_movements) >= FEWEST_MOVEMENTS:
                # A set may have begun within it.
                self.last_step = tracker.turns[max(layout.own.start, 1)].step
            return self.withdraw()
        if not context.gyroscope:
            movements = measured_by_hinge(
                tracker, layout.own, self._history, context.upright, self._params.hinge, self._params.timing
            )
            drafts = self._drafts(movements, layout.start)
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
        history, near_us = self._history, self._params.tracker.lead_s * 1e6
        return DataEdges(
            near_begin=history.begin == 0 and movements[0].timing.start_us - history.time_at(0) < near_us,
            near_end=at_end and history.time_at(history.end - 1) - movements[-1].timing.end_us < near_us,
        )

    def _recognise(self, movements: Sequence[Movement], start: SetStart) -> Exercise | None:
        reps = self._drafts(movements, start)
        return EXERCISES.get(self._classification(reps).exercise) if reps else None

    def _is_exercise(self, movements: Sequence[Movement]) -> bool:
        """Whether they are, as far as is known now; keeps how sure that is."""
        self._confidence = exercise_confidence(
            movements,
            self._history.shake_rms_ms2(movements[0].steps.start, movements[-1].steps.stop),
            self._context.prior,
            self._params.classifier,
            gyroscope=self._context.gyroscope,
        )
        return self._confidence >= self._params.classifier.least_confidence

    def withdraw(self) -> list[Event]:
        """Withdraw all that was published of it."""
        reps = self._reported.reps
        events: list[Event] = [*self._reported.keep_only(set())]
        if self._published:
            events.append(self._event(State.WITHDRAWN, reps, ()))
        return events

    def _update_reps(self, changed: int, *, live: bool) -> list[Event]:
        """Publish the last reps; a turn changes the one before it too: the hold between them is known.

        Those wait whose rise to the top is not like the set's own movements, until a later one is, or
        the set is over.
        """
        tracker, context, start = self.tracker, self._context, self._start
        movements = [*tracker.movements, tracker.current_movement()] if tracker.reached else tracker.movements
        if not live and self._recognised:
            return []
        shown_anyway = self._recognised or (live and context.exercise is not None)
        if not shown_anyway and not self._is_exercise(movements[-2 * context.min_reps :]):
            # Most of what people do ends here, before anything is compared.
            return []
        edges = self._data_edges(movements, at_end=False)
        own = own_so_far(movements, start, context, edges, self._params.window)
        risen = start.reps_risen(own)
        passes = self._recognised or (
            len(risen) >= context.min_reps and self._is_exercise(movements[own.start : own.stop])
        )
        if passes and (len(movements) >= FEWEST_MOVEMENTS or not tracker.reached):
            # A single rep is shown earlier, but makes no set before the movement under way is complete.
            self._recognised = True
        if not live or not (passes or context.exercise is not None):
            return []
        waiting = [index for index in risen if self._reps.id_of(index + 1) not in self._reported]
        reps = start.rep_count(len(movements))
        drafts = self._drafts(movements, start, last=max(changed, reps - min(waiting, default=reps)))
        new = {self._reps.id_of(index + 1) for index in waiting}
        events: list[Event] = [
            *self._reported.update(draft for draft in drafts if draft.id in new or draft.id in self._reported)
        ]
        if self._recognised and not self._published and len(self._reported.reps) >= context.min_reps:
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
            confidence=self._confidence,
            reasons=classification.reasons,
            contradiction=classification.contradiction,
        )
