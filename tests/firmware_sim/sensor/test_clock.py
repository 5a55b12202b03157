from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.sensor.clock import Clock


def test_rate_error_and_clock_error_are_two_things() -> None:
    clock = Clock(nominal_hz=100.0, rate_error_part=0.01, clock_error_ppm=500.0, boot_us=7)
    t_s = clock.instants_s(100.0)
    assert t_s.size == 10_101
    assert t_s[101] == pytest.approx(1.0)
    stamps_us = clock.stamp_us(t_s)
    assert stamps_us[0] == 7
    assert stamps_us[-1] - 7 == pytest.approx(100_050_000, abs=1)


@given(rate=st.floats(-0.02, 0.02), ppm=st.floats(-1000, 1000), hz=st.sampled_from([26.0, 104.0, 208.0]))
def test_stamps_are_whole_microseconds_that_grow(rate: float, ppm: float, hz: float) -> None:
    clock = Clock(nominal_hz=hz, rate_error_part=rate, clock_error_ppm=ppm)
    stamps_us = clock.stamp_us(clock.instants_s(20.0))
    assert stamps_us.dtype == np.int64
    steps = np.diff(stamps_us)
    assert steps.min() > 0
    assert np.ptp(steps) <= 1
