"""State of one connection; nothing of it outlives the connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imurep.devices.base_conversation import ConnectionState
from imurep.devices.open_imu.retransmission import Retransmission
from imurep.devices.open_imu.state_table import ConversationState
from imurep.devices.protocol import Subscribe

if TYPE_CHECKING:
    from imurep.devices.open_imu.control import Operation, Response, Tag
    from imurep.devices.open_imu.received_samples import ReceivedSamples
    from imurep.devices.protocol import Step

CLOCK_US = 60_000_000
"""Time between two clock exchanges."""
CLOCK_FIRST_US = 1_000_000
"""Time between the first ones."""
CLOCK_FIRST = 5
"""Number of clock exchanges that come quickly, so that one of them has a short delay."""


@dataclass(slots=True)
class OpenImuConnectionState(ConnectionState):
    """Adds the state of ``state_table`` and the timers of this protocol."""

    state: ConversationState = ConversationState.READ_INFO
    request: tuple[Operation, int] | None = None
    """Operation and number of the request that waits for its response."""
    selected: dict[Tag, int] = field(default_factory=dict)
    """Values for START."""
    subscribed: set[str] = field(default_factory=set)
    retransmission: Retransmission | None = None
    starts: int = 0
    was_silent: bool = False
    """Whether the stream was silent for too long, and is still."""
    clock_due_us: int | None = None
    """When the next clock exchange is due."""
    clock_exchanges: int = 0
    recovery_due_us: int | None = None
    """When RECOVER has to be over."""
    stream_ended: bool = False
    """Whether no live packet will come any more."""

    @property
    def due_us(self) -> tuple[int | None, ...]:
        """Times at which something is due."""
        return (
            self.answer_due_us,
            self.sample_due_us,
            self.end_due_us,
            self.clock_due_us,
            self.recovery_due_us,
            self.retransmission.wakes_us if self.retransmission else None,
        )

    def subscribe(self, channel: str) -> list[Step]:
        """Subscribe to a channel unless that was done over this connection."""
        if channel in self.subscribed:
            return []
        self.subscribed.add(channel)
        return [Subscribe(channel)]

    def count_clock_exchange(self, now_us: int) -> int:
        """Number of a clock exchange at ``now_us``; sets the time of the next one."""
        self.clock_exchanges += 1
        pause_us = CLOCK_FIRST_US if self.clock_exchanges < CLOCK_FIRST else CLOCK_US
        self.clock_due_us = now_us + pause_us
        return self.clock_exchanges % 256

    def retransmission_of(self, stream: int, samples: ReceivedSamples) -> Retransmission:
        """The retransmission of a stream; a new one when the stream is another one."""
        if self.retransmission is None or self.retransmission.samples is not samples:
            self.retransmission = Retransmission(stream, samples)
        return self.retransmission

    def is_answered_by(self, response: Response) -> bool:
        """Whether a response has the operation and the number of the open request."""
        return self.request is not None and (response.operation, response.number) == self.request
