"""The person continues, whatever the sensor does."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_sim.sensor.clock import Crystal
from firmware_sim.sensor.link import Gap, LinkConditions
from firmware_sim.sensor.measurement import ImuSettings
from firmware_sim.sensor.sensor_setup import SensorSetup, ideal_session
from firmware_sim.sensor.wearer import Wearer, WornImu
from tests.firmware_sim.centrals import SHORT

CRYSTAL = Crystal(booted_s=50.0, error_ppm=200.0)
EXACT = SensorSetup(imu=ImuSettings(errors=0.0), rate_error_part=0.01, clock_error_ppm=200.0)


def test_the_crystal_is_off_and_consistent() -> None:
    assert CRYSTAL.us(50.0) == 0
    assert CRYSTAL.us(60.0) == 10_002_000
    assert CRYSTAL.true_s(10_002_000) == pytest.approx(60.0, abs=1e-9)


def test_the_workout_begins_with_the_first_sample() -> None:
    wearer = Wearer(SHORT, EXACT)
    assert wearer.begin_s is None
    feed = WornImu(wearer, CRYSTAL).start(EXACT.imu, 1_000_000)
    assert wearer.begin_s == pytest.approx(50.9998, abs=1e-6)
    batch = feed.read(3_000_400)
    # 2.0004 device seconds at 104 x 1.01 Hz true, with stamps 200 ppm fast.
    assert len(batch) == 1 + int(2.0004 / 1.0002 * 105.04)
    assert batch.t_us[0] == 1_000_000
    assert np.diff(batch.t_us).mean() == pytest.approx(1e6 * 1.0002 / 105.04, abs=0.01)
    assert feed.due_us(1) > 3_000_400 >= batch.t_us[-1]


@pytest.mark.parametrize("late_s", [0.0, 7.3])
def test_samples_are_those_of_the_workout(late_s: float) -> None:
    wearer = Wearer(SHORT, EXACT)
    wearer.begin_s = 100.0
    feed = wearer.start(EXACT.imu, 100.0 + late_s, Crystal(booted_s=100.0))
    batch = feed.read(feed.start_us + 3_000_000)
    worn = ideal_session(SHORT, EXACT, 1)
    at_s = late_s + np.arange(len(batch)) / 105.04
    expected = np.interp(at_s, worn.motion.t_s, worn.force_ms2[:, 0]) / 9.80665 / 0.000244
    # The part's own filter delays by some milliseconds.
    assert np.median(np.abs(batch.counts[:, 0] - expected)) < 40


def test_after_the_workout_the_person_stands_still() -> None:
    wearer = Wearer(SHORT, SensorSetup())
    feed = wearer.start(wearer.usual, 0.0, Crystal(booted_s=0.0))
    feed.read(round((wearer.workout_s + 1) * 1e6))
    still = feed.read(round((wearer.workout_s + 181) * 1e6))
    assert len(still) == pytest.approx(180 * 104, rel=0.011)
    assert np.all(still.counts.std(axis=0) < 30)
    assert np.all(still.counts.std(axis=0) > 0)
    assert np.linalg.norm(still.counts[:, :3].mean(axis=0) * 0.000244) == pytest.approx(1.0, abs=0.1)


def test_a_start_after_the_workout_finds_them_still() -> None:
    wearer = Wearer(SHORT, SensorSetup())
    wearer.begin_s = 0.0
    feed = wearer.start(wearer.usual, wearer.workout_s + 100, Crystal(booted_s=0.0))
    assert np.all(feed.read(feed.start_us + 5_000_000).counts[2:].std(axis=0) < 30)


def test_overruns_have_their_place_in_the_workout() -> None:
    wearer = Wearer(SHORT, SensorSetup(link=LinkConditions(overruns=(Gap(4.0, 1.0),)), rate_error_part=0.0))
    wearer.begin_s = 0.0
    feed = wearer.start(wearer.usual, 3.0, Crystal(booted_s=0.0))
    numbers = feed.read(feed.start_us + 5_000_000).numbers
    assert numbers[:104].tolist() == list(range(104))
    assert numbers[104] == 208


def test_another_choice_is_another_measurement() -> None:
    wearer = Wearer(SHORT, EXACT)
    feed = wearer.start(ImuSettings(rate_hz=52, gyroscope=False, acc_range_g=2, errors=0.0), 0.0, CRYSTAL)
    batch = feed.read(feed.start_us + 1_000_000)
    assert (batch.counts.shape[1], feed.gyr_dps_per_lsb, feed.acc_g_per_lsb) == (3, None, 0.000061)
    assert len(batch) == 53
