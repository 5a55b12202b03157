"""Conversation with a Movesense sensor: HELLO, SUBSCRIBE, and UNSUBSCRIBE at the end.

References are the same over all connections, so that the next connection can
remove the subscription of one that was lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from imurep.devices.base_conversation import BATTERY, BaseConversation, ConnectionState
from imurep.devices.movesense import wire
from imurep.devices.movesense.wire import Command, MessageType
from imurep.devices.protocol import Subscribe, Write

if TYPE_CHECKING:
    from imurep.devices.protocol import Step, StreamRequest

_LOW_HZ = 25.0  # below it phases get coarse
_APPLICATION = b"\x05"
"""The system mode to restart into."""


class Reference(IntEnum):
    """References of commands, which their answers repeat."""

    HELLO = 1
    IMU = 2
    RESTART = 3


class AnswerStatus(IntEnum):
    """Status codes that are handled each in a way of its own."""

    NOT_FOUND = 404
    CONFLICT = 409
    TOO_MANY_REQUESTS = 429
    NO_ROOM = 507


RESTARTED = "the sensor had run out of requests and restarts; wait a moment"
EXHAUSTED = "the sensor has run out of requests (status 429); take its battery out and put it back"
NO_ROOM = (
    "the sensor has no room for another subscription (status {status}); take its battery out and put it back"
)
NO_STREAM = "the sensor has no accelerometer and gyroscope in one (status 404); update its firmware"
REFUSED = "the sensor does not start (status {status}); take its battery out and put it back"


@dataclass(slots=True)
class MovesenseConnectionState(ConnectionState):
    """Adds the command that waits for its answer."""

    command: Command = Command.HELLO
    last: Reference = Reference.IMU
    """Reference of the command after whose answer the connection ends."""
    cleared: bool = False
    """Whether an old subscription was removed."""


class MovesenseConversation(BaseConversation[MovesenseConnectionState]):
    """The conversation with one sensor, over all its connections."""

    def __init__(self, stream_request: StreamRequest) -> None:
        super().__init__(MovesenseConnectionState)
        fast = [rate for rate in wire.RATES_HZ if rate >= _LOW_HZ]
        self._rate_hz = min(fast, key=lambda rate: (abs(rate - stream_request.rate_hz), -rate))
        self._restarted = False

    def _set_up(self) -> list[Step]:
        return [Subscribe("data"), *self._ask(_write(Command.HELLO, Reference.HELLO))]

    def _stop_stream(self) -> list[Step]:
        return [_write(Command.UNSUBSCRIBE, Reference.IMU)]

    def _received(self, channel: str, payload: bytes) -> list[Step]:
        if channel != "data":
            return []
        message = wire.parse(payload)
        if message.type is not MessageType.ANSWER:
            self._sampled()
            return []
        if self._is_ending:
            return self._disconnect() if message.reference == self._connection.last else []
        if self.streaming:
            return []
        if self._connection.command is Command.HELLO:
            # A version and texts, or only the texts from old firmware: any answer will do.
            return self._subscribe() if message.reference == Reference.HELLO else []
        return self._answer(message.status) if message.reference == Reference.IMU else []

    def _answer(self, status: int) -> list[Step]:
        """Handle the answer to SUBSCRIBE, or to the UNSUBSCRIBE before another one."""
        if self._connection.command is Command.UNSUBSCRIBE:
            return self._subscribe()
        if 200 <= status < 300:
            return [*self._stream(), *BATTERY]
        match status:
            case AnswerStatus.TOO_MANY_REQUESTS:
                return self._restart()
            case AnswerStatus.NOT_FOUND:
                return self._disconnect(NO_STREAM, again=False)
            case AnswerStatus.CONFLICT | AnswerStatus.NO_ROOM:
                return self._clear(status)
        return self._disconnect(REFUSED.format(status=status))

    def _subscribe(self) -> list[Step]:
        self._connection.command = Command.SUBSCRIBE
        return self._ask(_write(Command.SUBSCRIBE, Reference.IMU, wire.path(self._rate_hz)))

    def _clear(self, status: int) -> list[Step]:
        """Remove the subscription of an earlier connection, once."""
        if self._connection.cleared:
            return self._disconnect(NO_ROOM.format(status=status))
        self._connection.cleared = True
        self._connection.command = Command.UNSUBSCRIBE
        return self._ask(_write(Command.UNSUBSCRIBE, Reference.IMU))

    def _restart(self) -> list[Step]:
        """Restart the sensor, which alone frees its requests; it accepts this command even then."""
        if self._restarted:
            return self._disconnect(EXHAUSTED)
        self._restarted = True
        self._connection.last = Reference.RESTART
        self._end(RESTARTED)
        return [_write(Command.SYSTEM_MODE, Reference.RESTART, _APPLICATION)]


def _write(command: Command, reference: Reference, rest: bytes = b"") -> Write:
    return Write("command", wire.command(command, reference, rest))
