"""A set as prescribed: exercise, reps, tempo, load and the ways of doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_sim.person.set_manner import TEXTBOOK

if TYPE_CHECKING:
    from firmware_sim.person.exercises import Exercise
    from firmware_sim.person.set_manner import Manner
    from firmware_sim.person.tempo import Tempo

ARMS = {
    "hips": (1.0, 1.0),
    "crossed": (1.0, 1.0),
    "behind_head": (1.06, 0.97),
    "plate": (1.05, 0.98),
    "bar": (1.08, 0.96),
}
"""Where the arms (or the weight) are: concentric time and range, arms on the hips being 1; own estimates."""

MOMENTUM_TEMPO = (0.6, 0.55)
"""Eccentric and concentric time with momentum, relative to a strict rep; own estimate."""
MOMENTUM_OVERSHOOT_DEG = (6.0, 14.0)
"""How far momentum carries past the top; own estimate."""
ROLL_UP_TIME = 1.5
"""Concentric time of a roll-up relative to a stiff spine's; own estimate."""
HESITATION_TIME = 1.7
"""Time of a concentric that stops midway relative to one that does not; own estimate."""
LOAD_TIME_PER_KG = 0.003
"""How much longer a concentric takes per kilogram where no tempo is prescribed; own estimate."""
LOAD_RANGE_PER_KG = 0.0008
"""How much range a kilogram costs; own estimate."""
PARTIAL_RANGE = (0.45, 0.65)
"""Range of a partial rep relative to a full one; own estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlan:
    """One set as prescribed. Rep numbers count from 1."""

    exercise: Exercise
    reps: int
    tempo: Tempo | None = None
    """None: the exercise's usual tempo, slowed by the load."""
    load_kg: float = 0.0
    arms: str = "crossed"
    top_hold_s: float | None = None
    """Hold statically at the top of each rep."""
    eccentric_s: float | None = None
    """Lower this slowly."""
    momentum: bool = False
    """Throw oneself up: fast start, overshoot at the top, rebound at the bottom."""
    over_line_deg: float | None = None
    """How far the tops go over the straight line, under it where negative; None: as the exercise is."""
    roll_up: bool = False
    """One vertebra after another."""
    ends_at_top: bool = False
    """Stop at the top of the last rep; means nothing where reps end there anyway."""
    partial: tuple[int, ...] = ()
    """Reps that turn round too early."""
    hesitate: tuple[int, ...] = ()
    """Reps whose concentric stops midway."""
    fatigue: float = 0.1
    """How much longer the last concentric takes. 0.2-0.4 is common near failure (velocity loss,
    Sanchez-Medina and Gonzalez-Badillo 2011, doi:10.1249/MSS.0b013e318213f880)."""

    manner: Manner = TEXTBOOK
    """What else differs from a textbook set."""

    def __post_init__(self) -> None:
        """Raise ValueError, with a message for the user, for what cannot be done."""
        if self.reps < 1:
            msg = f"{self.reps} reps are no set; ask for at least 1"
            raise ValueError(msg)
        late = [rep for rep in (*self.partial, *self.hesitate) if not 1 <= rep <= self.reps]
        if late:
            msg = f"there is no rep {late[0]} in a set of {self.reps}; reps are numbered from 1"
            raise ValueError(msg)

    @property
    def variations(self) -> tuple[str, ...]:
        """Names of what differs from a plain set, for the truth file."""
        flags = {
            "static_hold": self.top_hold_s is not None,
            "slow_eccentric": self.eccentric_s is not None,
            "momentum": self.momentum,
            "roll_up": self.roll_up,
            "ends_at_top": self.ends_at_top and not self.exercise.starts_at_top,
            "partial_reps": bool(self.partial),
            "hesitation": bool(self.hesitate),
            "fatigue": self.fatigue > 0,
        }
        return (*(name for name, used in flags.items() if used), *self.manner.variations)
