"""What is known of one connection; nothing of it outlives that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imurep.devices.open_imu.state_table import Phase

if TYPE_CHECKING:
    from imurep.devices.open_imu.control import Operation, Response, Tag
    from imurep.devices.open_imu.retransmission import Resending
    from imurep.devices.protocol import Read, Write


@dataclass(slots=True)
class Question:
    """What was asked last, and when it has to be answered."""

    step: Read | Write
    due_us: int
    operation: Operation | None = None
    number: int = 0
    repeated: bool = False

    def is_answered_by(self, response: Response) -> bool:
        """Whether it has the number that the answer repeats."""
        return (response.operation, response.number) == (self.operation, self.number)


@dataclass(slots=True)
class Link:
    """One connection."""

    mtu: int
    phase: Phase = Phase.GREETING
    question: Question | None = None
    chosen: dict[Tag, int] = field(default_factory=dict)
    subscribed: set[str] = field(default_factory=set)
    resending: Resending | None = None
    starts: int = 0
    silent_us: int | None = None
    """When silence will have been too long,"""
    was_silent: bool = False
    """and whether it was, with nothing come since."""
    clock_us: int | None = None
    """When the clock is asked next."""
    clocks: int = 0
    until_us: int | None = None
    """When catching up, or ending, has to be over."""
    ended: bool = False
    """No live packet will come any more."""
    farewell: str = ""
    """The problem with which to hang up after ENDING."""

    @property
    def wakes_us(self) -> int | None:
        """When something is due next."""
        times_us = (
            self.question.due_us if self.question else None,
            self.resending.wakes_us if self.resending else None,
            self.silent_us,
            self.clock_us,
            self.until_us,
        )
        return min((time_us for time_us in times_us if time_us is not None), default=None)
