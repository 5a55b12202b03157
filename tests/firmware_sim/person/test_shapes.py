from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_sim.person.shapes import MINIMUM_JERK, Bell, Hesitation, Wave, bell_with_edges, edges

if TYPE_CHECKING:
    from firmware_sim.person.shapes import Shape

S = np.linspace(0.0, 1.0, 2001)
ALL: list[Shape] = [MINIMUM_JERK, Bell(0.7, 2.5), Wave(), Hesitation()]


def test_minimum_jerk_is_the_polynomial_and_keeps_82_7_percent() -> None:
    assert np.allclose(MINIMUM_JERK(S), 10 * S**3 - 15 * S**4 + 6 * S**5)
    before, after = edges(MINIMUM_JERK)
    assert 1 - before - after == pytest.approx(0.827, abs=5e-4)


@pytest.mark.parametrize("shape", ALL)
def test_a_shape_goes_from_0_to_1(shape: Shape) -> None:
    assert shape(S[[0, -1]]) == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize("shape", [MINIMUM_JERK, Bell(0.7, 2.5), Wave()])
def test_a_movement_does_not_turn_back(shape: Shape) -> None:
    assert np.diff(shape(S)).min() >= -1e-12


def test_a_roll_up_is_one_movement_throughout() -> None:
    before, after = edges(Wave())
    inside = np.gradient(Wave()(S), S)[(before < S) & (1 - after > S)]
    assert inside.min() > 0.1 * inside.max() * 0.98


def test_a_hesitation_sinks_by_less_than_the_rule_sees() -> None:
    progress = Hesitation()(S)
    sunk = np.max(np.maximum.accumulate(progress) - progress)
    assert 0.02 < sunk < 0.2


@given(before=st.floats(0.004, 0.15), after=st.floats(0.004, 0.15))
@example(before=0.025628000962505518, after=0.025628000962505518)
def test_a_bell_has_the_edges_asked_for(before: float, after: float) -> None:
    assert edges(bell_with_edges(before, after)) == pytest.approx((before, after), abs=4e-4)
