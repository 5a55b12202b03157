from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.person.tempo import Tempo


def test_the_order_is_eccentric_bottom_concentric_top() -> None:
    tempo = Tempo.parse("3-1-2.5-0")
    assert tempo == Tempo(eccentric_s=3.0, bottom_hold_s=1.0, concentric_s=2.5, top_hold_s=0.0)


@pytest.mark.parametrize(
    "text", ["", "3-1-2", "3-1-2-1-1", "a-1-2-1", "3--1-2-1", "nan-1-2-1", "3-1-2-61", "0-1-2-1"]
)
def test_what_is_no_tempo_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=repr(text)):
        Tempo.parse(text)


@given(st.tuples(*[st.integers(2, 600).map(lambda tenths: tenths / 10)] * 4).map(lambda four: Tempo(*four)))
def test_writing_and_reading_give_the_same(tempo: Tempo) -> None:
    assert Tempo.parse(str(tempo)) == tempo
