"""How one talks to a sensor that speaks GSP: HELLO, SUBSCRIBE, and UNSUBSCRIBE at the end.

References are always the same two, so that what a lost connection left
subscribed can be unsubscribed by the next.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from imurep.devices.movesense import wire
from imurep.devices.movesense.wire import Code, Command
from imurep.devices.protocol import Subscribe, Write
from imurep.devices.simple_session import BATTERY, Dialogue

if TYPE_CHECKING:
    from imurep.devices.protocol import Step, StreamRequest

_LOW_HZ = 25.0  # below it phases get coarse
_APPLICATION = b"\x05"
"""The system mode to restart into."""


class Reference(IntEnum):
    """What an answer is to."""

    HELLO = 1
    IMU = 2
    RESTART = 3


class Status(IntEnum):
    """Answers that mean something of their own here."""

    NOT_FOUND = 404
    CONFLICT = 409
    TOO_MANY_REQUESTS = 429
    NO_ROOM = 507


RESTARTED = "the sensor had run out of requests and is told to restart; wait a moment"
EXHAUSTED = "the sensor has run out of requests (status 429); take its battery out and put it back"
NO_ROOM = (
    "the sensor has no room for another subscription (status {status}); take its battery out and put it back"
)
NO_STREAM = "the sensor has no accelerometer and gyroscope in one (status 404); update its firmware"
REFUSED = "the sensor does not start (status {status}); take its battery out and put it back"


class GspConversation(Dialogue):
    """The conversation with one sensor, over all its connections."""

    def __init__(self, stream_request: StreamRequest) -> None:
        super().__init__()
        fast = [rate for rate in wire.RATES_HZ if rate >= _LOW_HZ]
        self._rate_hz = min(fast, key=lambda rate: (abs(rate - stream_request.rate_hz), -rate))
        self._asked = Command.HELLO
        self._last = Reference.IMU
        self._cleared = False
        self._restarted = False

    def _greet(self) -> list[Step]:
        self._asked = Command.HELLO
        self._cleared = False
        return [Subscribe("data"), *self._ask(_command(Command.HELLO, Reference.HELLO))]

    def _farewell(self) -> list[Step]:
        self._last = Reference.IMU
        return [_command(Command.UNSUBSCRIBE, Reference.IMU)]

    def _heard(self, channel: str, payload: bytes) -> list[Step]:
        if channel != "data":
            return []
        said = wire.parse(payload)
        if said.code is not Code.ANSWER:
            self._sampled()
            return []
        if self._ending:
            return self._hang_up() if said.reference == self._last else []
        if self.streaming:
            return []
        if self._asked is Command.HELLO:
            # A version and texts, or the text alone from old firmware: that it answers is what counts.
            return self._subscribe() if said.reference == Reference.HELLO else []
        return self._answered(said.status) if said.reference == Reference.IMU else []

    def _answered(self, status: int) -> list[Step]:
        """SUBSCRIBE was answered, or the UNSUBSCRIBE before another one."""
        if self._asked is Command.UNSUBSCRIBE:
            return self._subscribe()
        if 200 <= status < 300:
            return [*self._listen(), *BATTERY]
        match status:
            case Status.TOO_MANY_REQUESTS:
                return self._restart()
            case Status.NOT_FOUND:
                return self._hang_up(NO_STREAM, again=False)
            case Status.CONFLICT | Status.NO_ROOM:
                return self._clear(status)
        return self._hang_up(REFUSED.format(status=status))

    def _subscribe(self) -> list[Step]:
        self._asked = Command.SUBSCRIBE
        return self._ask(_command(Command.SUBSCRIBE, Reference.IMU, wire.path(self._rate_hz)))

    def _clear(self, status: int) -> list[Step]:
        """Take back what an earlier connection may have left, once."""
        if self._cleared:
            return self._hang_up(NO_ROOM.format(status=status))
        self._cleared = True
        self._asked = Command.UNSUBSCRIBE
        return self._ask(_command(Command.UNSUBSCRIBE, Reference.IMU))

    def _restart(self) -> list[Step]:
        """Nothing but a restart gives a sensor its requests back, and it takes that request even then."""
        if self._restarted:
            return self._hang_up(EXHAUSTED)
        self._restarted = True
        self._last = Reference.RESTART
        self._end(RESTARTED)
        return [_command(Command.SYSTEM_MODE, Reference.RESTART, _APPLICATION)]


def _command(what: Command, reference: Reference, rest: bytes = b"") -> Write:
    return Write("command", wire.command(what, reference, rest))
