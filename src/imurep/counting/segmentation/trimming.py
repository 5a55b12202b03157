"""Where a set begins and ends: what people do right before and after it is not of it."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from imurep.counting.segmentation.set_classifier import SINGLE_REP_MOVEMENTS, typical_range_rad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import TrimmingParams


def trim_to_set(
    movements: Sequence[Movement], *, lead_in: bool, from_top: bool, at_end: bool, params: TrimmingParams
) -> slice:
    """Give the movements that are the set's own.

    What people do right before and after a set - sip, pick up a plate, get off
    the bench - may go between much the same two ends. ``lead_in``: the first
    movement leads into the starting position. ``from_top``: reps begin at the
    top, so that a first pause within one may be the grip of a bar. ``at_end``:
    the data end with the last movement.
    """
    start, stop = 0, len(movements)
    while stop > 0 and movements[stop - 1].outlier:
        stop -= 1
    first = 1 if lead_in else 0
    if stop - first < SINGLE_REP_MOVEMENTS:
        return slice(start, stop)
    usual = _Typical(movements[first:stop], params)
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
        elsewhere = len(own) == 1 and not at_end and movements[first + at].endpoint_error > params.elsewhere
        if not elsewhere and not usual.is_foreign(own, range(at - 1, stop - first - 1), own):
            break
        del reps[-1]
        stop = first + at
    return slice(start, stop)


def starts_with_pickup(movements: Sequence[Movement], params: TrimmingParams) -> bool:
    """Whether the first movement, a rise, is apart from all others: something was picked up before the set.

    Then the reps begin at the top. ``movements`` begin at the bottom.
    """
    if len(movements) <= SINGLE_REP_MOVEMENTS:
        return False
    usual = _Typical(movements, params)
    return usual.set_apart(0) and not usual.set_apart(1)


class _Typical:
    """Usual range, pauses and endpoint error of a set, to compare the reps at its edges with."""

    def __init__(self, movements: Sequence[Movement], params: TrimmingParams) -> None:
        self._params = params
        self._movements = movements
        self._range_rad = typical_range_rad([movement for movement in movements if not movement.outlier])
        pauses_s = [(b.timing.start_us - a.timing.end_us) / 1e6 for a, b in pairwise(movements)]
        # At the top and at the bottom people pause differently.
        usual_s = [max(params.least_pause_s, median(pauses_s[end::2])) for end in (0, 1)]
        self._pauses = [pause_s / usual_s[i % 2] for i, pause_s in enumerate(pauses_s)]
        self._endpoint_error = max(
            params.least_endpoint_error, median(movement.endpoint_error for movement in movements[2:])
        )

    def is_foreign(self, rep: range, pauses: range, deviating: range) -> bool:
        """Whether a rep is far too small, or apart from the set by a pause, or by a pause and its poses.

        ``rep`` and ``deviating`` are movements, ``pauses`` those before the pauses.
        """
        params = self._params
        if max(self._movements[i].range_rad for i in rep) < params.too_small * self._range_rad:
            return True
        pause = max(self._pauses[i] for i in pauses)
        deviation = max(self._movements[i].endpoint_error for i in deviating) / self._endpoint_error
        return pause > params.set_apart or (pause > params.long_pause and pause * deviation > params.foreign)

    def set_apart(self, movement: int) -> bool:
        """Whether the pause after a movement is one that no set has."""
        return self._pauses[movement] > self._params.set_apart


def has_load_grips(movements: Sequence[Movement], params: TrimmingParams) -> bool:
    """Whether the first and the last movement are to and from a load on the floor.

    Who takes hold of a bar or a kettlebell, or lets go of it, stays down for
    longer than between the reps. ``movements`` go from the top to the top.
    """
    if len(movements) < params.grip_movements or len(movements) % 2:
        return False
    downs_s = _downs_s(movements)
    return min(downs_s[0], downs_s[-1]) > max(params.grip_s, params.grip_factor * median(downs_s[1:-1]))


def ends_with_set_down(movements: Sequence[Movement], params: TrimmingParams, *, expected: bool) -> bool:
    """Whether the last movement is from a load that was let go of; from the bottom to the top.

    ``expected``: the exercise is one after which a load is set down; else the
    pause has to be longer to separate that movement from a last rep.
    """
    downs_s = _downs_s(movements[1:])
    factor = params.grip_factor if expected else params.set_down_factor
    return len(downs_s) > 1 and downs_s[-1] > max(params.grip_s, factor * median(downs_s[:-1]))


def _downs_s(movements: Sequence[Movement]) -> list[float]:
    """Time spent at the bottom, before each rise; ``movements`` begin at the top."""
    return [
        (rise.timing.start_us - fall.timing.end_us) / 1e6
        for fall, rise in zip(movements[::2], movements[1::2], strict=False)
    ]
