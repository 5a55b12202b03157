"""Sets as varied as life: all ways occur, nothing is faster than people are, and the truth holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from firmware_sim.person import habits
from firmware_sim.person.bench_ways import OFF_BENCH
from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.motion import RATE_HZ, render
from firmware_sim.person.person import draw_person
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.random_streams import RandomStreams
from firmware_sim.person.rests import draw_coming
from firmware_sim.person.script import Script
from firmware_sim.person.set_manner import FailedRep, Manner, Pause
from firmware_sim.person.ways import FASTEST_DPS, go
from firmware_sim.person.workout import Session, quiet_spans, write_session
from firmware_sim.sensor.ideal_imu import Strap, ideal_signals

if TYPE_CHECKING:
    from firmware_sim.person.motion import Motion
    from firmware_sim.person.truth import TrueSet

PLACES = ("bench", "floor", "bar", "rack", "kettlebell")
EDGE_S = 1.0
SEEN_UPRIGHT = [seed for seed in range(9) if draw_coming(RandomStreams(seed).named("coming")).in_sight][:2]
"""Seeds of people who stand before the set and after it."""


def lived(name: str, seed: int, reps: int = 6, sets: int = 1) -> tuple[Script, list[TrueSet]]:
    streams = RandomStreams(seed)
    plan = SetPlan(exercise=EXERCISES[name], reps=reps)
    return write_session(Session(sets=(plan,) * sets, variety="life"), draw_person(streams), streams)


def moved(script: Script, seed: int) -> Motion:
    streams = RandomStreams(seed)
    return render(script, draw_person(streams), streams)


def rule(t_s: np.ndarray, path_deg: np.ndarray, start_s: float, end_s: float) -> tuple[float, float]:
    """The movement between two instants by the 10 % rule."""
    at = (t_s >= start_s) & (t_s < end_s)
    rate = np.gradient(path_deg[at], 1 / RATE_HZ)
    along = rate * np.sign(path_deg[at][-1] - path_deg[at][0])
    above = np.flatnonzero(along >= 0.1 * along.max())
    return float(t_s[at][above[0]]), float(t_s[at][above[-1]])


def test_the_same_seed_gives_the_same_script() -> None:
    one, other = (lived("deadlift", 5, sets=2) for _ in range(2))
    assert one == other


def test_a_plain_session_has_none_of_it() -> None:
    streams = RandomStreams(5)
    plan = SetPlan(exercise=EXERCISES["deadlift"], reps=6)
    script, (found,) = write_session(Session(sets=(plan,)), draw_person(streams), streams)
    assert (script.neutral, script.efforts, script.moves["twist_deg"]) == ([], [], [])
    assert not set(found.variations) - {"fatigue"}


@pytest.mark.parametrize("name", EXERCISES)
def test_every_way_occurs(name: str) -> None:
    exercise = EXERCISES[name]
    seen = set()
    for seed in range(150):
        script = Script()
        habits.get_on(script, exercise, exercise.bottom, np.random.default_rng(seed))
        habits.get_off(script, exercise, np.random.default_rng(seed))
        seen |= {span.what for span in script.spans}
    on = {f"getting ready: {way}" for way in habits.ways_of(exercise, habits.WAYS_ON)}
    assert seen == on | {f"getting off: {way}" for way in habits.ways_of(exercise, habits.WAYS_OFF)}


@pytest.mark.parametrize("place", ["bench", "floor"])
def test_there_are_ten_ways_on_and_off(place: str) -> None:
    assert min(len(habits.WAYS_ON[place]), len(habits.WAYS_OFF[place])) >= 10


@pytest.mark.parametrize("place", PLACES)
def test_a_way_on_ends_where_the_first_rep_starts_and_one_off_ends_upright(place: str) -> None:
    for exercise in (one for one in EXERCISES.values() if one.place == place):
        start = exercise.top if exercise.starts_at_top else exercise.bottom
        for seed in range(30):
            script = Script()
            habits.get_on(script, exercise, start, np.random.default_rng(seed))
            at = (script.now["lean_deg"], script.now["up_m"], script.now["forward_m"])
            assert at == pytest.approx((start.lean_deg, start.up_m, start.forward_m))
            assert (script.now["roll_deg"], script.now["twist_deg"]) == (0.0, 0.0)
            habits.get_off(script, exercise, np.random.default_rng(seed))
            assert -1.0 < script.now["lean_deg"] < 10.0
            assert (script.now["roll_deg"], script.now["twist_deg"]) == (0.0, 0.0)


def test_getting_off_by_the_hands_takes_its_time_and_stops_half_way() -> None:
    bench = EXERCISES["back_extension_90"]
    way = OFF_BENCH["by the hands, with a stop half-way"]
    for seed in range(20):
        script = Script()
        script.now |= {"lean_deg": bench.bottom.lean_deg, "up_m": bench.bottom.up_m, "forward_m": 0.3}
        go(script, way, habits.places(bench, bench.bottom), np.random.default_rng(seed))
        first, last = script.moves["lean_deg"]
        assert 3.0 < last.end_s - first.start_s < 6.5
        assert 60 < first.end < 130
        assert last.start_s - first.end_s > 0.25
        assert bench.top.lean_deg - last.end == pytest.approx(88, abs=1)


@pytest.mark.parametrize("name", EXERCISES)
def test_nobody_is_faster_than_people_are(name: str) -> None:
    for seed in SEEN_UPRIGHT:
        script, sets = lived(name, seed)
        motion = moved(script, seed)
        force_ms2, _ = ideal_signals(motion, Strap())
        rate_dps = np.abs(np.gradient(motion.path_deg, 1 / RATE_HZ))
        aside = (motion.t_s < sets[0].start_s - EDGE_S) | (motion.t_s > sets[0].end_s + EDGE_S)
        assert rate_dps[aside].max() < FASTEST_DPS * 1.01
        assert rate_dps.max() < 260
        jerk = np.abs(np.gradient(np.gradient(rate_dps[aside], 1 / RATE_HZ), 1 / RATE_HZ))
        assert np.quantile(jerk, 0.999) < 20_000
        assert np.abs(np.linalg.norm(force_ms2, axis=1) - 9.81).max() < 15


@pytest.mark.parametrize("name", EXERCISES)
def test_the_truth_is_what_the_rule_reads_off_the_path(name: str) -> None:
    for seed in range(3):
        script, (found,) = lived(name, seed)
        motion = moved(script, seed)
        for rep in found.reps:
            assert rep.top_s is not None
            assert rep.concentric_s is not None
            start_s = rep.top_s - rep.concentric_s
            margin_s = 0.02
            read = rule(motion.t_s, motion.path_deg, start_s - margin_s, rep.top_s + margin_s)
            assert read == pytest.approx((start_s, rep.top_s), abs=0.006)
        for rep, following in zip(found.reps, found.reps[1:], strict=False):
            hold_s = rep.top_hold_s if found.first_movement == "eccentric" else rep.bottom_hold_s
            assert hold_s is not None
            assert rep.end_s + hold_s == pytest.approx(following.start_s, abs=1e-9)


def test_a_failed_rep_is_neutral_and_no_rep() -> None:
    failed = FailedRep(part=0.4, seconds=2.0, stop_s=0.5, back_s=1.0, before_s=1.0)
    for name in ("back_extension_45", "good_morning"):
        plan = SetPlan(exercise=EXERCISES[name], reps=4, manner=Manner(failed=failed))
        streams = RandomStreams(3)
        script, (found,) = write_session(Session(sets=(plan,)), draw_person(streams), streams)
        (span,) = script.neutral
        assert len(found.reps) == 4
        assert found.variations == ("fatigue", "failed_rep")
        assert found.end_s < span.start_s
        assert span.end_s - span.start_s == pytest.approx(3.5)
        motion = moved(script, 3)
        during = (motion.t_s > span.start_s) & (motion.t_s < span.end_s)
        assert np.ptp(motion.path_deg[during]) == pytest.approx(
            0.4 * found.reps[-1].range_of_motion_deg, rel=0.15
        )
        assert all(
            one.end_s <= span.start_s or one.start_s >= span.end_s for one in quiet_spans(script, [found])
        )


def test_pauses_lengthen_the_hold_they_are_in() -> None:
    plan = SetPlan(exercise=EXERCISES["back_extension_45"], reps=4)
    paused = replace(plan, manner=Manner(pauses=(Pause(1, 5.0, "top"), Pause(2, 4.0, "bottom"))))
    (without,), (found,) = (
        write_session(Session(sets=(one,)), draw_person(RandomStreams(3)), RandomStreams(3))[1]
        for one in (plan, paused)
    )
    for rep, pauses_s in enumerate([(0.0, 0.0), (5.0, 0.0), (0.0, 4.0)]):
        usual, now = (
            (one.reps[rep].top_hold_s or 0.0, one.reps[rep].bottom_hold_s or 0.0) for one in (without, found)
        )
        assert now == pytest.approx(tuple(max(pair) for pair in zip(usual, pauses_s, strict=True)))


def test_what_is_drawn_for_a_set_varies_as_described() -> None:
    lives = [
        habits.live(SetPlan(exercise=EXERCISES[name], reps=10), RandomStreams(seed), 0)
        for seed in range(80)
        for name in ("deadlift", "floor_back_extension")
    ]
    ranges = [one.exercise.bottom.lean_deg - one.exercise.top.lean_deg for one in lives]
    assert 12 <= min(ranges[1::2]) < 15
    assert 25 < max(ranges[1::2]) <= 28
    assert any(20 <= one <= 26 for one in ranges[::2])
    kinds = {kind for one in lives for kind in one.variations}
    assert kinds >= {"rest_pause", "breathing_pauses", "failed_rep", "fatigue"}
    pauses_s = [pause.seconds for one in lives for pause in one.manner.pauses]
    assert 3.0 <= min(pauses_s) < max(pauses_s) <= 8.0
    assert all(pause.rep < one.reps - 1 for one in lives for pause in one.manner.pauses)


def test_breath_is_fast_after_a_set_and_calms_down() -> None:
    script, (found,) = lived("back_extension_45", 4)
    (effort,) = [one for one in script.efforts if one.end_s >= found.end_s]
    assert 20 / 60 <= effort.breath_hz <= 35 / 60
    assert effort.recovery_s >= 30


def test_weights_are_fetched_up_to_six_times() -> None:
    bends = []
    for seed in range(40):
        script = Script()
        habits.fetch_weights(script, EXERCISES["deadlift"], np.random.default_rng(seed), 60.0)
        bends.append(sum(span.what == "fetching weights" for span in script.spans))
    assert set(bends) == set(range(7))
