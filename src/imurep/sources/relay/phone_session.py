"""One phone and its sensor: records in, notifications and steps out. No I/O, and no clock but the phone's.

Theory of operation. The conversation lives on the phone's time: it hears what
the phone noted, when it was noted, and is woken when the phone's records have
come so far. So nothing runs out while the network is away.

What comes late is only learned from (``LATE_US``): nobody could act on it any
more. To the conversation an outage is a lost connection: when the phone's
records are fresh again it is told ``connected``, asks how things stand, and has
what is missing sent again. A service that was started anew is in the same place.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from imurep.devices import recognise
from imurep.devices.protocol import HangUp
from imurep.events import Link, LinkEvent, Notification
from imurep.sources.battery import percent
from imurep.sources.relay.codec import Done, Down, Refused, Up, Value, answer
from imurep.sources.relay.pending_steps import Errand
from imurep.sources.relay.phone_clock import PhoneClock
from imurep.sources.relay.record_sequencer import Order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.devices.kind import SensorKind
    from imurep.devices.protocol import Conversation, Step, StreamWish
    from imurep.sources.interface import Sink
    from imurep.sources.relay.codec import Item, Record, Sensor

LATE_US = 4_000_000
"""A record that waited longer in the phone before it was sent is old news."""
GRACE_US = 2_000_000
"""After a step was done the sensor's answer may take so long to be in a record."""
AGAIN_US = 2_000_000
"""What was said before and comes again within this time of then is the same."""
MTU = 517
"""A browser does not tell it; all ask for the largest there is."""
STRANGER = "it is no kind of sensor that imurep knows; choose another one"
LET_GO = "let go"
"""Why the phone has disconnected, in the page's words: the person wanted it so,"""
CLOSED = "the page was closed"
"""or may not have known what that does."""
FORGOTTEN = "the phone did not keep how the connection ended"
REOPEN = "the page that held it was closed; open it again and choose the sensor, on this phone or on another"


class Phone:
    """What one phone relays; ``sensor`` is empty before the first record."""

    def __init__(self, wish: StreamWish, sink: Sink) -> None:
        """Begin without having heard of a sensor."""
        self._wish = wish
        self._sink = sink
        self._voice = secrets.token_hex(4)
        self._clock = PhoneClock()
        self._order = Order()
        self._errand = Errand()
        self._session = ""
        self._whose: Sensor | None = None
        self._kind: SensorKind | None = None
        self._conversation: Conversation | None = None
        self._before: dict[tuple[str, bytes], int] = {}
        """Arrivals of what was received shortly before the service was started anew."""
        self._talking = False
        self._late = False
        self._hung_up = False
        self._unwanted = False
        self._done_us = 0
        self._last_us = 0
        self._let_go = False
        self.sensor = ""
        self.is_up = False
        """Whether the phone has the sensor, as far as its records have come."""
        self.detail = ""
        self.battery_percent: int | None = None

    @property
    def is_streaming(self) -> bool:
        """Whether samples come, or will when the phone's records do."""
        if self._late:
            return self.is_up
        return self._talking and self._conversation is not None and self._conversation.streaming

    @property
    def has_taken_leave(self) -> bool:
        """After ``stop``: whether nothing is left to be done."""
        return not self.is_up or not self._talking

    @property
    def link(self) -> Link:
        """How it stands with the sensor."""
        if not self.is_up:
            return Link.SEARCHING if self._let_go else Link.LOST
        return Link.STREAMING if self.is_streaming else Link.CONNECTING

    def heard(self, record: Record, now_us: int) -> None:
        """Take in what came up, if it is its turn. Raises what the sink does."""
        if record.session != self._session:
            self._session = record.session
            self._clock.begin_anew()
        self._clock.heard(record.sent_us, now_us)
        for due in self._order.in_turn(record):
            self._take(due, now_us)

    def answer(self) -> bytes:
        """What is to go down now; a record was heard before."""
        return answer(
            session=self._session,
            wanted=self._order.wanted(self._session),
            voice=self._voice,
            turn=self._errand.turn,
            link=self.link,
            detail=self.detail,
            steps=self._errand.open,
            channels={} if self._kind is None else self._kind.channels,
        )

    def identify(self) -> bool:
        """Let the sensor show itself; whether it can."""
        if not self._talking or self._conversation is None:
            return False
        steps = self._conversation.identify(self._last_us)
        self._say(steps)
        return bool(steps)

    def stop(self) -> None:
        """Have the sensor told to stop, and let go by the phone."""
        self._unwanted = True
        if self._talking and self._conversation is not None:
            self._say(self._conversation.stop(self._last_us))

    def wake(self, now_us: int) -> None:
        """Go on at the service's time, for a farewell that cannot wait for records."""
        if self._talking and self._conversation is not None:
            wakes_us = self._conversation.wakes_us
            if wakes_us is not None and wakes_us <= now_us:
                self._say(self._conversation.wake(now_us))

    def gone(self, reason: str) -> None:
        """The phone will not be waited for: the link ended with the last that was heard."""
        if self.is_up:
            self._down(self._last_us, self._errand.turn, reason)

    def _take(self, record: Record, now_us: int) -> None:
        told = record.sensor
        if self._whose is None or (told.services and told != self._whose):
            self._meet(told)  # before it was connected the services of a sensor are not known
        self._late = record.sent_us - record.at_us > LATE_US
        if record.turn != self._errand.turn:
            self._errand.drop(record.turn)
        if self._kind is None:
            self._refuse(record)
            return
        if self._late:
            self._fall_silent()
        if record.is_up and not self.is_up:
            first_us = record.items[0].at_us if record.items else record.at_us
            self._up(self._clock.at_us(first_us, now_us), record.turn)
        elif self.is_up and not record.is_up:  # what the phone knew of the end is lost with its storage
            self._down(self._last_us, record.turn, FORGOTTEN)
        for item in record.items:
            self._last_us = self._clock.at_us(item.at_us, now_us)
            self._happened(item, self._last_us)
        self._last_us = self._clock.at_us(record.at_us, now_us)
        if self._before and self._last_us - AGAIN_US > max(self._before.values()):
            self._before.clear()
        self._go_on()

    def _meet(self, sensor: Sensor) -> None:
        """A sensor that was not heard of: who is it, and what has it said before?"""
        known, self._whose = self._whose, sensor
        self._kind = recognise(sensor.name, sensor.services)
        if known and self._kind and self.sensor == sensor.label:
            return
        self.gone("another sensor was chosen")
        self._hung_up = False
        self.detail = STRANGER if sensor.services and not self._kind else ""
        self.battery_percent = None
        if self._kind is None:
            return
        self.sensor = sensor.label
        self._conversation = self._kind.conversation(self._wish)
        self._before = {}
        for said in self._sink.found(self.sensor, self._kind.protocol):
            self._conversation.feed(said)
            self._before[said.channel, said.payload] = said.arrival_us

    def _refuse(self, record: Record) -> None:
        """Have a stranger let go."""
        is_up = record.is_up
        for item in record.items:
            if not isinstance(item, Value | Done):
                is_up = isinstance(item, Up)
                self._errand.drop(self._errand.turn + 1)
        if is_up and not self._errand.open:
            self._errand.add([HangUp(STRANGER, again=False)])

    def _happened(self, item: Item, time_us: int) -> None:
        match item:
            case Value():
                self._arrived(item, time_us)
            case Up():
                self._up(time_us, self._errand.turn + 1)
            case Down(_, reason):
                self._down(time_us, self._errand.turn + 1, reason)
            case Done(_, voice, step) if voice == self._voice:
                self._errand.done(step)
                self._done_us = time_us
            case Refused(_, voice, step, problem):
                refused = self._errand.refused(step) if voice == self._voice else self._errand.refused(0)
                if refused is not None and self._talking and self._conversation is not None:
                    self._say(self._conversation.refused(refused, problem, time_us))

    def _arrived(self, value: Value, time_us: int) -> None:
        if self._kind is None or self._conversation is None:
            return
        channel = next((c for c, uuid in self._kind.channels.items() if uuid == value.characteristic), None)
        if channel is None:
            return
        before_us = self._before.pop((channel, value.payload), None)
        if before_us is not None and abs(time_us - before_us) < AGAIN_US:
            return
        notification = Notification(time_us, channel, value.payload)
        if channel == "battery":
            self.battery_percent = percent(value.payload)
        self._sink.received(notification)
        steps = self._conversation.feed(notification)
        if self._talking:
            self._say(steps)

    def _up(self, time_us: int, turn: int) -> None:
        if self.is_up:
            self._down(time_us, turn, "connected anew")
        self._errand.drop(turn)
        self.is_up = True
        self._let_go = False
        self._hung_up = False
        self._sink.received(LinkEvent(time_us, up=True))
        self._begin(time_us)

    def _down(self, time_us: int, turn: int, reason: str) -> None:
        self._fall_silent()
        self._errand.drop(turn)
        self._let_go = reason == LET_GO
        if reason == CLOSED:
            self.detail = REOPEN
        if self.is_up:
            self.is_up = False
            self._sink.received(LinkEvent(time_us, up=False, reason=reason))

    def _begin(self, time_us: int) -> None:
        """Talk, unless what is heard is old news or everything was said."""
        ready = self.is_up and not self._late and not self._talking and not self._hung_up
        if ready and self._conversation is not None:
            self._talking = True
            self.detail = ""
            self._say(self._conversation.connected(time_us, MTU))

    def _fall_silent(self) -> None:
        if self._talking and self._conversation is not None:
            self._talking = False
            self._errand.drop(self._errand.turn)
            self._conversation.disconnected(self._last_us)

    def _go_on(self) -> None:
        """Do what is due by now, on the phone's time; what was asked for comes first."""
        self._begin(self._last_us)
        if self._conversation is None or not self._talking or self._errand.open:
            return
        wakes_us = self._conversation.wakes_us
        if wakes_us is not None and max(wakes_us, self._done_us + GRACE_US) <= self._last_us:
            self._say(self._conversation.wake(self._last_us))

    def _say(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if self._hung_up:
                return
            self._errand.add([step])
            if isinstance(step, HangUp):
                self._hung_up = True
                self.detail = step.problem
