from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imurep.counting.segmentation.movement_timing import Cue, measure_timing, next_phase
from imurep.counting.segmentation.segmentation_params import MovementTimingParams
from imurep.events import Phase
from tests.motion import SHARE, Torso

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.counting.segmentation.movement_timing import MovementTiming
    from tests.motion import Floats

PARAMS = MovementTimingParams()
RAW = MovementTimingParams(smoothing=0.0)
"""The rule itself, without what keeps noise out."""


def rates(torso: Torso, rate_hz: float = 52.0, noise_dps: float = 0.0) -> tuple[NDArray[np.int64], Floats]:
    """Rate of the lean over the steps of a path, positive forward."""
    recorded = torso.record(rate_hz, noise=noise_dps)
    assert recorded.gyr_rads is not None
    return recorded.time_us, -recorded.gyr_rads[:, 1]


def edges_ms(torso: Torso, found: MovementTiming, first: int = 0, last: int = 0) -> tuple[float, float]:
    """How much too late a movement begins and ends."""
    start_us, end_us = torso.edges[first].start_us, torso.edges[last].end_us
    return (found.start_us - start_us) / 1e3, (found.end_us - end_us) / 1e3


# The transition table


NEXT = {
    (Phase.BOTTOM_HOLD, Cue.DEPARTED, "rising"): Phase.CONCENTRIC,
    (Phase.ECCENTRIC, Cue.DEPARTED, "rising"): Phase.CONCENTRIC,
    (Phase.CONCENTRIC, Cue.REACHED, "rising"): Phase.TOP_HOLD,
    (Phase.CONCENTRIC, Cue.STOPPED, "rising"): Phase.TOP_HOLD,
    (Phase.TOP_HOLD, Cue.DEPARTED, "falling"): Phase.ECCENTRIC,
    (Phase.CONCENTRIC, Cue.DEPARTED, "falling"): Phase.ECCENTRIC,
    (Phase.ECCENTRIC, Cue.REACHED, "falling"): Phase.BOTTOM_HOLD,
    (Phase.ECCENTRIC, Cue.STOPPED, "falling"): Phase.BOTTOM_HOLD,
}


@pytest.mark.parametrize("way", ["rising", "falling"])
@pytest.mark.parametrize("cue", Cue)
@pytest.mark.parametrize("phase", Phase)
def test_transition(phase: Phase, cue: Cue, way: str) -> None:
    assert next_phase(phase, cue, rising=way == "rising") == NEXT.get((phase, cue, way), phase)


def test_a_whole_rep_goes_through_all_phases() -> None:
    phase, went = Phase.TOP_HOLD, []
    for rising, cue in itertools.product((False, True), (Cue.DEPARTED, Cue.REACHED, Cue.STOPPED, Cue.TURNED)):
        phase = next_phase(phase, cue, rising=rising)
        went.append(phase)
    assert [phase for phase, _ in itertools.groupby(went)] == [
        Phase.ECCENTRIC,
        Phase.BOTTOM_HOLD,
        Phase.CONCENTRIC,
        Phase.TOP_HOLD,
    ]


# The normative rule


def test_a_minimum_jerk_movement_keeps_its_known_share() -> None:
    assert pytest.approx(0.827, abs=5e-4) == SHARE
    part = (1 - SHARE) / 2
    assert 30 * part**2 * (1 - part) ** 2 == pytest.approx(PARAMS.edge * 1.875), (
        "where it is a tenth of its peak"
    )


@pytest.mark.parametrize("range_deg", [10.0, 45.0, 100.0])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0, 6.0])
@pytest.mark.parametrize("rate_hz", [26.0, 52.0])
def test_the_rule_on_minimum_jerk_movements(rate_hz: float, seconds: float, range_deg: float) -> None:
    torso = Torso().hold(0.5).lean(range_deg, seconds).hold(0.5)
    found = measure_timing(*rates(torso, rate_hz), RAW)
    assert edges_ms(torso, found) == pytest.approx((0, 0), abs=4)
    assert math.degrees(found.path_rad) == pytest.approx(range_deg, rel=0.02)
    assert math.degrees(found.peak_rads) == pytest.approx(torso.edges[0].peak_dps, rel=0.02)
    assert found.duration_s == pytest.approx(seconds, abs=5e-3)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0, 6.0])
def test_keeping_noise_out_moves_the_edges_by_a_hundredth(seconds: float) -> None:
    torso = Torso().hold(0.5).lean(45, seconds).hold(0.5)
    found = measure_timing(*rates(torso), PARAMS)
    assert edges_ms(torso, found) == pytest.approx((0, 0), abs=2 + 10 * seconds)


@pytest.mark.parametrize("seed", range(5))
def test_noise_does_not_move_the_edges_much(seed: int) -> None:
    torso = Torso().hold(1).lean(40, 1.5).hold(1)
    time_us, rate_rads = rates(torso)
    noise = np.radians(1.0) * np.random.default_rng(seed).standard_normal(len(rate_rads))
    assert edges_ms(torso, measure_timing(time_us, rate_rads + noise, PARAMS)) == pytest.approx(
        (0, 0), abs=50
    )


def test_a_hesitation_belongs_to_the_movement() -> None:
    """Down, back a little, and on."""
    torso = Torso().hold(0.5).lean(30, 1).lean(26, 0.5).lean(60, 1).hold(0.5)
    found = measure_timing(*rates(torso), PARAMS)
    assert edges_ms(torso, found, 0, 2) == pytest.approx((0, 0), abs=40)
    assert math.degrees(found.path_rad) > 60


def test_a_stop_on_the_way_belongs_to_the_movement() -> None:
    torso = Torso().hold(0.5).lean(30, 1).hold(10).lean(60, 1).hold(0.5)
    assert edges_ms(torso, measure_timing(*rates(torso), PARAMS), 0, 1) == pytest.approx((0, 0), abs=40)


def test_sway_in_a_hold_does_not_belong_to_it() -> None:
    torso = Torso().hold(0.5).lean(3, 1).hold(1.5).lean(60, 1).hold(1.5).lean(62, 1).hold(0.5)
    assert edges_ms(torso, measure_timing(*rates(torso), PARAMS), 1, 1) == pytest.approx((0, 0), abs=20)


def test_settling_after_an_overshoot_does_not_shorten_it() -> None:
    torso = Torso().hold(0.5).lean(60, 1).lean(55, 0.5).hold(0.5)
    assert edges_ms(torso, measure_timing(*rates(torso), PARAMS)) == pytest.approx((0, 0), abs=20)


def test_only_the_rate_in_its_own_direction_counts() -> None:
    torso = Torso().hold(0.5).lean(50, 1).hold(0.5).lean(0, 0.5).hold(0.5)
    time_us, rate_rads = rates(torso)
    assert edges_ms(torso, measure_timing(time_us, rate_rads, PARAMS), 0, 0) == pytest.approx((0, 0), abs=20)
    assert edges_ms(torso, measure_timing(time_us, -rate_rads, PARAMS), 1, 1) == pytest.approx((0, 0), abs=20)


def test_a_movement_cut_off_lasts_as_long_as_it_is_seen() -> None:
    torso = Torso().lean(50, 2)
    time_us, rate_rads = rates(torso)
    found = measure_timing(time_us[40:80], rate_rads[40:80], PARAMS)
    assert found.start_us == pytest.approx(time_us[40], abs=20_000)
    assert found.end_us == pytest.approx(time_us[79], abs=20_000)


@pytest.mark.parametrize("rate", [0.0, -0.5])
def test_where_nothing_moves_that_way_there_is_an_instant(rate: float) -> None:
    time_us = np.arange(10) * 20_000
    found = measure_timing(time_us, np.full(10, rate), PARAMS)
    assert found.start_us == found.end_us
    assert time_us[0] <= found.start_us <= time_us[-1]
    assert (found.path_rad, found.peak_rads) == (0, 0)


values = st.lists(st.floats(-2, 2).map(lambda v: round(v, 3)), min_size=2, max_size=60)


@settings(max_examples=100)
@given(rate_rads=values)
def test_whatever_the_rates(rate_rads: list[float]) -> None:
    time_us = 5_000_000 + np.arange(len(rate_rads)) * 19_231
    found = measure_timing(time_us, np.array(rate_rads), PARAMS)
    assert time_us[0] - 19_231 <= found.start_us <= found.end_us <= time_us[-1]
    assert found.peak_rads == max(0, *rate_rads)


@pytest.mark.parametrize("shift_us", [1_753_000_000_000_000, -1_753_000_000_000_000, 2**60])
def test_a_shift_of_time_shifts_the_edges(shift_us: int) -> None:
    """Unix time in microseconds takes 51 bits of a float's 53."""
    time_us, rate_rads = rates(Torso().hold(0.5).lean(45, 1.3).hold(0.5))
    for offset in range(20):
        here, there = (
            measure_timing(time_us + offset, rate_rads, PARAMS),
            measure_timing(time_us + offset + shift_us, rate_rads, PARAMS),
        )
        assert (there.start_us - shift_us, there.end_us - shift_us) == (here.start_us, here.end_us)
        assert (there.path_rad, there.peak_rads) == (here.path_rad, here.peak_rads)
