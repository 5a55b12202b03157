from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imurep.counting.motion.motion_params import OrientationParams
from imurep.counting.motion.orientation import Motion, Orientation
from imurep.errors import ConfigError
from imurep.events import Gap, ImuBlock
from tests.motion import G_MS2, Recorded, Torso, rotation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from tests.motion import Floats

BOTH = pytest.mark.parametrize("gyroscope", [True, False], ids=["gyroscope", "accelerometer only"])

quaternions = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(v * v for v in q) > 0.01)


def block(recorded: Recorded, rate_hz: float, *, gyroscope: bool) -> ImuBlock:
    return ImuBlock(
        time_us=recorded.time_us,
        acc_ms2=recorded.acc_ms2,
        gyr_rads=recorded.gyr_rads if gyroscope else None,
        rate_hz=rate_hz,
    )


def together(motions: Iterable[Motion | None]) -> Motion:
    parts = [motion for motion in motions if motion is not None]
    return Motion(
        np.concatenate([part.time_us for part in parts]), np.concatenate([part.rows for part in parts])
    )


def followed(
    recorded: Recorded, rate_hz: float, *, gyroscope: bool = True, cuts: Sequence[int] = ()
) -> Motion:
    orientation = Orientation(rate_hz, gyroscope=gyroscope)
    parts = [recorded.part(start, stop) for start, stop in pairwise(sorted({0, *cuts, len(recorded)}))]
    pushed = [orientation.push(block(part, rate_hz, gyroscope=gyroscope)) for part in parts]
    return together([*pushed, orientation.flush()])


def apart_deg(a: Floats, b: Floats) -> Floats:
    """Angles between unit vectors; arcsin keeps what arccos loses near 0."""
    angles: Floats = 2 * np.degrees(np.arcsin(np.clip(np.linalg.norm(a - b, axis=-1) / 2, 0, 1)))
    return angles


def up(torso: Torso, time_us: NDArray[np.int64], first_us: int) -> Floats:
    """Where up is in an unturned mounting."""
    lean = np.radians(torso.leans_deg((time_us - first_us) / 1e6))
    return np.stack((np.cos(lean), np.zeros_like(lean), -np.sin(lean)), axis=1)


@BOTH
@settings(max_examples=20)
@given(mounting=quaternions)
def test_still_in_any_mounting_gives_the_up_of_that_mounting(
    *, gyroscope: bool, mounting: tuple[float, float, float, float]
) -> None:
    still = Torso().hold(2).record(52, mounting=mounting)
    motion = followed(still, 52, gyroscope=gyroscope)
    expected = rotation(*mounting) @ (1, 0, 0)
    # Upside down VQF needs a moment to see that there is no bias.
    assert apart_deg(motion.gravity, expected).max() < 0.1
    assert np.abs(motion.rate_rads).max() < 3e-3
    np.testing.assert_allclose(motion.acc_ms2, np.tile(G_MS2 * expected, (len(motion.time_us), 1)), atol=1e-9)
    np.testing.assert_allclose(motion.force_ms2, G_MS2)
    np.testing.assert_allclose(motion.upward_ms2, G_MS2, rtol=1e-5)
    np.testing.assert_allclose(motion.force2_m2s4, G_MS2**2)


@BOTH
@pytest.mark.parametrize(("rate_hz", "per_step"), [(10, 1), (26, 1), (52, 1), (104, 2), (208, 4)])
def test_every_rate_comes_onto_the_same_grid(*, gyroscope: bool, rate_hz: float, per_step: int) -> None:
    orientation = Orientation(rate_hz, gyroscope=gyroscope)
    assert orientation.per_step == per_step
    assert orientation.step_hz == rate_hz / per_step
    still = Torso().hold(2).record(rate_hz)
    motion = orientation.push(block(still, rate_hz, gyroscope=gyroscope))
    assert motion is not None
    assert len(motion.time_us) == len(still) // per_step
    step_us = 1e6 / orientation.step_hz
    assert np.abs(np.diff(motion.time_us) - step_us).max() <= 1
    if gyroscope:
        np.testing.assert_array_equal(motion.time_us, still.time_us[per_step - 1 :: per_step])


@pytest.mark.parametrize("rate_hz", [26, 52, 104, 208])
def test_a_bend_at_any_rate_in_any_mounting(rate_hz: float) -> None:
    torso = Torso().hold(1).lean(60, 1.5).hold(1).lean(-10, 1.0).hold(1)
    mounting = (0.3, -0.7, 0.5, 0.2)
    recorded = torso.record(rate_hz, mounting=mounting)
    motion = followed(recorded, rate_hz)
    expected = up(torso, motion.time_us, int(recorded.time_us[0])) @ rotation(*mounting).T
    assert apart_deg(motion.gravity, expected).max() < 0.5
    ml_rads = motion.rate_rads @ rotation(*mounting) @ (0, 1, 0)
    assert np.degrees(ml_rads).min() == pytest.approx(-torso.edges[0].peak_dps, rel=0.02)
    assert np.degrees(ml_rads).max() == pytest.approx(torso.edges[1].peak_dps, rel=0.02)


def test_a_person_who_sways_is_not_at_rest() -> None:
    """Swaying slowly is no bias of the gyroscope."""
    torso = Torso().hold(1).lean(5, 4).hold(3).lean(-3, 5).hold(3)
    recorded = torso.record(104, noise=0.2)
    motion = followed(recorded, 104)
    assert apart_deg(motion.gravity, up(torso, motion.time_us, int(recorded.time_us[0]))).max() < 1.5


def test_the_bias_of_a_common_gyroscope_is_learned() -> None:
    """Its offset may be several degrees a second, and nobody lies still for it."""
    torso = Torso().hold(2).reps(15, 60.0)
    recorded = torso.record(104, noise=0.2)
    assert recorded.gyr_rads is not None
    recorded = replace(recorded, gyr_rads=recorded.gyr_rads + np.radians([3.0, -2.5, 2.0]))
    motion = followed(recorded, 104)
    error_deg = apart_deg(motion.gravity, up(torso, motion.time_us, int(recorded.time_us[0])))
    assert error_deg[-52 * 10 :].max() < 1.5


def test_without_gyroscope_slow_movement_looks_the_same() -> None:
    torso = Torso().hold(2).lean(60, 3).hold(1).lean(0, 3).hold(2)
    recorded = torso.record(104)
    first_us = int(recorded.time_us[0])
    with_it = followed(recorded, 104)
    without = followed(recorded, 104, gyroscope=False)
    assert apart_deg(without.gravity, up(torso, without.time_us, first_us)).max() < 1.5
    rate_rads = np.interp(without.time_us, with_it.time_us, with_it.rate_rads[:, 1])
    worst_dps = np.degrees(np.abs(rate_rads - without.rate_rads[:, 1])).max()
    assert worst_dps < 0.12 * torso.edges[0].peak_dps


def test_the_delay_of_the_low_pass_is_taken_back() -> None:
    """Half of the way is reached when it is reached, not a filter's delay (0.2 s) later."""
    torso = Torso().hold(2).lean(40, 2).hold(2)
    motion = followed(torso.record(104), 104, gyroscope=False)
    lean_deg = np.degrees(np.arctan2(-motion.gravity[:, 2], motion.gravity[:, 0]))
    half_us = np.interp(20, lean_deg, motion.time_us)
    (edges,) = torso.edges
    assert half_us == pytest.approx((edges.start_us + edges.end_us) / 2, abs=20_000)


@BOTH
def test_the_motion_reaches_to_the_end_of_the_data(*, gyroscope: bool) -> None:
    recorded = Torso().hold(1).lean(30, 1).record(104)
    motion = followed(recorded, 104, gyroscope=gyroscope)
    assert abs(int(motion.time_us[-1]) - int(recorded.time_us[-1])) <= 2e6 / 52
    assert (np.diff(motion.time_us) > 0).all()


def test_nothing_in_nothing_out() -> None:
    for gyroscope in (True, False):
        assert Orientation(52, gyroscope=gyroscope).flush() is None


@BOTH
def test_after_a_gap_the_sensor_may_have_turned(*, gyroscope: bool) -> None:
    before, after = Torso().hold(5).record(104), Torso(90).hold(2).record(104).shifted(10_000_000)
    orientation = Orientation(104, gyroscope=gyroscope)
    orientation.push(block(before, 104, gyroscope=gyroscope))
    gap = Gap(int(before.time_us[-1]), int(after.time_us[0]))
    assert orientation.push(gap) is None
    motion = orientation.push(block(after, 104, gyroscope=gyroscope))
    assert motion is not None
    assert apart_deg(motion.gravity, np.array([0, 0, -1])).max() < 0.1
    assert np.abs(motion.rate_rads).max() < 0.01, "turning in a gap is no movement"


def test_a_short_gap_does_not_make_the_filter_forget() -> None:
    torso = Torso().hold(2).lean(40, 2).hold(2)
    recorded = torso.record(104)
    first, second = recorded.part(0, 301), recorded.part(320, len(recorded))
    orientation = Orientation(104, gyroscope=False)
    motions = [orientation.push(block(first, 104, gyroscope=False))]
    assert orientation.push(Gap(int(first.time_us[-1]), int(second.time_us[0]))) is None
    motions += [orientation.push(block(second, 104, gyroscope=False)), orientation.flush()]
    motion = together(motions)
    assert len(motion.time_us) == 150 + (len(second) + 24) // 2, "the odd sample before the gap is left out"
    assert apart_deg(motion.gravity, up(torso, motion.time_us, int(recorded.time_us[0]))).max() < 12


def test_the_bias_of_the_gyroscope_is_remembered_over_a_gap() -> None:
    still = Torso().hold(20).record(104)
    assert still.gyr_rads is not None
    biased = Recorded(still.time_us, still.acc_ms2, still.gyr_rads + np.radians([1.5, -1.0, 0.5]))
    orientation = Orientation(104, gyroscope=True)
    orientation.push(block(biased, 104, gyroscope=True))
    orientation.push(Gap(int(biased.time_us[-1]), int(biased.time_us[-1]) + 5_000_000))
    motion = orientation.push(block(biased.shifted(25_000_000).part(0, 104), 104, gyroscope=True))
    assert motion is not None
    assert np.degrees(np.abs(motion.rate_rads)).max() < 0.1


def test_a_drifting_rate_scales_the_gyroscope() -> None:
    """Half a turn about the vertical axis' neighbour, at 110 samples a second instead of 104."""
    torso = Torso().hold(0.2).lean(80, 0.5)
    recorded = torso.record(110)
    orientation = Orientation(104, gyroscope=True)
    motion = orientation.push(block(recorded, 110, gyroscope=True))
    assert motion is not None
    expected = up(torso, motion.time_us, int(recorded.time_us[0]))
    assert apart_deg(motion.gravity, expected).max() < 1


@BOTH
@settings(max_examples=20)
@given(cuts=st.lists(st.integers(1, 700), max_size=12))
def test_a_split_changes_nothing(*, gyroscope: bool, cuts: list[int]) -> None:
    recorded = Torso().hold(1).walk(2).lean(50, 1).lean(0, 1).record(104, noise=1)
    whole = followed(recorded, 104, gyroscope=gyroscope)
    parts = followed(recorded, 104, gyroscope=gyroscope, cuts=[cut for cut in cuts if cut < len(recorded)])
    np.testing.assert_array_equal(whole.time_us, parts.time_us)
    np.testing.assert_array_equal(whole.rows, parts.rows)


@BOTH
def test_a_sample_at_a_time_changes_nothing(*, gyroscope: bool) -> None:
    recorded = Torso().hold(0.5).lean(50, 1).record(104, noise=1)
    whole = followed(recorded, 104, gyroscope=gyroscope)
    singly = followed(recorded, 104, gyroscope=gyroscope, cuts=range(1, len(recorded)))
    np.testing.assert_array_equal(whole.time_us, singly.time_us)
    np.testing.assert_array_equal(whole.rows, singly.rows)


def test_free_fall_and_a_dead_sensor_have_some_direction() -> None:
    nothing = Recorded(np.arange(200) * 19_231, np.zeros((200, 3)), None)
    motion = followed(nothing, 52, gyroscope=False)
    np.testing.assert_array_equal(np.linalg.norm(motion.gravity, axis=1), 1)
    np.testing.assert_array_equal(motion.rate_rads, 0)


@BOTH
def test_a_block_that_does_not_suit(*, gyroscope: bool) -> None:
    orientation = Orientation(52, gyroscope=gyroscope)
    still = Torso().hold(1).record(52)
    assert orientation.suits(block(still, 52, gyroscope=gyroscope))
    assert orientation.suits(block(still, 50, gyroscope=gyroscope))
    assert not orientation.suits(block(still, 104, gyroscope=gyroscope)), "another rate"
    assert not orientation.suits(block(still, 52, gyroscope=not gyroscope)), "another kind of data"


def test_without_asking_first_a_missing_gyroscope_is_a_bug() -> None:
    still = Torso().hold(1).record(52)
    with pytest.raises(ValueError, match="suits"):
        Orientation(52, gyroscope=True).push(block(still, 52, gyroscope=False))


@pytest.mark.parametrize("name", ["grid_hz", "cutoff_hz", "restart_s"])
def test_params_that_cannot_be(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        OrientationParams(**{name: 0.0})
