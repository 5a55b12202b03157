"""How one talks to a WitMotion sensor.

It streams from the moment somebody subscribes, at 10 Hz unless it was set
otherwise. The rate is set at each connection and never saved, since a flash
wears; the reply to a read of it is recorded, and tells the decoder. Firmware
that does not reply streams all the same. Nothing has to be stopped: without a
connection it sends nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.devices.protocol import Subscribe, Write
from imurep.devices.simple_session import Dialogue
from imurep.devices.witmotion import wire
from imurep.devices.witmotion.wire import Register

if TYPE_CHECKING:
    from imurep.devices.protocol import Step, StreamRequest

_LOW_HZ = 25.0  # below it phases get coarse


class WitMotionConversation(Dialogue):
    """The conversation with one sensor, over all its connections."""

    def __init__(self, stream_request: StreamRequest) -> None:
        super().__init__()
        codes = {code: rate for code, rate in wire.RATE_CODES.items() if rate >= _LOW_HZ}
        self._code = min(codes, key=lambda code: (abs(codes[code] - stream_request.rate_hz), -code))
        self._splitter = wire.Splitter()

    def _greet(self) -> list[Step]:
        self._splitter = wire.Splitter()
        commands = (
            wire.UNLOCKED,
            wire.write(Register.RATE, self._code),
            wire.write(Register.READ, Register.RATE),
        )
        question = (Write("command", each, response=False) for each in commands)
        return [Subscribe("data"), *self._ask(*question)]

    def _farewell(self) -> list[Step]:
        return self._hang_up()

    def _again(self, question: tuple[Step, ...]) -> list[Step]:
        """Some firmware takes commands only as requests."""
        return [replace(step, response=True) if isinstance(step, Write) else step for step in question]

    def _unanswered(self) -> list[Step]:
        """Take the rate as it is."""
        return self._listen()

    def _heard(self, channel: str, payload: bytes) -> list[Step]:
        frames = self._splitter.push(payload) if channel == "data" else []
        if self.streaming and frames:
            self._sampled()
        replies = [wire.parse_reply(frame) for frame in frames if frame[1] == wire.REPLY]
        is_told = any(reply.first == Register.RATE for reply in replies)
        return self._listen() if is_told and not self.streaming and not self._ending else []
