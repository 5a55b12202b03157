"""What the conversations with all sensors share: asking twice, silence, and the end of a connection.

A question that is not answered is repeated once, then the conversation
disconnects. So it does when a stream falls silent. At the end the sensor is
stopped, and is given three seconds for that. What is asked, and what an answer
means, is in each sensor's own class.

    DISCONNECTED -> SETUP --(_stream)--> STREAMING --(_end)--> ENDING --(_disconnect)--> DONE

What belongs to one connection stands in a ``ConnectionState``, which is made anew
for each; what outlives a connection stands in the conversation itself.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from imurep.devices.protocol import Disconnect, Read, Subscribe
from imurep.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imurep.devices.protocol import Step
    from imurep.events import Notification

ANSWER_US = 5_000_000
"""An answer takes two connection events; a busy host and a weak signal make seconds of that."""
SILENT_US = 5_000_000
"""Longest time without samples while streaming."""
END_US = 3_000_000
"""Longest time from the request to stop to disconnecting."""

NO_ANSWER = "the sensor does not answer; bring it closer, or switch it off and on"
NO_SAMPLES = "the sensor reports that it streams, and sends nothing; switch it off and on"

BATTERY = (Subscribe("battery"), Read("battery"))
"""Steps for the battery level. They come after all others, since a sensor may refuse either."""


class Stage(Enum):
    """Stage of a connection."""

    DISCONNECTED = auto()
    SETUP = auto()
    STREAMING = auto()
    ENDING = auto()
    DONE = auto()
    """The conversation has disconnected, and waits for the link to end."""


@dataclass(slots=True)
class ConnectionState:
    """State of one connection; a sensor's own class extends it."""

    stage: Stage = Stage.DISCONNECTED
    mtu: int = 0
    question: tuple[Step, ...] = ()
    """Steps that wait for an answer; empty: none do."""
    repeated: bool = False
    """Whether the question was asked twice."""
    answer_due_us: int | None = None
    sample_due_us: int | None = None
    end_due_us: int | None = None
    problem: str = ""
    """Reason for the end, once it is ending."""

    @property
    def is_open(self) -> bool:
        """Whether steps can be carried out."""
        return self.stage not in {Stage.DISCONNECTED, Stage.DONE}

    @property
    def due_us(self) -> tuple[int | None, ...]:
        """Times at which something is due."""
        return self.answer_due_us, self.sample_due_us, self.end_due_us


StateT = TypeVar("StateT", bound=ConnectionState)


class BaseConversation(ABC, Generic[StateT]):
    """A conversation (``imurep.devices.protocol``) that a sensor's own class completes.

    Args:
        new_state: Makes the state of a connection.
    """

    learns_unconnected: ClassVar[bool] = False
    """Whether ``_received`` is also called without a connection."""
    optional: ClassVar[tuple[Step, ...]] = BATTERY
    """Steps that the sensor may refuse; when it does, those behind it in this list are tried."""

    def __init__(self, new_state: Callable[[], StateT]) -> None:
        self._new_state = new_state
        self._connection = new_state()
        self._now_us = 0
        self._stop_requested = False

    # For a sensor's own class to define

    @abstractmethod
    def _set_up(self) -> list[Step]:
        """Begin on a new connection, with a fresh state: usually subscribes, and asks a first question."""

    @abstractmethod
    def _received(self, channel: str, payload: bytes) -> list[Step]:
        """Answer a notification. Raises PacketError for one that is malformed."""

    @abstractmethod
    def _stop_stream(self) -> list[Step]:
        """Stop the sensor; calls ``_disconnect`` after its answer, or at once if it needs no stop."""

    def _repeat(self, question: tuple[Step, ...]) -> list[Step]:
        """Ask the second time."""
        return list(question)

    def _unanswered(self) -> list[Step]:
        """Handle a question that was not answered the second time either."""
        return self._disconnect(NO_ANSWER)

    def _silent(self) -> list[Step]:
        """Handle a stream without samples."""
        return self._disconnect(NO_SAMPLES)

    def _do_without(self, step: Step) -> list[Step] | None:
        """Continue after a refused step; None: impossible without it."""
        if step not in self.optional:
            return None
        return list(self.optional[self.optional.index(step) + 1 :])

    def _do_due(self) -> list[Step]:
        """Do whatever else is due, of which ``ConnectionState.due_us`` has the times."""
        return []

    @property
    def _is_complete(self) -> bool:
        """Whether a connection that is ending has nothing left to wait for."""
        return False

    # For a sensor's own class to use

    def _ask(self, *question: Step) -> list[Step]:
        """Ask; the question is repeated once if ``question`` is not replaced or cleared in time."""
        connection = self._connection
        connection.question, connection.repeated = question, False
        connection.answer_due_us = self._now_us + ANSWER_US
        return list(question)

    def _answered(self) -> None:
        """Clear the question."""
        self._connection.question, self._connection.answer_due_us = (), None

    def _stream(self, first_us: int = SILENT_US) -> list[Step]:
        """Begin to stream; the first sample may take ``first_us``."""
        if self._connection.is_open:
            self._answered()
            self._connection.stage = Stage.STREAMING
            self._connection.sample_due_us = self._now_us + first_us
        return []

    def _sampled(self) -> None:
        """Record that samples came."""
        due_us = self._connection.sample_due_us
        if due_us is not None:
            self._connection.sample_due_us = max(due_us, self._now_us + SILENT_US)

    def _end(self, problem: str = "") -> None:
        """Begin to end: steps may still follow, and ``END_US`` later it disconnects in any case."""
        connection = self._connection
        self._answered()
        connection.stage, connection.problem = Stage.ENDING, problem
        connection.sample_due_us = None
        connection.end_due_us = self._now_us + END_US

    def _disconnect(self, problem: str = "", *, again: bool = True) -> list[Step]:
        if not self._connection.is_open:
            return []
        self._connection.stage = Stage.DONE
        return [Disconnect(problem or self._connection.problem, again)]

    @property
    def _is_ending(self) -> bool:
        return self._connection.stage is Stage.ENDING

    # The interface

    @property
    def streaming(self) -> bool:
        """Whether the sensor has confirmed that it sends samples over this connection."""
        return self._connection.stage is Stage.STREAMING

    @property
    def wakes_us(self) -> int | None:
        """When something is due next."""
        if not self._connection.is_open:
            return None
        return min((due_us for due_us in self._connection.due_us if due_us is not None), default=None)

    def connected(self, now_us: int, mtu: int) -> Sequence[Step]:
        """Begin; after ``stop`` the sensor is only stopped."""
        self._advance(now_us)
        self._connection = self._new_state()
        self._connection.stage, self._connection.mtu = Stage.SETUP, mtu
        return self.stop(now_us) if self._stop_requested else self._set_up()

    def feed(self, notification: Notification) -> Sequence[Step]:
        """Answer what arrived."""
        self._advance(notification.arrival_us)
        steps: list[Step] = []
        if self._connection.is_open or self.learns_unconnected:
            with suppress(PacketError):  # the decoder reports it
                steps += self._received(notification.channel, notification.payload)
        return steps + self._due()

    def refused(self, step: Step, problem: str, now_us: int) -> Sequence[Step]:
        """Continue without what is optional; disconnect for the rest."""
        self._advance(now_us)
        if not self._connection.is_open:
            return []
        steps = self._do_without(step)
        if steps is None:
            steps = self._disconnect(
                "" if self._is_ending else f"the sensor refuses a request ({problem}); switch it off and on"
            )
        return steps + self._due()

    def wake(self, now_us: int) -> Sequence[Step]:
        """Do what is due."""
        self._advance(now_us)
        return self._due()

    def disconnected(self, now_us: int) -> None:
        """Forget the connection."""
        self._advance(now_us)
        self._connection = self._new_state()

    def identify(self, now_us: int) -> Sequence[Step]:
        """Do nothing: most sensors cannot show themselves."""
        self._advance(now_us)
        return ()

    def stop(self, now_us: int) -> Sequence[Step]:
        """Stop the sensor, then disconnect; within three seconds."""
        self._advance(now_us)
        self._stop_requested = True
        if self._connection.stage is Stage.DISCONNECTED:
            return [Disconnect()]
        self._connection.problem = ""
        steps: list[Step] = []
        if self._connection.stage in {Stage.SETUP, Stage.STREAMING}:
            self._end()
            steps += self._stop_stream()
        return steps + self._due()

    def _advance(self, now_us: int) -> None:
        self._now_us = max(self._now_us, now_us)

    def _due(self) -> list[Step]:
        """Do everything that is due by now; afterwards ``wakes_us`` is in the future."""
        steps: list[Step] = []
        for check in (self._due_answer, self._due_sample, self._do_due, self._due_end):
            if self._connection.is_open:
                steps += check()
        return steps

    def _due_answer(self) -> list[Step]:
        connection = self._connection
        if not self._is_past(connection.answer_due_us):
            return []
        if connection.repeated:
            return self._unanswered()
        connection.repeated = True
        connection.answer_due_us = self._now_us + ANSWER_US
        return self._repeat(connection.question)

    def _due_sample(self) -> list[Step]:
        return self._silent() if self._is_past(self._connection.sample_due_us) else []

    def _due_end(self) -> list[Step]:
        over = self._is_ending and (self._is_complete or self._is_past(self._connection.end_due_us))
        return self._disconnect() if over else []

    def _is_past(self, due_us: int | None) -> bool:
        return due_us is not None and self._now_us >= due_us
