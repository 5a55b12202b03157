"""The pure flow on one page: what a sensor sent goes in, reps and sets come out.

    Notification -> decoder -> Packet -> merging, rewinding -> Packet in order
        -> timebase -> ImuBlock | Gap -> orientation -> Motion -> history -> set counter -> Event

Nothing here knows files, radios, clocks or brokers. The same samples give the
same events, bit for bit, however they are cut: an hour in one piece, or live.
What a sensor sends again after a loss is put where it belongs; if counting has
gone on without it by then, counting goes back, and events are corrected.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from imurep.counting.motion.orientation import Orientation
from imurep.counting.ordering.late_data import Rewinder
from imurep.counting.ordering.reorder_buffer import Merger
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
        said they do; without it nothing is assumed. A set has at least
        ``min_reps`` reps. ``recent_exercises`` names exercises that the person did
        before: a set of a group that one sensor cannot tell apart is taken for
        them again. ``decoder`` is needed when notifications are pushed.
        ``observer`` sees the motion that the counting is based on; when counting
        goes back, it sees motion of earlier times, in place of all that it saw
        from there on. ``params`` are the thresholds and times that counting uses.
        Raises ConfigError for an exercise that does not exist and for less than one rep.
        """
        self.malformed = 0
        self._decoder = decoder
        params = params or CountingParams()
        self._merger = Merger(params.ordering.reorder)
        sets = SetDetector(
            session=session,
            exercise=exercise_named(exercise) if exercise else None,
            min_reps=min_reps,
            recent_exercises=recent_exercises,
            params=params.segmentation,
            assessment=params.assessment,
            motion=params.motion,
        )
        self._rewinder = Rewinder(_Count(sets, params, observer), params.ordering.late_data)

    @property
    def first_us(self) -> int | None:
        """Time of the first sample; None before it came."""
        return self._rewinder.count.first_us

    @property
    def set_open(self) -> bool:
        """Whether a set that has been told of is being done."""
        return self._rewinder.count.sets.published

    @property
    def waiting(self) -> bool:
        """Whether samples are held back until earlier ones are sent again."""
        return self._merger.waiting

    @property
    def incomplete(self) -> bool:
        """Whether a gap has been told of that would still be filled if its samples came."""
        return self._rewinder.incomplete

    def push(self, item: Notification | LinkEvent | Packet | Instruction) -> list[Event]:
        """Take what came in; give the events that follow from it.

        Whatever came in tells by its arrival how late it is, too: a status once a
        second is enough for waiting to end in time. Notifications that cannot be
        decoded are counted in ``malformed`` and left out; a packet of one's own
        that cannot be used raises PacketError, an exercise that does not exist ConfigError.
        """
        if isinstance(item, Instruction):
            if item.exercise is not None:
                exercise_named(item.exercise)
            return self._tick(item.arrival_us) + self._in_order(self._merger.tell(item))
        if isinstance(item, LinkEvent):
            events = self._tick(item.arrival_us)
            # Over a lost link nothing is sent again; what it loses shows as a gap in the samples.
            return events if item.up else events + self._in_order(self._merger.flush())
        if not isinstance(item, Notification):
            return self._merge(item)
        if self._decoder is None:
            msg = "a notification came, but the pipeline was made without a decoder"
            raise ConfigError(msg)
        try:
            packet = self._decoder.feed(item)
        except PacketError:
            self.malformed += 1
            packet = None
        return self._tick(item.arrival_us) if packet is None else self._merge(packet)

    def flush(self) -> list[Event]:
        """End the session: what is held back comes out, and an open set ends."""
        events = self._in_order(self._merger.flush()) + self._rewinder.flush()
        return events + self._rewinder.tell(self._rewinder.count.flush())

    def _merge(self, packet: Packet) -> list[Event]:
        events = self._tick(packet.arrival_us)
        if packet.backfill:
            events += self._rewinder.late(packet)
        return events + self._in_order(self._merger.push(packet))

    def _tick(self, now_us: int) -> list[Event]:
        events = self._in_order(self._merger.tick(now_us)) if self._merger.waiting else []
        return events + self._rewinder.tick(now_us)

    def _in_order(self, items: Sequence[Ordered]) -> list[Event]:
        events: list[Event] = []
        for item in items:
            try:
                events += self._rewinder.push(item)
            except PacketError:
                if self._decoder is None:
                    raise
                self.malformed += 1
        return events


class _Count:
    """The stages behind each other: packets in order become events. A copy goes its own way."""

    def __init__(self, sets: SetDetector, params: CountingParams, observer: Observer | None) -> None:
        self.first_us: int | None = None
        self.sets = sets
        self._params = params
        self._timebase = Timebase(params.timing)
        self._orientation: Orientation | None = None
        self._observer = observer
        self._watched = True

    def copy(self) -> _Count:
        return deepcopy(self, {id(same): same for same in (self._observer, self._params)})

    def push(self, item: Packet | Instruction, *, watched: bool = True) -> list[Event]:
        self._watched = watched
        if isinstance(item, Instruction):
            return self._do(item)
        return self._advance(self._timebase.push(item))

    def _do(self, told: Instruction) -> list[Event]:
        events = [] if told.boundary is None else self.sets.apply_boundary(told.boundary)
        if told.exercise is not None:
            events += self.sets.set_exercise(exercise_named(told.exercise))
        return events

    def flush(self) -> list[Event]:
        events = self._advance(self._timebase.flush())
        if self._orientation is not None:
            events += self._move(self._orientation.flush())
        return events + self.sets.flush()

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
                events += self._move(self._orientation.push(item))
        return events

    def _start(self, block: ImuBlock) -> list[Event]:
        """Begin, or begin again when the sensor was started with another rate or without its gyroscope."""
        events = self.sets.flush()
        gyroscope = block.gyr_rads is not None
        self._orientation = Orientation(
            block.rate_hz, gyroscope=gyroscope, params=self._params.motion.orientation
        )
        self.sets.start(self._orientation.step_hz, gyroscope=gyroscope)
        return events

    def _move(self, motion: Motion | None) -> list[Event]:
        if motion is None:
            return []
        if self._observer is not None and self._watched:
            self._observer(motion)
        return self.sets.push(motion)
