from __future__ import annotations

from dataclasses import replace

from imurep.counting.ordering.rep_versions import Ledger
from imurep.events import State
from tests.scripted import make_rep

FIRST, SECOND = (replace(make_rep(number), version=0) for number in (0, 1))


def test_a_rep_is_told_once_and_again_when_it_changes() -> None:
    ledger = Ledger()
    assert [rep.version for rep in ledger.tell([FIRST, SECOND])] == [1, 1]
    assert ledger.tell([FIRST, SECOND]) == []
    changed = replace(SECOND, partial=True)
    assert ledger.tell([FIRST, changed]) == [replace(changed, version=2)]
    assert ledger.reps == (replace(FIRST, version=1), replace(changed, version=2))


def test_what_is_not_kept_is_withdrawn() -> None:
    ledger = Ledger()
    assert ledger.last_id == ""
    ledger.tell([FIRST, SECOND])
    assert ledger.last_id == SECOND.id
    assert ledger.keep({SECOND.id}) == [replace(FIRST, version=2, state=State.WITHDRAWN)]
    assert ledger.reps == (replace(SECOND, version=1),)
