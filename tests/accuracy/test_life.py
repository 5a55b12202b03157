"""The section over varied life: enough of it, on seeds of its own, and judged by the truth."""

from __future__ import annotations

from collections import Counter

import pytest

from imurep.evaluate import QuietInterval, Truth
from tests.accuracy import life
from tests.evaluate.truths import found, found_rep, found_set, perfect, true_rep, true_set

ASKED = life.Asked("sets", "good_morning", 1, ())


def sets_of(options: tuple[str, ...]) -> int:
    if "--sets" not in options:
        return options.count("--block")
    return int(options[options.index("--sets") + 1].split("x")[0])


def test_it_has_enough_sets_and_quiet_hours() -> None:
    asked = life.asked(59_000)
    assert sum(sets_of(one.options) for one in asked) >= 400
    minutes = sum(
        float(one.options[one.options.index("--minutes") + 1]) for one in asked if "none" in one.options
    )
    assert minutes >= 30 * 60


def test_every_session_has_a_seed_of_its_own() -> None:
    seeds = [one.seed for one in life.asked(59_000)]
    assert seeds == list(range(59_000, 59_000 + len(seeds)))
    assert life.asked(59_000) == life.asked(59_000)


def test_two_sets_that_were_counted_as_one_are_not_kept_apart() -> None:
    true = true_set(start_s=10.0), true_set(start_s=60.0)
    truth = Truth(file="a", duration_s=100.0, sets=true)
    apart = life._judged(ASKED, truth, perfect(*true), ())
    joined = life._judged(
        ASKED, truth, found(found_set(*(found_rep(rep) for one in true for rep in one.reps))), ()
    )
    assert [one.rest_s for one in apart.rests] == pytest.approx([60.0 - true[0].end_s])
    assert [[one.apart for one in lived.rests] for lived in (apart, joined)] == [[True], [False]]


def test_false_sets_and_vanished_reps_go_to_their_activity_and_neutral_ones_nowhere() -> None:
    truth = Truth(
        file="a",
        duration_s=100.0,
        quiet=(QuietInterval(0.0, 40.0, "laundry"), QuietInterval(70.0, 100.0, "walking")),
        neutral=(QuietInterval(40.0, 70.0, "sit-ups"),),
    )
    false, other = (
        [found_rep(true_rep(start_s + 7.0 * at), id=f"{start_s} {at}") for at in range(3)]
        for start_s in (10.0, 45.0)
    )
    lost = [found_rep(true_rep(start_s), id=f"lost {start_s}") for start_s in (75.0, 75.3, 85.0)]
    lived = life._judged(ASKED, truth, found(found_set(*false), found_set(*other)), [*false, *other, *lost])
    assert lived.false_sets == Counter({"laundry": 1})
    assert lived.vanished == Counter({"walking": 2})
    assert lived.neutral.total() == 1
    assert lived.hours == pytest.approx({"laundry": 40 / 3600, "walking": 30 / 3600})
