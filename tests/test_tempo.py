from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from imurep.events import Phase
from imurep.tempo import PhaseSpan, median_tempo, phase_spans, starts_at_top
from tests.scripted import make_rep

if TYPE_CHECKING:
    from imurep.events import Rep

START_US = make_rep().start_us


def from_the_bottom(**changes: object) -> Rep:
    """2 s up, 1 s hold, 3 s down, 0.5 s at the bottom."""
    rep = make_rep(
        top_us=START_US + 2_000_000,
        end_us=START_US + 6_000_000,
        concentric_s=2.0,
        top_hold_s=1.0,
        eccentric_s=3.0,
        bottom_hold_s=0.5,
    )
    return dataclasses.replace(rep, **changes)  # type: ignore[arg-type]


def spans(*spans: tuple[Phase, float, float]) -> tuple[PhaseSpan, ...]:
    return tuple(
        PhaseSpan(phase, START_US + round(a * 1e6), START_US + round(b * 1e6), make_rep().id)
        for phase, a, b in spans
    )


def test_a_rep_from_the_top() -> None:
    assert starts_at_top(make_rep())
    assert phase_spans(make_rep()) == spans(
        (Phase.ECCENTRIC, 0, 3), (Phase.BOTTOM_HOLD, 3, 4), (Phase.CONCENTRIC, 4, 6), (Phase.TOP_HOLD, 6, 7.5)
    )


def test_a_rep_from_the_bottom() -> None:
    assert not starts_at_top(from_the_bottom())
    assert phase_spans(from_the_bottom()) == spans(
        (Phase.CONCENTRIC, 0, 2), (Phase.TOP_HOLD, 2, 3), (Phase.ECCENTRIC, 3, 6), (Phase.BOTTOM_HOLD, 6, 6.5)
    )


def test_phases_stop_where_nothing_is_known_yet() -> None:
    at_the_top = from_the_bottom(end_us=None, eccentric_s=None, bottom_hold_s=None, top_hold_s=None)
    assert phase_spans(at_the_top) == spans((Phase.CONCENTRIC, 0, 2))
    last = make_rep(top_hold_s=None)
    assert phase_spans(last)[-1].end_us == last.end_us


def test_a_hold_of_no_length_is_an_empty_span() -> None:
    rep = make_rep(
        bottom_hold_s=0.0, top_us=START_US + 5_000_000, end_us=START_US + 5_000_000, top_hold_s=None
    )
    assert phase_spans(rep) == spans(
        (Phase.ECCENTRIC, 0, 3), (Phase.BOTTOM_HOLD, 3, 3), (Phase.CONCENTRIC, 3, 5)
    )


def test_the_median_leaves_partial_reps_out() -> None:
    reps = [make_rep(eccentric_s=2.0), make_rep(eccentric_s=4.0), make_rep(eccentric_s=0.5, partial=True)]
    assert median_tempo(reps) == (3.0, 1.0, 2.0, 1.5)
    assert median_tempo(reps[2:]) == (0.5, 1.0, 2.0, 1.5)
    assert median_tempo([]) == (None, None, None, None)


def test_the_median_of_a_duration_is_over_those_that_know_it() -> None:
    assert median_tempo([make_rep(top_hold_s=None), make_rep(top_hold_s=0.8)])[3] == 0.8
