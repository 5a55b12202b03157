"""Truths and the sets found for them, for the tests of the evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imurep.evaluate import CountedRecording, QuietInterval, TrueRep, TrueSet, Truth
from imurep.events import Phase
from tests.scripted import FIRST_US, make_rep, make_set

if TYPE_CHECKING:
    from imurep.events import ExerciseSet, Rep

LENGTH_S = 7.0
"""From one true rep's start to the next: 3.0-1.0-2.0-1.0."""


def true_rep(start_s: float, *, from_the_top: bool = True, last: bool = False, **changes: Any) -> TrueRep:  # noqa: ANN401 any field
    """A rep of 3.0-1.0-2.0-1.0; in a set's last rep the hold that follows is unknown."""
    fields: dict[str, Any] = {
        "start_s": start_s,
        "top_s": start_s + (6.0 if from_the_top else 2.0),
        "end_s": start_s + 6.0,
        "eccentric_s": 3.0,
        "bottom_hold_s": None if last and not from_the_top else 1.0,
        "concentric_s": 2.0,
        "top_hold_s": None if last and from_the_top else 1.0,
        "range_of_motion_deg": 60.0,
    }
    return TrueRep(**(fields | changes))


def true_set(repetitions: int = 3, start_s: float = 10.0, *, from_the_top: bool = True) -> TrueSet:
    reps = tuple(
        true_rep(start_s + LENGTH_S * at, from_the_top=from_the_top, last=at == repetitions - 1)
        for at in range(repetitions)
    )
    return TrueSet(
        exercise="good_morning" if from_the_top else "back_extension_45",
        first_movement=Phase.ECCENTRIC if from_the_top else Phase.CONCENTRIC,
        reps=reps,
    )


def truth(*sets: TrueSet, duration_s: float = 100.0) -> Truth:
    edges = [0.0, *(edge for one in sets for edge in (one.start_s, one.end_s)), duration_s]
    quiet = tuple(QuietInterval(*pair) for pair in zip(edges[::2], edges[1::2], strict=True))
    return Truth(file="a.jsonl.gz", duration_s=duration_s, sets=sets, quiet=quiet)


def found_rep(true: TrueRep, **changes: Any) -> Rep:  # noqa: ANN401 any field
    """The rep as a counter without faults reports it."""
    fields: dict[str, Any] = {
        "start_us": FIRST_US + round(true.start_s * 1e6),
        "top_us": FIRST_US + round(true.top_s * 1e6),
        "end_us": FIRST_US + round(true.end_s * 1e6),
        "eccentric_s": true.eccentric_s,
        "bottom_hold_s": true.bottom_hold_s,
        "concentric_s": true.concentric_s,
        "top_hold_s": true.top_hold_s,
        "range_of_motion_deg": true.range_of_motion_deg,
    }
    return make_rep(**(fields | changes))


def found_set(*reps: Rep, **changes: Any) -> ExerciseSet:  # noqa: ANN401 any field
    fields: dict[str, Any] = {"reps": reps, "start_us": reps[0].start_us, "end_us": reps[-1].end_us}
    return make_set(**(fields | changes))


def found(*sets: ExerciseSet) -> CountedRecording:
    return CountedRecording(sets, FIRST_US)


def perfect(*sets: TrueSet) -> CountedRecording:
    return found(*(found_set(*(found_rep(rep) for rep in one.reps)) for one in sets))
