"""Where a set begins and ends: what people do right before and after it is not of it."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from imurep.counting.segmentation.set_classifier import SINGLE_REP_MOVEMENTS, typical_range_rad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.segmentation.movement_tracker import Movement


def trim_to_set(movements: Sequence[Movement], *, lead_in: bool, from_top: bool, at_end: bool) -> slice:
    """Tell which movements, from which to before which, are the set's own.

    What people do right before and after a set - sip, pick up a plate, get off
    the bench - may go between much the same two ends. ``lead_in``: the first
    movement only led into the starting position. ``from_top``: reps begin at
    the top, so that a first pause within one may be the grip of a bar.
    ``at_end``: the data end here.
    """
    start, stop = 0, len(movements)
    while stop > 0 and movements[stop - 1].outlier:
        stop -= 1
    first = 1 if lead_in else 0
    if stop - first < SINGLE_REP_MOVEMENTS:
        return slice(start, stop)
    usual = _Typical(movements[first:stop])
    reps = list(range(0, stop - first, 2))
    while len(reps) > 1:
        # The pauses are counted by the movement before them.
        at = reps[0]
        if not usual.is_foreign(
            range(at, at + 2), range(at + from_top, at + 2), range(at + 2, min(at + 4, stop - first))
        ):
            break
        del reps[0]
        start += 2
    while len(reps) > 1:
        at = reps[-1]
        own = range(at, stop - first)
        elsewhere = len(own) == 1 and not at_end and movements[first + at].endpoint_error > ELSEWHERE
        if not elsewhere and not usual.is_foreign(own, range(at - 1, stop - first - 1), own):
            break
        del reps[-1]
        stop = first + at
    return slice(start, stop)


def starts_with_pickup(movements: Sequence[Movement]) -> bool:
    """Whether the first movement, a rise, is apart from all others: something was picked up before the set.

    Then the others begin at the top. ``legs`` begin at the bottom.
    """
    if len(movements) <= SINGLE_REP_MOVEMENTS:
        return False
    usual = _Typical(movements)
    return usual.set_apart(0) and not usual.set_apart(1)


class _Typical:
    """What is usual in a set, to tell a strange rep at its edge by."""

    def __init__(self, movements: Sequence[Movement]) -> None:
        self._movements = movements
        self._range_rad = typical_range_rad([movement for movement in movements if not movement.outlier])
        pauses_s = [(b.timing.start_us - a.timing.end_us) / 1e6 for a, b in pairwise(movements)]
        # At the top and at the bottom people pause differently.
        usual_s = [max(LEAST_PAUSE_S, median(pauses_s[end::2])) for end in (0, 1)]
        self._pauses = [pause_s / usual_s[i % 2] for i, pause_s in enumerate(pauses_s)]
        self._endpoint_error = max(
            LEAST_CLOSURE, median(movement.endpoint_error for movement in movements[2:])
        )

    def is_foreign(self, rep: range, pauses: range, deviating: range) -> bool:
        """Whether a rep is far too small, or set apart by a pause and by its poses together.

        ``rep`` and ``deviating`` are movements, ``pauses`` those that pauses come after.
        """
        if max(self._movements[i].range_rad for i in rep) < TOO_SMALL * self._range_rad:
            return True
        pause = max(self._pauses[i] for i in pauses)
        deviation = max(self._movements[i].endpoint_error for i in deviating) / self._endpoint_error
        return pause > SET_APART or (pause > LONG_PAUSE and pause * deviation > STRANGE)

    def set_apart(self, movement: int) -> bool:
        """Whether the pause after a movement is one that no set has."""
        return self._pauses[movement] > SET_APART


TOO_SMALL = 0.4
"""A share of the set's range that is no rep, not even a partial one."""
ELSEWHERE = 0.25
"""A last movement that ends so far from the usual end went somewhere else."""
LEAST_PAUSE_S = 0.5
LEAST_CLOSURE = 0.03
SET_APART = 24.0
"""A pause so many times the usual one sets a rep apart;"""
LONG_PAUSE = 3.0
STRANGE = 20.0
"""so does one whose multiple, times the multiple of the usual deviation of the poses, is so large."""


def has_load_grips(movements: Sequence[Movement]) -> bool:
    """Tell whether the first and the last movement are to and from a load on the floor.

    Who takes hold of a bar or a kettlebell and lets go of it stays down for
    longer than between the reps. ``legs`` go from the top to the top.
    """
    if len(movements) < GRIP_MOVEMENTS or len(movements) % 2:
        return False
    downs_s = _downs_s(movements)
    return min(downs_s[0], downs_s[-1]) > max(GRIP_S, 1.5 * median(downs_s[1:-1]))


def ends_with_set_down(movements: Sequence[Movement], *, sure: bool) -> bool:
    """Tell the same of the last movement alone; ``legs`` go from the bottom to the top.

    ``sure``: the exercise is one after which a load is set down; else the pause
    has to be longer to tell it from a last rep.
    """
    downs_s = _downs_s(movements[1:])
    return len(downs_s) > 1 and downs_s[-1] > max(GRIP_S, (1.5 if sure else 3.0) * median(downs_s[:-1]))


def _downs_s(movements: Sequence[Movement]) -> list[float]:
    """Time spent at the bottom, before each rise; ``movements`` begin at the top."""
    return [
        (rise.timing.start_us - fall.timing.end_us) / 1e6
        for fall, rise in zip(movements[::2], movements[1::2], strict=False)
    ]


GRIP_MOVEMENTS = 8
GRIP_S = 1.0
