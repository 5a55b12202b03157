"""What is said of the sensors on the topics, from a board that is always up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.board import Board
from imurep.model import Rep
from imurep.mqtt.message import Message
from imurep.mqtt.payloads import (
    INFO,
    OFFLINE,
    REP,
    REP_EXPIRY_S,
    STATE,
    availability,
    dumps,
    info_payload,
    rep_payload,
    state_payload,
)
from imurep.mqtt.topics import device_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from imurep.board import SensorBoard
    from imurep.live import SessionEvent
    from imurep.model import SensorStatus
    from imurep.mqtt.message import Incoming
    from imurep.mqtt.topics import Topics


class PlainAnnouncer:
    """Says states and reps, and nothing to a particular dashboard."""

    def __init__(self, topics: Topics, utc: Callable[[], datetime], *, version: str) -> None:
        """Begin without having heard of a sensor; ``utc`` tells the time of day, ``version`` is imurep's."""
        self.board = Board()
        self._topics = topics
        self._utc = utc
        self._version = version

    def event(self, told: SessionEvent) -> None:
        """Note what was counted."""
        self.board.event(told)

    def status(self, status: SensorStatus) -> None:
        """Note a sensor's state."""
        self.board.status(status)

    def announcement(self) -> list[Message]:
        """State and availability of all sensors."""
        return [message for sensor in self._known() for message in self.state(sensor)]

    def info(self, problem: str) -> Message:
        """What the service is."""
        sensors = {device_id(sensor): sensor for sensor in self._known()}
        payload = info_payload(self._version, sensors, problem=problem)
        return Message(topic=self._topics.bridge_info, payload=dumps(payload), retain=True, schema=INFO)

    def state(self, sensor: str) -> list[Message]:
        """How it stands with a sensor; nothing as long as it is only looked for."""
        board = self._known().get(sensor)
        if board is None:
            return []
        dev = device_id(sensor)
        payload = dumps(state_payload(board, utc=self._utc()))
        return [
            Message(topic=self._topics.state(dev), payload=payload, retain=True, schema=STATE),
            Message(
                topic=self._topics.availability(dev), payload=availability(board.status.link), retain=True
            ),
        ]

    def live(self, told: SessionEvent) -> list[Message]:
        """Events of reps."""
        rep = told.event
        if not isinstance(rep, Rep):
            return []
        ids = list(self.board.sensors[told.sensor].reps)
        number = ids.index(rep.id) + 1 if rep.id in ids else None
        return [
            Message(
                topic=self._topics.rep_event(device_id(told.sensor)),
                payload=dumps(rep_payload(told, number=number)),
                qos=0,
                expiry_s=REP_EXPIRY_S,
                schema=REP,
            )
        ]

    def goodbye(self) -> list[Message]:
        """No sensor is there any more."""
        return [
            Message(topic=self._topics.availability(device_id(sensor)), payload=OFFLINE, retain=True)
            for sensor in self._known()
        ]

    def _known(self) -> dict[str, SensorBoard]:
        """Those that were found; what is looked for has no name yet."""
        return {
            sensor: board
            for sensor, board in self.board.sensors.items()
            if board.status.sensor != board.status.spec
        }


class NoCommands:
    """Does nothing that is asked for."""

    async def handle(self, incoming: Incoming) -> list[Message]:  # noqa: ARG002 the role's signature
        """Give no answer."""
        return []
