"""When a set begins and when it ends: scenes as they happen in a gym."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imurep.counting.segmentation.set_detector import SetDetector
from imurep.errors import ConfigError
from imurep.events import ExerciseSet, Gap, State
from imurep.exercises import EXERCISES
from tests.counting.watching import (
    STEP_HZ,
    check,
    counts,
    make_motion,
    motion_of,
    published,
    sets_of,
    stood,
    watch,
)
from tests.motion import FIRST_US, Torso

if TYPE_CHECKING:
    from tests.counting.watching import Reported


def ended_s(reported: list[Reported], torso: Torso, timing: int = -1) -> float:
    """How long after a movement the first set was told to be over."""
    for one in reported:
        if isinstance(one.event, ExerciseSet) and one.event.state is State.FINAL:
            assert one.at_us is not None, "only the end of the data ended it"
            return (one.at_us - torso.edges[timing].end_us) / 1e6
    pytest.fail("no set ended")


# One set


@pytest.mark.parametrize("reps", [3, 4, 5, 8, 20])
def test_a_set_from_the_top(reps: int) -> None:
    torso = Torso().hold(5).reps(reps).hold(5)
    (found,) = stood(watch(torso))
    assert found.repetitions == reps
    assert not any(rep.partial for rep in found.reps)
    assert found.end_us == pytest.approx(torso.edges[-1].end_us, abs=50_000)


@pytest.mark.parametrize("reps", [3, 8])
def test_a_set_from_the_bottom_when_the_exercise_is_given(reps: int) -> None:
    torso = Torso(50).hold(5).reps(reps, 0).hold(5)
    assert counts(watch(torso, exercise="deadlift")) == [reps]


@pytest.mark.parametrize("exercise", [None, *EXERCISES])
def test_a_set_is_a_set_whatever_exercise_is_given(exercise: str | None) -> None:
    start_deg, out_deg = (
        (50.0, 0.0) if exercise and EXERCISES[exercise].starts_at == "bottom" else (0.0, 50.0)
    )
    torso = Torso(start_deg).hold(5).reps(6, out_deg).hold(5)
    assert counts(watch(torso, exercise=exercise)) == [6]


def test_a_set_counts_also_when_the_recording_starts_with_it() -> None:
    assert counts(watch(Torso().reps(6).hold(5))) == [6]


@pytest.mark.parametrize("after_s", [0.05, 0.3, 2.0])
def test_a_recording_that_ends_at_the_top_keeps_its_last_rep(after_s: float) -> None:
    assert counts(
        watch(Torso().hold(5).reps(6, 50, (1.6, 0.5, 1.2, 0.7)).lean(50, 1.6).lean(0, 1.2).hold(after_s))
    ) == [7]


@pytest.mark.parametrize("after_s", [0.05, 0.3, 2.0])
def test_so_does_a_deadlift_that_is_not_set_down(after_s: float) -> None:
    torso = Torso(50).hold(5).reps(6, 0).lean(0, 1.2).hold(after_s)
    (found,) = stood(watch(torso, exercise="deadlift"))
    assert found.repetitions == 7
    last = found.reps[-1]
    assert last.end_us == last.top_us
    assert last.eccentric_s is None


@pytest.mark.parametrize("range_deg", [16.0, 25.0, 60.0, 110.0])
def test_small_and_large_ranges(range_deg: float) -> None:
    (found,) = stood(watch(Torso().hold(5).reps(6, range_deg).hold(5)))
    assert found.repetitions == 6
    assert found.reps[2].range_of_motion_deg == pytest.approx(range_deg, abs=1)


@pytest.mark.parametrize("exercise", [None, "deadlift"])
def test_a_braced_deadlift_counts(exercise: str | None) -> None:
    assert counts(watch(Torso(10).hold(5).reps(6, 0).hold(5), exercise=exercise)) == [6]


def test_a_swing_is_fast() -> None:
    assert counts(watch(Torso().hold(5).reps(15, 70, (0.55, 0.0, 0.5, 0.1)).hold(5))) == [15]


def test_a_long_set() -> None:
    """Longer than the memory."""
    assert counts(watch(Torso().hold(5).reps(90).hold(5), packet=52)) == [90]


@pytest.mark.parametrize(
    "torso",
    [
        pytest.param(Torso().hold(60), id="standing"),
        pytest.param(Torso().walk(60), id="walking"),
        pytest.param(
            Torso().hold(5).lean(90, 2).hold(30).lean(0, 2).hold(10), id="lying down and getting up"
        ),
        pytest.param(Torso().hold(5).reps(10, 6), id="swaying"),
        pytest.param(Torso().hold(5).reps(30, 30, (0.15, 0.0, 0.15, 0.0)), id="shaking"),
        pytest.param(
            Torso().hold(5).lean(40, 2).hold(60).lean(0, 2).hold(60).lean(40, 2).hold(60), id="desk"
        ),
    ],
)
def test_what_is_no_set(torso: Torso) -> None:
    assert counts(watch(torso)) == []


# Its end


def test_standing_still_ends_a_set_within_45_seconds() -> None:
    torso = Torso().hold(5).reps(8).hold(60)
    reported = watch(torso)
    assert counts(reported) == [8]
    assert 10 < ended_s(reported, torso) < 45


@pytest.mark.parametrize("wait_s", [0.0, 2.0])
def test_walking_away_ends_a_set_within_15_seconds(wait_s: float) -> None:
    torso = Torso().hold(5).reps(8).hold(wait_s).walk(30)
    reported = watch(torso)
    assert counts(reported) == [8]
    assert ended_s(reported, torso) < 15 + wait_s


def test_walking_off_bent_over_ends_it_too() -> None:
    """Carrying the bar."""
    torso = Torso().hold(5).reps(8).lean(20, 1).walk(30)
    reported = watch(torso)
    assert counts(reported) == [8]
    assert ended_s(reported, torso, timing=-2) < 17


def test_fidgeting_does_not_keep_a_set_open() -> None:
    torso = Torso().hold(5).reps(8)
    for _ in range(30):
        torso.lean(4, 0.5).hold(1).lean(0, 0.5).hold(1)
    reported = watch(torso)
    assert counts(reported) == [8]
    assert ended_s(reported, torso, timing=15) < 45


def test_the_reps_of_the_last_set_are_not_kept_for_the_next() -> None:
    (first, second) = stood(watch(Torso().hold(5).reps(8).hold(60).reps(6).hold(60)))
    assert (first.repetitions, second.repetitions) == (8, 6)
    assert first.id != second.id
    assert not {rep.id for rep in first.reps} & {rep.id for rep in second.reps}


@pytest.mark.parametrize("exercise", [None, "good_morning"])
def test_two_sets_with_a_rest_of_walking(exercise: str | None) -> None:
    torso = Torso().hold(5).reps(8).hold(2).walk(20).hold(3).reps(5).hold(40)
    assert counts(watch(torso, exercise=exercise)) == [8, 5]


@pytest.mark.parametrize("exercise", [None, "back_extension_45"])
def test_two_sets_with_a_short_rest_beside_the_bench(exercise: str | None) -> None:
    torso = Torso(120).hold(5).reps(8, 40)
    torso.lean(15, 1.5).hold(0.4).lean(0, 2).hold(16)  # gets off, and straightens up at leisure
    torso.lean(120, 2).hold(1).reps(6, 40).hold(40)
    assert counts(watch(torso, exercise=exercise)) == [8, 6]


def test_a_superset_with_a_larger_range() -> None:
    torso = Torso().hold(5).reps(8, 20).hold(8).reps(6, 70).hold(40)
    assert counts(watch(torso)) == [8, 6]


def test_a_superset_with_a_smaller_range() -> None:
    torso = Torso().hold(5).reps(8, 60).hold(8).reps(6, 25).hold(40)
    assert counts(watch(torso)) == [8, 6]


# A strap that slips


@pytest.mark.parametrize("by_deg", [30.0, -30.0])
@pytest.mark.parametrize("when_s", [0.2, 1.0, 1.6, 2.6, 3.4, 4.2])
def test_a_slip_of_the_strap_costs_at_most_one_rep(by_deg: float, when_s: float) -> None:
    torso = Torso().hold(3).reps(4)
    slips_s = torso.now_s + when_s
    torso.reps(4).hold(40)
    torso.now_s, end_s = slips_s, torso.now_s
    torso.slip(by_deg)
    torso.now_s = end_s
    reported = watch(torso)
    assert len(counts(reported)) == 1
    assert 7 <= counts(reported)[0] <= 9


# A counter


def test_a_set_has_at_least_one_rep() -> None:
    with pytest.raises(ConfigError, match="min_reps is 0"):
        SetDetector(session="t", exercise=None, min_reps=0)


def test_ids_begin_with_the_session() -> None:
    counter = SetDetector(session="monday", exercise=None, min_reps=3)
    counter.start(STEP_HZ, gyroscope=False)
    events = [*counter.push(motion_of(Torso().hold(5).reps(4).hold(5).record(STEP_HZ))), *counter.flush()]
    (found,) = [e for e in events if isinstance(e, ExerciseSet) and e.state is State.FINAL]
    assert found.id.startswith("monday-")
    assert all(rep.id.startswith(found.id) for rep in found.reps)
    assert not found.gyroscope


def test_nothing_pushed_nothing_comes() -> None:
    assert SetDetector(session="t", exercise=None, min_reps=3).flush() == []


def test_a_gap_amid_a_set_that_shakes_the_body_is_no_walking_away() -> None:
    motion = motion_of(Torso().hold(5).reps(10).hold(5).record(STEP_HZ))
    force_ms2 = 9.8 * (1 + 0.2 * np.sin(2 * np.pi * 2.5 * motion.time_us / 1e6))
    lost = slice(round(19 * STEP_HZ), round(25 * STEP_HZ))
    counter = SetDetector(session="t", exercise=None, min_reps=3)
    counter.start(STEP_HZ, gyroscope=True)
    events = []
    for part in (slice(0, lost.start), slice(lost.stop, None)):
        events += counter.push(
            make_motion(motion.time_us[part], motion.gravity[part], motion.rate_rads[part], force_ms2[part])
        )
    events = published([*events, *counter.flush()])
    check(events)
    (found,) = sets_of(events)
    assert found.repetitions in {8, 9}


def test_what_comes_behind_a_long_gap_has_the_top_where_the_set_before_had_it() -> None:
    """Told an exercise that starts at the bottom; the sensor is back when the person is at the top."""
    first = Torso(50).hold(5).reps(5, 0).lean(0, 1.6).record(STEP_HZ)
    second = Torso().hold(2).reps(5, 50, tempo=(2.0, 0.5, 1.2, 0.7)).hold(30).record(STEP_HZ)
    counter = SetDetector(session="t", exercise=EXERCISES["back_extension_45"], min_reps=3)
    counter.start(STEP_HZ, gyroscope=True)
    events = [*counter.push(motion_of(first)), *counter.push(motion_of(second.shifted(60_000_000)))]
    events = published([*events, *counter.flush()])
    check(events)
    before, behind = sets_of(events)
    assert before.repetitions == 6
    # What was lowered first belongs to the rep before the gap, and the last rise ends the set.
    assert behind.repetitions == 5
    for rep in behind.reps[:-1]:
        assert rep.concentric_s == pytest.approx(1.2, abs=0.1)
        assert rep.eccentric_s == pytest.approx(2.0, abs=0.1)


def test_sets_continue_being_numbered_when_the_sensor_starts_again() -> None:
    counter = SetDetector(session="t", exercise=None, min_reps=3)
    events = []
    for again in range(2):
        counter.start(STEP_HZ, gyroscope=True)
        recorded = Torso().hold(5).reps(4).hold(5).record(STEP_HZ).shifted(again * 60_000_000)
        events += [*counter.push(motion_of(recorded)), *counter.flush()]
    events = published(events)
    check(events)
    assert [e.id for e in events if isinstance(e, ExerciseSet) and e.state is State.FINAL] == ["t-s1", "t-s2"]


def test_gaps_within_a_set_are_counted() -> None:
    """A second is missing in its third rep, and another one long after it."""
    counter = SetDetector(session="t", exercise=None, min_reps=3)
    counter.start(STEP_HZ, gyroscope=True)
    torso = Torso().hold(5).reps(6).hold(60)
    motion = motion_of(torso.record(STEP_HZ))
    events = []
    pieces = [(0, 830), (840, 3000), (3052, len(motion.time_us))]
    for start, stop in pieces:
        part = slice(start, stop)
        events += counter.push(
            make_motion(
                motion.time_us[part], motion.gravity[part], motion.rate_rads[part], motion.force_ms2[part]
            )
        )
        last_us = int(motion.time_us[stop - 1])
        counter.gap(Gap(last_us, last_us + 500_000))
    events += counter.flush()
    (found,) = [e for e in events if isinstance(e, ExerciseSet) and e.state is State.FINAL]
    assert found.repetitions == 6
    assert found.gaps == 1
    assert found.lost_s == 0.5
    assert found.start_us > FIRST_US
