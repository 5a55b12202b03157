"""Whole sets without a gyroscope, felt by a sensor at a lever from the hip."""

from __future__ import annotations

import math

import numpy as np
import pytest

from imurep import ExerciseSet, Pipeline, State, analyze
from tests.counting.segmentation.test_hip_hinge import STEP_S, felt, swings
from tests.motion import FIRST_US, SHARE, Recorded

MOVEMENT_S, HOLD_S, COUNT = 1.6, 0.5, 8


def recorded() -> Recorded:
    """Bends of 60 degrees from standing, with the hip going back; whole mg, as a chest strap sends them."""
    _, fine = swings(COUNT, math.radians(60), MOVEMENT_S, HOLD_S)
    plane = np.round(felt(fine, (0.4, 0.1), (0.0, -0.1)) / 9.80665, 3) * 9.80665
    acc = np.stack((plane[:, 0], np.zeros(len(plane)), -plane[:, 1]), axis=1)
    return Recorded(FIRST_US + np.rint(np.arange(len(acc)) * STEP_S * 1e6).astype(np.int64), acc, None)


def test_times_and_range_are_those_of_the_trunk() -> None:
    data = recorded()
    (found,) = analyze(data.time_us, data.acc_ms2).sets
    assert len(found.reps) == COUNT
    rest_s = MOVEMENT_S * (1 - SHARE) / 2
    for number, rep in enumerate(found.reps):
        start_s = 1.5 + 2 * number * (MOVEMENT_S + HOLD_S) + rest_s
        assert (rep.start_us - FIRST_US) / 1e6 == pytest.approx(start_s, abs=0.05)
        assert rep.eccentric_s == pytest.approx(MOVEMENT_S * SHARE, abs=0.08)
        assert rep.concentric_s == pytest.approx(MOVEMENT_S * SHARE, abs=0.08)
        assert rep.bottom_hold_s == pytest.approx(HOLD_S + 2 * rest_s, abs=0.08)
        assert rep.range_of_motion_deg == pytest.approx(60, abs=2.5)


def test_a_lost_second_stays_where_it_was() -> None:
    """Reps before and behind a gap keep their times."""
    data = recorded()
    whole = analyze(data.time_us, data.acc_ms2).sets[0].reps
    lost = np.r_[0:900, 930 : len(data)]
    (found,) = analyze(data.time_us[lost], data.acc_ms2[lost]).sets
    for before, after in zip((*whole[:3], *whole[-2:]), (*found.reps[:3], *found.reps[-2:]), strict=True):
        assert after.start_us == pytest.approx(before.start_us, abs=40_000)
        assert after.top_us == pytest.approx(before.top_us, abs=40_000)


def test_cuts_change_nothing() -> None:
    data = recorded()

    def final(cuts: range) -> list[ExerciseSet]:
        pipeline = Pipeline()
        events = [
            event for packet in data.packets(cuts) for event in pipeline.push(packet)
        ] + pipeline.flush()
        return [event for event in events if isinstance(event, ExerciseSet) and event.state is State.FINAL]

    assert final(range(0)) == final(range(7, len(data), 7))
