"""The numbers set by hand are few, each is listed, and none decides much by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accuracy.knob_list import FITTED, is_fitted, knobs, listed, numbers_of, numbers_set
from tests.accuracy.knobs import A_FIFTH, moved, recorded

if TYPE_CHECKING:
    from tests.accuracy.knobs import Trial

MOST = 66
"""Numbers set by hand that there may be; the aim is 60."""
FRAGILE: set[str] = set()
"""Knobs of which a fifth changes a set of the library; what is mended has to go from here."""


def test_each_number_is_listed_with_its_value() -> None:
    there = {one.name: "" if is_fitted(one) else one.value for one in numbers_set()}
    names = [(name, value) for names in listed().values() for name, value in names.items()]
    assert len(names) == len(dict(names)), "twice on the page"
    assert dict(names) == there
    assert set(listed()[FITTED]) == {one.name for one in numbers_set() if is_fitted(one)}


def test_numbers_set_by_hand_are_few() -> None:
    assert sum(one.count for one in knobs()) <= MOST


def test_numbers_are_found_wherever_they_stand() -> None:
    source = """
LIMIT = 3 * 7.5
@dataclass
class Params:
    pair: tuple[float, float] = (0.2, 15.0)
    @property
    def half(self):
        return self.pair[1] / 2 + 0.3
def f(x, least=4):
    return x[3] * 1e6 > np.zeros(5) and x < -9
"""
    found = {(one.name, one.value, one.count) for one in numbers_of("m", source)}
    assert found == {
        ("m.LIMIT", "3 * 7.5", 2),
        ("m.Params.pair", "(0.2, 15.0)", 2),
        ("m.Params.half()", "0.3", 1),
        ("m.f()", "4", 1),
        ("m.f()", "9", 1),
    }


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    return recorded()


@pytest.mark.no_cover
@pytest.mark.parametrize("factor", A_FIFTH)
def test_no_knob_moved_by_a_fifth_changes_a_set(trials: list[Trial], factor: float) -> None:
    assert {one.what for one in moved(trials, (factor,)) if one.changed} == FRAGILE


@pytest.mark.no_cover
def test_a_knob_moved_too_far_is_seen(trials: list[Trial]) -> None:
    worst = max(moved(trials[:3], factors=(3.0,)), key=lambda one: len(one.changed))
    assert worst.changed
