from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imurep.counting.motion.ring_buffer import MotionHistory
from tests.counting.watching import make_motion

if TYPE_CHECKING:
    from imurep.counting.motion.orientation import Motion

STEP_HZ = 10.0
"""Ten steps a second: easy to count."""


def steps(first: int, n: int) -> Motion:
    """Steps whose every value tells which step it is."""
    number = np.arange(first, first + n, dtype=np.float64)
    vectors = number[:, np.newaxis] + np.array([0.1, 0.2, 0.3])
    return make_motion(np.arange(first, first + n) * 100_000, vectors, -vectors, number)


def shaken(force_ms2: list[float]) -> MotionHistory:
    """A history of these forces, all seen."""
    force = np.array(force_ms2, dtype=np.float64)
    n = len(force)
    history = MotionHistory(STEP_HZ, memory_s=1000)
    up, still = np.tile([1.0, 0.0, 0.0], (n, 1)), np.zeros((n, 3))
    history.append(make_motion(np.arange(n) * 100_000, up, still, force))
    history.now = history.end
    return history


def test_steps_keep_their_numbers() -> None:
    history = MotionHistory(STEP_HZ, memory_s=2)
    history.append(steps(0, 30))
    history.append(steps(30, 5))
    history.now = 35
    assert (history.begin, history.end) == (15, 35)
    assert history.time_at(20) == 2_000_000
    np.testing.assert_array_equal(history.time_us(20, 23), [2_000_000, 2_100_000, 2_200_000])
    np.testing.assert_array_equal(history.gravity(20, 22), steps(20, 2).gravity)
    np.testing.assert_array_equal(history.rate_rads(34, 35), steps(34, 1).rate_rads)


def test_what_is_to_come_is_not_seen() -> None:
    history = MotionHistory(STEP_HZ, memory_s=2)
    history.append(steps(0, 30))
    history.now = 10
    assert len(history.gravity(5, 30)) == 5
    assert len(history.rate_rads(10, 30)) == 0
    assert len(history.time_us(12, 30)) == 0


def test_what_is_older_than_the_memory_is_not_seen() -> None:
    history = MotionHistory(STEP_HZ, memory_s=2)
    history.append(steps(0, 30))
    history.now = 30
    np.testing.assert_array_equal(history.time_us(0, 12), steps(10, 2).time_us)
    assert len(history.gravity(0, 10)) == 0


def test_coming_steps() -> None:
    history = MotionHistory(STEP_HZ, memory_s=10)
    history.append(steps(0, 10))
    coming = [(step, time_us, pose[0]) for step, time_us, pose, *_ in history.iter_poses(2, 3, 100)]
    assert coming == [(2, 200_000, 2.1), (5, 500_000, 5.1), (8, 800_000, 8.1)]


@settings(max_examples=50)
@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=40), memory_s=st.integers(1, 6))
def test_forgetting_changes_nothing_that_is_seen(sizes: list[int], memory_s: int) -> None:
    forgetful, keeping = MotionHistory(STEP_HZ, memory_s), MotionHistory(STEP_HZ, memory_s)
    first = 0
    for n in sizes:
        for history in (forgetful, keeping):
            history.append(steps(first, n))
            history.now = history.end
        first += n
        forgetful.discard_old()
        assert forgetful.begin == keeping.begin == max(0, first - 10 * memory_s)
        for of in ("gravity", "rate_rads", "time_us"):
            np.testing.assert_array_equal(getattr(forgetful, of)(0, first), getattr(keeping, of)(0, first))
        assert forgetful.shake_rms_ms2(0, first) == keeping.shake_rms_ms2(0, first)


def test_memory_stays_flat() -> None:
    history = MotionHistory(52.0, memory_s=60)
    largest = {1000: 0, 6000: 0}
    for second in range(6000):
        history.append(steps(second * 52, 52))
        history.now = history.end
        history.discard_old()
        if second % 25 == 0:
            size = len(pickle.dumps(history))
            largest = {until: max(most, size) if second < until else most for until, most in largest.items()}
    assert largest[6000] <= 1.01 * largest[1000], "numbers of steps grow a bit longer, nothing else"


def test_shake_rms_is_the_median_spread_of_the_force_within_whole_seconds() -> None:
    swinging = [9.0, 11.0] * 5
    still = [10.0] * 10
    assert shaken(still * 3).shake_rms_ms2(0, 30) == pytest.approx(0, abs=1e-6)
    assert shaken(swinging * 3).shake_rms_ms2(0, 30) == pytest.approx(1)
    assert shaken(still + swinging + swinging).shake_rms_ms2(0, 30) == pytest.approx(1)
    assert shaken(still + swinging + swinging).shake_rms_ms2(0, 20) == pytest.approx(0.5)


def test_shake_rms_lets_a_single_jolt_pass() -> None:
    bar_set_down = [10.0] * 5 + [60.0] + [10.0] * 4
    assert shaken([10.0] * 20 + bar_set_down + [10.0] * 20).shake_rms_ms2(0, 50) == pytest.approx(0, abs=1e-6)


def test_shake_rms_of_less_than_a_second_is_not_known() -> None:
    assert shaken([9.0, 11.0, 9.0]).shake_rms_ms2(0, 3) == 0


def test_shake_rms_sees_no_further_than_now() -> None:
    history = shaken([10.0] * 10 + [9.0, 11.0] * 20)
    history.now = 10
    assert history.shake_rms_ms2(0, 50) == pytest.approx(0, abs=1e-6)


def test_the_last_whole_second() -> None:
    history = MotionHistory(STEP_HZ, memory_s=100)
    history.append(steps(0, 25))
    for now, mean in ((10, 4.5), (19, 4.5), (20, 14.5), (25, 14.5)):
        history.now = now
        second = history.last_second()
        assert second.spread_ms2 == pytest.approx(np.std(np.arange(10)))
        assert second.pose == pytest.approx((mean + 0.1, mean + 0.2, mean + 0.3))
        rows = steps(now // 10 * 10 - 10, 10)
        assert second.acc_ms2 == pytest.approx(tuple(rows.acc_ms2.mean(axis=0)))
        assert second.upward_ms2 == pytest.approx(mean)
