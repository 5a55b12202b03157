from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imurep.counting.ordering.late_data import LateDataRecounter
from imurep.counting.ordering.ordering_params import OrderingParams
from imurep.counting.ordering.reorder_buffer import ReorderBuffer
from imurep.counting.pipeline import Pipeline
from imurep.devices import decoder_for
from imurep.events import ExerciseSet, GapEvent, LinkEvent, Packet, PhaseChange, Rep
from tests.resent import PACKET_US, again, events_of, in_time, late, packets, session, stands

if TYPE_CHECKING:
    from imurep.counting.motion.orientation import Motion
    from imurep.events import Event, Instruction, Notification


# The whole flow


@st.composite
def losses(draw: st.DrawFn) -> dict[int, list[float]]:
    """Runs of lost packets, and when each is sent again: once or twice, in any order, up to 170 s late."""
    live = packets()
    found: dict[int, list[float]] = {}
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(1, len(live) - 2))
        for at in range(first, min(len(live), first + draw(st.integers(1, 60)))):
            delays_s = draw(st.lists(st.floats(0.2, 170), min_size=1, max_size=2))
            found[at] = [live[at].arrival_us + 1e6 * delay_s for delay_s in delays_s]
    return found


@pytest.mark.no_cover
@settings(max_examples=8)
@given(losses())
def test_it_does_not_matter_when_lost_packets_come(lost: dict[int, list[float]]) -> None:
    """Bit for bit: ids, reps and all numbers are those of the session in which they came at once."""
    live = packets()
    assert stands(events_of(late(live, lost))) == stands(events_of(in_time(live, lost)))


@settings(max_examples=12)
@given(first=st.integers(20, 150), count=st.integers(5, 150), delay_s=st.floats(2.5, 100))
def test_a_lost_link(first: int, count: int, delay_s: float) -> None:
    """One run in order, which comes when the link is back: told, corrected, right in the end."""
    live = packets()
    end = min(first + count, len(live) - 20)
    begin_us = live[end].arrival_us + 1e6 * delay_s
    arrivals = {at: [begin_us + 2e4 * (at - first)] for at in range(first, end)}
    events = events_of(late(live, arrivals))
    assert stands(events) == stands(events_of(in_time(live, arrivals)))
    assert any(isinstance(event, GapEvent) for event in events)


def six(events: list[Event]) -> bool:
    (found,) = [event for event in stands(events).values() if isinstance(event, ExerciseSet)]
    return found.repetitions == 6


def mid_set() -> range:
    """Packets of a rep and a half amid the set."""
    live = packets()
    (found,) = [e for e in stands(events_of(live)).values() if isinstance(e, ExerciseSet)]
    first = next(at for at, one in enumerate(live) if one.arrival_us > found.reps[2].start_us)
    return range(first, first + 40)


def test_a_gap_that_is_filled_in_time_is_never_reported() -> None:
    live = packets()
    lost = mid_set()
    after_us = live[lost.stop].arrival_us
    events = events_of(late(live, {at: [after_us + 1e5 + at * 1e3] for at in lost}))
    assert not any(isinstance(event, GapEvent) for event in events)
    assert six(events)


def test_a_gap_that_is_filled_later_is_corrected_under_its_ids() -> None:
    live = packets()
    lost = mid_set()
    whole = stands(events_of(live))
    begin_us = live[-60].arrival_us
    sent = [one for at, one in enumerate(live) if at not in lost]
    sent += [again(live[at], begin_us + at * 1e3, end=at == lost[-1]) for at in lost]
    sent.sort(key=lambda packet: packet.arrival_us)
    pipeline = Pipeline()
    corrections: list[Event] = []
    before: list[Event] = []
    for packet in sent:
        events = pipeline.push(packet)
        if packet.backfill_end:
            assert pipeline.incomplete is False
            corrections = events
        elif not corrections:
            before += events
    assert sum(isinstance(event, GapEvent) for event in before) == 1
    assert corrections
    assert not any(isinstance(event, (GapEvent, PhaseChange)) for event in corrections)
    published = {event.id: event for event in before if isinstance(event, (Rep, ExerciseSet))}
    for event in corrections:
        assert isinstance(event, (Rep, ExerciseSet))
        if event.id in published:
            assert event.version > published[event.id].version
            assert replace(event, version=published[event.id].version) != published[event.id], (
                "the same is not told again"
            )
    assert set(stands(events_of(sent))) == set(whole)


def test_who_watches_sees_what_was_counted_in_the_end() -> None:
    live = packets()
    lost = mid_set()
    seen: list[Motion] = []

    def watch(motion: Motion) -> None:
        while seen and seen[-1].time_us[-1] >= motion.time_us[0]:
            seen.pop()
        seen.append(motion)

    pipeline = Pipeline(observer=watch)
    for packet in late(live, {at: [live[-60].arrival_us + at * 1e3] for at in lost}):
        pipeline.push(packet)
    time_us = np.concatenate([motion.time_us for motion in seen])
    assert np.diff(time_us).max() < 50_000, "no gap is left"


def test_without_a_gap_nothing_is_kept() -> None:
    pipeline = Pipeline()
    for packet in packets():
        pipeline.push(packet)
        assert not pipeline.waiting
        assert not pipeline.incomplete


def test_what_waits_and_what_is_missing_can_be_asked() -> None:
    live = packets()
    pipeline = Pipeline()
    for packet in [*live[:20], live[25]]:
        pipeline.push(packet)
    assert (pipeline.waiting, pipeline.incomplete) == (True, False)
    pipeline.push(LinkEvent(live[25].arrival_us + 1000, up=False))
    assert (pipeline.waiting, pipeline.incomplete) == (False, True), "over a lost link nothing comes"
    pipeline.push(LinkEvent(live[25].arrival_us + 190_000_000, up=True))
    assert not pipeline.incomplete, "too late"


def test_whether_a_set_is_open_can_be_asked() -> None:
    pipeline = Pipeline()
    opened = []
    for packet in packets():
        pipeline.push(packet)
        opened.append(pipeline.set_open)
    assert opened[0] is False
    assert any(opened)
    pipeline.flush()
    assert pipeline.set_open is False


def test_a_status_ends_the_wait_as_well() -> None:
    pipeline = Pipeline(decoder=None)
    live = packets()
    for packet in [*live[:20], live[25]]:
        pipeline.push(packet)
    events = pipeline.push(LinkEvent(live[25].arrival_us + 2_000_000, up=True))
    assert [type(event) for event in events] == [GapEvent]


def test_only_a_sensor_that_can_send_again_is_waited_for() -> None:
    published = list(session())
    lost = published[:100] + published[110:120]
    assert not any(isinstance(event, GapEvent) for event in decoded(lost))
    assert any(isinstance(event, GapEvent) for event in decoded(lost[1:])), "the first one is info"


def decoded(notifications: list[Notification]) -> list[Event]:
    pipeline = Pipeline(decoder=decoder_for("open_imu"))
    return [event for one in notifications for event in pipeline.push(one)]


# The rewinder alone


@dataclass
class Counted:
    """A count that remembers what went through it."""

    indices: list[int | None] = field(default_factory=list)
    shown: int = 0

    def push(self, item: Packet | Instruction, *, observe: bool = True) -> list[Event]:
        assert isinstance(item, Packet)
        self.indices.append(item.index)
        self.shown += observe
        return []

    def copy(self) -> Counted:
        return Counted(list(self.indices), self.shown)


def recounter(**params: float) -> tuple[LateDataRecounter[Counted], ReorderBuffer]:
    return LateDataRecounter(Counted(), OrderingParams(**params)), ReorderBuffer()  # type: ignore[arg-type]  # int and float


def step(of: LateDataRecounter[Counted], buffer: ReorderBuffer, packet: Packet) -> None:
    """As the pipeline does it."""
    for item in buffer.tick(packet.arrival_us):
        of.push(item)
    of.tick(packet.arrival_us)
    if packet.backfill:
        of.push_late(packet)
    for item in buffer.push(packet):
        of.push(item)


def test_counting_again_waits_until_nothing_more_comes() -> None:
    of, buffer = recounter()
    live = packets()
    for packet in [*live[:20], *live[30:60]]:
        step(of, buffer, packet)
    seen = len(of.state.indices)
    for at in range(20, 25):
        step(of, buffer, again(live[at], live[59].arrival_us + at))
    assert len(of.state.indices) == seen
    of.tick(live[59].arrival_us + 2_500_000)
    assert of.state.indices == [packet.index for packet in (*live[:25], *live[30:60])]
    assert of.incomplete
    for at in range(25, 30):
        step(of, buffer, again(live[at], live[59].arrival_us + 2_600_000 + at))
    assert of.state.indices == [packet.index for packet in live[:60]]
    assert not of.incomplete


def test_the_end_of_a_backfill_is_as_good_as_a_full_hole() -> None:
    of, buffer = recounter()
    live = packets()
    for packet in [*live[:20], *live[30:60]]:
        step(of, buffer, packet)
    step(of, buffer, again(live[22], live[60].arrival_us, end=True))
    assert of.state.indices == [packet.index for packet in (*live[:20], live[22], *live[30:60])]


def test_holes_are_forgotten_one_by_one() -> None:
    of, buffer = recounter(keep_s=10.0)
    live = packets()
    lost = {20, 60, 100}
    most = 0
    for at, packet in enumerate(live):
        if at not in lost:
            step(of, buffer, packet)
        most = max(most, len(of._log))
    assert not of.incomplete
    assert most < 12e6 / PACKET_US * 2
    assert of.state.indices == [packet.index for at, packet in enumerate(live) if at not in lost]
    assert of.state.shown == len(live) - 3, "nothing is shown twice"


def test_what_comes_too_late_changes_nothing() -> None:
    of, buffer = recounter(keep_s=10.0)
    live = packets()
    for at, packet in enumerate(live[:120]):
        if at != 20:
            step(of, buffer, packet)
    seen = list(of.state.indices)
    step(of, buffer, again(live[20], live[120].arrival_us))
    assert of.state.indices == seen


def test_the_log_is_bounded() -> None:
    of, buffer = recounter(keep_s=1e6, most_late=50)
    live = packets()
    for at, packet in enumerate(live):
        if at % 40:
            step(of, buffer, packet)
            assert len(of._log) < 50 + 15
    assert of.state.indices == [packet.index for at, packet in enumerate(live) if at % 40]
