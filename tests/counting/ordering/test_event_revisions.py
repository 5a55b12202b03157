from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.counting.ordering.event_revisions import Told
from imurep.events import GapEvent, Phase, PhaseChange, State
from tests.scripted import make_rep, make_set

if TYPE_CHECKING:
    from imurep.events import Event, ExerciseSet, Rep

GAP = GapEvent(start_us=1, end_us=2)
PHASE = PhaseChange(time_us=1, phase=Phase.TOP_HOLD, rep_id="workout/1/1")


def rep(number: int, version: int = 1, **changes: object) -> Rep:
    return make_rep(number, version=version, state=State.PROVISIONAL, **changes)


def ended(*reps: Rep, version: int = 1) -> ExerciseSet:
    return make_set(len(reps), version=version, reps=reps)


def marked(*events: Event) -> Told:
    told = Told()
    told.mark()
    assert told.tell(list(events)) == list(events)
    return told


def test_without_corrections_everything_is_told_as_it_comes() -> None:
    told = Told()
    events: list[Event] = [rep(0), PHASE, rep(0, 2, partial=True), GAP, ended(rep(0, 2, partial=True))]
    assert told.tell(events) == events
    assert told.tell([]) == []
    assert not told._told, "the set has ended"


def test_what_is_the_same_is_not_told_again() -> None:
    told = marked(rep(0), rep(0, 2, partial=True), rep(1))
    assert told.correct([rep(0, 7, partial=True), PHASE, GAP, rep(1)]) == []


def test_what_differs_comes_in_a_version_that_was_not_told() -> None:
    told = marked(rep(0), rep(0, 2), rep(0, 3))
    assert told.correct([rep(0, partial=True)]) == [rep(0, 4, partial=True)]
    assert told.correct([rep(0)]) == [rep(0, 5)]


def test_what_is_not_true_any_more_is_withdrawn_once() -> None:
    told = marked(rep(0), rep(1), rep(2))
    withdrawn = replace(rep(2, 2), state=State.WITHDRAWN)
    assert told.correct([rep(0), rep(1)]) == [withdrawn]
    assert told.correct([rep(0), rep(1)]) == []
    assert told.tell([rep(2)]) == [rep(2, 3)], "it may come back"


def test_what_was_told_before_the_mark_can_change() -> None:
    told = Told()
    told.tell([rep(0)])
    told.mark()
    told.tell([rep(0, 2, partial=True)])
    assert told.correct([]) == [rep(0, 3)], "as it was at the mark"


def test_versions_go_on_from_what_was_told() -> None:
    told = marked(rep(0), rep(0, 2), rep(0, 3))
    told.correct([rep(0, partial=True)])
    told.unmark()
    assert told.tell([rep(0, 2)]) == [rep(0, 5)]
    assert told.tell([rep(0, 9)]) == [rep(0, 9)]


def test_a_set_holds_its_reps_as_they_were_told() -> None:
    told = marked(rep(0), rep(0, 2))
    changed, at_last = told.correct([rep(0, partial=True), ended(rep(0, partial=True))])
    assert changed == rep(0, 3, partial=True)
    assert at_last == ended(rep(0, 3, partial=True))


def test_a_set_that_was_none_is_withdrawn() -> None:
    told = marked(rep(0), ended(rep(0)))
    gone = told.correct([])
    assert [event.state for event in gone if not isinstance(event, (GapEvent, PhaseChange))] == [
        State.WITHDRAWN
    ] * 2
    assert told.correct([]) == []


def test_a_withdrawal_of_what_was_never_told_is_not_told() -> None:
    told = marked()
    assert told.correct([rep(0), replace(rep(0, 2), state=State.WITHDRAWN)]) == []


def test_the_mark_moves_on() -> None:
    told = marked(rep(0), rep(1))
    told.settle([rep(0)])
    assert told.correct([rep(1, partial=True)]) == [rep(1, 2, partial=True)], "the first one stands"


def test_ended_sets_are_forgotten_when_the_mark_has_passed_them() -> None:
    told = marked(rep(0), ended(rep(0)), replace(rep(1), set_id="workout/2"))
    assert len(told._told) == 3
    told.settle([rep(0), ended(rep(0))])
    assert len(told._told) == 1
    told.unmark()
    assert len(told._told) == 1, "of the open set"
    assert told.correct([]) != []
