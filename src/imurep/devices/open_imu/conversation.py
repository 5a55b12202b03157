"""Conversation with a sensor of "Open IMU Stream": docs/reference/packet-format.md.

``state_table`` has the theory and the transitions, ``stream_state`` what outlives
a connection, ``retransmission`` how gaps are filled. Here is what each state
sends, how answers become events, and what is due without a notification.

Stopped at the sensor: a stream that ends without a request was ended by a
person. The conversation disconnects with that reason, and for a minute it starts
nothing new on that sensor, unless it was switched off and on. A sensor that is to
stay stopped for longer must not advertise.

The sensor's UNIX time is not set, since nothing needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices.base_conversation import BATTERY, SILENT_US, BaseConversation, Stage
from imurep.devices.open_imu import control, wire
from imurep.devices.open_imu.connection_state import OpenImuConnectionState
from imurep.devices.open_imu.control import NO_START, REFUSALS, Operation, ResultCode, Tag
from imurep.devices.open_imu.negotiation import choose
from imurep.devices.open_imu.state_table import NEXT, ConversationEvent, ConversationState
from imurep.devices.open_imu.stream_state import StreamState
from imurep.devices.open_imu.wire import Feature, Flag
from imurep.devices.protocol import Read, Subscribe, Write
from imurep.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.devices.protocol import Step, StreamRequest

RECOVERY_US = 10_000_000
"""Longest time that a new stream waits for what is left of the last one."""
STARTS = 3
"""Most STARTs in one connection."""

NO_CHOICE = "the sensor offers nothing that reps can be counted from; use one with an accelerometer"
STOPPED_THERE = "stopped at the sensor; to continue, switch it off and on, or wait a minute"

_OPERATIONS = {
    ConversationState.ASK_STATE: Operation.STATE,
    ConversationState.ASK_CAPS: Operation.CAPS,
    ConversationState.CLEAR: Operation.STOP,
}
_CLOCK = Subscribe("clock")


class OpenImuConversation(BaseConversation[OpenImuConnectionState]):
    """The conversation with one sensor, over all its connections.

    It learns from every notification, connected or not. After a restart of the
    service a new conversation is fed what the old one received, its steps are
    dropped, and then it is called with ``connected``: it continues where the old
    one was.
    """

    learns_unconnected = True
    optional = (Subscribe("status"), _CLOCK, *BATTERY)

    def __init__(self, stream_request: StreamRequest) -> None:
        super().__init__(OpenImuConnectionState)
        self._stream_request = stream_request
        self._known = StreamState()
        self._requests = 0

    def identify(self, now_us: int) -> Sequence[Step]:
        """Let it blink while it streams, without waiting for its answer."""
        self._advance(now_us)
        if not self.streaming or not self._known.can(Feature.IDENTIFY):
            return ()
        return [Write("control", control.request(Operation.IDENTIFY, self._next_number())), *self._due()]

    # What is received

    def _received(self, channel: str, payload: bytes) -> list[Step]:
        match channel:
            case "info":
                return self._info(payload)
            case "control":
                return self._response(control.parse_response(payload))
            case "data":
                return self._data(wire.parse_data(payload))
            case "status":
                return self._status(wire.parse_status(payload))
            case _:
                return []

    def _info(self, payload: bytes) -> list[Step]:
        try:
            self._known.update_info(wire.parse_info(payload))
        except wire.UnknownVersionError as error:
            return self._disconnect(str(error), again=False)
        return self._happened(ConversationEvent.INFO)

    def _response(self, response: control.Response) -> list[Step]:
        connection = self._connection
        expected = connection.is_answered_by(response)
        try:
            self._known.update_terms(response)
        except PacketError:
            if not (expected and response.operation == Operation.STATE):
                raise
            return self._happened(ConversationEvent.STREAM_UNUSABLE)
        if connection.retransmission is not None and response.operation == Operation.RESEND:
            connection.retransmission.answered(response, self._now_us)
        return self._result(response) if expected else []

    def _result(self, response: control.Response) -> list[Step]:
        """The open request is answered."""
        connection = self._connection
        done = response.code == ResultCode.DONE
        match response.operation:
            case Operation.STATE:
                runs = done and response.has(Tag.STREAM)
                return self._happened(ConversationEvent.STREAM_RUNS if runs else ConversationEvent.NO_STREAM)
            case Operation.STOP:
                self._answered()
                connection.request = None
                # Without a stream, or without a subscription, no end of stream will come.
                if not done or "data" not in connection.subscribed:
                    connection.stream_ended = True
                return self._happened(ConversationEvent.STOPPED)
            case Operation.CAPS if done:
                return self._select(response)
            case Operation.START if done:
                return self._happened(ConversationEvent.STREAM_RUNS)
            case Operation.START if response.code == ResultCode.STREAMING_ALREADY:
                return self._happened(ConversationEvent.STREAMS_ALREADY)
            case _:
                problem = REFUSALS.get(response.code, NO_START)
                return self._disconnect(problem.format(mtu=connection.mtu, code=response.code))

    def _data(self, header: wire.PacketHeader) -> list[Step]:
        connection = self._connection
        if not self._known.update_samples(header, self._now_us, end_expected=self._is_ending):
            return []
        if header.ends:
            connection.stream_ended = True
            return [] if self._known.ended_us is None else self._happened(ConversationEvent.STREAM_ENDED)
        if header.flags & Flag.BACKFILL:
            if connection.retransmission is not None:
                connection.retransmission.received(header, self._now_us)
        else:
            connection.was_silent = False
            self._sampled()
        return []

    def _status(self, status: wire.StreamStatus) -> list[Step]:
        """Take the end of the last stream from the status, when recovering it."""
        is_ours = self._known.update_oldest(status)
        if self._connection.state is ConversationState.RECOVER and self._connection.question:
            self._answered()
            if is_ours and self._known.stream is not None:
                self._known.stream.received.ended(status.newest + 1)
        return []

    # What is sent

    def _set_up(self) -> list[Step]:
        return self._ask(Read("info"))

    def _stop_stream(self) -> list[Step]:
        self._enter(ConversationState.ENDING)
        return self._request(Operation.STOP)

    def _happened(self, event: ConversationEvent) -> list[Step]:
        """Change the state by an event."""
        connection = self._connection
        state = NEXT.get((connection.state, event)) if connection.is_open else None
        return self._enter(state) if state else []

    def _enter(self, state: ConversationState) -> list[Step]:
        """Begin a state by sending its request."""
        connection = self._connection
        connection.state, connection.request = state, None
        connection.recovery_due_us = connection.sample_due_us = None
        self._answered()
        if state is ConversationState.ENDING:
            connection.clock_due_us = None
            if not self._is_ending:
                self._end(STOPPED_THERE)
            return []
        if state is ConversationState.STREAMING:
            return self._stream()
        connection.stage = Stage.SETUP
        if state is ConversationState.RECOVER:
            return self._recover()
        if state is ConversationState.START:
            return self._start()
        return self._request(_OPERATIONS[state])

    def _recover(self) -> list[Step]:
        """Ask where the last stream has ended, if there was one; ``_request_missing`` does the rest."""
        if self._known.was_stopped_lately(self._now_us):
            return self._disconnect(STOPPED_THERE)
        if self._known.stream is None or not self._known.can(Feature.RESEND):
            return self._happened(ConversationEvent.RECOVERED)
        self._connection.recovery_due_us = self._now_us + RECOVERY_US
        return [*self._connection.subscribe("data"), *self._ask(Read("status"))]

    def _select(self, offered: control.Response) -> list[Step]:
        selected = choose(offered, self._stream_request, self._known.ring_ms)
        if selected is None:
            return self._disconnect(NO_CHOICE, again=False)
        self._connection.selected = selected
        return self._happened(ConversationEvent.SELECTED)

    def _start(self) -> list[Step]:
        self._connection.starts += 1
        if self._connection.starts > STARTS:
            return self._disconnect(NO_START.format(code=ResultCode.STREAMING_ALREADY.value))
        return self._connection.subscribe("data") + self._request(Operation.START, self._connection.selected)

    def _stream(self, first_us: int = SILENT_US) -> list[Step]:
        super()._stream(first_us)
        connection = self._connection
        connection.stream_ended = False
        steps = connection.subscribe("data")
        if connection.subscribe("status"):  # not yet, over this connection
            steps += self._supported(self.optional)
            if self._known.can(Feature.CLOCK):
                connection.clock_due_us = self._now_us
        return steps

    def _do_without(self, step: Step) -> list[Step] | None:
        steps = super()._do_without(step)
        if steps is not None:
            if step == _CLOCK:
                self._connection.clock_due_us = None
            return self._supported(steps)
        if step == Read("status"):
            return self._happened(ConversationEvent.RECOVERED)
        if isinstance(step, Write) and step.channel == "clock":
            self._connection.clock_due_us = None
            return []
        if isinstance(step, Write) and step.payload[0] in {Operation.RESEND, Operation.IDENTIFY}:
            return []  # a missing answer to RESEND is handled anyway, and blinking is optional
        return None

    def _supported(self, steps: Sequence[Step]) -> list[Step]:
        return [step for step in steps if step != _CLOCK or self._known.can(Feature.CLOCK)]

    def _request(self, operation: Operation, values: dict[Tag, int] | None = None) -> list[Step]:
        number = self._next_number()
        self._connection.request = operation, number
        step = Write("control", control.request(operation, number, values))
        return [*self._connection.subscribe("control"), *self._ask(step)]

    def _next_number(self) -> int:
        self._requests = (self._requests + 1) % 256
        return self._requests

    # What is due

    def _silent(self) -> list[Step]:
        if self._connection.was_silent:
            return super()._silent()
        self._connection.was_silent = True
        return self._happened(ConversationEvent.SILENT)

    def _do_due(self) -> list[Step]:
        steps = self._read_clock() + self._request_missing()
        recovered = self._is_recovered or self._is_past(self._connection.recovery_due_us)
        if self._connection.state is ConversationState.RECOVER and recovered:
            steps += self._happened(ConversationEvent.RECOVERED)
        return steps

    def _read_clock(self) -> list[Step]:
        if not self._is_past(self._connection.clock_due_us):
            return []
        number = self._connection.count_clock_exchange(self._now_us)
        return [Write("clock", wire.clock_request(number, self._now_us), response=False)]

    def _request_missing(self) -> list[Step]:
        """Request missing samples, where the sensor can send them and nothing comes before it."""
        connection, stream = self._connection, self._known.stream
        if stream is None or not self._known.can(Feature.RESEND):
            connection.retransmission = None
            return []
        resend = connection.retransmission_of(stream.terms.stream, stream.received)
        payload = resend.due(self._now_us)
        recovering = connection.state is ConversationState.RECOVER and not connection.question
        ready = connection.stage is not Stage.SETUP or recovering
        if ready and "data" in connection.subscribed and resend.is_due:
            payload = resend.request(self._next_number(), self._now_us)
        return [] if payload is None else [Write("control", payload)]

    @property
    def _is_recovered(self) -> bool:
        """Whether nothing is missing that can be had, and no question is open."""
        resend = self._connection.retransmission
        return not self._connection.question and (resend is None or resend.is_complete)

    @property
    def _is_complete(self) -> bool:
        return self._is_recovered and self._connection.stream_ended
