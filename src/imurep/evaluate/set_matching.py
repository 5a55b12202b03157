"""Compares the sets that were found in one recording with its truth; pure.

A true and a found rep are a pair if their tops - the ends of their concentrics
- are less than half the true rep's length (from its first to its last
movement, at least ``LEAST_S``) apart. Each belongs to one pair at most; the
pairs are as many as possible, and of these the nearest. The top is where
people count, and the one instant of a rep that does not depend on the end at
which it is thought to start.

A true and a found set are a pair if they share reps; who shares the most goes
first. A found rep without a true one is charged to the true set that is
nearest in time, so that a phantom rep beside a set costs precision. One in a
neutral stretch counts for nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from imurep.evaluate.movement_matching import found_movements, pair_movements, phase_pairs, true_movements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from imurep.evaluate.batch import CountedRecording
    from imurep.evaluate.movement_matching import PhasePair, TimedMovement
    from imurep.evaluate.truth import QuietInterval, TrueRep, TrueSet, Truth
    from imurep.events import ExerciseSet

    Place = tuple[int, int]

LEAST_S = 1.0
"""A rep that is shorter (one that ends at the top) is taken to be so long."""


@dataclass(frozen=True, slots=True)
class RangePair:
    """Range of motion of one rep, true and found."""

    true_deg: float
    found_deg: float
    held_s: float | None
    """The shorter of the rep's holds; None where one is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetComparison:
    """One true set, and what was found of it."""

    file: str
    exercise: str
    matched: tuple[bool, ...]
    """For each true rep, whether it was found."""
    false_reps: int
    """Found reps that are none, charged to this set."""
    found_reps: int | None
    """Reps of the set that was found for it, without neutral ones; None: no set."""
    start_error_s: float | None
    end_error_s: float | None
    gaps: int
    """Gaps that the found set reports."""
    phases: tuple[PhasePair, ...]
    movements: int
    """True movements and holds, found or not."""
    ranges: tuple[RangePair, ...]
    foreign: int
    """Matched reps with a movement that is no part of the exercise: their range is not compared."""

    @property
    def exact(self) -> bool:
        """Whether its set was found with exactly the right count."""
        return self.found_reps == len(self.matched)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietComparison:
    """What was found in a recording where there is no exercise."""

    file: str
    seconds: float
    false_sets: int
    """Found sets with no true rep, and at least one rep in a quiet stretch."""
    false_reps: int
    """Found reps in quiet stretches that match no true rep."""


@dataclass(frozen=True, slots=True)
class RecordingComparison:
    """One recording."""

    sets: tuple[SetComparison, ...]
    quiet: QuietComparison


def compare(truth: Truth, found: CountedRecording) -> RecordingComparison:
    """Compare one recording's sets with its truth."""
    places = [(number, at) for number, one in enumerate(found.sets) for at in range(one.repetitions)]
    tops_s = [(found.sets[one].reps[at].top_us - found.first_us) / 1e6 for one, at in places]
    matches = {key: places[at] for key, at in _matched(truth.sets, tops_s).items()}
    unmatched = {
        place: top_s for top_s, place in zip(tops_s, places, strict=True) if place not in matches.values()
    }
    neutral = {place for place, top_s in unmatched.items() if _within(truth.neutral, top_s)}
    ignored = Counter(number for number, _ in neutral)

    partners = _partners(matches)
    wrong_s = [top_s for place, top_s in unmatched.items() if place not in neutral]
    charged = Counter(_nearest(truth.sets, top_s) for top_s in wrong_s) if truth.sets else Counter[int]()
    true_moves = [true_movements(one) for one in truth.sets]
    found_moves = [found_movements(one, found.first_us) for one in found.sets]
    pairs = pair_movements(true_moves, found_moves)
    ours = _own_reps(found_moves, set(pairs.values()))
    compared = []
    for number, one in enumerate(truth.sets):
        its = found.sets[partners[number]] if number in partners else None
        matched = [matches.get((number, at)) for at in range(len(one.reps))]
        ranges, foreign = _ranges(one.reps, matched, found.sets, ours if true_moves[number] else None)
        moves = true_moves[number]
        compared.append(
            SetComparison(
                file=truth.file,
                exercise=one.exercise,
                matched=tuple(place is not None for place in matched),
                false_reps=charged[number],
                found_reps=None if its is None else its.repetitions - ignored[partners[number]],
                start_error_s=None if its is None else (its.start_us - found.first_us) / 1e6 - one.start_s,
                end_error_s=None if its is None else (its.end_us - found.first_us) / 1e6 - one.end_s,
                gaps=0 if its is None else its.gaps,
                phases=tuple(phase_pairs(number, moves, found_moves, pairs)),
                movements=len(moves) + sum(move.hold_s is not None for move in moves[:-1]),
                ranges=ranges,
                foreign=foreign,
            )
        )
    return RecordingComparison(tuple(compared), _quiet(truth, found, matches))


def _within(stretches: Iterable[QuietInterval], time_s: float) -> bool:
    return any(part.start_s <= time_s < part.end_s for part in stretches)


def _matched(sets: Sequence[TrueSet], tops_s: Sequence[float]) -> dict[Place, int]:
    """(Set, rep) of the truth to the index of its found top."""
    true = [(number, at) for number, one in enumerate(sets) for at in range(len(one.reps))]
    if not true or not tops_s:
        return {}
    reps = [sets[number].reps[at] for number, at in true]
    reach_s = np.array([max(rep.end_s - rep.start_s, LEAST_S) / 2 for rep in reps])
    apart = np.abs(np.subtract.outer([rep.top_s for rep in reps], tops_s)) / reach_s[:, np.newaxis]
    # One pair more is worth any distance: within reach, distances sum up to less than a pair that is none.
    cost = np.where(apart < 1.0, apart, 2.0 * len(true))
    chosen = zip(*linear_sum_assignment(cost), strict=True)
    return {true[row]: int(column) for row, column in chosen if apart[row, column] < 1.0}


def _partners(matches: Mapping[Place, Place]) -> dict[int, int]:
    """True set to found set."""
    shared = Counter((true[0], found[0]) for true, found in matches.items())
    partners: dict[int, int] = {}
    for (true, found), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if true not in partners and found not in partners.values():
            partners[true] = found
    return partners


def _nearest(sets: Sequence[TrueSet], time_s: float) -> int:
    away_s = [max(one.start_s - time_s, time_s - one.end_s, 0.0) for one in sets]
    return away_s.index(min(away_s))


def _own_reps(found: Sequence[Sequence[TimedMovement]], known: set[Place]) -> set[Place]:
    """Found reps all of whose movements are paired with true ones."""
    every = {(number, move.rep) for number, moves in enumerate(found) for move in moves}
    strange = {
        (number, move.rep)
        for number, moves in enumerate(found)
        for at, move in enumerate(moves)
        if (number, at) not in known
    }
    return every - strange


def _ranges(
    reps: Sequence[TrueRep],
    matched: Iterable[Place | None],
    sets: Sequence[ExerciseSet],
    ours: set[Place] | None,
) -> tuple[tuple[RangePair, ...], int]:
    ranges = []
    foreign = 0
    for rep, place in zip(reps, matched, strict=True):
        if place is None or rep.range_of_motion_deg is None:
            continue
        if ours is not None and place not in ours:
            foreign += 1
            continue
        holds_s = (rep.top_hold_s, rep.bottom_hold_s)
        known_s = [hold_s for hold_s in holds_s if hold_s is not None]
        ranges.append(
            RangePair(
                rep.range_of_motion_deg,
                sets[place[0]].reps[place[1]].range_of_motion_deg,
                min(known_s) if len(known_s) == len(holds_s) else None,
            )
        )
    return tuple(ranges), foreign


def _quiet(truth: Truth, found: CountedRecording, matches: Mapping[Place, Place]) -> QuietComparison:
    real = set(matches.values())
    real_sets = {number for number, _ in real}
    false_sets, false_reps = set(), 0
    for number, one in enumerate(found.sets):
        for at, rep in enumerate(one.reps):
            top_s = (rep.top_us - found.first_us) / 1e6
            if (number, at) in real or not _within(truth.quiet, top_s):
                continue
            false_reps += 1
            if number not in real_sets:
                false_sets.add(number)
    return QuietComparison(
        file=truth.file,
        seconds=sum(part.end_s - part.start_s for part in truth.quiet),
        false_sets=len(false_sets),
        false_reps=false_reps,
    )
