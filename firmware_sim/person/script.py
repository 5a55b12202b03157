"""The script of a session: what the person does, when, as movements one after the other.

Places that write it (sets, what lies between, daily life) move a cursor
along; ``motion.render`` turns the finished script into arrays.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from firmware_sim.person.shapes import MINIMUM_JERK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firmware_sim.person.exercises import Posture
    from firmware_sim.person.shapes import Shape

Channel = Literal["lean_deg", "roll_deg", "yaw_deg", "twist_deg", "up_m", "forward_m"]
CHANNELS: tuple[Channel, ...] = ("lean_deg", "roll_deg", "yaw_deg", "twist_deg", "up_m", "forward_m")

BoutKind = Literal["walk", "stairs", "set"]


@dataclass(frozen=True, slots=True)
class Move:
    """One channel from one value to another in [start_s, end_s)."""

    start_s: float
    end_s: float
    start: float
    end: float
    shape: Shape = MINIMUM_JERK

    def at(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Value at times within the move."""
        s = np.clip((t_s - self.start_s) / (self.end_s - self.start_s), 0.0, 1.0)
        return self.start + (self.end - self.start) * self.shape(s)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the session and what it is."""

    start_s: float
    end_s: float
    what: str


@dataclass(frozen=True, slots=True)
class Bout:
    """A stretch with a texture of its own: gait, or the strain of a set."""

    kind: BoutKind
    start_s: float
    end_s: float
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Jolt:
    """A knock, such as a bar that touches down: decaying oscillation of the trunk."""

    at_s: float
    peak_ms2: float


@dataclass(frozen=True, slots=True)
class Effort:
    """The end of what took the person's breath away."""

    end_s: float
    breath_hz: float
    """How fast they breathe right after it."""
    depth: float
    """How deep, relative to rest."""
    recovery_s: float
    """Time constant with which both go back."""


@dataclass(slots=True)
class Script:
    """Movements, textures and labels, and a cursor at the end of what is written."""

    t_s: float = 0.0
    now: dict[Channel, float] = field(default_factory=lambda: dict.fromkeys(CHANNELS, 0.0))
    moves: dict[Channel, list[Move]] = field(default_factory=lambda: {name: [] for name in CHANNELS})
    bouts: list[Bout] = field(default_factory=list)
    jolts: list[Jolt] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    neutral: list[Span] = field(default_factory=list)
    """What is neither a rep nor none, such as a last one that fails."""
    efforts: list[Effort] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.t_s += max(0.0, seconds)

    def cut(self, end_s: float) -> None:
        """End here at the latest; what was written behind it is not seen."""
        self.t_s = min(self.t_s, end_s)
        self.neutral = [
            Span(one.start_s, min(one.end_s, self.t_s), one.what)
            for one in self.neutral
            if one.start_s < self.t_s
        ]

    def move(self, seconds: float, shape: Shape = MINIMUM_JERK, **to: float) -> None:
        """Move some channels (``lean_deg=45``) and move the cursor to their arrival."""
        for channel in CHANNELS:
            if channel in to:
                self._move(channel, self.t_s, seconds, to[channel], shape)
        self.t_s += seconds

    def move_aside(self, delay_s: float, seconds: float, shape: Shape = MINIMUM_JERK, **to: float) -> None:
        """Move some channels a while from the cursor, and leave it where it is."""
        for channel in CHANNELS:
            if channel in to:
                self._move(channel, self.t_s + delay_s, seconds, to[channel], shape)

    def take(self, posture: Posture, seconds: float, shape: Shape = MINIMUM_JERK) -> None:
        """Go into a posture."""
        self.move(seconds, shape, lean_deg=posture.lean_deg, up_m=posture.up_m, forward_m=posture.forward_m)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Label what is written inside."""
        start_s = self.t_s
        yield
        if self.t_s > start_s:
            self.spans.append(Span(start_s, self.t_s, what))

    @contextmanager
    def exercising(self, what: str) -> Iterator[None]:
        """Label what is written inside as an exercise that is none of ours: neutral."""
        start_s = self.t_s
        yield
        self.neutral.append(Span(start_s, self.t_s, what))

    @contextmanager
    def bout(self, kind: BoutKind, strength: float = 1.0) -> Iterator[None]:
        """Give what is written inside a texture."""
        start_s = self.t_s
        yield
        self.bouts.append(Bout(kind, start_s, self.t_s, strength))

    def _move(self, channel: Channel, start_s: float, seconds: float, to: float, shape: Shape) -> None:
        moves = self.moves[channel]
        if moves and start_s < moves[-1].end_s - 1e-9:
            msg = f"{channel} moves already at {start_s:.3f} s"
            raise ValueError(msg)
        moves.append(Move(start_s, start_s + seconds, self.now[channel], to, shape))
        self.now[channel] = to
