"""One phone and its sensor: records in, notifications and steps out, without I/O or a clock of its own.

Theory of operation. The conversation runs on the phone's time: it is fed what the
phone recorded at the times when it was recorded, and is woken when the records
have reached that time. So no deadline passes while the network is away.

Late records (``LATE_US``) are only learned from, since an answer to them would
come too late. To the conversation an outage is a lost connection: when records
are fresh again it is called with ``connected``, asks for the state of the stream,
and requests what is missing. It is the same after a restart of the service.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from imurep.devices import recognise
from imurep.devices.kind import parse_battery_level
from imurep.devices.protocol import Disconnect
from imurep.events import Link, LinkEvent, Notification
from imurep.sources.relay.codec import (
    CharacteristicValue,
    SensorConnected,
    SensorDisconnected,
    StepDone,
    StepRefused,
    encode_answer,
)
from imurep.sources.relay.pending_steps import PendingSteps
from imurep.sources.relay.phone_clock import PhoneClock
from imurep.sources.relay.record_sequencer import RecordSequencer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.devices.kind import SensorKind
    from imurep.devices.protocol import Conversation, Step, StreamRequest
    from imurep.sources.interface import Sink
    from imurep.sources.relay.codec import Record, RecordItem, RelayedSensor

LATE_US = 4_000_000
"""A record that waited longer in the phone before it was sent counts as late."""
GRACE_US = 2_000_000
"""After a step is done, the sensor's answer may take so long to be in a record."""
REPEAT_US = 2_000_000
"""A value that was received before and comes again within this time is the same."""
MTU = 517
"""A browser does not give it; all request the largest one."""
UNKNOWN_SENSOR = "imurep does not support this kind of sensor; choose another one"
RELEASED = "let go"
"""The page's reason when the person disconnected the sensor."""
CLOSED = "the page was closed"
"""The page's reason when the person closed it, perhaps without knowing what that does."""
FORGOTTEN = "the phone did not keep how the connection ended"
REOPEN = "the page that held it was closed; open it again and choose the sensor, on this phone or on another"


class PhoneSession:
    """The session of one phone; ``sensor`` is empty before the first record."""

    def __init__(self, stream_request: StreamRequest, sink: Sink) -> None:
        self._stream_request = stream_request
        self._sink = sink
        self._issuer = secrets.token_hex(4)
        self._clock = PhoneClock()
        self._sequencer = RecordSequencer()
        self._pending = PendingSteps()
        self._session = ""
        self._relayed: RelayedSensor | None = None
        self._kind: SensorKind | None = None
        self._conversation: Conversation | None = None
        self._received_before: dict[tuple[str, bytes], int] = {}
        """Arrivals of what was received shortly before the service was restarted."""
        self._conversing = False
        self._is_late = False
        self._disconnected = False
        self._stop_requested = False
        self._done_us = 0
        self._phone_us = 0
        self._released = False
        self.sensor = ""
        self.is_up = False
        """Whether the phone is connected to the sensor, as of its newest record."""
        self.detail = ""
        self.battery_percent: int | None = None

    @property
    def is_streaming(self) -> bool:
        """Whether samples arrive, or will with the phone's next records."""
        if self._is_late:
            return self.is_up
        return self._conversing and self._conversation is not None and self._conversation.streaming

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is left to do after ``stop``."""
        return not self.is_up or not self._conversing

    @property
    def link(self) -> Link:
        """State of the sensor."""
        if not self.is_up:
            return Link.SEARCHING if self._released else Link.LOST
        return Link.STREAMING if self.is_streaming else Link.CONNECTING

    def receive(self, record: Record, now_us: int) -> None:
        """Process a record, and others that waited for it, in order. Raises what the sink raises."""
        if record.session != self._session:
            self._session = record.session
            self._clock.reset()
        self._clock.update(record.sent_us, now_us)
        for due in self._sequencer.in_order(record):
            self._process(due, now_us)

    def answer(self) -> bytes:
        """Encode the message to the phone; needs a record before."""
        return encode_answer(
            session=self._session,
            next_number=self._sequencer.next_number(self._session),
            issuer=self._issuer,
            turn=self._pending.turn,
            link=self.link,
            detail=self.detail,
            steps=self._pending.open,
            channels={} if self._kind is None else self._kind.channels,
        )

    def identify(self) -> bool:
        """Let the sensor blink; give whether it is connected and can."""
        if not self._conversing or self._conversation is None:
            return False
        steps = self._conversation.identify(self._phone_us)
        self._enqueue(steps)
        return bool(steps)

    def stop(self) -> None:
        """Stop the sensor, and let the phone disconnect from it."""
        self._stop_requested = True
        if self._conversing and self._conversation is not None:
            self._enqueue(self._conversation.stop(self._phone_us))

    def wake(self, now_us: int) -> None:
        """Wake the conversation by the service's clock, for a stop that cannot wait for records."""
        if self._conversing and self._conversation is not None:
            wakes_us = self._conversation.wakes_us
            if wakes_us is not None and wakes_us <= now_us:
                self._enqueue(self._conversation.wake(now_us))

    def end(self, reason: str) -> None:
        """End the link with the last record, without waiting for the phone."""
        if self.is_up:
            self._on_disconnected(self._phone_us, self._pending.turn, reason)

    def _process(self, record: Record, now_us: int) -> None:
        sensor = record.sensor
        if self._relayed is None or (sensor.services and sensor != self._relayed):
            self._identify_sensor(sensor)  # its services are unknown before it was connected
        self._is_late = record.sent_us - record.at_us > LATE_US
        if record.turn != self._pending.turn:
            self._pending.drop(record.turn)
        if self._kind is None:
            self._release_unknown(record)
            return
        if self._is_late:
            self._end_conversation()
        if record.is_up and not self.is_up:
            first_us = record.items[0].at_us if record.items else record.at_us
            self._on_connected(self._clock.at_us(first_us, now_us), record.turn)
        elif self.is_up and not record.is_up:  # what the phone knew of the end is lost with its storage
            self._on_disconnected(self._phone_us, record.turn, FORGOTTEN)
        for item in record.items:
            self._phone_us = self._clock.at_us(item.at_us, now_us)
            self._handle(item, self._phone_us)
        self._phone_us = self._clock.at_us(record.at_us, now_us)
        if self._received_before and self._phone_us - REPEAT_US > max(self._received_before.values()):
            self._received_before.clear()
        self._run_due()

    def _identify_sensor(self, sensor: RelayedSensor) -> None:
        """Find the kind of a new sensor, and feed its conversation with what it sent earlier."""
        known, self._relayed = self._relayed, sensor
        self._kind = recognise(sensor.name, sensor.services)
        if known and self._kind and self.sensor == sensor.label:
            return
        self.end("another sensor was chosen")
        self._disconnected = False
        self.detail = UNKNOWN_SENSOR if sensor.services and not self._kind else ""
        self.battery_percent = None
        if self._kind is None:
            return
        self.sensor = sensor.label
        self._conversation = self._kind.conversation(self._stream_request)
        self._received_before = {}
        for one in self._sink.found(self.sensor, self._kind.protocol):
            self._conversation.feed(one)
            self._received_before[one.channel, one.payload] = one.arrival_us

    def _release_unknown(self, record: Record) -> None:
        """Let the phone disconnect from a sensor of no known kind."""
        is_up = record.is_up
        for item in record.items:
            if not isinstance(item, CharacteristicValue | StepDone):
                is_up = isinstance(item, SensorConnected)
                self._pending.drop(self._pending.turn + 1)
        if is_up and not self._pending.open:
            self._pending.add([Disconnect(UNKNOWN_SENSOR, again=False)])

    def _handle(self, item: RecordItem, time_us: int) -> None:
        match item:
            case CharacteristicValue():
                self._on_value(item, time_us)
            case SensorConnected():
                self._on_connected(time_us, self._pending.turn + 1)
            case SensorDisconnected(_, reason):
                self._on_disconnected(time_us, self._pending.turn + 1, reason)
            case StepDone(_, issuer, step) if issuer == self._issuer:
                self._pending.done(step)
                self._done_us = time_us
            case StepRefused(_, issuer, step, problem):
                refused = self._pending.refused(step) if issuer == self._issuer else self._pending.refused(0)
                if refused is not None and self._conversing and self._conversation is not None:
                    self._enqueue(self._conversation.refused(refused, problem, time_us))

    def _on_value(self, value: CharacteristicValue, time_us: int) -> None:
        if self._kind is None or self._conversation is None:
            return
        channel = next((c for c, uuid in self._kind.channels.items() if uuid == value.characteristic), None)
        if channel is None:
            return
        before_us = self._received_before.pop((channel, value.payload), None)
        if before_us is not None and abs(time_us - before_us) < REPEAT_US:
            return
        notification = Notification(time_us, channel, value.payload)
        if channel == "battery":
            self.battery_percent = parse_battery_level(value.payload)
        self._sink.received(notification)
        steps = self._conversation.feed(notification)
        if self._conversing:
            self._enqueue(steps)

    def _on_connected(self, time_us: int, turn: int) -> None:
        if self.is_up:
            self._on_disconnected(time_us, turn, "connected anew")
        self._pending.drop(turn)
        self.is_up = True
        self._released = False
        self._disconnected = False
        self._sink.received(LinkEvent(time_us, up=True))
        self._start_conversation(time_us)

    def _on_disconnected(self, time_us: int, turn: int, reason: str) -> None:
        self._end_conversation()
        self._pending.drop(turn)
        self._released = reason == RELEASED
        if reason == CLOSED:
            self.detail = REOPEN
        if self.is_up:
            self.is_up = False
            self._sink.received(LinkEvent(time_us, up=False, reason=reason))

    def _start_conversation(self, time_us: int) -> None:
        """Begin a conversation if records are fresh and it has not disconnected itself."""
        ready = self.is_up and not self._is_late and not self._conversing and not self._disconnected
        if ready and self._conversation is not None:
            self._conversing = True
            self.detail = ""
            self._enqueue(self._conversation.connected(time_us, MTU))

    def _end_conversation(self) -> None:
        if self._conversing and self._conversation is not None:
            self._conversing = False
            self._pending.drop(self._pending.turn)
            self._conversation.disconnected(self._phone_us)

    def _run_due(self) -> None:
        """Wake the conversation if that is due on the phone's time and no step is open."""
        self._start_conversation(self._phone_us)
        if self._conversation is None or not self._conversing or self._pending.open:
            return
        wakes_us = self._conversation.wakes_us
        if wakes_us is not None and max(wakes_us, self._done_us + GRACE_US) <= self._phone_us:
            self._enqueue(self._conversation.wake(self._phone_us))

    def _enqueue(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if self._disconnected:
                return
            self._pending.add([step])
            if isinstance(step, Disconnect):
                self._disconnected = True
                self.detail = step.problem
