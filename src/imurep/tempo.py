"""A rep's phases in the order in which they happen, and its tempo in the order in which it is written."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from imurep.events import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.events import Rep

TEMPO_ORDER = (Phase.ECCENTRIC, Phase.BOTTOM_HOLD, Phase.CONCENTRIC, Phase.TOP_HOLD)
"""The order of a written tempo, whatever the exercise starts with; also that of a rep from the top."""

_FROM_THE_BOTTOM = (Phase.CONCENTRIC, Phase.TOP_HOLD, Phase.ECCENTRIC, Phase.BOTTOM_HOLD)

Tempo = tuple[float | None, float | None, float | None, float | None]
"""Seconds in ``TEMPO_ORDER``; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """One phase of a rep, in ``[start_us, end_us)``."""

    phase: Phase
    """Which phase it is."""
    start_us: int
    """First instant."""
    end_us: int
    """End, which is the start of the next phase."""
    rep_id: str
    """The rep that it belongs to."""

    @property
    def duration_s(self) -> float:
        """How long it lasts, in seconds."""
        return (self.end_us - self.start_us) / 1e6


def phase_spans(rep: Rep) -> tuple[PhaseSpan, ...]:
    """Lay the known phases of a rep one behind the other, the hold that follows it included.

    The spans are contiguous, start at ``rep.start_us`` and stop before the
    first phase whose duration is not known. A hold of no length is an empty span.
    """
    durations_s = dict(zip(TEMPO_ORDER, tempo_of(rep), strict=True))
    spans = []
    at_us = rep.start_us
    for phase in TEMPO_ORDER if starts_at_top(rep) else _FROM_THE_BOTTOM:
        duration_s = durations_s[phase]
        if duration_s is None:
            break
        end_us = at_us + round(duration_s * 1e6)
        spans.append(PhaseSpan(phase, at_us, end_us, rep.id))
        at_us = end_us
    return tuple(spans)


def starts_at_top(rep: Rep) -> bool:
    """Whether the rep goes eccentric first.

    The top is the end of the concentric, so a rep from the bottom reaches it
    one concentric after its start; one from the top needs its eccentric before.
    """
    if rep.eccentric_s is None:
        return False
    if rep.concentric_s is None:
        return True
    before_s = (rep.top_us - rep.start_us) / 1e6 - rep.concentric_s
    return before_s > rep.eccentric_s / 2


def bottom_us(rep: Rep) -> int:
    """Instant of the rep at which the trunk is at the bottom."""
    if starts_at_top(rep):
        return rep.start_us + round((rep.eccentric_s or 0.0) * 1e6)
    return rep.start_us


def tempo_of(rep: Rep) -> Tempo:
    """One rep's four durations in ``TEMPO_ORDER``."""
    return rep.eccentric_s, rep.bottom_hold_s, rep.concentric_s, rep.top_hold_s


def median_tempo(reps: Iterable[Rep]) -> Tempo:
    """Median of each duration over the full reps (over all, if none is full)."""
    reps = tuple(reps)
    tempos = [tempo_of(rep) for rep in reps if not rep.partial] or [tempo_of(rep) for rep in reps]

    def middle(at: int) -> float | None:
        known = [value for tempo in tempos if (value := tempo[at]) is not None]
        return median(known) if known else None

    return middle(0), middle(1), middle(2), middle(3)
