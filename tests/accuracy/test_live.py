from __future__ import annotations

import pytest

from imurep.evaluate import TrueRep, TrueSet, Truth
from imurep.events import Phase
from tests.accuracy.live import ShownRep, compare_live

REPS = tuple(TrueRep(start_s=100.0 + 4 * at, top_s=102.0 + 4 * at, end_s=104.0 + 4 * at) for at in range(5))
TRUTH = Truth(
    file="it",
    duration_s=3600.0,
    sets=(TrueSet(exercise="deadlift", first_movement=Phase.CONCENTRIC, reps=REPS),),
)


def shown(top_s: float, first_s: float, *, stands: bool = True) -> ShownRep:
    return ShownRep(first_s=first_s, top_s=top_s, stands=stands)


def test_first_reps_count_from_the_third_top_and_each_later_one_from_its_own() -> None:
    found = [shown(rep.top_s, max(rep.top_s, 110.0) + 0.2) for rep in REPS]
    record = compare_live(TRUTH, found)
    assert record.third_s == pytest.approx([0.2])
    assert record.later_s == pytest.approx([0.2, 0.2])
    assert (record.sets, record.edge_phantoms, record.quiet_phantoms) == (1, 0, 0)


def test_what_is_withdrawn_was_a_phantom_at_a_set_or_elsewhere() -> None:
    found = [shown(126.0, 126.0, stands=False), shown(3000.0, 3000.0, stands=False)]
    record = compare_live(TRUTH, found)
    assert (record.edge_phantoms, record.quiet_phantoms) == (1, 1)
    assert record.third_s == record.later_s == ()
    assert record.quiet_h == pytest.approx((3600 - 60) / 3600)
