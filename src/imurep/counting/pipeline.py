"""The pure flow on one page: what a sensor sent goes in, reps and sets come out.

    Notification -> decoder -> Packet
        -> ordering      reorder_buffer, late_data: packets in the order of their samples
        -> timing        timebase: ImuBlock | Gap on one clock
        -> motion        orientation: Motion, the direction of gravity on a steady grid
        -> segmentation  set_detector: movements, reps and sets
        -> assessment    (called by segmentation) which exercise it is
        -> ordering      event_revisions: Event, in the version in which it is published

Nothing here knows files, radios, clocks or brokers. The same samples give the
same events, bit for bit, however they are cut: an hour in one piece, or live.
Samples that a sensor sends again after a loss are put where they belong; if
they come too late for that, counting goes back, and events are corrected.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from imurep.counting.motion.orientation import Orientation
from imurep.counting.ordering.late_data import LateDataRecounter
from imurep.counting.ordering.reorder_buffer import ReorderBuffer
from imurep.counting.params import CountingParams
from imurep.counting.segmentation.set_detector import SetDetector
from imurep.counting.timing.timebase import Timebase
from imurep.errors import ConfigError, PacketError
from imurep.events import Gap, GapEvent, Instruction, LinkEvent, Notification
from imurep.exercises import exercise_named

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from imurep.counting.motion.orientation import Motion
    from imurep.counting.ordering.reorder_buffer import Ordered
    from imurep.devices import Decoder
    from imurep.events import Event, ImuBlock, Packet

    Observer = Callable[[Motion], None]


class Pipeline:
    """Counts one session."""

    def __init__(
        self,
        *,
        session: str = "session",
        exercise: str | None = None,
        min_reps: int = 3,
        recent_exercises: Collection[str] = (),
        decoder: Decoder | None = None,
        observer: Observer | None = None,
        params: CountingParams | None = None,
    ) -> None:
        """Prepare for a session.

        ``session`` begins the ids of its events. ``exercise`` is what the person
        does; without it nothing is assumed. A set has at least ``min_reps``
        reps. ``recent_exercises`` names exercises that the person did before: a
        set of a group that one sensor cannot tell apart is taken for them again.
        ``decoder`` is needed when notifications are pushed. ``observer`` is
        called with the motion that the counting is based on; when counting goes
        back, with motion of earlier times, which replaces all from there on.
        ``params`` are the thresholds and times that counting uses. Raises
        ConfigError for an exercise that does not exist and for less than one rep.
        """
        params = params or CountingParams()
        self.malformed: int = 0
        """Notifications and packets that could not be decoded or used."""
        self._decoder = decoder
        self._reorder_buffer = ReorderBuffer(params.ordering)
        sets = SetDetector(
            session=session,
            exercise=exercise_named(exercise) if exercise else None,
            min_reps=min_reps,
            recent_exercises=recent_exercises,
            params=params.segmentation,
            assessment=params.assessment,
            motion=params.motion,
        )
        self._recounter = LateDataRecounter(_CountingState(sets, params, observer), params.ordering)

    @property
    def first_us(self) -> int | None:
        """Time of the first sample; None before it came."""
        return self._recounter.state.first_us

    @property
    def set_open(self) -> bool:
        """Whether a set is active that has been recognised as exercise."""
        return self._recounter.state.sets.recognised

    @property
    def waiting(self) -> bool:
        """Whether samples are held back until earlier ones are sent again."""
        return self._reorder_buffer.waiting

    @property
    def incomplete(self) -> bool:
        """Whether a gap has been published that would still be filled if its samples came."""
        return self._recounter.incomplete

    def push(self, item: Notification | LinkEvent | Packet | Instruction) -> list[Event]:
        """Take what came in; return the events that follow from it.

        The arrival of any item shows how late missing samples are: a status once
        a second is enough for waiting to end in time. Notifications that cannot
        be decoded are counted in ``malformed`` and left out. Raises PacketError
        for a packet of the caller's own that cannot be used, ConfigError for an
        exercise that does not exist.
        """
        if isinstance(item, Instruction):
            if item.exercise is not None:
                exercise_named(item.exercise)
            return self._tick(item.arrival_us) + self._count(self._reorder_buffer.push_instruction(item))
        if isinstance(item, LinkEvent):
            events = self._tick(item.arrival_us)
            # Over a lost link nothing is sent again; what it loses shows as a gap in the samples.
            return events if item.up else events + self._count(self._reorder_buffer.flush())
        if not isinstance(item, Notification):
            return self._order(item)
        if self._decoder is None:
            msg = "a notification came, but the pipeline was made without a decoder"
            raise ConfigError(msg)
        try:
            packet = self._decoder.feed(item)
        except PacketError:
            self.malformed += 1
            packet = None
        return self._tick(item.arrival_us) if packet is None else self._order(packet)

    def flush(self) -> list[Event]:
        """End the session: what is held back comes out, and an active set ends."""
        events = self._count(self._reorder_buffer.flush()) + self._recounter.flush()
        return events + self._recounter.publish(self._recounter.state.flush())

    def _order(self, packet: Packet) -> list[Event]:
        events = self._tick(packet.arrival_us)
        if packet.backfill:
            events += self._recounter.push_late(packet)
        return events + self._count(self._reorder_buffer.push(packet))

    def _tick(self, now_us: int) -> list[Event]:
        buffer = self._reorder_buffer
        events = self._count(buffer.tick(now_us)) if buffer.waiting else []
        return events + self._recounter.tick(now_us)

    def _count(self, items: Sequence[Ordered]) -> list[Event]:
        """Count items in order."""
        events: list[Event] = []
        for item in items:
            try:
                events += self._recounter.push(item)
            except PacketError:
                if self._decoder is None:
                    raise
                self.malformed += 1
        return events


class _CountingState:
    """The rooms behind each other: packets in order become events. It can be copied, to count again."""

    def __init__(self, sets: SetDetector, params: CountingParams, observer: Observer | None) -> None:
        self.first_us: int | None = None
        self.sets = sets
        self._params = params
        self._timebase = Timebase(params.timing)
        self._orientation: Orientation | None = None
        self._observer = observer
        self._observe = True

    def copy(self) -> _CountingState:
        return deepcopy(self, {id(shared): shared for shared in (self._observer, *self._params.parts())})

    def push(self, item: Packet | Instruction, *, observe: bool = True) -> list[Event]:
        self._observe = observe
        if isinstance(item, Instruction):
            return self._apply(item)
        return self._advance(self._timebase.push(item))

    def flush(self) -> list[Event]:
        events = self._advance(self._timebase.flush())
        if self._orientation is not None:
            events += self._detect(self._orientation.flush())
        return events + self.sets.flush()

    def _apply(self, instruction: Instruction) -> list[Event]:
        boundary, exercise = instruction.boundary, instruction.exercise
        if instruction.recent_exercises is not None:
            self.sets.set_recent_exercises(instruction.recent_exercises)
        events = [] if boundary is None else self.sets.apply_boundary(boundary)
        return events if exercise is None else events + self.sets.set_exercise(exercise_named(exercise))

    def _advance(self, items: Sequence[ImuBlock | Gap]) -> list[Event]:
        events: list[Event] = []
        for item in items:
            if isinstance(item, Gap):
                events.append(GapEvent(start_us=item.start_us, end_us=item.end_us))
                self.sets.gap(item)
            else:
                if self.first_us is None:
                    self.first_us = int(item.time_us[0])
                if self._orientation is None or not self._orientation.suits(item):
                    events += self._start(item)
            if self._orientation is not None:
                events += self._detect(self._orientation.push(item))
        return events

    def _start(self, block: ImuBlock) -> list[Event]:
        """Begin, or begin again when the sensor was started with another rate or without its gyroscope."""
        events = self.sets.flush()
        gyroscope = block.gyr_rads is not None
        params = self._params.motion.orientation
        self._orientation = Orientation(block.rate_hz, gyroscope=gyroscope, params=params)
        self.sets.start(self._orientation.step_hz, gyroscope=gyroscope)
        return events

    def _detect(self, motion: Motion | None) -> list[Event]:
        if motion is None:
            return []
        if self._observer is not None and self._observe:
            self._observer(motion)
        return self.sets.push(motion)
