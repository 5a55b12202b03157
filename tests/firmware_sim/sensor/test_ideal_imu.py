"""Signs by docs/reference/frames.md, |a| = g at rest, and the gyroscope integrates to the angle."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.motion import RATE_HZ, Motion
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.workout import Session
from firmware_sim.programs.simulate import simulate
from firmware_sim.sensor import rotation
from firmware_sim.sensor.ideal_imu import GRAVITY_MS2, Strap, ideal_signals, trunk_rotation
from firmware_sim.sensor.sensor_setup import SensorSetup

if TYPE_CHECKING:
    from numpy.typing import NDArray

STIFF = Strap(wobble_hz=100.0, wobble_damping=1.0)
G = GRAVITY_MS2
N = 500


def moved(
    lean_deg: NDArray[np.float64],
    roll_deg: NDArray[np.float64],
    yaw_deg: NDArray[np.float64],
    twist_deg: NDArray[np.float64] | None = None,
) -> Motion:
    n = lean_deg.size
    zero = np.zeros(n)
    return Motion(
        np.arange(n) / RATE_HZ,
        lean_deg,
        lean_deg,
        roll_deg,
        yaw_deg,
        zero if twist_deg is None else twist_deg,
        zero,
        zero,
        np.zeros((n, 3)),
        np.zeros((n, 3)),
    )


def held(lean: float, roll: float = 0.0, yaw: float = 0.0) -> Motion:
    return moved(np.full(N, lean), np.full(N, roll), np.full(N, yaw))


@pytest.mark.parametrize(
    ("lean", "roll", "expected"),
    [
        (0.0, 0.0, (G, 0, 0)),
        (30.0, 0.0, (G * 0.8660254, 0, -G * 0.5)),
        (90.0, 0.0, (0, 0, -G)),
        (-90.0, 0.0, (0, 0, G)),
        (180.0, 0.0, (-G, 0, 0)),
        (0.0, 90.0, (0, -G, 0)),
        (0.0, -90.0, (0, G, 0)),
    ],
)
def test_postures_read_as_the_table_of_frames(
    lean: float, roll: float, expected: tuple[float, float, float]
) -> None:
    force, rate = ideal_signals(held(lean, roll), STIFF)
    assert force[N // 2] == pytest.approx(expected, abs=1e-6)
    assert np.abs(rate).max() < 1e-9


RAMP = np.linspace(0.0, 20.0, N)
FLAT = np.zeros(N)


@pytest.mark.parametrize(
    ("motion", "axis", "sign"),
    [
        (moved(RAMP, FLAT, FLAT), 1, -1),  # leaning forward
        (moved(-RAMP, FLAT, FLAT), 1, 1),
        (moved(FLAT, FLAT, RAMP), 0, 1),  # turning left
        (moved(FLAT, RAMP, FLAT), 2, 1),  # bending to the right
        (moved(FLAT + 90.0, FLAT, FLAT, RAMP), 0, 1),  # rolling over
    ],
)
def test_turns_have_the_signs_of_the_table(motion: Motion, axis: int, sign: int) -> None:
    _, rate = ideal_signals(motion, STIFF)
    expected = np.zeros(3)
    expected[axis] = sign * np.radians(20.0 / (N - 1) * RATE_HZ)
    assert rate[N // 2] == pytest.approx(expected, abs=1e-9)


def test_a_turning_trunk_pulls_on_its_lever() -> None:
    """Centripetal: a steady turn of 1 rad/s about the hip adds lever times omega squared, inwards."""
    turn = moved(np.degrees(np.arange(N) / RATE_HZ), FLAT, FLAT)
    force, _ = ideal_signals(turn, replace(STIFF, lever_m=(0.4, 0.0, 0.0)))
    at = N // 2
    lean = turn.t_s[at]
    assert force[at] == pytest.approx([G * np.cos(lean) - 0.4, 0.0, -G * np.sin(lean)], abs=2e-3)


quaternions = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(x * x for x in q) > 0.01)


@settings(max_examples=30)
@given(mounting=quaternions, lean=st.floats(-60, 175), roll=st.floats(-40, 40), yaw=st.floats(-180, 180))
def test_at_rest_any_mounting_measures_g(
    mounting: tuple[float, float, float, float], lean: float, roll: float, yaw: float
) -> None:
    force, _ = ideal_signals(held(lean, roll, yaw), replace(STIFF, mounting=mounting))
    assert np.linalg.norm(force, axis=1) == pytest.approx(np.full(N, G), abs=1e-6)


@settings(max_examples=20)
@given(mounting=quaternions)
def test_the_mounting_takes_the_sensor_to_the_body(mounting: tuple[float, float, float, float]) -> None:
    straight, _ = ideal_signals(held(20.0, 5.0), STIFF)
    turned, _ = ideal_signals(held(20.0, 5.0), replace(STIFF, mounting=mounting))
    assert turned @ rotation.of_quaternion(mounting).T == pytest.approx(straight, abs=1e-9)


def integrated(
    start: NDArray[np.float64], rate_rads: NDArray[np.float64], step_s: float
) -> NDArray[np.float64]:
    """Orientation after all steps, midpoint rule."""
    now = start
    for rate in (rate_rads[1:] + rate_rads[:-1]) / 2:
        angle = float(np.linalg.norm(rate)) * step_s
        if angle > 0:
            axis = rate / np.linalg.norm(rate)
            now = now @ rotation.about_vector(axis, np.array([angle]))[0]
    return now


@pytest.mark.parametrize("name", ["back_extension_90", "kettlebell_swing"])
def test_the_ideal_gyroscope_integrates_to_the_trunk(name: str) -> None:
    session = Session(sets=(SetPlan(exercise=EXERCISES[name], reps=3),), lead_in=False)
    motion = simulate(session, SensorSetup(), seed=5).motion
    motion.rock_deg[:] = 0.0
    motion.twist_deg[:] = 40.0 * np.sin(motion.t_s)
    _, rate = ideal_signals(motion, STIFF)
    true = trunk_rotation(motion)
    off = integrated(true[0], rate, 1 / RATE_HZ).T @ true[-1]
    # The stiff strap still nods, by thousandths of a degree per m/s2.
    assert np.degrees(np.arccos(min(1.0, (np.trace(off) - 1) / 2))) < 0.2


def test_wobble_rings_and_dies_away() -> None:
    motion = held(0.0)
    motion.acc_ms2[100:105, 0] = 5.0
    force, _ = ideal_signals(motion, Strap())
    stiff, _ = ideal_signals(motion, STIFF)
    after = slice(115, 150)
    assert np.ptp(force[after, 0]) > 5 * np.ptp(stiff[after, 0])
    assert np.ptp(force[-100:, 0]) < 1e-3


def test_a_slip_turns_the_sensor_and_nothing_else() -> None:
    slipped = replace(STIFF, slip_at_s=0.4, slip_deg=30.0)
    force, rate = ideal_signals(held(10.0), slipped)
    before, after = force[100], force[-1]
    assert np.degrees(np.arccos(before @ after / G**2)) == pytest.approx(30.0, abs=1e-6)
    assert np.linalg.norm(force, axis=1) == pytest.approx(np.full(N, G), abs=1e-6)
    assert np.degrees(np.sum(rate[:, 1]) / RATE_HZ) == pytest.approx(30.0, abs=0.01)
    during = np.abs(rate[:, 1]) > 1e-6
    assert during.sum() / RATE_HZ == pytest.approx(0.3, abs=0.01)


def test_a_twist_turns_about_the_trunks_own_axis() -> None:
    """Prone and twisted by 90 degrees: gravity pulls to the side, and the gyroscope shows IS."""
    n = 500
    twisting = replace(held(90.0), twist_deg=np.linspace(0.0, 90.0, n))
    force, rate = ideal_signals(twisting, STIFF)
    assert force[5] == pytest.approx((0.0, 0.0, -G), abs=0.4)
    assert np.abs(force[-5]) == pytest.approx((0.0, G, 0.0), abs=0.4)
    assert rate[n // 2, 0] == pytest.approx(np.radians(90.0) * RATE_HZ / (n - 1), rel=0.01)
    assert np.abs(rate[n // 2, 1:]).max() < 0.01
