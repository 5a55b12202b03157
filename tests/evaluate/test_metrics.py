from __future__ import annotations

import pytest

from imurep.evaluate import PhasePair, agreement, compare, hold_metrics, phase_metrics, truth_metrics
from imurep.events import Phase
from tests.evaluate.truths import found, found_rep, found_set, perfect, true_rep, true_set, truth


def test_agreement() -> None:
    found_less_true = agreement([0.1, None, -0.1, 0.3])
    assert found_less_true is not None
    assert found_less_true.n == 3
    assert found_less_true.mean == pytest.approx(0.1)
    assert found_less_true.mae == pytest.approx(0.5 / 3)
    assert found_less_true.low == pytest.approx(0.1 - 1.96 * 0.2)
    assert found_less_true.high == pytest.approx(0.1 + 1.96 * 0.2)


def test_agreement_of_one_and_of_none() -> None:
    alone = agreement([0.5])
    assert alone is not None
    assert (alone.low, alone.high) == (0.5, 0.5)
    assert agreement([None]) is None


def test_a_phase_within_its_bound() -> None:
    every = [
        PhasePair(Phase.TOP_HOLD, 1.0, 1.04, 1.0),  # 50 ms allowed
        PhasePair(Phase.TOP_HOLD, 1.0, 1.08, 4.0),  # 120 ms
        PhasePair(Phase.TOP_HOLD, 1.0, 0.93, 2.0),  # 60 ms
        PhasePair(Phase.TOP_HOLD, 1.0, None, 2.0),
    ]
    rated = phase_metrics(Phase.TOP_HOLD, every)
    assert rated.error_s is not None
    assert (rated.total, rated.error_s.n) == (4, 3)
    assert rated.bound_s == pytest.approx(0.23 / 3)
    assert rated.within == pytest.approx(2 / 3)
    assert rated.met
    assert not phase_metrics(Phase.TOP_HOLD, [PhasePair(Phase.TOP_HOLD, 1.0, 1.1, 1.0)]).met
    assert not phase_metrics(Phase.TOP_HOLD, []).met


@pytest.mark.parametrize(
    ("true_s", "found_s", "judged"),
    [
        (0.5, 0.3, (1, 0, 0)),
        (0.5, 0.29, (0, 1, 0)),
        (0.5, None, (0, 1, 0)),
        (0.49, 0.0, (0, 0, 0)),  # long or short: either is right
        (0.15, 0.4, (0, 0, 0)),
        (0.14, 0.3, (0, 0, 1)),
        (0.14, 0.29, (0, 0, 0)),
        (0.14, None, (0, 0, 0)),
    ],
)
def test_a_hold_as_yes_or_no(true_s: float, found_s: float | None, judged: tuple[int, int, int]) -> None:
    rated = hold_metrics([PhasePair(Phase.TOP_HOLD, true_s, found_s, 1.0)])
    assert (rated.kept, rated.missed, rated.invented) == judged


def test_holds_together() -> None:
    every = [PhasePair(Phase.TOP_HOLD, 1.0, 1.0, 1.0)] * 3 + [PhasePair(Phase.TOP_HOLD, 0.0, 1.0, 1.0)] * 2
    assert hold_metrics(every).f1 == pytest.approx(6 / 8)
    assert hold_metrics([]).f1 is None


def test_exercises_and_all_together() -> None:
    first, second = true_set(4), true_set(2, from_the_top=False)
    phantom = found_rep(true_rep(60.0))
    missed = found(found_set(*(found_rep(rep) for rep in first.reps[:3]), phantom))
    rated = truth_metrics([compare(truth(first), missed), compare(truth(second), perfect(second))])
    bench, morning = rated.exercises
    assert (bench.exercise, bench.f1, bench.exact_sets) == ("back_extension_45", 1.0, 1)
    assert (morning.precision, morning.recall, morning.f1) == (0.75, 0.75, 0.75)
    assert (morning.exact_sets, morning.first_reps, morning.last_reps) == (
        1,
        1,
        0,
    )  # the right count, by chance
    assert (rated.pooled.reps, rated.pooled.matched, rated.pooled.false_reps) == (6, 5, 1)
    assert rated.quiet.false_reps_per_hour == pytest.approx(1 / rated.quiet.hours)
    assert [one.quiet.file for one in rated.off] == ["a.jsonl.gz"]


def test_nothing_to_rate() -> None:
    rated = truth_metrics([])
    assert (rated.pooled.f1, rated.pooled.precision, rated.quiet.false_sets_per_hour) == (None, None, 0.0)
