from __future__ import annotations

from dataclasses import replace

from imurep.counting.ordering.reported_reps import ReportedReps
from imurep.events import State
from tests.scripted import make_rep

FIRST, SECOND = (replace(make_rep(number), version=0) for number in (0, 1))


def test_a_rep_is_reported_once_and_again_when_it_changes() -> None:
    reported = ReportedReps()
    assert reported.update([FIRST, SECOND]) == [FIRST, SECOND]
    assert reported.update([FIRST, SECOND]) == []
    changed = replace(SECOND, partial=True)
    assert reported.update([FIRST, changed]) == [changed]
    assert reported.reps == (FIRST, changed)


def test_a_rep_may_be_reported_after_a_later_one() -> None:
    reported = ReportedReps()
    reported.update([SECOND])
    assert SECOND.id in reported
    assert FIRST.id not in reported
    reported.update([FIRST])
    assert reported.reps == (FIRST, SECOND)
    assert reported.last_id == SECOND.id


def test_what_is_not_kept_is_withdrawn() -> None:
    reported = ReportedReps()
    assert reported.last_id == ""
    reported.update([FIRST, SECOND])
    assert reported.last_id == SECOND.id
    assert reported.keep_only({SECOND.id}) == [replace(FIRST, state=State.WITHDRAWN)]
    assert reported.reps == (SECOND,)
