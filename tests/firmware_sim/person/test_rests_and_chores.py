"""Variety: rests, ways to come, house work and a gym floor, all within what a trunk can do."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.person import gym_floor, house_work, rests
from firmware_sim.person.activities import UPRIGHT
from firmware_sim.person.daily_life import DAYS
from firmware_sim.person.exercises import EXERCISES, Posture
from firmware_sim.person.motion import render
from firmware_sim.person.person import draw_person
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.random_streams import RandomStreams
from firmware_sim.person.script import Script
from firmware_sim.person.workout import Session, quiet_spans, write_session

if TYPE_CHECKING:
    from collections.abc import Callable

    Deed = Callable[[Script, np.random.Generator], None]

DEEDS = {deed.__name__: deed for deed in (*house_work.DEEDS, *gym_floor.DEEDS)}
SEEDS = st.integers(1, 4999)


def standing() -> Script:
    script = Script()
    script.now["lean_deg"] = UPRIGHT.lean_deg
    return script


def assert_upright(script: Script) -> None:
    assert script.now["lean_deg"] == pytest.approx(UPRIGHT.lean_deg)
    for channel in ("roll_deg", "twist_deg", "up_m", "forward_m"):
        assert script.now[channel] == pytest.approx(0.0, abs=1e-9), channel


def assert_human(script: Script) -> None:
    """No trunk goes further or faster (a minimum-jerk movement peaks at 1.875 of its mean rate)."""
    far = {
        "lean_deg": (-100.0, 125.0),
        "roll_deg": (-90.0, 90.0),
        "twist_deg": (-75.0, 75.0),
        "up_m": (-1, 0.1),
    }
    for channel, (low, high) in far.items():
        for move in script.moves[channel]:  # type: ignore[index]  # the keys above are channels
            assert low <= move.end <= high, channel
            if channel.endswith("_deg"):
                assert 1.875 * abs(move.end - move.start) / (move.end_s - move.start_s) < 450


def bends_s(script: Script, least_deg: float) -> list[float]:
    moves = script.moves["lean_deg"]
    return [
        one.end_s
        for one in moves
        if one.end > one.start and one.end > least_deg and one.start < least_deg / 2
    ]


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
@pytest.mark.parametrize("deed", DEEDS.values(), ids=list(DEEDS))
def test_every_deed_begins_and_ends_upright(deed: Deed, seed: int) -> None:
    script = standing()
    deed(script, np.random.default_rng(seed))
    assert_upright(script)
    assert_human(script)
    assert 0.5 < script.t_s < 400


def test_laundry_has_bends_at_irregular_times() -> None:
    spreads = []
    for seed in range(30):
        script = standing()
        house_work.DEEDS[0](script, np.random.default_rng(seed))
        between_s = np.diff(bends_s(script, 35.0))
        if between_s.size >= 3:
            spreads.append(np.std(between_s) / np.mean(between_s))
    assert np.median(spreads) > 0.25


def test_twists_start_and_end_in_the_middle_of_their_range() -> None:
    for seed in range(20):
        script = standing()
        gym_floor.DEEDS[0](script, np.random.default_rng(seed))
        twist_deg = np.array([move.end for move in script.moves["twist_deg"]])
        assert script.moves["twist_deg"][0].start == 0.0
        assert twist_deg[-1] == 0.0
        assert twist_deg.max() > 15
        assert twist_deg.min() < -15


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, seconds=st.floats(4, 240), walks=st.booleans())
def test_a_rest_lasts_as_long_as_asked_and_ends_upright(*, seed: int, seconds: float, walks: bool) -> None:
    script = standing()
    rests.rest(script, np.random.default_rng(seed), seconds, walks=walks)
    assert_upright(script)
    assert_human(script)
    assert seconds - 0.01 <= script.t_s <= seconds + 25
    assert walks or not script.bouts


@pytest.mark.parametrize("name", ["back_extension_45", "floor_back_extension", "good_morning"])
def test_who_stays_at_the_place_ends_where_the_next_set_starts(name: str) -> None:
    exercise = EXERCISES[name]
    start = exercise.top if exercise.starts_at_top else exercise.bottom
    script = Script()
    script.now |= {"lean_deg": start.lean_deg, "up_m": start.up_m, "forward_m": start.forward_m}
    rests.stay(script, exercise, start, np.random.default_rng(5), 20.0)
    ended = Posture(script.now["lean_deg"], script.now["up_m"], script.now["forward_m"])
    assert ended == start
    assert script.t_s == pytest.approx(20.0, abs=4.0)


def test_a_third_of_the_people_do_not_walk() -> None:
    drawn = [rests.draw_coming(RandomStreams(seed).named("coming")) for seed in range(1000)]
    assert np.mean([one.walks for one in drawn]) == pytest.approx(2 / 3, abs=0.05)
    assert np.mean([one.in_sight for one in drawn]) == pytest.approx(5 / 6, abs=0.05)
    assert all(one.in_sight for one in drawn if one.walks)


def test_rests_are_drawn_between_their_bounds() -> None:
    drawn = [rests.draw_rest_s(np.random.default_rng(seed)) for seed in range(300)]
    low_s, high_s = rests.REST_S
    assert low_s <= min(drawn) < 20
    assert 200 < max(drawn) <= high_s


@settings(max_examples=25, deadline=None)
@given(
    seed=SEEDS,
    names=st.lists(st.sampled_from(sorted(EXERCISES)), min_size=1, max_size=3),
    rest_s=st.one_of(st.none(), st.just(20.0)),
)
def test_sets_and_quiet_tile_a_varied_session(seed: int, names: list[str], rest_s: float | None) -> None:
    streams = RandomStreams(seed)
    plans = tuple(SetPlan(exercise=EXERCISES[name], reps=2, load_kg=20) for name in (*names, names[-1]))
    session = Session(sets=plans, rest_s=rest_s, variety="life")
    script, sets = write_session(session, draw_person(streams), streams)
    assert len(sets) == len(plans)
    spans = sorted(
        [(one.start_s, one.end_s) for one in sets]
        + [(span.start_s, span.end_s) for span in (*script.neutral, *quiet_spans(script, sets))]
    )
    assert spans[0][0] == 0.0
    assert spans[-1][1] == pytest.approx(script.t_s)
    for (_, end_s), (start_s, _) in itertools.pairwise(spans):
        assert start_s == pytest.approx(end_s, abs=0.011)
    for first, second in itertools.pairwise(sets):
        assert second.start_s - first.end_s >= 14.0


@pytest.mark.parametrize("day", DAYS)
def test_other_exercises_are_neutral_and_all_else_is_quiet(day: str) -> None:
    streams = RandomStreams(12)
    session = Session(daily_s=900.0, day=day, variety="life")
    script, _ = write_session(session, draw_person(streams), streams)
    neutral = {span.what for span in script.neutral}
    assert bool(neutral) is (day == "gym")
    assert neutral <= {"sit-ups", "squats", "rows", "push-ups", "burpees"}
    assert not neutral & {span.what for span in quiet_spans(script, [])}


def test_the_same_seed_gives_the_same_motion() -> None:
    def rendered() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        streams = RandomStreams(7)
        session = Session(
            sets=(SetPlan(exercise=EXERCISES["deadlift"], reps=3),) * 2, rest_s=40, variety="life"
        )
        person = draw_person(streams)
        return render(write_session(session, person, streams)[0], person, streams).lean_deg

    assert np.array_equal(rendered(), rendered())
