"""Whole sessions: quiet spans, gait, the clipped flag, one seed for everything."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.person import activities
from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.motion import render
from firmware_sim.person.person import draw_person
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.random_streams import RandomStreams
from firmware_sim.person.script import Script
from firmware_sim.person.workout import Session, quiet_spans, write_session
from firmware_sim.programs.simulate import simulate
from firmware_sim.sensor.ideal_imu import Strap, ideal_signals
from firmware_sim.sensor.link import Gap, LinkConditions
from firmware_sim.sensor.sensor_setup import SensorSetup

DEADLIFT = SetPlan(exercise=EXERCISES["deadlift"], reps=3, load_kg=60)
SWING = SetPlan(exercise=EXERCISES["kettlebell_swing"], reps=5)
SHORT = Session(sets=(DEADLIFT,), lead_in=False, cut_after_s=3.0)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    names=st.lists(st.sampled_from(sorted(EXERCISES)), min_size=1, max_size=3),
    lead_in=st.booleans(),
    ends_at_top=st.booleans(),
    rest_s=st.floats(5, 120),
)
def test_sets_and_quiet_tile_the_session(
    *, seed: int, names: list[str], lead_in: bool, ends_at_top: bool, rest_s: float
) -> None:
    streams = RandomStreams(seed)
    plans = tuple(SetPlan(exercise=EXERCISES[name], reps=2, ends_at_top=ends_at_top) for name in names)
    script, sets = write_session(
        Session(sets=plans, rest_s=rest_s, lead_in=lead_in), draw_person(streams), streams
    )
    spans = sorted(
        [(one.start_s, one.end_s) for one in sets]
        + [(span.start_s, span.end_s) for span in quiet_spans(script, sets)]
    )
    assert spans[0][0] == 0.0
    assert spans[-1][1] == pytest.approx(script.t_s)
    for (_, end_s), (start_s, _) in itertools.pairwise(spans):
        assert start_s == pytest.approx(end_s, abs=0.011)


def test_rests_last_about_as_long_as_asked() -> None:
    streams = RandomStreams(8)
    _, sets = write_session(Session(sets=(DEADLIFT,) * 4, rest_s=60.0), draw_person(streams), streams)
    rests_s = [b.start_s - a.end_s for a, b in itertools.pairwise(sets)]
    assert rests_s == pytest.approx([60.0] * 3, abs=6.0)


def test_a_session_starts_upright_and_still_then_walks() -> None:
    made = simulate(Session(sets=(DEADLIFT,)), SensorSetup(), seed=2)
    assert [span.what for span in made.quiet[:2]] == ["standing", "walking"]
    assert np.abs(made.motion.lean_deg[:1500]).max() < 6


@pytest.mark.parametrize("seed", range(3))
def test_daily_life_holds_no_rep_and_lasts_as_asked(seed: int) -> None:
    streams = RandomStreams(seed)
    script, sets = write_session(Session(daily_s=600.0), draw_person(streams), streams)
    assert sets == []
    assert 600 < script.t_s < 680
    assert {"walking", "resting"} < {span.what for span in quiet_spans(script, sets)}


def test_walking_is_as_strong_as_real_walking() -> None:
    """Against two people of UCI DSA: RMS of |a| 1.4-1.6, lean rate 11-14, roll rate 8-11 deg/s at 25 Hz."""
    for seed in range(3):
        streams = RandomStreams(seed)
        script = Script()
        activities.walk(script, streams.named("walk"), 60.0)
        motion = render(script, draw_person(streams), streams)
        force, rate = ideal_signals(motion, Strap())
        inner = slice(1000, -1000)
        assert 1.0 < np.linalg.norm(force[inner], axis=1).std() < 2.4
        assert 6 < np.degrees(rate[inner, 1]).std() < 22
        assert 5 < np.degrees(rate[inner, 2]).std() < 16


def test_breathing_and_sway_are_not_in_the_path() -> None:
    motion = simulate(Session(sets=(DEADLIFT,)), SensorSetup(), seed=2).motion
    still = slice(0, 1500)
    assert np.ptp(motion.path_deg[still]) == 0
    assert 0.2 < np.ptp(motion.lean_deg[still]) < 5
    assert motion.lean_deg[motion.t_s > 2].std() == pytest.approx(
        motion.path_deg[motion.t_s > 2].std(), rel=0.02
    )


def test_a_deadlift_jolts_when_it_touches_down() -> None:
    streams = RandomStreams(3)
    script, (found,) = write_session(SHORT, draw_person(streams), streams)
    assert [jolt.at_s for jolt in script.jolts] == pytest.approx([rep.end_s for rep in found.reps])


def payloads(session: Session, sensor: SensorSetup, seed: int = 6) -> list[tuple[int, str, bytes]]:
    delivery = simulate(session, sensor, seed).delivery
    return [(one.arrival_us, one.channel, one.payload) for one in delivery.notifications]


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    assert payloads(SHORT, SensorSetup()) == payloads(SHORT, SensorSetup())
    assert payloads(SHORT, SensorSetup()) != payloads(SHORT, SensorSetup(), seed=7)


@pytest.mark.parametrize(
    "sensor",
    [
        SensorSetup(slip_deg=30.0),
        SensorSetup(mounting=(1.0, 0.0, 0.0, 0.0), wobble=False, place="chest"),
        SensorSetup(link=LinkConditions(loss_part=0.2, jitter_ms=30.0)),
        SensorSetup(rate_error_part=0.0, clock_error_ppm=100.0),
    ],
)
def test_the_sensor_does_not_change_the_workout(sensor: SensorSetup) -> None:
    assert simulate(SHORT, sensor, 6).sets == simulate(SHORT, SensorSetup(), 6).sets


def unflagged(one: tuple[int, str, bytes]) -> tuple[int, str, bytes]:
    arrival_us, channel, payload = one
    return arrival_us, channel, payload[:1] + payload[2:]


def test_loss_takes_packets_and_changes_none() -> None:
    whole = payloads(SHORT, SensorSetup())
    some = payloads(SHORT, SensorSetup(link=LinkConditions(loss_part=0.3)))
    assert len(some) < len(whole)
    # The packet after a loss says so in its flags, and differs in nothing else.
    assert {unflagged(one) for one in some} < {unflagged(one) for one in whole}
    assert {payload[1] for _, channel, payload in some if channel == "data"} == {0x00, 0x08}


def test_what_has_no_place_happens_amid_the_first_set() -> None:
    made = simulate(
        SHORT, SensorSetup(slip_deg=20.0, link=LinkConditions(gaps=(Gap(None, 1.0), Gap(1e6, 1.0)))), 6
    )
    middle_s = (made.sets[0].start_s + made.sets[0].end_s) / 2
    assert made.strap.slip_at_s == pytest.approx(middle_s)
    assert [gap.start_s for gap in made.link.gaps] == [pytest.approx(middle_s, abs=1e-3)]


def test_swings_clip_a_small_gyroscope_and_report_it() -> None:
    session = replace(SHORT, sets=(SWING,))
    imu_settings = replace(SensorSetup().imu, gyr_range_dps=125)
    flags = [
        one.payload[1]
        for one in simulate(session, SensorSetup(imu=imu_settings), 6).delivery.notifications
        if one.channel == "data"
    ]
    assert 0x04 in flags
    assert 0x00 in flags
