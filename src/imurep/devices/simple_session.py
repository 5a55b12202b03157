"""The conversation with a sensor of few words: it is asked one thing after the other, then it streams.

What all of these have in common is here: every question is asked twice, then
the conversation hangs up; so it does when a stream falls silent; at the end
the sensor is told to stop, and is given three seconds to do so. What is asked,
and what an answer means, is each sensor's own.

    ASKING --(listen)--> STREAMING --(stop)--> ENDING --(hang up)--> DONE

These sensors keep no samples, so nothing of a stream outlives its connection.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from imurep.devices.protocol import Disconnect, Read, Subscribe
from imurep.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.devices.protocol import Step
    from imurep.events import Notification

ANSWER_US = 5_000_000
"""An answer takes two connection events; a busy host and a weak signal make seconds of that."""
SILENT_US = 5_000_000
"""Without samples, though it streams."""
END_US = 3_000_000
"""Longest time from the farewell to hanging up."""

NO_ANSWER = "the sensor does not answer; bring it closer, or switch it off and on"
NO_SAMPLES = "the sensor says that it streams and sends nothing; switch it off and on"

BATTERY = (Subscribe("battery"), Read("battery"))
"""Asked for when samples come; a sensor may refuse either, and need not have any."""


class State(Enum):
    """Where a connection is."""

    ASKING = auto()
    STREAMING = auto()
    ENDING = auto()
    DONE = auto()


@dataclass(slots=True)
class Link:
    """One connection: what was asked last, and when something is due."""

    due_us: int
    state: State = State.ASKING
    question: tuple[Step, ...] = ()
    repeated: bool = False
    problem: str = ""
    """Why it ends."""


class Dialogue(ABC):
    """A conversation (``imurep.devices.protocol``) whose words a sensor's own class fills in."""

    def __init__(self) -> None:
        self._link: Link | None = None
        self._now_us = 0
        self._unwanted = False

    # A sensor's own

    @abstractmethod
    def _greet(self) -> list[Step]:
        """Begin on a new connection: what to ``_ask`` first. Whatever was known of the last one is over."""

    @abstractmethod
    def _heard(self, channel: str, payload: bytes) -> list[Step]:
        """Take what arrived while connected. Raises PacketError for what is malformed."""

    @abstractmethod
    def _farewell(self) -> list[Step]:
        """Tell the sensor to stop, and hang up when it has answered; whoever has nothing to say, at once."""

    def _again(self, question: tuple[Step, ...]) -> list[Step]:
        """Ask for the second time what was not answered."""
        return list(question)

    def _unanswered(self) -> list[Step]:
        """Nor was that answered."""
        return self._hang_up(NO_ANSWER)

    # What it has to say that with

    def _ask(self, *question: Step) -> list[Step]:
        """Say this, and once more if it is not answered."""
        if self._link is not None:
            self._link.question, self._link.repeated = question, False
            self._link.due_us = self._now_us + ANSWER_US
        return list(question)

    def _listen(self, first_us: int = SILENT_US) -> list[Step]:
        """Stream; the first sample may take so long."""
        if self._link is not None:
            self._link.state, self._link.question = State.STREAMING, ()
            self._link.due_us = self._now_us + first_us
        return []

    def _sampled(self) -> None:
        """Note that samples came."""
        if self.streaming and self._link is not None:
            self._link.due_us = max(self._link.due_us, self._now_us + SILENT_US)

    def _end(self, problem: str = "") -> None:
        """Begin to end: something is still said, and then it hangs up, after three seconds anyhow."""
        if self._link is not None:
            self._link.state, self._link.problem = State.ENDING, problem
            self._link.due_us = self._now_us + END_US

    def _hang_up(self, problem: str = "", *, again: bool = True) -> list[Step]:
        if self._link is None or self._link.state is State.DONE:
            return []
        self._link.state = State.DONE
        return [Disconnect(problem or self._link.problem, again)]

    @property
    def _ending(self) -> bool:
        """Whether it is about to hang up."""
        return self._link is not None and self._link.state is State.ENDING

    # Everybody's

    @property
    def streaming(self) -> bool:
        """Whether the sensor has confirmed that it sends samples over this connection."""
        return self._link is not None and self._link.state is State.STREAMING

    @property
    def wakes_us(self) -> int | None:
        """When something is due next."""
        return None if self._link is None or self._link.state is State.DONE else self._link.due_us

    def connected(self, now_us: int, mtu: int) -> Sequence[Step]:
        """Begin, whatever the MTU; a sensor that is not wanted any more is only told to stop."""
        del mtu
        self._now_us = max(self._now_us, now_us)
        self._link = Link(self._now_us + ANSWER_US)
        steps = self._greet()
        return self.stop(now_us) if self._unwanted else steps

    def feed(self, notification: Notification) -> Sequence[Step]:
        """Answer what arrived, while connected."""
        self._now_us = max(self._now_us, notification.arrival_us)
        if self._link is None or self._link.state is State.DONE:
            return []
        steps: list[Step] = []
        with suppress(PacketError):  # the decoder tells of it
            steps += self._heard(notification.channel, notification.payload)
        return steps + self._due()

    def refused(self, step: Step, problem: str, now_us: int) -> Sequence[Step]:
        """Do without the battery; hang up for the rest."""
        self._now_us = max(self._now_us, now_us)
        if step in BATTERY:
            return self._due()
        if self._ending:
            return self._hang_up()
        return self._hang_up(f"the sensor refuses to talk ({problem}); switch it off and on")

    def wake(self, now_us: int) -> Sequence[Step]:
        """Do what is due."""
        self._now_us = max(self._now_us, now_us)
        return self._due()

    def disconnected(self, now_us: int) -> None:
        """Forget the connection."""
        self._now_us = max(self._now_us, now_us)
        self._link = None

    def identify(self, now_us: int) -> Sequence[Step]:  # noqa: ARG002 the protocol's signature
        """Nothing: these sensors have no way to show themselves."""
        return ()

    def stop(self, now_us: int) -> Sequence[Step]:
        """Say farewell; after three seconds it hangs up anyhow."""
        self._now_us = max(self._now_us, now_us)
        self._unwanted = True
        link = self._link
        if link is None:
            return [Disconnect()]
        if link.state in {State.ENDING, State.DONE}:
            return self._due()
        self._end()
        return self._farewell()

    def _due(self) -> list[Step]:
        link = self._link
        if link is None or link.state is State.DONE or self._now_us < link.due_us:
            return []
        if link.state is State.STREAMING:
            return self._hang_up(NO_SAMPLES)
        if link.state is State.ENDING:
            return self._hang_up()
        if link.repeated:
            return self._unanswered()
        link.repeated = True
        link.due_us = self._now_us + ANSWER_US
        return self._again(link.question)
