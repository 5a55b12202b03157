"""What the person tells the counter in the course of a session."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imurep.counting.pipeline import Pipeline
from imurep.devices import decoder_for
from imurep.errors import ConfigError
from imurep.events import Boundary, ExerciseSet, Instruction, LinkEvent, State
from imurep.offline.replay import LastSets
from imurep.recording import open_recording
from tests.counting.watching import check
from tests.resent import events_of, in_time, late, packets, stands

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.recording import RecordingItem

RECORDING = Path(__file__).parents[2] / "recordings" / "good-morning.jsonl.gz"


@cache
def items() -> tuple[RecordingItem, ...]:
    return tuple(item for item in open_recording(RECORDING) if not isinstance(item, LinkEvent))


def counted(pushed: Iterable[RecordingItem]) -> tuple[ExerciseSet, ...]:
    pipeline = Pipeline(session="t", decoder=decoder_for("open_imu"))
    events = [event for item in pushed for event in pipeline.push(item)] + pipeline.flush()
    check(events)
    last = LastSets()
    for event in events:
        last.add(event)
    return last.in_order()


@cache
def undisturbed() -> ExerciseSet:
    (found,) = counted(items())
    return found


def instructed_at(t_us: int, *instructions: Instruction) -> list[RecordingItem]:
    before = [item for item in items() if item.arrival_us <= t_us]
    after = [item for item in items() if item.arrival_us > t_us]
    return [*before, *(replace(one, arrival_us=t_us) for one in instructions), *after]


def arrival_us(time_us: int, after_s: float = 0.0) -> int:
    """When a sample of this time, and a little more, has arrived."""
    return time_us + round((0.7 + after_s) * 1e6)


FINISH, START = (Instruction(0, boundary=boundary) for boundary in (Boundary.FINISH, Boundary.START))


def test_finishing_ends_the_set_with_what_was_done() -> None:
    fifth = undisturbed().reps[4]
    assert fifth.end_us is not None
    before, after = counted(instructed_at(arrival_us(fifth.end_us), FINISH))
    assert [rep.start_us for rep in before.reps] == [rep.start_us for rep in undisturbed().reps[:5]]
    assert after.repetitions == 3
    assert after.start_us >= before.end_us


def test_finishing_reports_it_at_once() -> None:
    fifth = undisturbed().reps[4]
    assert fifth.end_us is not None
    pipeline = Pipeline(session="t", decoder=decoder_for("open_imu"))
    for item in instructed_at(arrival_us(fifth.end_us), FINISH):
        events = pipeline.push(item)
        if isinstance(item, Instruction):
            break
    (found,) = [event for event in events if isinstance(event, ExerciseSet)]
    assert (found.state, found.repetitions) == (State.FINAL, 5)
    assert not pipeline.set_open


def test_starting_forgets_what_was_half_begun() -> None:
    first = undisturbed().reps[0]
    (found,) = counted(instructed_at(arrival_us(first.end_us or 0), START))
    starts_us = [rep.start_us for rep in undisturbed().reps[1:]]
    assert [rep.start_us for rep in found.reps] == pytest.approx(starts_us, abs=20_000)


def test_starting_amid_a_set_keeps_what_was_done() -> None:
    fourth = undisturbed().reps[3]
    sets = counted(instructed_at(arrival_us(fourth.end_us or 0), START))
    assert [found.repetitions for found in sets] == [4, 4]


@pytest.mark.parametrize("boundary", [START, FINISH])
@pytest.mark.parametrize("t_us", [-1, 2_000_000, 10**10])
def test_where_no_set_is_nothing_changes(boundary: Instruction, t_us: int) -> None:
    assert [found.repetitions for found in counted(instructed_at(t_us, boundary))] == [8]


def test_an_exercise_holds_from_the_next_set_on() -> None:
    instructions = Instruction(0, exercise="good_morning")
    (named,) = counted(instructed_at(undisturbed().start_us - 5_000_000, instructions))
    assert (named.exercise, named.reasons) == ("good_morning", ("it was told",))
    (too_late,) = counted(instructed_at(undisturbed().reps[3].start_us, instructions))
    assert too_late == undisturbed()


def test_an_exercise_can_be_taken_back() -> None:
    instructions = Instruction(0, exercise="deadlift"), Instruction(0, exercise="unknown")
    (found,) = counted(instructed_at(1_000_000, *instructions))
    assert found.exercise == undisturbed().exercise


@pytest.mark.parametrize("before_s", [20.0, 3.0, -15.0])
def test_what_was_done_before_holds_for_the_open_set_too(before_s: float) -> None:
    other = next(name for name in undisturbed().exercise_group if name != undisturbed().exercise)
    corrected = Instruction(0, recent_exercises=("deadlift", other))
    (named,) = counted(instructed_at(undisturbed().start_us - round(before_s * 1e6), corrected))
    assert (named.exercise, named.reps) == (other, undisturbed().reps)
    (too_late,) = counted([*items(), corrected])
    assert too_late == undisturbed()


def test_an_exercise_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="choose one of"):
        Pipeline().push(Instruction(0, exercise="squat"))


@settings(max_examples=15)
@given(st.floats(0, 1), st.sampled_from(Boundary))
def test_wherever_a_boundary_is_events_keep_their_rules(part: float, boundary: Boundary) -> None:
    at_us = round(items()[-1].arrival_us * part)
    for found in counted(instructed_at(at_us, Instruction(0, boundary=boundary))):
        assert found.repetitions >= 3


@settings(max_examples=10)
@given(
    lost=st.integers(20, 200),
    count=st.integers(1, 40),
    last=st.integers(20, 260),
    late_s=st.floats(0.2, 60),
)
def test_what_came_late_does_not_move_an_instruction(lost: int, count: int, last: int, late_s: float) -> None:
    """The instruction keeps its place among the samples, also where counting went back."""
    live = packets()
    missing = range(lost, min(lost + count, len(live) - 20))
    assume(last < len(live) and last not in missing)  # nobody knows of a loss before the next packet
    finish = Instruction(live[last].arrival_us, boundary=Boundary.FINISH)
    arrivals_us = {at: [live[at].arrival_us + 1e6 * late_s] for at in missing}
    in_order = in_time(live, missing)
    assert stands(events_of([*in_order[: last + 1], finish, *in_order[last + 1 :]])) == stands(
        events_of(sorted([*late(live, arrivals_us), finish], key=lambda item: item.arrival_us))
    )
