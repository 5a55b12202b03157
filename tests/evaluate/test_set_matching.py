from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from imurep.evaluate import QuietInterval, TrueSet, compare, truth_metrics
from imurep.events import Phase
from tests.evaluate.truths import LENGTH_S, found, found_rep, found_set, perfect, true_rep, true_set, truth


def durations(one: object) -> dict[Phase, list[tuple[float, float | None]]]:
    phases = getattr(one, "phases")  # noqa: B009 a SetComparison, of whatever sets
    return {
        phase: [
            (round(p.true_s, 6), None if p.found_s is None else round(p.found_s, 6))
            for p in phases
            if p.phase is phase
        ]
        for phase in Phase
    }


@pytest.mark.parametrize("from_the_top", [True, False])
def test_a_perfect_counter(from_the_top: bool) -> None:  # noqa: FBT001 a parameter of the test
    sets = true_set(from_the_top=from_the_top), true_set(start_s=50.0, from_the_top=from_the_top)
    comparison = compare(truth(*sets), perfect(*sets))
    assert [one.matched for one in comparison.sets] == [(True,) * 3] * 2
    assert all(one.exact and one.false_reps == one.foreign == 0 for one in comparison.sets)
    assert all(one.start_error_s == one.end_error_s == 0.0 for one in comparison.sets)
    assert all(len(one.phases) == one.movements == 11 for one in comparison.sets)
    assert all(p.found_s == pytest.approx(p.true_s) for one in comparison.sets for p in one.phases)
    assert (comparison.quiet.false_sets, comparison.quiet.false_reps) == (0, 0)


def test_nothing_found() -> None:
    (one,) = compare(truth(true_set()), found()).sets
    assert (one.matched, one.found_reps, one.exact) == ((False,) * 3, None, False)
    assert (one.start_error_s, one.phases, one.ranges) == (None, (), ())


def test_a_missed_first_rep() -> None:
    true = true_set()
    (one,) = compare(truth(true), found(found_set(*map(found_rep, true.reps[1:])))).sets
    assert one.matched == (False, True, True)
    assert not one.exact
    assert one.start_error_s == pytest.approx(LENGTH_S)
    # What lies before the first movement that was found is not asked for.
    assert durations(one)[Phase.ECCENTRIC] == [(3.0, 3.0)] * 2


def test_a_phantom_is_charged_to_the_nearest_set_and_to_the_quiet_beside_it() -> None:
    true = true_set(start_s=10.0), true_set(start_s=60.0)
    phantom = found_rep(true_rep(33.0))
    first, second = perfect(*true).sets
    comparison = compare(truth(*true), found(found_set(*first.reps, phantom), second))
    assert [(one.false_reps, one.exact) for one in comparison.sets] == [(1, False), (0, True)]
    assert (comparison.quiet.false_sets, comparison.quiet.false_reps) == (0, 1)


def test_a_rep_in_a_neutral_stretch_counts_for_nothing() -> None:
    true = true_set(start_s=10.0)
    failed = found_rep(true_rep(33.0))
    counted = found(found_set(*perfect(true).sets[0].reps, failed))
    plain = truth(true)
    quiet = (QuietInterval(0.0, 10.0), QuietInterval(40.0, 100.0))
    comparison = compare(
        dataclasses.replace(plain, quiet=quiet, neutral=(QuietInterval(32.0, 40.0),)), counted
    )
    (one,) = comparison.sets
    assert (one.false_reps, one.found_reps, one.exact) == (0, 3, True)
    assert comparison.quiet.false_reps == 0
    assert not compare(plain, counted).sets[0].exact


def test_a_set_where_there_is_none() -> None:
    true = true_set(start_s=60.0)
    wrong = found_set(*(found_rep(true_rep(10.0 + LENGTH_S * at)) for at in range(3)))
    comparison = compare(truth(true), found(wrong, *perfect(true).sets))
    assert comparison.sets[0].exact
    assert (comparison.quiet.false_sets, comparison.quiet.false_reps) == (1, 3)
    assert comparison.sets[0].false_reps == 3
    assert compare(truth(), found(wrong)).quiet.false_reps == 3


def test_one_found_rep_matches_one_true_rep() -> None:
    true = true_set()
    twice = [
        found_rep(rep, top_us=found_rep(rep).top_us + shift) for rep in true.reps for shift in (0, 900_000)
    ]
    (one,) = compare(truth(true), found(found_set(*twice))).sets
    assert (one.matched, one.false_reps) == ((True,) * 3, 3)


@pytest.mark.parametrize(("shift_s", "right"), [(2.9, True), (3.1, False), (-2.9, True), (-3.1, False)])
def test_how_far_tops_may_be_apart(shift_s: float, right: bool) -> None:  # noqa: FBT001 a parameter of the test
    rep = true_rep(10.0, last=True)
    true = TrueSet(exercise="good_morning", first_movement=Phase.ECCENTRIC, reps=(rep,))
    moved = found_rep(rep, top_us=found_rep(rep).top_us + round(shift_s * 1e6))
    (one,) = compare(truth(true), found(found_set(moved))).sets
    assert one.matched == (right,)


def test_as_many_pairs_as_possible_before_the_nearest() -> None:
    true = true_set(2)
    # Nearest first would pair the second true rep with the first found one, and leave the others alone.
    first, second = (found_rep(rep) for rep in true.reps)
    reps = (
        dataclasses.replace(first, top_us=second.top_us - 4_200_000),
        dataclasses.replace(second, top_us=second.top_us + 2_500_000),
    )
    (one,) = compare(truth(true), found(found_set(*reps))).sets
    assert one.matched == (True, True)


def test_a_set_in_two_parts_goes_to_the_larger() -> None:
    true = true_set(5)
    reps = [found_rep(rep) for rep in true.reps]
    (one,) = compare(truth(true), found(found_set(*reps[:2]), found_set(*reps[2:]))).sets
    assert (one.matched, one.found_reps, one.exact) == ((True,) * 5, 3, False)


def test_two_sets_in_one() -> None:
    true = true_set(3, start_s=10.0), true_set(2, start_s=40.0)
    whole = found_set(*(found_rep(rep) for one in true for rep in one.reps))
    first, second = compare(truth(*true), found(whole)).sets
    assert (first.found_reps, second.found_reps) == (5, None)
    assert all(first.matched)
    assert all(second.matched)


def test_a_set_seen_from_its_other_end() -> None:
    """Starts at the bottom; counted from the top, with getting into position for the first way down."""
    true = true_set(3, from_the_top=False)
    reps = []
    for at, rep in enumerate(true.reps):
        before = true.reps[at - 1] if at else None
        start_s = 5.0 if before is None else before.end_s - 3.0
        reps.append(
            found_rep(
                rep,
                start_us=found_rep(rep, top_us=0).start_us - round((rep.start_s - start_s) * 1e6),
                end_us=found_rep(rep).top_us,
                eccentric_s=4.0 if before is None else 3.0,
                bottom_hold_s=1.0,
                top_hold_s=1.0 if at < 2 else None,
                range_of_motion_deg=110.0 if before is None else 60.0,
            )
        )
    (one,) = compare(truth(true), found(found_set(*reps))).sets
    assert one.exact
    assert durations(one) == {
        Phase.CONCENTRIC: [(2.0, 2.0)] * 3,
        Phase.TOP_HOLD: [(1.0, 1.0)] * 2,
        Phase.ECCENTRIC: [(3.0, 3.0)] * 2,
        Phase.BOTTOM_HOLD: [(1.0, 1.0)] * 2,
    }
    # The first rep began with something that is no part of the exercise: said, not averaged in.
    assert (len(one.ranges), one.foreign) == (2, 1)
    assert one.start_error_s == pytest.approx(-5.0)


def test_a_hold_that_the_counter_does_not_report() -> None:
    true = true_set()
    first, *others = (found_rep(rep) for rep in true.reps)
    (one,) = compare(truth(true), found(found_set(dataclasses.replace(first, top_hold_s=None), *others))).sets
    assert durations(one)[Phase.TOP_HOLD] == [(1.0, None), (1.0, 1.0)]
    assert truth_metrics([compare(truth(true), found(found_set(first, *others)))]).pooled.top_holds.f1 == 1.0


def test_ends_named_the_wrong_way_round() -> None:
    """The count stands; phases do not: what is called concentric goes down."""
    true = true_set()
    reps = [
        found_rep(
            rep,
            eccentric_s=2.0,
            concentric_s=3.0,
            start_us=found_rep(rep).start_us + 4_000_000,
            top_us=found_rep(rep).start_us + 10_000_000,
            end_us=found_rep(rep).start_us + 10_000_000,
        )
        for rep in true.reps
    ]
    (one,) = compare(truth(true), found(found_set(*reps))).sets
    assert one.found_reps in {None, 3}
    assert one.phases == ()


def test_reps_without_phases_count_for_counting() -> None:
    bare: dict[str, Any] = dict.fromkeys(
        ("eccentric_s", "bottom_hold_s", "concentric_s", "top_hold_s", "range_of_motion_deg")
    )
    reps = tuple(true_rep(10.0 + LENGTH_S * at, **bare) for at in range(3))
    true = TrueSet(exercise="good_morning", first_movement=Phase.ECCENTRIC, reps=reps)
    (one,) = compare(truth(true), perfect(true_set())).sets
    assert one.exact
    assert (one.phases, one.movements, one.ranges) == ((), 0, ())


def test_a_range_without_phases_is_compared() -> None:
    bare: dict[str, Any] = dict.fromkeys(("eccentric_s", "bottom_hold_s", "concentric_s", "top_hold_s"))
    reps = tuple(true_rep(10.0 + LENGTH_S * at, **bare) for at in range(3))
    true = TrueSet(exercise="good_morning", first_movement=Phase.ECCENTRIC, reps=reps)
    (one,) = compare(truth(true), perfect(true_set())).sets
    assert (len(one.ranges), one.foreign) == (3, 0)


def test_a_set_that_ends_at_the_top() -> None:
    true = true_set(2, from_the_top=False)
    stopped = true_rep(
        24.0, from_the_top=False, end_s=26.0, eccentric_s=None, bottom_hold_s=None, top_hold_s=None
    )
    whole = dataclasses.replace(
        true, reps=(true.reps[0], dataclasses.replace(true.reps[1], bottom_hold_s=1.0), stopped)
    )
    (one,) = compare(truth(whole), perfect(whole)).sets
    assert one.exact
    assert len(durations(one)[Phase.CONCENTRIC]) == 3
    assert len(durations(one)[Phase.ECCENTRIC]) == 2
