"""Conversation with a WitMotion sensor.

It streams from the moment of a subscription, at 10 Hz unless it was set
otherwise. The rate is set at each connection and never saved, since flash
memory wears; the reply to a read of the rate is recorded, and gives it to the
decoder. Firmware that does not reply streams all the same. Nothing has to be
stopped: without a connection it sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from imurep.devices.base_conversation import BaseConversation, ConnectionState
from imurep.devices.protocol import Subscribe, Write
from imurep.devices.witmotion import wire
from imurep.devices.witmotion.wire import Register

if TYPE_CHECKING:
    from imurep.devices.protocol import Step, StreamRequest

_LOW_HZ = 25.0  # below it phases get coarse


@dataclass(slots=True)
class WitMotionConnectionState(ConnectionState):
    """Adds the splitter of frames."""

    splitter: wire.Splitter = field(default_factory=wire.Splitter)


class WitMotionConversation(BaseConversation[WitMotionConnectionState]):
    """The conversation with one sensor, over all its connections."""

    def __init__(self, stream_request: StreamRequest) -> None:
        super().__init__(WitMotionConnectionState)
        codes = {code: rate for code, rate in wire.RATE_CODES.items() if rate >= _LOW_HZ}
        self._rate_code = min(codes, key=lambda code: (abs(codes[code] - stream_request.rate_hz), -code))

    def _set_up(self) -> list[Step]:
        commands = (
            wire.UNLOCKED,
            wire.write(Register.RATE, self._rate_code),
            wire.write(Register.READ, Register.RATE),
        )
        question = (Write("command", each, response=False) for each in commands)
        return [Subscribe("data"), *self._ask(*question)]

    def _stop_stream(self) -> list[Step]:
        return self._disconnect()

    def _repeat(self, question: tuple[Step, ...]) -> list[Step]:
        """Ask with write requests, since some firmware ignores write commands."""
        return [replace(step, response=True) if isinstance(step, Write) else step for step in question]

    def _unanswered(self) -> list[Step]:
        """Take the rate as it is."""
        return self._stream()

    def _received(self, channel: str, payload: bytes) -> list[Step]:
        frames = self._connection.splitter.push(payload) if channel == "data" else []
        if frames:
            self._sampled()
        replies = [wire.parse_reply(frame) for frame in frames if frame[1] == wire.REPLY]
        has_rate = any(reply.first == Register.RATE for reply in replies)
        return self._stream() if has_rate and not self.streaming and not self._is_ending else []
