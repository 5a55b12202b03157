"""The movements of true and of found sets, paired in time.

Idea. Which rep a movement belongs to depends on where the exercise starts,
and a counter that is not given the exercise may see a set from its other end: it then
reports the same movements and holds under other reps. So movements are
compared with movements, whatever rep they stand in.

A true and a found movement of the same kind are a pair if they share at least
half of the shorter one; each belongs to one pair at most, and the pairs are
those that share the most time in all. A hold is what lies between two
movements: it is compared where both are paired with two that follow each
other in one found set, and its length is what the counter reports there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from imurep.events import Phase
from imurep.tempo import starts_at_top

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imurep.evaluate.truth import TrueRep, TrueSet
    from imurep.events import ExerciseSet, Rep

HOLD_AFTER = {Phase.CONCENTRIC: Phase.TOP_HOLD, Phase.ECCENTRIC: Phase.BOTTOM_HOLD}
SHARED = 0.5


@dataclass(frozen=True, slots=True)
class TimedMovement:
    """A concentric or an eccentric, and the hold behind it as far as it is known."""

    phase: Phase
    start_s: float
    end_s: float
    hold_s: float | None
    rep: int
    """Number of the rep within its set, from 0."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class PhasePair:
    """The duration of one phase, true and found."""

    phase: Phase
    true_s: float
    found_s: float | None
    """None: the counter found the set before and after, but not this phase."""
    longer_s: float
    """The longer of the movements beside a hold; a movement's own duration."""


def true_movements(one: TrueSet) -> tuple[TimedMovement, ...]:
    """The movements of a set in order; none of reps whose phases nobody knows."""
    moves: list[TimedMovement] = []
    for at, rep in enumerate(one.reps):
        moves += _true(rep, at, from_the_top=one.first_movement is Phase.ECCENTRIC)
    return tuple(moves)


def found_movements(found: ExerciseSet, first_us: int) -> tuple[TimedMovement, ...]:
    """The movements of a counted set in order, in seconds from the first sample."""
    moves: list[TimedMovement] = []
    for at, rep in enumerate(found.reps):
        moves += _found(rep, at, first_us)
    return tuple(moves)


def pair_movements(
    true: Sequence[Sequence[TimedMovement]], found: Sequence[Sequence[TimedMovement]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Pair the movements of all sets of a recording: true (set, movement) to found (set, movement)."""
    pairs: dict[tuple[int, int], tuple[int, int]] = {}
    for phase in HOLD_AFTER:
        known, reported = _of(phase, true), _of(phase, found)
        if not known or not reported:
            continue
        shared_s = _shared([true[one][at] for one, at in known], [found[one][at] for one, at in reported])
        for row, column in zip(*linear_sum_assignment(shared_s, maximize=True), strict=True):
            here, there = known[row], reported[column]
            shorter_s = min(true[here[0]][here[1]].seconds, found[there[0]][there[1]].seconds)
            if shared_s[row, column] > 0 and shared_s[row, column] >= SHARED * shorter_s:
                pairs[here] = there
    return pairs


def phase_pairs(
    number: int,
    moves: Sequence[TimedMovement],
    found: Sequence[Sequence[TimedMovement]],
    pairs: dict[tuple[int, int], tuple[int, int]],
) -> Iterator[PhasePair]:
    """All phases of true set ``number`` that lie within what was found of it."""
    seen = [at for at in range(len(moves)) if (number, at) in pairs]
    if not seen:
        return
    for at in range(seen[0], seen[-1] + 1):
        move, there = moves[at], pairs.get((number, at))
        reported = None if there is None else found[there[0]][there[1]]
        took_s = None if reported is None else reported.seconds
        yield PhasePair(move.phase, move.seconds, took_s, move.seconds)
        if at < seen[-1] and move.hold_s is not None:
            follows = there is not None and pairs.get((number, at + 1)) == (there[0], there[1] + 1)
            longer_s = max(move.seconds, moves[at + 1].seconds)
            hold_s = reported.hold_s if follows and reported is not None else None
            yield PhasePair(HOLD_AFTER[move.phase], move.hold_s, hold_s, longer_s)


def _true(rep: TrueRep, at: int, *, from_the_top: bool) -> Iterator[TimedMovement]:
    ecc_s, con_s = rep.eccentric_s, rep.concentric_s
    con = con_s and TimedMovement(Phase.CONCENTRIC, rep.top_s - con_s, rep.top_s, rep.top_hold_s, at)
    if from_the_top:
        if ecc_s:
            yield TimedMovement(Phase.ECCENTRIC, rep.start_s, rep.start_s + ecc_s, rep.bottom_hold_s, at)
        if con:
            yield con
    else:
        if con:
            yield con
        if ecc_s:
            yield TimedMovement(Phase.ECCENTRIC, rep.end_s - ecc_s, rep.end_s, rep.bottom_hold_s, at)


def _found(rep: Rep, at: int, first_us: int) -> Iterator[TimedMovement]:
    start_s, top_s = (rep.start_us - first_us) / 1e6, (rep.top_us - first_us) / 1e6
    ecc_s, con_s = rep.eccentric_s, rep.concentric_s
    con = con_s and TimedMovement(Phase.CONCENTRIC, top_s - con_s, top_s, rep.top_hold_s, at)
    if starts_at_top(rep):
        if ecc_s:
            yield TimedMovement(Phase.ECCENTRIC, start_s, start_s + ecc_s, rep.bottom_hold_s, at)
        if con:
            yield con
    else:
        if con:
            yield con
        if ecc_s and rep.end_us is not None:
            end_s = (rep.end_us - first_us) / 1e6
            yield TimedMovement(Phase.ECCENTRIC, end_s - ecc_s, end_s, rep.bottom_hold_s, at)


def _of(phase: Phase, sets: Sequence[Sequence[TimedMovement]]) -> list[tuple[int, int]]:
    return [
        (one, at) for one, moves in enumerate(sets) for at, move in enumerate(moves) if move.phase is phase
    ]


def _shared(
    true: Sequence[TimedMovement], found: Sequence[TimedMovement]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Seconds that each true movement shares with each found one, shape (true, found)."""
    starts = np.maximum.outer([move.start_s for move in true], [move.start_s for move in found])
    ends = np.minimum.outer([move.end_s for move in true], [move.end_s for move in found])
    shared_s: np.ndarray[tuple[int, int], np.dtype[np.float64]] = np.maximum(ends - starts, 0.0)
    return shared_s
