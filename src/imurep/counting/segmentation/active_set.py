"""One set from its opening to its end, and the events about it.

Every rep keeps its id while its version grows: provisional at the top, final
at the end of its last movement, withdrawn when it turns out not to have been.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imurep.counting.assessment.exercise_classifier import identify, traits
from imurep.counting.assessment.out_of_plane import aside_deg
from imurep.counting.ordering.reported_reps import ReportedReps
from imurep.counting.segmentation.movement_timing import Cue, after
from imurep.counting.segmentation.movement_tracker import Follower
from imurep.counting.segmentation.rep_builder import pair, rep, without_hold
from imurep.counting.segmentation.set_classifier import is_exercise, typical_range_rad
from imurep.counting.segmentation.top_bottom import begins_at_top, ends_of
from imurep.counting.segmentation.trimming import belonging, grips, lets_go, picks_up
from imurep.events import ExerciseSet, Phase, PhaseChange, State
from imurep.exercises import EXERCISES, Start

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from imurep.counting.assessment.exercise_classifier import Identity
    from imurep.counting.motion.ring_buffer import History
    from imurep.counting.segmentation.movement_tracker import Leg
    from imurep.counting.segmentation.set_classifier import VerdictParams
    from imurep.counting.segmentation.top_bottom import Ends
    from imurep.counting.segmentation.turning_points import Pose, Turn
    from imurep.events import Event, Gap, Rep
    from imurep.exercises import Exercise


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingParams:
    """When a set is over. Shares are shares of its range."""

    odd_legs: int = 3
    """So many odd movements in a row, and the set was over before them: one slip of the strap makes two."""
    rest_s: float = 20.0
    """Nothing moves for so long, and the set is over; a pause within a rep may last 10 s."""
    early_rest_s: float = 12.0
    """The same before the set was announced, and where the set does not go: beside the bench, say."""
    stuck_s: float = 40.0
    """So long without arriving at an end, and it is over, even if something stirs."""
    away_s: int = 6
    """So long without a movement of the set, while steps shake the body, and it is over."""
    away_ms2: float = 1.0


DEFAULT = TrackingParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known when a set opens."""

    exercise: Exercise | None
    """What the person said they do."""
    last_time: Collection[str]
    """What they did last time."""
    min_reps: int
    after_us: int
    """End of the set before."""
    gyroscope: bool
    verdict: VerdictParams
    upright: Pose | None
    """The pose of standing, when the person has been seen walking."""
    before: Ends | None
    """The ends of the set before, if the person said what that was."""


class OpenSet:
    """A set that is being done."""

    def __init__(
        self,
        set_id: str,
        turns: Sequence[Turn],
        history: History,
        margin: int,
        known: Known,
        *,
        arrived: bool,
        params: TrackingParams = DEFAULT,
    ) -> None:
        """Take over from the turns of an opening (see ``Follower``)."""
        self.follower = Follower(turns, history, margin, known.after_us, arrived=arrived)
        self._id = set_id
        self._history = history
        self._known = known
        self._params = params
        self._told = ReportedReps()
        self._skipped = 0
        self._announced = False
        self.last_step = turns[0].step
        """Step of the last turn of its own, once it is closed,"""
        self._recognised_lead_in = False
        self.end_us = known.after_us
        """and the end of its last movement."""
        self._top_assumed = known.upright is None
        self.ends = known.before
        """Its ends, once it is closed and if the person said what it was; until then those before."""
        self._top_first = begins_at_top(
            turns[0].pose, turns[1].pose, known.upright, known.before, known.exercise
        )
        self._phase = Phase.CONCENTRIC if self._rising else Phase.ECCENTRIC

    @property
    def announced(self) -> bool:
        """Whether it has been told of as a set."""
        return self._announced

    @property
    def _rising(self) -> bool:
        return self.follower.outward != self._top_first

    @property
    def _lead_in(self) -> bool:
        """Whether the exercise starts at the other end: the first movement led into its starting position."""
        exercise = self._known.exercise
        if exercise is None:
            return self._recognised_lead_in
        return (exercise.starts_at is Start.TOP) != self._top_first

    def begin(self, step: int, time_us: int, pose: Pose) -> list[Event]:
        """Tell of the reps that the opening already holds."""
        self.follower.push(step, time_us, pose)
        return self._report(changed=len(self.follower.turns))

    def push(self, step: int, time_us: int, pose: Pose) -> list[Event]:
        """Take the next pose."""
        cues = self.follower.push(step, time_us, pose)
        if not cues:
            return []
        events: list[Event] = []
        for cue in cues:
            phase = after(self._phase, cue, rising=self._rising)
            if phase is not self._phase:
                self._phase = phase
                rep_id = self._told.last_id
                events.append(PhaseChange(time_us=time_us, phase=phase, rep_id=rep_id))
            if self._tells(cue):
                events += self._report(changed=2)
        return events

    def _tells(self, cue: Cue) -> bool:
        """Whether a cue can change what is said of reps; at the bottom, settling is soon enough."""
        return (
            cue is Cue.SETTLED
            or (cue is Cue.REACHED and self._rising)
            or (cue is Cue.TURNED and not self.follower.told)
        )

    def is_over(self, step: int, time_us: int) -> bool:
        """Tell whether the person rests, walks away or does something else."""
        params, follower = self._params, self.follower
        if follower.odd_run >= params.odd_legs:
            return True
        rested_s = (time_us - follower.progress_us) / 1e6
        if rested_s > params.early_rest_s and (
            rested_s > params.rest_s or not self._announced or follower.elsewhere
        ):
            return True
        per_second = self._history.per_second
        if step % per_second >= follower.margin:
            return False
        # Counted in steps, since nobody knows what was done in a gap.
        away = step + 1 - params.away_s * per_second
        if follower.end_us > self._history.time_at(max(away, self._history.begin)):
            return False
        return (
            time_us - follower.cue_us > params.stuck_s * 1e6
            or self._history.unrest_ms2(away, step + 1) > params.away_ms2
        )

    def close(self, gaps: Sequence[Gap], *, at_end: bool) -> list[Event]:
        """End the set: its last version, or its withdrawal when it was none."""
        legs = self.follower.finish()
        if self._known.exercise is None and not self._top_first and not self._top_assumed:
            self._recognised_lead_in = picks_up(legs)
        own = belonging(legs, lead_in=self._lead_in, from_top=self._top_first != self._lead_in, at_end=at_end)
        self.last_step = self.follower.turns[own.stop].step
        self._skipped += own.start // 2
        legs = legs[own]
        if self._known.exercise is None:
            if self._top_assumed and at_end and len(legs) % 2 == 1:
                # It began at one end and ended at the other: then it ended at the top.
                self._top_first = False
            elif self._top_first and grips(legs):
                self._top_first, legs = False, legs[1:-1]
        drafts = self._drafts(legs)
        exercise = self._known.exercise
        if exercise is None and drafts and self._starts_below(drafts):
            self._recognised_lead_in = True
            drafts = self._drafts(legs)
        if drafts and drafts[-1].eccentric_s is None and (exercise is None or exercise.set_down):
            rises = legs if len(legs) % 2 else legs[1:]
            if lets_go(rises, sure=exercise is not None):
                drafts.pop()  # the load was set down, and the person rose without it
        if len(drafts) < self._known.min_reps or not self._is_exercise(legs):
            return self.withdraw()
        drafts[-1] = without_hold(drafts[-1], after_top=self._top_first != self._lead_in)
        self.end_us = drafts[-1].end_us or drafts[-1].top_us
        if exercise is not None:
            self.ends = ends_of(legs, from_top=self._top_first)
        events: list[Event] = [*self._told.keep_only({draft.id for draft in drafts})]
        events += self._told.update(
            draft if draft.state is State.FINAL else replace(draft, state=State.FINAL, end_us=draft.top_us)
            for draft in drafts
        )
        events.append(self._event(State.FINAL, self._told.reps, gaps))
        return events

    def _starts_below(self, reps: Sequence[Rep]) -> bool:
        """Whether reps seen from the top are of an exercise that one gets down to first, on a bench, say."""
        found = EXERCISES.get(self._identity(reps).exercise)
        return (
            self._top_first and found is not None and found.starts_at is Start.BOTTOM and not found.set_down
        )

    def _is_exercise(self, legs: Sequence[Leg]) -> bool:
        unrest_ms2 = self._history.unrest_ms2(legs[0].steps.start, legs[-1].steps.stop) if legs else 0.0
        return is_exercise(legs, unrest_ms2, self._known.verdict)

    def withdraw(self) -> list[Event]:
        """Take back everything that was said of it."""
        reps = self._told.reps
        events: list[Event] = [*self._told.keep_only(set())]
        if self._announced:
            events.append(self._event(State.WITHDRAWN, reps, ()))
        return events

    def _report(self, changed: int) -> list[Event]:
        """Tell of the last reps; a turn changes the one before it too: the hold between them is known."""
        follower = self.follower
        legs = [*follower.legs, follower.leading_leg()] if follower.reached else follower.legs
        events: list[Event] = [*self._told.update(self._drafts(legs, last=changed))]
        if (
            not self._announced
            and len(self._told.reps) >= self._known.min_reps
            and self._is_exercise(follower.legs)
        ):
            self._announced = True
            events.append(self._event(State.PROVISIONAL, self._told.reps, ()))
        return events

    def _drafts(self, legs: Sequence[Leg], *, last: int | None = None) -> list[Rep]:
        """Describe the reps, or only the ``last`` ones."""
        lead_in = self._lead_in
        concentric_first = self._top_first == lead_in
        typical = self.follower.range_rad if last else typical_range_rad(legs)
        legs = legs[lead_in:]
        skip = max(0, (len(legs) + 1) // 2 - last) if last else 0
        return [
            rep(
                self._id,
                number,
                of_rep,
                concentric_first=concentric_first,
                typical_rad=typical,
                upright=self._known.upright,
                gyroscope=self._known.gyroscope,
                plane=self.follower.plane,
            )
            for number, of_rep in enumerate(pair(legs[2 * skip :]), self._skipped + skip + 1)
            if of_rep[1] is not None or concentric_first
        ]

    def _identity(self, reps: Sequence[Rep]) -> Identity:
        legs = self.follower.legs
        seen = traits(
            reps,
            aside_deg=aside_deg(legs, self._history),
            unrest_ms2=self._history.unrest_ms2(legs[0].steps.start, legs[-1].steps.stop),
        )
        return identify(seen, self._known.exercise, self._known.last_time)

    def _event(self, state: State, reps: tuple[Rep, ...], gaps: Sequence[Gap]) -> ExerciseSet:
        identity = self._identity(reps)
        start_us = reps[0].start_us
        end_us = max(rep.end_us or rep.top_us for rep in reps)
        within = [gap for gap in gaps if start_us <= gap.start_us <= end_us]
        return ExerciseSet(
            id=self._id,
            version=0,
            state=state,
            exercise=identity.exercise,
            exercise_group=identity.group,
            reps=reps,
            start_us=start_us,
            end_us=end_us,
            gyroscope=self._known.gyroscope,
            top_assumed=self._top_assumed,
            gaps=len(within),
            lost_s=sum(gap.end_us - gap.start_us for gap in within) / 1e6,
            reasons=identity.reasons,
            contradiction=identity.contradiction,
        )
