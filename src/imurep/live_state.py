"""What a person wants to see right now: per sensor the link, the set that goes on, and the sets so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imurep.events import ExerciseSet, Link, PhaseChange, Rep, SensorStatus, State

if TYPE_CHECKING:
    from imurep.events import Phase, SessionEvent


@dataclass(slots=True)
class SensorState:
    """One sensor's part of the board."""

    status: SensorStatus
    phase: Phase | None = None
    """What the person is doing; None outside a set."""
    reps: dict[str, Rep] = field(default_factory=dict)
    """Of the set that goes on, by id, in order."""
    sets: dict[str, SessionEvent] = field(default_factory=dict)
    """Newest version of each set that counts, by id."""

    @property
    def last_rep(self) -> Rep | None:
        """The newest rep of the set that goes on."""
        return next(reversed(self.reps.values()), None)


class LiveState:
    """Listens, and always knows the state of things."""

    def __init__(self) -> None:
        """Begin empty."""
        self.sensors: dict[str, SensorState] = {}

    def status(self, status: SensorStatus) -> None:
        """Note a sensor's state."""
        if status.sensor != status.spec:
            self.sensors.pop(status.spec, None)
        known = self.sensors.get(status.sensor)
        if known is None:
            self.sensors[status.sensor] = SensorState(status)
        else:
            known.status = status

    def event(self, session_event: SessionEvent) -> None:
        """Note what was counted."""
        sensor = self.sensors.get(session_event.sensor)
        if sensor is None:
            unseen = SensorStatus(sensor=session_event.sensor, link=Link.LOST)
            sensor = self.sensors[session_event.sensor] = SensorState(unseen)
        match session_event.event:
            case PhaseChange(phase=phase):
                sensor.phase = phase
            case Rep(state=State.WITHDRAWN, id=name):
                sensor.reps.pop(name, None)
            case Rep() as rep:
                if sensor.reps and sensor.last_rep and sensor.last_rep.set_id != rep.set_id:
                    sensor.reps.clear()
                sensor.reps[rep.id] = rep
            case ExerciseSet() as found:
                self._set(sensor, session_event, found)
            case _:
                pass

    def in_order(self) -> list[SessionEvent]:
        """All sets that count, of all sensors, by their start."""
        sets = [session_event for sensor in self.sensors.values() for session_event in sensor.sets.values()]
        return sorted(sets, key=lambda session_event: session_event.utc(_set_of(session_event).start_us))

    @staticmethod
    def _set(sensor: SensorState, session_event: SessionEvent, found: ExerciseSet) -> None:
        if found.state is State.WITHDRAWN:
            sensor.sets.pop(found.id, None)
        else:
            sensor.sets[found.id] = session_event
        if found.state is not State.PROVISIONAL:
            sensor.phase = None
            if sensor.last_rep is not None and sensor.last_rep.set_id == found.id:
                sensor.reps.clear()


def _set_of(session_event: SessionEvent) -> ExerciseSet:
    if not isinstance(session_event.event, ExerciseSet):
        msg = "only sets are kept"
        raise TypeError(msg)
    return session_event.event
