"""What is published of a set and its reps, and when."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from imurep.counting.segmentation import active_set
from imurep.counting.segmentation.active_set import ActiveSet
from imurep.events import ExerciseSet, Phase, PhaseChange, Rep, State
from tests.counting.watching import counts, stood, watch
from tests.motion import FIRST_US, Torso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.events import Event
    from tests.counting.watching import Reported
    from tests.motion import Edges


def reps_seen(seen: Sequence[Reported], number: int) -> list[Reported]:
    """All that was published of the set's ``number``-th rep."""
    ids = sorted(
        {one.event.id for one in seen if isinstance(one.event, Rep)}, key=lambda id_: (len(id_), id_)
    )
    return [one for one in seen if isinstance(one.event, Rep) and one.event.id == ids[number - 1]]


def later_s(seen: Reported, us: int) -> float:
    assert seen.at_us is not None
    return (seen.at_us - us) / 1e6


def pairs(torso: Torso) -> list[tuple[Edges, Edges]]:
    return list(zip(torso.edges[::2], torso.edges[1::2], strict=True))


# Reps


def test_a_rep_is_provisional_at_the_top_and_final_when_its_movement_is_over() -> None:
    torso = Torso().hold(2).reps(8).hold(5)
    seen = watch(torso)
    _, up = pairs(torso)[4]
    live = [one for one in reps_seen(seen, 5) if one.at_us is not None]
    at_top = [one for one in live if later_s(one, up.end_us) < 1]
    states = [event.state for event in (one.event for one in at_top) if isinstance(event, Rep)]
    assert states == [State.PROVISIONAL, State.FINAL]
    assert -0.3 < later_s(at_top[0], up.end_us) < 0.2, "people expect the count at lockout"
    assert 0 < later_s(at_top[1], up.end_us) < 0.7


def test_from_the_bottom_a_rep_is_provisional_at_its_top_and_final_at_its_end() -> None:
    torso = Torso(50).hold(2).reps(8, 0).hold(5)
    seen = watch(torso, exercise="deadlift")
    up, down = pairs(torso)[4]
    first = reps_seen(seen, 5)[0]
    assert isinstance(first.event, Rep)
    assert first.event.state is State.PROVISIONAL
    assert first.event.end_us is None
    assert -0.3 < later_s(first, up.end_us) < 0.2
    final = next(
        one for one in reps_seen(seen, 5) if isinstance(one.event, Rep) and one.event.state is State.FINAL
    )
    assert isinstance(final.event, Rep)
    assert final.event.bottom_hold_s is None
    assert 0 < later_s(final, down.end_us) < 0.7


def test_the_next_rep_fills_in_the_hold() -> None:
    seen = watch(Torso().hold(2).reps(5).hold(5))
    versions = [one.event for one in reps_seen(seen, 3) if isinstance(one.event, Rep)]
    assert versions[-1].top_hold_s == pytest.approx(0.97, abs=0.05)
    first_final = next(rep for rep in versions if rep.state is State.FINAL)
    assert first_final.top_hold_s is None
    assert {rep.id for rep in versions} == {versions[0].id}


def test_the_first_reps_are_back_dated() -> None:
    """Where nothing is known, they wait until there are enough of them that are alike."""
    torso = Torso().hold(20).reps(5).hold(5)
    seen = watch(torso)
    first = reps_seen(seen, 1)[0]
    (_, up), _, (_, third_up) = pairs(torso)[:3]
    assert isinstance(first.event, Rep)
    for number in (1, 2, 3):
        assert -0.3 < later_s(reps_seen(seen, number)[0], third_up.end_us) < 0.2
    assert first.event.start_us == pytest.approx(torso.edges[0].start_us, abs=250_000)
    assert first.event.end_us == pytest.approx(up.end_us, abs=50_000)


@pytest.mark.parametrize("known", [{"exercise": "good_morning"}, {"min_reps": 1}])
def test_with_something_known_nothing_is_pending(known: dict[str, int | str]) -> None:
    torso = Torso().hold(5).reps(5).hold(5)
    exercise, min_reps = known.get("exercise"), known.get("min_reps", 3)
    assert exercise is None or isinstance(exercise, str)
    first = reps_seen(watch(torso, exercise=exercise, min_reps=int(min_reps)), 1)[0]
    assert later_s(first, pairs(torso)[0][1].end_us) < 1.0


@pytest.mark.parametrize(
    "tempo", [(1.6, 0.5, 1.2, 0.7), (3.0, 1.0, 2.0, 1.0), (1.0, 0.2, 0.8, 0.2), (4.0, 0.2, 1.0, 2.0)]
)
def test_tempo_and_range(tempo: tuple[float, float, float, float]) -> None:
    """All but the beginning of the first rep, to 5 % of the movement."""
    torso = Torso().hold(3).reps(8, 55, tempo).hold(10)
    (found,) = stood(watch(torso))
    for rep, (down, up) in list(zip(found.reps, pairs(torso), strict=True))[1:]:
        assert rep.start_us == pytest.approx(down.start_us, abs=5e4 * down.duration_s + 1e4)
        assert rep.top_us == rep.end_us == pytest.approx(up.end_us, abs=5e4 * up.duration_s + 1e4)
        assert rep.eccentric_s == pytest.approx(down.duration_s, rel=0.05)
        assert rep.concentric_s == pytest.approx(up.duration_s, rel=0.05)
        assert rep.bottom_hold_s == pytest.approx((up.start_us - down.end_us) / 1e6, abs=0.1)
        assert rep.range_of_motion_deg == pytest.approx(55, abs=1)
        assert rep.peak_rate_dps == pytest.approx(max(up.peak_dps, down.peak_dps), rel=0.03)
        assert not rep.partial


@pytest.mark.parametrize("seconds", [2.0, 6.0])
def test_the_first_eccentric_lasts_as_long_as_the_others(seconds: float) -> None:
    (found,) = stood(watch(Torso().hold(3).reps(5, 50, (seconds, 0.5, 1.5, 0.7)).hold(10)))
    assert found.reps[0].eccentric_s == pytest.approx(seconds, rel=0.05)


def test_a_slow_second_eccentric_is_not_cut_short() -> None:
    (found,) = stood(watch(Torso().hold(3).reps(5, 55, (6.0, 1.0, 2.0, 1.0)).hold(10)))
    assert found.reps[1].eccentric_s == pytest.approx(6.0, abs=0.1)


def test_partial_reps_are_marked_and_not_dropped() -> None:
    torso = Torso().hold(5).reps(3).reps(1, 28).reps(3).hold(5)
    (found,) = stood(watch(torso))
    assert [rep.partial for rep in found.reps] == [False] * 3 + [True] + [False] * 3
    assert found.reps[3].range_of_motion_deg == pytest.approx(28, abs=2)


def test_a_hesitation_on_the_way_up_makes_no_rep() -> None:
    torso = Torso().hold(3)
    for _ in range(5):
        torso.lean(55, 1.5).hold(0.3).lean(25, 0.8).lean(31, 0.4).lean(0, 0.8).hold(0.5)
    (found,) = stood(watch(torso.hold(10)))
    assert found.repetitions == 5
    for rep, (up, _, end) in zip(
        found.reps, zip(torso.edges[1::4], torso.edges[2::4], torso.edges[3::4], strict=True), strict=True
    ):
        assert rep.concentric_s == pytest.approx((end.end_us - up.start_us) / 1e6, abs=0.1)


def test_a_slow_eccentric_ends_no_set() -> None:
    assert counts(watch(Torso().hold(3).reps(2).reps(4, 50, (6.0, 0.5, 2.0, 0.5)).reps(2).hold(5))) == [8]


@pytest.mark.parametrize(
    "pause_deg", [0.0, 25.0, 50.0], ids=["at the top", "on the way down", "at the bottom"]
)
@pytest.mark.parametrize("before", [0, 3], ids=["in the first rep", "in the fourth rep"])
def test_a_pause_of_ten_seconds_in_a_rep_ends_no_set(before: int, pause_deg: float) -> None:
    torso = Torso().hold(5).reps(before)
    if pause_deg:
        torso.lean(pause_deg, 1.0)
    torso.hold(10)
    if pause_deg != 50:
        torso.lean(50, 1.0)
    torso.hold(0.5).lean(0, 1.2).hold(0.7)
    assert counts(watch(torso.reps(3).hold(5))) == [before + 4]


# Sets


def test_a_set_is_provisional_when_it_has_enough_reps() -> None:
    torso = Torso().hold(3).reps(5).hold(40)
    seen = [one for one in watch(torso) if isinstance(one.event, ExerciseSet)]
    first, last = seen
    assert isinstance(first.event, ExerciseSet)
    assert isinstance(last.event, ExerciseSet)
    assert (first.event.state, first.event.version, first.event.repetitions) == (State.PROVISIONAL, 1, 3)
    assert later_s(first, pairs(torso)[2][1].end_us) < 0.5
    assert (last.event.state, last.event.version, last.event.repetitions) == (State.FINAL, 2, 5)
    assert last.event.id == first.event.id


def test_what_an_event_has_of_the_session() -> None:
    (found,) = stood(watch(Torso().hold(3).reps(5).hold(5)))
    assert (found.exercise, found.exercise_group) == (
        "romanian_deadlift",
        ("good_morning", "romanian_deadlift"),
    )
    assert found.gyroscope
    assert found.gaps == 0
    (found,) = stood(watch(Torso().hold(3).reps(5).hold(5), exercise="good_morning"))
    assert (found.exercise, found.exercise_group) == (
        "good_morning",
        ("good_morning", "romanian_deadlift"),
    )


def test_of_too_few_reps_nothing_is_published() -> None:
    assert watch(Torso().hold(3).reps(2).hold(40)) == []


def test_with_the_exercise_known_too_few_reps_are_withdrawn() -> None:
    seen = watch(Torso().hold(3).reps(2).hold(40), exercise="good_morning")
    states = [one.event.state for one in seen if isinstance(one.event, Rep)]
    assert State.PROVISIONAL in states
    assert states[-2:] == [State.WITHDRAWN] * 2
    assert not [one for one in seen if isinstance(one.event, ExerciseSet)], "the set was not published"


def test_fewer_are_enough_when_fewer_are_asked_for() -> None:
    assert counts(watch(Torso().hold(3).reps(2).hold(40), min_reps=2)) == [2]
    assert counts(watch(Torso().hold(3).reps(1).hold(40), min_reps=1)) == [1]
    assert counts(watch(Torso().hold(3).reps(5).hold(40), min_reps=6)) == []
    assert counts(watch(Torso().hold(3).reps(6).hold(40), min_reps=6)) == [6]


def test_a_set_that_turns_out_not_to_be_one_is_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    close = ActiveSet.close
    closing: list[ActiveSet] = []

    def closed(active: ActiveSet, *args: Any, **kwargs: Any) -> list[Event]:  # noqa: ANN401 passed on as they come
        closing.append(active)
        return close(active, *args, **kwargs)

    monkeypatch.setattr(ActiveSet, "close", closed)
    monkeypatch.setattr(active_set, "exercise_confidence", lambda *_, **__: 0.1 if closing else 0.9)
    seen = watch(Torso().hold(3).reps(3, 40).hold(40))
    events = [one.event for one in seen if isinstance(one.event, ExerciseSet)]
    assert [(event.version, event.state) for event in events] == [
        (1, State.PROVISIONAL),
        (2, State.WITHDRAWN),
    ]
    assert {event.id for event in events} == {events[0].id}
    assert [event.confidence for event in events] == [0.9, 0.1]
    assert counts(seen) == []


# What is shown of movements that are unlike the set's


def shown_ids(seen: Sequence[Reported]) -> set[str]:
    return {one.event.id for one in seen if isinstance(one.event, Rep)}


def test_getting_off_is_never_shown() -> None:
    """Off the bench from the bottom, slowly, with a stop, to standing."""
    torso = Torso().hold(5).reps(6).hold(0.7)
    torso.lean(50, 1.5).hold(2.5).lean(20, 2.0).hold(0.5).lean(-40, 2.5).hold(40)
    seen = watch(torso)
    assert counts(seen) == [6]
    assert len(shown_ids(seen)) == 6


def test_irregular_bends_are_never_shown() -> None:
    torso = Torso().hold(3)
    for deg, seconds, hold_s, pause_s in ((60, 1.0, 4.0, 2.0), (48, 1.8, 0.5, 9.0), (66, 0.9, 2.0, 4.0)):
        torso.lean(deg, seconds).hold(hold_s).lean(0, seconds).hold(pause_s)
    assert shown_ids(watch(torso.hold(40))) == set()


def test_an_unlike_rep_waits_for_the_next_ones() -> None:
    torso = Torso().hold(5).reps(5).lean(50, 3.5).hold(1.0).lean(0, 3.5).hold(0.7).reps(4).hold(40)
    seen = watch(torso)
    assert counts(seen) == [10]
    (_, unlike_up), _, (_, second_up) = pairs(torso)[5:8]
    sixth, eighth = reps_seen(seen, 6)[0], reps_seen(seen, 8)[0]
    assert later_s(sixth, unlike_up.end_us) > 1
    assert later_s(sixth, second_up.end_us) < 0.7
    assert later_s(eighth, second_up.end_us) < 0.7


def test_a_set_behind_unlike_bends_is_counted_without_them() -> None:
    torso = Torso().hold(3)
    for deg, seconds, pause_s in ((60, 0.9, 6), (45, 2.5, 1), (70, 1.0, 9)):
        torso.lean(deg, seconds).hold(0.3).lean(4, seconds).hold(pause_s)
    assert counts(watch(torso.hold(1).reps(4).hold(60))) == [4]


# Phases as they happen


def test_phases_are_published_live_and_in_order() -> None:
    torso = Torso().hold(3).reps(8).hold(5)
    seen = [one for one in watch(torso) if isinstance(one.event, PhaseChange)]
    order = [one.event.phase for one in seen if isinstance(one.event, PhaseChange)]
    assert all(len(list(same)) == 1 for _, same in groupby(order))
    cycle = [Phase.ECCENTRIC, Phase.BOTTOM_HOLD, Phase.CONCENTRIC, Phase.TOP_HOLD]
    start = cycle.index(order[0])
    assert order == [cycle[(start + number) % 4] for number in range(len(order))]
    assert order[-1] is Phase.TOP_HOLD
    assert len(order) >= 3 * 4, "from the third rep on, when it is known to be a set"
    for one in seen:
        assert isinstance(one.event, PhaseChange)
        assert abs(later_s(one, one.event.time_us)) < 0.1, "when it is known"


def test_a_phase_names_a_rep_that_was_published() -> None:
    context = set()
    for one in watch(Torso().hold(3).reps(6).hold(5)):
        if isinstance(one.event, Rep):
            context.add(one.event.id)
        elif isinstance(one.event, PhaseChange):
            assert one.event.rep_id in context


# Top and bottom


def test_while_upright_was_not_seen_a_set_is_assumed_to_start_at_the_top() -> None:
    (found,) = stood(watch(Torso(60).hold(3).reps(6, 10, (2.0, 0.5, 1.2, 0.7)).hold(0.5)))
    assert found.top_assumed
    for rep in found.reps[1:]:
        assert (rep.eccentric_s, rep.concentric_s) == pytest.approx((2.0, 1.2), abs=0.1)


def test_who_begins_at_one_end_and_ends_at_the_other_ended_at_the_top() -> None:
    """Exercise and upright unknown: deadlifts of which the last was not set down."""
    (found,) = stood(watch(Torso(50).hold(5).reps(7, 0, (2.0, 0.5, 1.2, 0.7)).lean(0, 2.0).hold(1)))
    assert found.repetitions == 8
    for rep in found.reps[1:-1]:
        assert (rep.concentric_s, rep.eccentric_s) == pytest.approx((2.0, 1.2), abs=0.1)


def test_the_end_nearer_to_upright_is_the_top() -> None:
    torso = Torso().walk(10).hold(3).lean(60, 1.5).hold(3).reps(6, 10, (2.0, 0.5, 1.2, 0.7)).hold(40)
    (found,) = stood(watch(torso))
    assert not found.top_assumed
    for rep in found.reps[1:]:
        assert (rep.eccentric_s, rep.concentric_s) == pytest.approx((1.2, 2.0), abs=0.1)


def test_of_the_last_rep_the_hold_that_follows_is_not_known() -> None:
    """As ARCHITECTURE.md says, also when the person leans forward again for something else."""
    (found,) = stood(watch(Torso().hold(30).reps(6).lean(50, 1.6).hold(40)))
    assert found.repetitions == 6
    assert found.reps[-1].top_hold_s is None


def test_the_exercise_shows_where_a_rep_starts() -> None:
    (found,) = stood(watch(Torso(50).hold(3).reps(6, 0).hold(5), exercise="deadlift"))
    assert found.repetitions == 6
    for rep in found.reps:
        assert rep.concentric_s is not None
        assert rep.end_us is not None
        assert rep.top_us < rep.end_us
        assert rep.start_us + round(rep.concentric_s * 1e6) == pytest.approx(rep.top_us, abs=1)


@pytest.mark.parametrize("exercise", [None, "deadlift"])
def test_bending_to_the_bar_and_rising_without_it_is_no_rep(exercise: str | None) -> None:
    torso = Torso().walk(8).hold(2).lean(50, 1.5).hold(3).reps(6, 0).hold(3).lean(0, 1.5).hold(5).walk(20)
    (found,) = stood(watch(torso, exercise=exercise))
    assert found.repetitions == 6
    first, last = torso.edges[1], torso.edges[-2]
    assert found.start_us == pytest.approx(first.start_us, abs=200_000)
    assert found.end_us == pytest.approx(last.end_us, abs=50_000)


def test_times_are_on_the_clock_of_the_data() -> None:
    torso = Torso().hold(3).reps(5).hold(5)
    for one in watch(torso):
        if isinstance(one.event, PhaseChange):
            assert FIRST_US < one.event.time_us <= torso.now_us
