"""How a set differs from a textbook one: shapes, pauses, the rep that fails; ``manner`` draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from firmware_sim.person.shapes import Shape

PAUSE_S = (3.0, 8.0)
"""How long people pause amid a set."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause behind a rep, at an end of its movement."""

    rep: int
    """Counted from 0."""
    seconds: float
    """How long the hold there is, if it is not longer anyway."""
    end: Literal["top", "bottom"]


@dataclass(frozen=True, slots=True)
class FailedRep:
    """A last rep that is given up: part of the way, a stop, and back."""

    part: float
    """Of the set's range."""
    seconds: float
    stop_s: float
    back_s: float
    before_s: float
    """Pause before it, in addition to the set's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What differs from a textbook set; the default is a textbook set."""

    eccentric: tuple[Shape, ...] = ()
    """Shape of each movement; empty: bells that fit the holds."""
    concentric: tuple[Shape, ...] = ()
    hips: Shape | None = None
    """Shape of the hip's path, which may lead the trunk or lag behind it; None: in step with it."""
    unsteadiness: float = 1.0
    """Scale of the person's variation from rep to rep."""
    eccentric_drift: float = 0.0
    """How much longer the last eccentric takes than the first, as the fatigue of a plan for concentrics."""
    hold_drift: float = 0.0
    """The same for the holds."""
    pauses: tuple[Pause, ...] = ()
    rest_pause: bool = False
    """The pauses are those between clusters of reps; else they are for breath, late in the set."""
    failed: FailedRep | None = None

    @property
    def variations(self) -> tuple[str, ...]:
        """Names of what differs, for the truth file."""
        flags = {
            "rest_pause": bool(self.pauses) and self.rest_pause,
            "breathing_pauses": bool(self.pauses) and not self.rest_pause,
            "failed_rep": self.failed is not None,
        }
        return tuple(name for name, used in flags.items() if used)


TEXTBOOK = Manner()
