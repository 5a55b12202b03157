"""The present state of all sensors, as messages.

It takes in every event, keeps what a dashboard that joins late needs, and makes
the messages that the publisher sends.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from imurep.events import ExerciseSet, Rep
from imurep.live_state import LiveState
from imurep.mqtt.homeassistant import discovery
from imurep.mqtt.interfaces import Message
from imurep.mqtt.payload_builders import (
    availability,
    config_payload,
    info_payload,
    rep_payload,
    set_payload,
    state_payload,
)
from imurep.mqtt.payloads import CONFIG, INFO, OFFLINE, REP, REP_EXPIRY_S, SET, STATE
from imurep.mqtt.topics import device_id
from imurep.serialization import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from imurep.events import SensorStatus, SessionEvent
    from imurep.live_state import SensorState
    from imurep.mqtt.homeassistant import Form
    from imurep.mqtt.interfaces import PlanStore
    from imurep.mqtt.payloads import SetPayload
    from imurep.mqtt.topics import Topics

    Lines = Callable[[str, str], Mapping[str, float]]


class StateAnnouncer:
    """State, configuration, sets and discovery of all sensors (an ``interfaces.Announcer``)."""

    def __init__(
        self,
        topics: Topics,
        plans: PlanStore,
        *,
        now_utc: Callable[[], datetime],
        version: str,
        lines_deg: Lines,
        form: Form = "device",
    ) -> None:
        """Begin without sensors.

        Args:
            topics: Names of all topics.
            plans: What the person has set.
            now_utc: Returns the time of day.
            version: Version of imurep.
            lines_deg: Straight lines of a person, as a sensor has measured them, by exercise.
            form: Form of Home Assistant's discovery.
        """
        self.live_state = LiveState()
        self.recent_sets = RecentSets()
        self.plans = plans
        self.topics = topics
        self._now_utc = now_utc
        self._version = version
        self.lines_deg = lines_deg
        self._form = form

    # Events in

    def event(self, session_event: SessionEvent) -> None:
        """Take in an event of a session."""
        self.live_state.event(session_event)

    def status(self, status: SensorStatus) -> None:
        """Take in a sensor's state."""
        self.live_state.status(status)

    def set_payload(self, session_event: SessionEvent) -> SetPayload:
        """Payload of a set that is over, for the log. It counts as a recent set from now on."""
        found = session_event.event
        payload = set_payload(
            session_event,
            self.plans.of(session_event.sensor),
            lines_deg=self.lines_deg(session_event.person, session_event.sensor),
            again=isinstance(found, ExerciseSet) and found.id in self.recent_sets.of(session_event.sensor),
        )
        self.recent_sets.add(payload)
        return payload

    # Messages out

    def sensors(self) -> dict[str, str]:
        """Names of all sensors that were found, by device id."""
        return {
            device_id(sensor): sensor
            for sensor, state in self.live_state.sensors.items()
            if sensor != state.status.spec  # until it is found, a sensor has no name
        }

    def announcement(self) -> list[Message]:
        """All retained messages, in the order in which to publish them."""
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
        """Message about the service."""
        payload = info_payload(self._version, self.sensors(), problem=problem)
        return Message(topic=self.topics.bridge_info, payload=dumps(payload), retain=True, schema=INFO)

    def config(self, sensor: str) -> Message:
        """Message with the sensor's plan."""
        return Message(
            topic=self.topics.config(device_id(sensor)),
            payload=dumps(config_payload(sensor, self.plans.of(sensor))),
            retain=True,
            schema=CONFIG,
        )

    def state(self, sensor: str) -> list[Message]:
        """Messages with a sensor's present state; none until the sensor is found."""
        if device_id(sensor) not in self.sensors():
            return []
        return [self._state(sensor), self._availability(sensor)]

    def live(self, session_event: SessionEvent) -> list[Message]:
        """Message about a rep; none for other events."""
        rep = session_event.event
        if not isinstance(rep, Rep):
            return []
        ids = list(self._sensor_state(session_event.sensor).reps)
        number = ids.index(rep.id) + 1 if rep.id in ids else None
        return [
            Message(
                topic=self.topics.rep_event(device_id(session_event.sensor)),
                payload=dumps(rep_payload(session_event, number=number)),
                qos=0,
                expiry_s=REP_EXPIRY_S,
                schema=REP,
            )
        ]

    def goodbye(self) -> list[Message]:
        """Messages that no sensor is available any more."""
        return [
            Message(topic=self.topics.availability(dev), payload=OFFLINE, retain=True)
            for dev in self.sensors()
        ]

    def _sensor_state(self, sensor: str) -> SensorState:
        return self.live_state.sensors[sensor]

    def _state(self, sensor: str) -> Message:
        utc = self._now_utc()
        sets, repetitions = self.recent_sets.today(sensor, utc)
        payload = state_payload(
            self._sensor_state(sensor),
            utc=utc,
            last=self.recent_sets.last(sensor),
            sets_today=sets,
            repetitions_today=repetitions,
        )
        return Message(
            topic=self.topics.state(device_id(sensor)), payload=dumps(payload), retain=True, schema=STATE
        )

    def _availability(self, sensor: str) -> Message:
        return Message(
            topic=self.topics.availability(device_id(sensor)),
            payload=availability(self._sensor_state(sensor).status.link),
            retain=True,
        )

    def _last(self, sensors: Mapping[str, str]) -> list[tuple[str, SetPayload]]:
        found = [(dev, self.recent_sets.last(sensor)) for dev, sensor in sensors.items()]
        return [(dev, last) for dev, last in found if last is not None]

    def _last_set(self, dev: str, last: SetPayload) -> Message:
        return Message(topic=self.topics.last_set(dev), payload=dumps(last), retain=True, schema=SET)


class RecentSets:
    """The finished sets that are still needed: the newest of each sensor, and those of today."""

    def __init__(self, sets: Iterable[SetPayload] = ()) -> None:
        """Begin with these sets."""
        self._sets: dict[str, dict[str, SetPayload]] = {}
        for payload in sets:
            self.add(payload)

    def of(self, sensor: str) -> dict[str, SetPayload]:
        """The sensor's sets by id, withdrawn ones too."""
        return dict(self._sets.get(sensor, {}))

    def add(self, payload: SetPayload) -> None:
        """Add a version of a set. Only the newest version is kept."""
        of_sensor = self._sets.setdefault(payload["sensor"], {})
        known = of_sensor.get(payload["id"])
        if known is None or payload["version"] > known["version"]:
            of_sensor[payload["id"]] = payload

    def last(self, sensor: str) -> SetPayload | None:
        """The sensor's set that started last, without withdrawn ones."""
        counting = [one for one in self._sets.get(sensor, {}).values() if one["state"] != "withdrawn"]
        return max(counting, key=lambda one: one["started"], default=None)

    def today(self, sensor: str, now: datetime) -> tuple[int, int]:
        """Number of sets since midnight in the time zone of this machine, and of reps in them.

        Older sets are dropped, but for the last one.
        """
        day = now.astimezone().date()
        kept = self._sets.get(sensor, {})
        last = self.last(sensor)
        of_today = {
            set_id: one
            for set_id, one in kept.items()
            if datetime.fromisoformat(one["started"]).astimezone().date() == day
        }
        if kept:
            self._sets[sensor] = of_today | ({last["id"]: last} if last else {})
        counting = [one for one in of_today.values() if one["state"] != "withdrawn"]
        return len(counting), sum(one["repetitions"] for one in counting)
