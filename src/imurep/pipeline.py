"""The pure flow on one page: what a sensor sent goes in, reps and sets come out.

    Notification -> decoder -> Packet -> timebase -> ImuBlock | Gap
        -> orientation -> Motion -> history -> set counter -> Event

Nothing here knows files, radios, clocks or brokers. The same samples give the
same events, bit for bit, however they are cut: an hour in one piece, or live.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.errors import ConfigError, PacketError
from imurep.exercises import exercise_named
from imurep.model import Gap, GapEvent, LinkEvent, Notification
from imurep.stages.orientation import Orientation
from imurep.stages.sets import SetCounter
from imurep.stages.timebase import Timebase

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from imurep.devices import Decoder
    from imurep.model import Event, ImuBlock, Packet
    from imurep.stages.orientation import Motion

    Observer = Callable[[Motion], None]


class Pipeline:
    """Counts one session."""

    def __init__(
        self,
        *,
        session: str = "session",
        exercise: str | None = None,
        min_reps: int = 3,
        last_time: Collection[str] = (),
        decoder: Decoder | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Prepare for a session.

        ``session`` begins the ids of its events. ``exercise`` is what the person
        said they do; without it nothing is assumed. A set has at least
        ``min_reps`` reps. ``last_time`` names exercises that the person did
        before: a set of a group that one sensor cannot tell apart is taken for
        them again. ``decoder`` is needed when notifications are pushed.
        ``observer`` sees the motion that the counting is based on. Raises
        ConfigError for an exercise that does not exist and for less than one rep.
        """
        self.malformed = 0
        self.first_us: int | None = None
        self._decoder = decoder
        self._timebase = Timebase()
        self._observer = observer
        self._sets = SetCounter(
            session=session,
            exercise=exercise_named(exercise) if exercise else None,
            min_reps=min_reps,
            last_time=last_time,
        )
        self._orientation: Orientation | None = None

    def push(self, item: Notification | LinkEvent | Packet) -> list[Event]:
        """Take what came in; give the events that follow from it.

        Notifications that cannot be decoded are counted in ``malformed`` and
        left out; a packet of one's own that cannot be used raises PacketError.
        """
        if isinstance(item, LinkEvent):
            return []  # what the link lost shows as a gap in the samples
        if isinstance(item, Notification):
            return self._advance(self._timed(item))
        return self._advance(self._timebase.push(item))

    def flush(self) -> list[Event]:
        """End the session: what is held back comes out, and an open set ends."""
        events = self._advance(self._timebase.flush())
        if self._orientation is not None:
            events += self._move(self._orientation.flush())
        return events + self._sets.flush()

    def _timed(self, notification: Notification) -> list[ImuBlock | Gap]:
        if self._decoder is None:
            msg = "a notification came, but the pipeline was made without a decoder"
            raise ConfigError(msg)
        try:
            packet = self._decoder.feed(notification)
            return [] if packet is None else self._timebase.push(packet)
        except PacketError:
            self.malformed += 1
            return []

    def _advance(self, items: Sequence[ImuBlock | Gap]) -> list[Event]:
        events: list[Event] = []
        for item in items:
            if isinstance(item, Gap):
                events.append(GapEvent(start_us=item.start_us, end_us=item.end_us))
                self._sets.gap(item.start_us)
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
        events = self._sets.flush()
        gyroscope = block.gyr_rads is not None
        self._orientation = Orientation(block.rate_hz, gyroscope=gyroscope)
        self._sets.start(self._orientation.step_hz, gyroscope=gyroscope)
        return events

    def _move(self, motion: Motion | None) -> list[Event]:
        if motion is None:
            return []
        if self._observer is not None:
            self._observer(motion)
        return self._sets.push(motion)
