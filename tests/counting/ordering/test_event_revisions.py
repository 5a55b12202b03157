from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.counting.ordering.event_revisions import EventRevisions
from imurep.events import GapEvent, Phase, PhaseChange, State
from tests.scripted import make_rep, make_set

if TYPE_CHECKING:
    from imurep.events import Event, ExerciseSet, Rep

GAP = GapEvent(start_us=1, end_us=2)
PHASE = PhaseChange(time_us=1, phase=Phase.TOP_HOLD, rep_id="workout/1/1")


def rep(number: int, version: int = 0, **changes: object) -> Rep:
    """A rep as counting reports it; with a version, as it is published."""
    return make_rep(number, version=version, state=State.PROVISIONAL, **changes)


def ended(*reps: Rep, version: int = 0) -> ExerciseSet:
    return make_set(len(reps), version=version, reps=reps)


def marked(*events: Event) -> EventRevisions:
    """Revisions that have published these events after a mark."""
    revisions = EventRevisions()
    revisions.mark()
    revisions.publish(list(events))
    return revisions


def test_a_version_is_the_number_of_reports() -> None:
    revisions = EventRevisions()
    changed = rep(0, partial=True)
    assert revisions.publish([rep(0), PHASE, changed, GAP, ended(changed)]) == [
        rep(0, 1),
        PHASE,
        rep(0, 2, partial=True),
        GAP,
        ended(rep(0, 2, partial=True), version=1),
    ]
    assert revisions.publish([]) == []
    assert not revisions._published, "the set has ended"
    assert not revisions._counted


def test_what_is_the_same_is_not_published_again() -> None:
    revisions = marked(rep(0), rep(0, partial=True), rep(1))
    assert revisions.correct([rep(0), rep(0), rep(0, partial=True), PHASE, GAP, rep(1)]) == []


def test_what_differs_comes_in_a_version_that_was_not_published() -> None:
    revisions = marked(rep(0), rep(0), rep(0))
    assert revisions.correct([rep(0, partial=True)]) == [rep(0, 4, partial=True)]
    assert revisions.correct([rep(0)]) == [rep(0, 5)]


def test_what_is_not_true_any_more_is_withdrawn_once() -> None:
    revisions = marked(rep(0), rep(1), rep(2))
    withdrawn = replace(rep(2, 2), state=State.WITHDRAWN)
    assert revisions.correct([rep(0), rep(1)]) == [withdrawn]
    assert revisions.correct([rep(0), rep(1)]) == []
    assert revisions.publish([rep(2)]) == [rep(2, 3)], "it may come back"


def test_what_was_published_before_the_mark_can_change() -> None:
    revisions = EventRevisions()
    revisions.publish([rep(0)])
    revisions.mark()
    revisions.publish([rep(0, partial=True)])
    assert revisions.correct([]) == [rep(0, 3)], "as it was at the mark"


def test_versions_continue_from_what_was_published() -> None:
    revisions = marked(rep(0), rep(0), rep(0))
    revisions.correct([rep(0, partial=True)])
    revisions.clear_mark()
    assert revisions.publish([rep(0)]) == [rep(0, 5)]


def test_a_version_counts_the_reports_of_a_recount() -> None:
    revisions = marked(rep(0))
    recount: list[Event] = [rep(0), rep(0, partial=True), rep(0)] * 3
    assert revisions.correct(recount) == []
    revisions.clear_mark()
    assert revisions.publish([rep(0)]) == [rep(0, 10)]


def test_a_set_holds_its_reps_as_they_were_published() -> None:
    revisions = marked(rep(0), rep(0))
    changed, at_last = revisions.correct([rep(0, partial=True), ended(rep(0, partial=True))])
    assert changed == rep(0, 3, partial=True)
    assert at_last == ended(rep(0, 3, partial=True), version=1)


def test_a_set_that_was_none_is_withdrawn() -> None:
    revisions = marked(rep(0), ended(rep(0)))
    gone = revisions.correct([])
    assert [event.state for event in gone if not isinstance(event, (GapEvent, PhaseChange))] == [
        State.WITHDRAWN
    ] * 2
    assert revisions.correct([]) == []


def test_a_withdrawal_of_what_was_never_published_is_not_published() -> None:
    assert marked().correct([rep(0), replace(rep(0), state=State.WITHDRAWN)]) == []


def test_the_mark_moves_on() -> None:
    revisions = marked(rep(0), rep(1))
    revisions.advance_mark([rep(0)])
    assert revisions.correct([rep(1, partial=True)]) == [rep(1, 2, partial=True)], "the first one stands"


def test_ended_sets_are_forgotten_when_the_mark_has_passed_them() -> None:
    revisions = marked(rep(0), ended(rep(0)), replace(rep(1), set_id="workout/2"))
    assert len(revisions._published) == 3
    revisions.advance_mark([rep(0), ended(rep(0))])
    assert len(revisions._published) == 1
    revisions.clear_mark()
    assert len(revisions._published) == 1, "of the open set"
    assert revisions.correct([]) != []
