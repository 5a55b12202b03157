"""How one talks to a sensor of "Open IMU Stream": docs/reference/packet-format.md.

``phases`` has the theory and the table of transitions, ``memory`` what outlives
a connection, ``resending`` how gaps are filled. Here is what is said in each
phase, how answers become events, and what is due without anything heard.

Stopped at the sensor: an end of stream that nobody asked for is a person's
doing. The conversation hangs up and says so, and for a minute it starts nothing
new on that sensor, unless it was switched off and on. A sensor that is to stay
stopped for longer must not advertise.

The sensor's UNIX time is not set: nothing here knows it, and nothing needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices.open_imu import control, problems, wire
from imurep.devices.open_imu.control import Code, Operation, Tag
from imurep.devices.open_imu.link_state import Link, Question
from imurep.devices.open_imu.negotiation import choose
from imurep.devices.open_imu.retransmission import Resending
from imurep.devices.open_imu.state_table import NEXT, Event, Phase
from imurep.devices.open_imu.stream_state import Memory
from imurep.devices.open_imu.wire import Feature, Flag
from imurep.devices.protocol import Disconnect, Read, Subscribe, Write
from imurep.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.devices.protocol import Step, StreamRequest
    from imurep.events import Notification

ANSWER_US = 5_000_000
"""An answer takes two connection events; a busy host and a weak signal make seconds of that."""
SILENT_US = 5_000_000
"""Without a live packet, though it streams."""
CATCH_UP_US = 10_000_000
"""Longest time that a new stream waits for what is left of the last one."""
END_US = 3_000_000
"""Longest time from STOP to hanging up."""
REST_US = 60_000_000
"""Nothing is started for so long after the sensor ended a stream."""
CLOCK_US = 60_000_000
CLOCK_FIRST_US = 1_000_000
CLOCK_FIRST = 5
"""So many clock exchanges come quickly, one of them with a short way."""
STARTS = 3
"""In one connection."""

_ASKS = {
    Phase.ASKING: Operation.STATE,
    Phase.CHOOSING: Operation.CAPS,
    Phase.CLEARING: Operation.STOP,
}

_ASIDE = (Subscribe("status"), Subscribe("clock"), Subscribe("battery"), Read("battery"))
"""Asked for when samples come; a sensor may refuse any of it."""


class OpenImuConversation:
    """The conversation with one sensor, over all its connections (``imurep.devices.protocol``).

    Everything that is fed is learned from, connected or not. After a restart of
    the service a new conversation is fed what the old one saw, steps ignored,
    and then told ``connected``: it goes on where the old one was.
    """

    def __init__(self, stream_request: StreamRequest) -> None:
        self._stream_request = stream_request
        self._memory = Memory()
        self._link: Link | None = None
        self._requests = 0
        self._now_us = 0
        self._unwanted = False

    @property
    def streaming(self) -> bool:
        """Whether the sensor has confirmed that it sends samples over this connection."""
        return self._link is not None and self._link.phase is Phase.STREAMING

    @property
    def wakes_us(self) -> int | None:
        """When something is due next."""
        link = self._link
        if link is None or link.phase is Phase.DONE:
            return None
        return link.wakes_us

    # What can happen

    def connected(self, now_us: int, mtu: int) -> Sequence[Step]:
        """Begin. A sensor that is not wanted any more is only told to stop."""
        self._now_us = now_us
        link = self._link = Link(mtu=mtu)
        return self.stop(now_us) if self._unwanted else self._enter(link, Phase.GREETING)

    def feed(self, notification: Notification) -> Sequence[Step]:
        """Learn from what arrived, and answer it while connected."""
        self._now_us = max(self._now_us, notification.arrival_us)
        steps: list[Step] = []
        try:
            steps += self._heard(notification.channel, notification.payload)
        except wire.UnknownVersionError as error:
            if notification.channel == "info":
                steps += self._hang_up(str(error), again=False)
        except PacketError:
            pass  # the decoder tells of it
        return steps + self._due()

    def refused(self, step: Step, problem: str, now_us: int) -> Sequence[Step]:
        """Go on without what can be done without; hang up for the rest."""
        self._now_us = max(self._now_us, now_us)
        link = self._link
        if link is None or link.phase is Phase.DONE:
            return ()
        steps: list[Step] = []
        if step in _ASIDE:
            if step == Subscribe("clock"):
                link.clock_us = None
            steps += self._aside(_ASIDE[_ASIDE.index(step) + 1 :])
        elif step == Read("status"):
            steps += self._happened(Event.CAUGHT_UP)
        elif isinstance(step, Write) and step.channel == "clock":
            link.clock_us = None
        elif isinstance(step, Write) and step.payload[0] in {Operation.RESEND, Operation.IDENTIFY}:
            pass  # an answer that does not come is dealt with anyhow, and blinking is not needed
        elif link.phase is Phase.ENDING:
            steps += self._hang_up(link.farewell)
        else:
            steps += self._hang_up(f"the sensor refuses to talk ({problem}); switch it off and on")
        return steps + self._due()

    def wake(self, now_us: int) -> Sequence[Step]:
        """Do what is due."""
        self._now_us = max(self._now_us, now_us)
        return self._due()

    def disconnected(self, now_us: int) -> None:
        """Forget the connection, not the stream."""
        self._now_us = max(self._now_us, now_us)
        self._link = None

    def identify(self, now_us: int) -> Sequence[Step]:
        """Let it blink, while it streams; its answer is not waited for."""
        self._now_us = max(self._now_us, now_us)
        if not self.streaming or not self._memory.can(Feature.IDENTIFY):
            return ()
        return [Write("control", control.request(Operation.IDENTIFY, self._number())), *self._due()]

    def stop(self, now_us: int) -> Sequence[Step]:
        """STOP. What is missing is still sent again, but after three seconds it hangs up anyhow."""
        self._now_us = max(self._now_us, now_us)
        self._unwanted = True
        link = self._link
        if link is None:
            return [Disconnect()]
        link.farewell = ""
        steps: list[Step] = []
        if link.phase not in {Phase.ENDING, Phase.DONE}:
            steps += self._enter(link, Phase.ENDING) + self._ask(link, Operation.STOP)
        return steps + self._due()

    # What is heard

    def _heard(self, channel: str, payload: bytes) -> list[Step]:
        """Learn from a notification, then take it as an event. Raises PacketError for a malformed one."""
        match channel:
            case "info":
                self._memory.met(wire.parse_info(payload))
                return self._happened(Event.GREETED)
            case "control":
                return self._answered(control.parse_response(payload))
            case "data":
                return self._arrived(wire.parse_data(payload))
            case "status":
                return self._told(wire.parse_status(payload))
            case _:
                return []

    def _answered(self, response: control.Response) -> list[Step]:
        link = self._link
        asked = bool(link and link.question and link.question.is_answered_by(response))
        try:
            self._memory.answered(response)
        except PacketError:
            if not (asked and response.operation == Operation.STATE):
                raise
            return self._happened(Event.USELESS)
        if link is None:
            return []
        if link.resending is not None and response.operation == Operation.RESEND:
            link.resending.answered(response, self._now_us)
        return self._reply(link, response) if asked else []

    def _reply(self, link: Link, response: control.Response) -> list[Step]:
        """The question that was asked last is answered."""
        done = response.code == Code.DONE
        match response.operation:
            case Operation.STATE:
                runs = done and response.has(Tag.STREAM)
                return self._happened(Event.RUNS if runs else Event.IDLE)
            case Operation.STOP:
                link.question = None
                # Whoever does not stream, or is not listened to, sends no end of stream.
                link.ended = link.ended or not done or "data" not in link.subscribed
                return self._happened(Event.STOPPED)
            case Operation.CAPS if done:
                return self._choose(link, response)
            case Operation.START if done:
                return self._happened(Event.RUNS)
            case Operation.START if response.code == Code.STREAMING_ALREADY:
                return self._happened(Event.ALREADY)
            case _:
                problem = problems.REFUSALS.get(response.code, problems.NO_START)
                return self._hang_up(problem.format(mtu=link.mtu, code=response.code))

    def _arrived(self, header: wire.Header) -> list[Step]:
        link = self._link
        stopping = link is not None and link.phase is Phase.ENDING
        if not self._memory.arrived(header, self._now_us, stopping=stopping) or link is None:
            return []
        if header.ends:
            link.ended = True
            return [] if self._memory.ended_us is None else self._happened(Event.ENDED)
        if header.flags & Flag.BACKFILL:
            if link.resending is not None:
                link.resending.came(header, self._now_us)
        else:
            link.was_silent = False
            if link.silent_us is not None:
                link.silent_us = self._now_us + SILENT_US
        return []

    def _told(self, status: wire.Status) -> list[Step]:
        """While catching up, the status tells where the stream of before has ended."""
        ours = self._memory.told(status)
        link = self._link
        if link is not None and link.phase is Phase.CATCHING_UP and link.question is not None:
            link.question = None
            if ours and self._memory.stream is not None:
                self._memory.stream.received.ended(status.newest + 1)
        return []

    # What is said

    def _happened(self, event: Event) -> list[Step]:
        """From phase to phase."""
        link = self._link
        phase = NEXT.get((link.phase, event)) if link else None
        return self._enter(link, phase) if link and phase else []

    def _enter(self, link: Link, phase: Phase) -> list[Step]:
        """Begin a phase by saying what is said in it."""
        link.phase = phase
        link.question = link.silent_us = link.until_us = None
        match phase:
            case Phase.GREETING:
                link.question = Question(Read("info"), self._now_us + ANSWER_US)
                return [Read("info")]
            case Phase.ASKING | Phase.CHOOSING | Phase.CLEARING:
                return self._ask(link, _ASKS[phase])
            case Phase.CATCHING_UP:
                return self._catch_up(link)
            case Phase.STARTING:
                return self._start(link)
            case Phase.STREAMING:
                return self._listen(link)
            case Phase.ENDING:
                link.until_us = self._now_us + END_US
                link.clock_us = None
                link.farewell = "" if self._unwanted else problems.STOPPED_THERE
        return []

    def _catch_up(self, link: Link) -> list[Step]:
        """Ask where the stream of before has ended, if there was one; the rest is ``_resend``'s."""
        ended_us = self._memory.ended_us
        if ended_us is not None and 0 <= self._now_us - ended_us < REST_US:
            return self._hang_up(problems.STOPPED_THERE)
        if self._memory.stream is None or not self._memory.can(Feature.RESEND):
            return self._happened(Event.CAUGHT_UP)
        link.until_us = self._now_us + CATCH_UP_US
        link.question = Question(Read("status"), self._now_us + ANSWER_US)
        return [*self._subscribe(link, "data"), Read("status")]

    def _choose(self, link: Link, offered: control.Response) -> list[Step]:
        try:
            chosen = choose(offered, self._stream_request, self._memory.ring_ms)
        except PacketError:
            chosen = None
        if chosen is None:
            return self._hang_up(problems.NO_CHOICE, again=False)
        link.chosen = chosen
        return self._happened(Event.OFFERED)

    def _start(self, link: Link) -> list[Step]:
        link.starts += 1
        if link.starts > STARTS:
            return self._hang_up(problems.NO_START.format(code=Code.STREAMING_ALREADY.value))
        return self._subscribe(link, "data") + self._ask(link, Operation.START, link.chosen)

    def _listen(self, link: Link) -> list[Step]:
        link.ended = False
        link.silent_us = self._now_us + SILENT_US
        steps = self._subscribe(link, "data")
        if "status" not in link.subscribed:
            link.subscribed.add("status")
            steps += self._aside(_ASIDE)
            if self._memory.can(Feature.CLOCK):
                link.clock_us = self._now_us
        return steps

    def _aside(self, steps: Sequence[Step]) -> list[Step]:
        return [step for step in steps if step != Subscribe("clock") or self._memory.can(Feature.CLOCK)]

    def _subscribe(self, link: Link, channel: str) -> list[Step]:
        if channel in link.subscribed:
            return []
        link.subscribed.add(channel)
        return [Subscribe(channel)]

    def _ask(self, link: Link, operation: Operation, values: dict[Tag, int] | None = None) -> list[Step]:
        number = self._number()
        step = Write("control", control.request(operation, number, values))
        link.question = Question(step, self._now_us + ANSWER_US, operation, number)
        return [*self._subscribe(link, "control"), step]

    def _number(self) -> int:
        self._requests = (self._requests + 1) % 256
        return self._requests

    def _hang_up(self, problem: str, *, again: bool = True) -> list[Step]:
        if self._link is None or self._link.phase is Phase.DONE:
            return []
        self._enter(self._link, Phase.DONE)
        return [Disconnect(problem, again)]

    # What is due

    def _due(self) -> list[Step]:
        """Whatever is due by now. Afterwards nothing is, so ``wakes_us`` is in the future."""
        steps: list[Step] = []
        for due in (self._due_answer, self._due_sample, self._due_clock, self._due_resend, self._due_end):
            if self._link is not None and self._link.phase is not Phase.DONE:
                steps += due(self._link)
        return steps

    def _due_answer(self, link: Link) -> list[Step]:
        question = link.question
        if question is None or self._now_us < question.due_us:
            return []
        if question.repeated:
            return self._hang_up(problems.NO_ANSWER)
        question.repeated = True
        question.due_us = self._now_us + ANSWER_US
        return [question.step]

    def _due_sample(self, link: Link) -> list[Step]:
        if link.silent_us is None or self._now_us < link.silent_us:
            return []
        if link.was_silent:
            return self._hang_up(problems.NO_SAMPLES)
        link.was_silent = True
        return self._happened(Event.SILENT)

    def _due_clock(self, link: Link) -> list[Step]:
        if link.clock_us is None or self._now_us < link.clock_us:
            return []
        link.clocks += 1
        link.clock_us = self._now_us + (CLOCK_FIRST_US if link.clocks < CLOCK_FIRST else CLOCK_US)
        return [Write("clock", wire.clock_request(link.clocks % 256, self._now_us), response=False)]

    def _due_resend(self, link: Link) -> list[Step]:
        """Have something sent again, where that is possible and nothing stands before it."""
        stream = self._memory.stream
        if stream is None or not self._memory.can(Feature.RESEND):
            link.resending = None
            return []
        if link.resending is None or link.resending.received is not stream.received:
            link.resending = Resending(stream.terms.stream, stream.received)
        payload = link.resending.due(self._now_us)
        ready = link.phase in {Phase.STREAMING, Phase.ENDING} or (
            link.phase is Phase.CATCHING_UP and link.question is None
        )
        if ready and "data" in link.subscribed and link.resending.wants:
            payload = link.resending.ask(self._number(), self._now_us)
        return [] if payload is None else [Write("control", payload)]

    def _due_end(self, link: Link) -> list[Step]:
        """Catching up, or ending, is over when nothing is left to wait for, or has taken too long."""
        if link.until_us is None:
            return []
        complete = link.question is None and (link.resending is None or link.resending.finished)
        if link.phase is Phase.ENDING:
            over = complete and link.ended
            return self._hang_up(link.farewell) if over or self._now_us >= link.until_us else []
        return self._happened(Event.CAUGHT_UP) if complete or self._now_us >= link.until_us else []
