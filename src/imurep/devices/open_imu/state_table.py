"""The states of a connection, and all transitions between them.

Theory of operation. Over one connection the conversation is in a state. On
entering it sends a request; the sensor's answer, or its silence, is an event;
``NEXT`` gives the state that follows. Each state but the last three waits for an
answer. A request that is not answered is repeated once; then the conversation
disconnects, since most radio problems are gone after connecting again.

    READ_INFO ---> ASK_STATE -------------------------> STREAMING ---> ENDING -> DONE
                     |  ^                                 ^   | silent
                     |  '---------------------------------|---'
                     |----> RECOVER ----> ASK_CAPS ----> START
                     '----> CLEAR ----------^

What each state sends, and how notifications become events, is in ``conversation``.
"""

from __future__ import annotations

from enum import Enum, auto


class ConversationState(Enum):
    """The state of a connection, named after its request."""

    READ_INFO = auto()
    """Reads info: version, boot, features."""
    ASK_STATE = auto()
    """STATE: whether a stream that can be used is running or lingering."""
    RECOVER = auto()
    """The last stream has ended; what is left of it is sent again."""
    CLEAR = auto()
    """STOP of a stream that cannot be used."""
    ASK_CAPS = auto()
    """CAPS: which values START can have."""
    START = auto()
    """START."""
    STREAMING = auto()
    """Samples come; missing ones are requested, and the clock is read once in a while."""
    ENDING = auto()
    """After STOP, here or at the sensor; missing samples are still requested."""
    DONE = auto()
    """The conversation has disconnected."""


class ConversationEvent(Enum):
    """What a notification, or silence, means."""

    INFO = auto()
    STREAM_RUNS = auto()
    """A stream runs, and its terms are known."""
    STREAM_UNUSABLE = auto()
    """A stream runs that cannot be used."""
    NO_STREAM = auto()
    RECOVERED = auto()
    STOPPED = auto()
    SELECTED = auto()
    """The values for START are selected."""
    STREAMS_ALREADY = auto()
    """START failed, because a stream runs."""
    SILENT = auto()
    """The stream runs, and no samples come."""
    STREAM_ENDED = auto()
    """The sensor ended the stream without a request."""


_S, _E = ConversationState, ConversationEvent
NEXT = {
    (_S.READ_INFO, _E.INFO): _S.ASK_STATE,
    (_S.ASK_STATE, _E.STREAM_RUNS): _S.STREAMING,
    (_S.ASK_STATE, _E.NO_STREAM): _S.RECOVER,
    (_S.ASK_STATE, _E.STREAM_UNUSABLE): _S.CLEAR,
    (_S.ASK_STATE, _E.STREAM_ENDED): _S.ENDING,
    (_S.RECOVER, _E.RECOVERED): _S.ASK_CAPS,
    (_S.CLEAR, _E.STOPPED): _S.ASK_CAPS,
    (_S.ASK_CAPS, _E.SELECTED): _S.START,
    (_S.START, _E.STREAM_RUNS): _S.STREAMING,
    (_S.START, _E.STREAMS_ALREADY): _S.ASK_STATE,
    (_S.STREAMING, _E.SILENT): _S.ASK_STATE,
    (_S.STREAMING, _E.STREAM_ENDED): _S.ENDING,
}
"""Any other event changes nothing. ``stop`` leads to ENDING from every state, a problem to DONE."""
