"""What there is to say of the sensors at this moment, as messages.

It hears of everything, keeps what a dashboard that joins late would want to
know, and is asked by the publisher.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.events import ExerciseSet, Rep
from imurep.live_state import Board
from imurep.mqtt.homeassistant import discovery
from imurep.mqtt.message import Message
from imurep.mqtt.payload_builders import (
    availability,
    config_payload,
    info_payload,
    rep_payload,
    set_payload,
    state_payload,
)
from imurep.mqtt.payloads import CONFIG, INFO, OFFLINE, REP, REP_EXPIRY_S, SET, STATE
from imurep.mqtt.recent_sets import Finished
from imurep.mqtt.topics import device_id
from imurep.serialization import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from imurep.events import SensorStatus, SessionEvent
    from imurep.live_state import SensorBoard
    from imurep.log.cached_user_data import CachedPlans
    from imurep.mqtt.homeassistant import Form
    from imurep.mqtt.payloads import SetPayload
    from imurep.mqtt.topics import Topics

    Lines = Callable[[str, str], Mapping[str, float]]


class Desk:
    """The announcer: state, configuration, sets and discovery of all sensors (``roles.Announcer``)."""

    def __init__(
        self,
        topics: Topics,
        plans: CachedPlans,
        *,
        utc: Callable[[], datetime],
        version: str,
        lines_deg: Lines,
        form: Form = "device",
    ) -> None:
        """Begin without having heard of a sensor.

        Args:
            topics: Where things stand.
            plans: What the person has set.
            utc: Tells the time of day.
            version: Of imurep.
            lines_deg: Straight lines of a person, as a sensor has measured them, by exercise.
            form: Of Home Assistant's discovery.
        """
        self.board = Board()
        self.finished = Finished()
        self.plans = plans
        self.topics = topics
        self._utc = utc
        self._version = version
        self._lines_deg = lines_deg
        self._form = form

    # What happens

    def event(self, told: SessionEvent) -> None:
        """Note what was counted."""
        self.board.event(told)

    def status(self, status: SensorStatus) -> None:
        """Note a sensor's state."""
        self.board.status(status)

    def set_payload(self, told: SessionEvent) -> SetPayload:
        """What the log keeps of a set that is over; noted here, too."""
        payload = set_payload(
            told,
            self.plans.of(told.sensor),
            lines_deg=self._lines_deg(told.person, told.sensor),
            again=isinstance(told.event, ExerciseSet) and self.finished.knows(told.sensor, told.event.id),
        )
        self.finished.take(payload)
        return payload

    # What is said

    def sensors(self) -> dict[str, str]:
        """Names of all sensors that were found, by device id."""
        return {
            device_id(sensor): sensor
            for sensor, board in self.board.sensors.items()
            if sensor != board.status.spec  # what is looked for has no name yet
        }

    def announcement(self) -> list[Message]:
        """Everything that is retained, in the order in which it is to be known."""
        sensors = self.sensors()
        messages = [
            message
            for dev, sensor in sensors.items()
            for message in discovery(self.topics, dev, sensor, version=self._version, form=self._form)
        ]
        messages += [self.config(sensor) for sensor in sensors.values()]
        messages += [self._state(sensor) for sensor in sensors.values()]
        messages += [self._last_set(dev, last) for dev, last in self._last(sensors)]
        return messages + [self._availability(sensor) for sensor in sensors.values()]

    def info(self, problem: str) -> Message:
        """What the service is."""
        payload = info_payload(self._version, self.sensors(), problem=problem)
        return Message(topic=self.topics.bridge_info, payload=dumps(payload), retain=True, schema=INFO)

    def config(self, sensor: str) -> Message:
        """What the person has set."""
        return Message(
            topic=self.topics.config(device_id(sensor)),
            payload=dumps(config_payload(sensor, self.plans.of(sensor))),
            retain=True,
            schema=CONFIG,
        )

    def state(self, sensor: str) -> list[Message]:
        """How it stands with a sensor; nothing as long as it is only looked for."""
        if device_id(sensor) not in self.sensors():
            return []
        return [self._state(sensor), self._availability(sensor)]

    def live(self, told: SessionEvent) -> list[Message]:
        """Events of reps."""
        rep = told.event
        if not isinstance(rep, Rep):
            return []
        ids = list(self._board(told.sensor).reps)
        number = ids.index(rep.id) + 1 if rep.id in ids else None
        return [
            Message(
                topic=self.topics.rep_event(device_id(told.sensor)),
                payload=dumps(rep_payload(told, number=number)),
                qos=0,
                expiry_s=REP_EXPIRY_S,
                schema=REP,
            )
        ]

    def goodbye(self) -> list[Message]:
        """No sensor is there any more."""
        return [
            Message(topic=self.topics.availability(dev), payload=OFFLINE, retain=True)
            for dev in self.sensors()
        ]

    def _board(self, sensor: str) -> SensorBoard:
        return self.board.sensors[sensor]

    def _state(self, sensor: str) -> Message:
        utc = self._utc()
        sets, repetitions = self.finished.today(sensor, utc)
        payload = state_payload(
            self._board(sensor),
            utc=utc,
            last=self.finished.last(sensor),
            sets_today=sets,
            repetitions_today=repetitions,
        )
        return Message(
            topic=self.topics.state(device_id(sensor)), payload=dumps(payload), retain=True, schema=STATE
        )

    def _availability(self, sensor: str) -> Message:
        return Message(
            topic=self.topics.availability(device_id(sensor)),
            payload=availability(self._board(sensor).status.link),
            retain=True,
        )

    def _last(self, sensors: Mapping[str, str]) -> list[tuple[str, SetPayload]]:
        found = [(dev, self.finished.last(sensor)) for dev, sensor in sensors.items()]
        return [(dev, last) for dev, last in found if last is not None]

    def _last_set(self, dev: str, last: SetPayload) -> Message:
        return Message(topic=self.topics.last_set(dev), payload=dumps(last), retain=True, schema=SET)
