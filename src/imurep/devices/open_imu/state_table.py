"""The phases of a connection, and all transitions between them.

Theory of operation. Over one connection the conversation is in a phase. Entering
it, something is said; the sensor's answer, or its silence, is an event; ``NEXT``
tells the phase that comes then. Each phase but the last three waits for an
answer. One that does not come is asked for once more; then the conversation
hangs up, for connecting again heals most of what a radio does.

    GREETING ----> ASKING -----------------------------> STREAMING ----> ENDING -> DONE
                     |  ^                                  ^   | silent
                     |  '----------------------------------|---'
                     |----> CATCHING_UP -----> CHOOSING -> STARTING
                     '----> CLEARING ------------^

What a phase says, and how what is heard becomes an event, is in ``conversation``.
"""

from __future__ import annotations

from enum import Enum, auto


class Phase(Enum):
    """What was said last."""

    GREETING = auto()
    """Info is read: which version, which boot, what it can do."""
    ASKING = auto()
    """STATE: does a stream run or linger that one can go on with?"""
    CATCHING_UP = auto()
    """The stream of before has ended; what is left of it is sent again."""
    CLEARING = auto()
    """STOP of a stream that cannot be counted from."""
    CHOOSING = auto()
    """CAPS: what can be chosen."""
    STARTING = auto()
    """START."""
    STREAMING = auto()
    """Samples come; what is missing is sent again, the clock is asked once in a while."""
    ENDING = auto()
    """STOP was said, here or at the sensor; what is missing is still sent again."""
    DONE = auto()
    """Hung up."""


class Event(Enum):
    """What was heard."""

    GREETED = auto()
    RUNS = auto()
    """A stream, and its terms are known."""
    USELESS = auto()
    """A stream that cannot be counted from."""
    IDLE = auto()
    """No stream."""
    CAUGHT_UP = auto()
    STOPPED = auto()
    OFFERED = auto()
    ALREADY = auto()
    """It cannot start, because it streams."""
    SILENT = auto()
    """It streams, and nothing comes."""
    ENDED = auto()
    """The sensor ended the stream, unasked."""


NEXT = {
    (Phase.GREETING, Event.GREETED): Phase.ASKING,
    (Phase.ASKING, Event.RUNS): Phase.STREAMING,
    (Phase.ASKING, Event.IDLE): Phase.CATCHING_UP,
    (Phase.ASKING, Event.USELESS): Phase.CLEARING,
    (Phase.ASKING, Event.ENDED): Phase.ENDING,
    (Phase.CATCHING_UP, Event.CAUGHT_UP): Phase.CHOOSING,
    (Phase.CLEARING, Event.STOPPED): Phase.CHOOSING,
    (Phase.CHOOSING, Event.OFFERED): Phase.STARTING,
    (Phase.STARTING, Event.RUNS): Phase.STREAMING,
    (Phase.STARTING, Event.ALREADY): Phase.ASKING,
    (Phase.STREAMING, Event.SILENT): Phase.ASKING,
    (Phase.STREAMING, Event.ENDED): Phase.ENDING,
}
"""Any other event changes nothing. ``stop`` leads to ENDING from every phase, a problem to DONE."""
