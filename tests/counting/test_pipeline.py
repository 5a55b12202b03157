"""The whole flow: what must hold for any session, however it is cut, stamped and strapped on."""

from __future__ import annotations

import dataclasses
import itertools
import json
import struct
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imurep.counting.pipeline import Pipeline
from imurep.devices import decoder_for
from imurep.errors import ConfigError, PacketError
from imurep.events import ExerciseSet, GapEvent, LinkEvent, Notification, Packet, PhaseChange, Rep, State
from imurep.exercises import EXERCISES
from imurep.recording import open_recording
from tests.counting.watching import check, sets_of
from tests.motion import FIRST_US, Recorded, Torso

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.counting.motion.orientation import Motion
    from imurep.events import Event

ROOT = Path(__file__).parents[2]
GOLDEN: dict[str, Any] = json.loads((ROOT / "tests" / "golden" / "packets.json").read_text("utf-8"))

BOTH = pytest.mark.parametrize("gyroscope", [True, False], ids=["gyroscope", "accelerometer only"])

TWO_SETS = Torso().hold(3).walk(8).hold(2).reps(5).hold(3).walk(12).reps(4, 30).hold(12)


def sample() -> Recorded:
    """The committed recording."""
    packets = [
        item for item in open_recording(ROOT / "recordings" / "sample.csv") if isinstance(item, Packet)
    ]
    stamps = [packet.stamps_us for packet in packets if packet.stamps_us is not None]
    acc = [packet.acc_ms2 for packet in packets if packet.acc_ms2 is not None]
    gyr = [packet.gyr_rads for packet in packets if packet.gyr_rads is not None]
    return Recorded(np.concatenate(stamps), np.concatenate(acc), np.concatenate(gyr))


SESSIONS = {
    "synthetic": TWO_SETS.record(104, mounting=(0.4, 0.3, -0.8, 0.1), noise=0.3),
    "sample.csv": sample(),
}
SESSION = pytest.mark.parametrize("session", SESSIONS)


def recorded(session: str, *, gyroscope: bool) -> Recorded:
    return SESSIONS[session] if gyroscope else SESSIONS[session].without_gyroscope()


def events_of(packets: Iterable[Packet], **options: Any) -> list[Event]:  # noqa: ANN401 any option
    pipeline = Pipeline(**options)
    return [event for packet in packets for event in pipeline.push(packet)] + pipeline.flush()


def counts(events: Iterable[Event]) -> list[int]:
    return [found.repetitions for found in sets_of(events)]


# However it is cut


@BOTH
@SESSION
@settings(max_examples=8)
@given(data=st.data())
def test_a_split_changes_nothing(*, session: str, gyroscope: bool, data: st.DataObject) -> None:
    whole = recorded(session, gyroscope=gyroscope)
    cuts = data.draw(st.lists(st.integers(1, len(whole) - 1), max_size=40))
    expected = events_of([whole.packet()])
    assert events_of(whole.packets(cuts)) == expected
    assert sum(counts(expected)) >= 9


@BOTH
@SESSION
def test_a_sample_at_a_time_changes_nothing(*, session: str, gyroscope: bool) -> None:
    whole = recorded(session, gyroscope=gyroscope).part(0, 3800)
    expected = events_of([whole.packet()])
    assert events_of(whole.packets(range(len(whole)))) == expected
    check(expected)
    assert sum(counts(expected)) >= 3


@pytest.mark.parametrize("packet", [8, 52, 1000])
def test_packets_of_one_size_change_nothing(packet: int) -> None:
    whole = SESSIONS["sample.csv"]
    assert events_of(whole.packets(range(0, len(whole), packet))) == events_of([whole.packet()])


def test_what_is_known_comes_out_before_the_end() -> None:
    """Live: nothing waits for the end that need not."""
    whole = SESSIONS["synthetic"]
    pipeline = Pipeline()
    live = [event for packet in whole.packets(range(0, len(whole), 8)) for event in pipeline.push(packet)]
    at_the_end = pipeline.flush()
    assert counts(live) == [5, 4]
    assert counts(at_the_end) == []


# Random sessions


leans = st.floats(-40, 100)
seconds = st.floats(0.3, 4)
pieces = st.one_of(
    st.tuples(st.just("hold"), st.floats(0.1, 12)),
    st.tuples(st.just("walk"), st.floats(2, 14)),
    st.tuples(st.just("slip"), st.floats(-45, 45)),
    st.tuples(st.just("lean"), leans, seconds),
    st.tuples(
        st.just("reps"),
        st.integers(1, 7),
        leans,
        st.tuples(seconds, st.floats(0, 3), seconds, st.floats(0, 3)),
    ),
)


def played(script: list[tuple[Any, ...]]) -> Torso:
    torso = Torso().hold(1)
    for name, *values in script:
        getattr(torso, name)(*values)
    return torso.hold(2)


@settings(max_examples=60)
@given(
    script=st.lists(pieces, max_size=8),
    exercise=st.sampled_from([None, None, *EXERCISES]),
    min_reps=st.integers(1, 4),
    gyroscope=st.booleans(),
    noise=st.floats(0, 3),
    packet=st.integers(1, 300),
)
def test_whatever_happens(
    *,
    script: list[tuple[Any, ...]],
    exercise: str | None,
    min_reps: int,
    gyroscope: bool,
    noise: float,
    packet: int,
) -> None:
    whole = played(script).record(52, noise=noise)
    whole = whole if gyroscope else whole.without_gyroscope()
    live = events_of(whole.packets(range(0, len(whole), packet)), exercise=exercise, min_reps=min_reps)
    check(live, min_reps=min_reps)
    assert events_of([whole.packet()], exercise=exercise, min_reps=min_reps) == live
    for event in live:
        if isinstance(event, (Rep, ExerciseSet)):
            assert FIRST_US - 1_000_000 < event.start_us <= (event.end_us or event.start_us)
            assert (event.end_us or 0) <= whole.time_us[-1] + 1_000_000


def test_blows_do_not_confuse_the_order_of_things() -> None:
    """Dropped plates and bumps: force that no tilt explains, up to what a sensor of 16 g reads."""
    still = Torso().hold(3).reps(5).walk(8).reps(4, 30).hold(6).record(52, noise=0.5)
    for seed, strength, gyroscope in itertools.product((9, 16, 36, 88, 133), (10, 40, 157), (True, False)):
        rng = np.random.default_rng(seed)
        acc = still.acc_ms2.copy()
        for at in rng.integers(0, len(acc) - 60, 12):
            n = rng.integers(1, 50)
            acc[at : at + n] += strength * rng.standard_normal((n, 3))
        struck = dataclasses.replace(still, acc_ms2=acc)
        struck = struck if gyroscope else struck.without_gyroscope()
        check(events_of([struck.packet()], min_reps=1), min_reps=1)


# However it is stamped


def shifted(event: Event, by_us: int) -> Event:
    changes: dict[str, Any] = {
        field.name: getattr(event, field.name) + by_us
        for field in dataclasses.fields(event)
        if field.name.endswith("_us") and getattr(event, field.name) is not None
    }
    if isinstance(event, ExerciseSet):
        changes["reps"] = tuple(shifted(rep, by_us) for rep in event.reps)
    return dataclasses.replace(event, **changes)


@BOTH
@settings(max_examples=12)
@given(by_us=st.integers(-(2**61), 2**61))
@example(by_us=1_753_000_000_123_457)
@example(by_us=-FIRST_US)
def test_a_shift_of_time_changes_only_times(*, gyroscope: bool, by_us: int) -> None:
    here = recorded("synthetic", gyroscope=gyroscope)
    expected = [shifted(event, by_us) for event in events_of([here.packet()])]
    assert events_of([here.shifted(by_us).packet()]) == expected


def nearly(value: Any, name: str = "") -> Any:  # noqa: ANN401 any field of an event
    """Equal to what differs by a float's rounding of microseconds."""
    if isinstance(value, dict):
        return {key: nearly(one, key) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(nearly(one) for one in value)
    if isinstance(value, (int, float)) and name.endswith(("_us", "_s", "_dps")):
        return pytest.approx(value, abs=2 if name.endswith("_us") else 1e-3)
    return value


@BOTH
@pytest.mark.parametrize("by_us", [-FIRST_US, 1_000_003, 1_753_000_000_123_457, -(2**52)])
def test_a_shift_of_time_changes_almost_only_times(*, gyroscope: bool, by_us: int) -> None:
    here = recorded("synthetic", gyroscope=gyroscope)
    found = [shifted(event, -by_us) for event in events_of([here.shifted(by_us).packet()])]
    expected = [nearly(dataclasses.asdict(event)) for event in events_of([here.packet()])]
    assert [dataclasses.asdict(event) for event in found] == expected


# However it is strapped on


@BOTH
@settings(max_examples=15)
@given(
    mounting=st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(v * v for v in q) > 0.01),
    seed=st.integers(0, 5),
)
def test_any_mounting_gives_the_same_counts(
    *, gyroscope: bool, mounting: tuple[float, float, float, float], seed: int
) -> None:
    whole = TWO_SETS.record(52, mounting=mounting, noise=0.3, seed=seed)
    whole = whole if gyroscope else whole.without_gyroscope()
    assert counts(events_of([whole.packet()])) == [5, 4]


@pytest.mark.parametrize("rate_hz", [20, 26, 52, 104, 208, 400])
@BOTH
def test_any_rate_gives_the_same_counts(*, gyroscope: bool, rate_hz: float) -> None:
    whole = TWO_SETS.record(rate_hz, noise=0.3)
    events = events_of([(whole if gyroscope else whole.without_gyroscope()).packet()])
    assert counts(events) == [5, 4]
    check(events)


def test_what_sets_have_of_the_session() -> None:
    for gyroscope in (True, False):
        whole = recorded("synthetic", gyroscope=gyroscope)
        found = sets_of(events_of([whole.packet()], session="monday", exercise="good_morning"))
        assert [one.gyroscope for one in found] == [gyroscope] * 2
        assert [one.top_assumed for one in found] == [False] * 2, "they walked"
        assert all(one.id.startswith("monday-") for one in found)
        assert {one.exercise for one in found} == {"good_morning"}


@BOTH
@pytest.mark.parametrize("session", SESSIONS)
def test_the_committed_and_the_synthetic_session(*, session: str, gyroscope: bool) -> None:
    events = events_of([recorded(session, gyroscope=gyroscope).packet()])
    check(events)
    assert counts(events) == {"synthetic": [5, 4], "sample.csv": [8, 6]}[session]
    assert {type(event) for event in events} == {ExerciseSet, PhaseChange, Rep}


def test_the_edges_of_the_movements() -> None:
    """To 6 % of the movement, the first one's beginning left out."""
    whole = SESSIONS["synthetic"]
    reps = [rep for found in sets_of(events_of([whole.packet()])) for rep in found.reps]
    true = list(zip(TWO_SETS.edges[::2], TWO_SETS.edges[1::2], strict=True))
    for at, (rep, (down, up)) in enumerate(zip(reps, true, strict=True)):
        if at not in {0, 5}:
            assert rep.start_us == pytest.approx(down.start_us, abs=60_000)
            assert rep.eccentric_s == pytest.approx(down.duration_s, rel=0.06)
        assert rep.end_us == pytest.approx(up.end_us, abs=60_000)
        assert rep.concentric_s == pytest.approx(up.duration_s, rel=0.06)
        assert rep.range_of_motion_deg == pytest.approx(down.to_deg, abs=1.5)


# Gaps and new starts


def test_a_gap_is_reported_and_counted() -> None:
    whole = Torso().hold(3).reps(6).hold(5).record(104)
    lost = slice(1400, 1500)
    events = events_of([whole.part(0, lost.start).packet(), whole.part(lost.stop, len(whole)).packet()])
    (gap,) = [event for event in events if isinstance(event, GapEvent)]
    assert gap.start_us == pytest.approx(whole.time_us[lost.start], abs=1)
    assert gap.end_us == whole.time_us[lost.stop]
    (found,) = sets_of(events)
    assert found.gaps == 1
    assert found.repetitions in {5, 6}
    check(events)


def test_a_long_gap_ends_a_set() -> None:
    first, second = Torso().hold(3).reps(5).hold(3).record(52), Torso().hold(3).reps(4).hold(3).record(52)
    events = events_of([first.packet(), second.shifted(120_000_000).packet()])
    assert counts(events) == [5, 4]
    check(events)


def test_a_gyroscope_that_stops_starts_a_new_set() -> None:
    with_it = Torso().hold(3).reps(5).hold(3).record(52)
    without = Torso().hold(3).reps(4).hold(3).record(52).without_gyroscope().shifted(30_000_000)
    events = events_of([with_it.packet(), without.packet()])
    check(events)
    assert [(found.repetitions, found.gyroscope) for found in sets_of(events)] == [(5, True), (4, False)]
    assert len({found.id for found in sets_of(events)}) == 2


def test_the_observer_sees_the_motion() -> None:
    seen: list[Motion] = []
    whole = SESSIONS["synthetic"]
    pipeline = Pipeline(observer=seen.append)
    pipeline.push(whole.packet())
    pipeline.flush()
    assert pipeline.first_us == whole.time_us[0]
    time_us = np.concatenate([motion.time_us for motion in seen])
    assert len(time_us) == len(whole) // 2
    assert (np.diff(time_us) > 0).all()


# Notifications


START = bytes.fromhex(GOLDEN["responses"]["acc_gyr"]["hex"])
"""Stream 7 at 104 Hz, 8 g and 1000 dps over 32768 steps."""


def notifications(whole: Recorded, size: int = 8, first_index: int = 0) -> Iterable[Notification]:
    """In the format of docs/reference/packet-format.md, written once more by hand."""
    assert whole.gyr_rads is not None
    yield Notification(0, "control", START)
    values = np.hstack((whole.acc_ms2 / 9.80665 * 4096, np.degrees(whole.gyr_rads) * 32.768))
    raw = np.rint(values).astype("<i2")
    for number, at in enumerate(range(0, len(whole), size)):
        part = raw[at : at + size]
        index = (first_index + at) % 2**32
        time_us = int(whole.time_us[at]) + 12_345_678
        header = struct.pack("<BBBBHBBIQ", 0x10, 0, 7, 3, number % 2**16, len(part), 0, index, time_us)
        yield Notification(
            int(whole.time_us[at]) + 80_000 + number * 7919 % 30_000, "data", header + part.tobytes()
        )


def run_pipeline(of: Iterable[Notification | LinkEvent]) -> tuple[Pipeline, list[Event]]:
    pipeline = Pipeline(decoder=decoder_for("open_imu"))
    events = [event for item in of for event in pipeline.push(item)]
    return pipeline, events + pipeline.flush()


def test_from_bytes_to_sets() -> None:
    pipeline, events = run_pipeline(notifications(SESSIONS["synthetic"]))
    assert counts(events) == [5, 4]
    assert pipeline.malformed == 0
    check(events)


def test_golden_packets_go_through() -> None:
    pipeline = Pipeline(decoder=decoder_for("open_imu"))
    for name in GOLDEN["responses"]:
        pipeline.push(Notification(0, "control", bytes.fromhex(GOLDEN["responses"][name]["hex"])))
    for arrival_us, vector in enumerate(GOLDEN["packets"]):
        pipeline.push(Notification(arrival_us * 20_000, "data", bytes.fromhex(vector["hex"])))
    pipeline.flush()
    assert pipeline.malformed == 0


@pytest.mark.parametrize("vector", GOLDEN["malformed"], ids=lambda vector: str(vector["name"]))
def test_malformed_notifications_are_counted_and_left_out(vector: dict[str, Any]) -> None:
    pipeline = Pipeline(decoder=decoder_for("open_imu"))
    for name in vector["after"]:
        pipeline.push(Notification(0, "control", bytes.fromhex(GOLDEN["responses"][name]["hex"])))
    assert pipeline.push(Notification(0, vector["channel"], bytes.fromhex(vector["hex"]))) == []
    assert pipeline.malformed == 1


def test_rubbish_in_between_changes_nothing() -> None:
    clean = list(notifications(SESSIONS["synthetic"]))
    dirty = [thing for one in clean for thing in (one, Notification(one.arrival_us, "data", b"\x10rubbish"))]
    pipeline, events = run_pipeline(dirty)
    assert pipeline.malformed == len(clean)
    assert events == run_pipeline(clean)[1]


def test_link_events_change_nothing() -> None:
    clean = list(notifications(SESSIONS["synthetic"]))
    at_us = clean[100].arrival_us
    links = [LinkEvent(at_us, up=False, reason="supervision timeout"), LinkEvent(at_us, up=True)]
    assert run_pipeline([*clean[:100], *links, *clean[100:]])[1] == run_pipeline(clean)[1]


def test_lost_notifications_are_a_gap() -> None:
    clean = list(notifications(SESSIONS["synthetic"]))
    _, events = run_pipeline([*clean[:240], *clean[250:]])
    gaps = [event for event in events if isinstance(event, GapEvent)]
    assert len(gaps) == 1
    assert (gaps[0].end_us - gaps[0].start_us) / 1e6 == pytest.approx(80 / 104, abs=0.02)
    check(events)


# What cannot be


def test_notifications_need_a_decoder() -> None:
    with pytest.raises(ConfigError, match="without a decoder"):
        Pipeline().push(Notification(0, "data", b""))


def test_an_exercise_that_does_not_exist() -> None:
    with pytest.raises(ConfigError, match=r"unknown exercise 'squat'.*deadlift"):
        Pipeline(exercise="squat")


@pytest.mark.parametrize("min_reps", [0, -3])
def test_a_set_of_less_than_one_rep(min_reps: int) -> None:
    with pytest.raises(ConfigError, match="min_reps"):
        Pipeline(min_reps=min_reps)


def test_unknown_means_nothing() -> None:
    whole = SESSIONS["synthetic"]
    assert events_of([whole.packet()], exercise="unknown") == events_of([whole.packet()])


def test_a_packet_of_ones_own_that_cannot_be_used() -> None:
    whole = SESSIONS["synthetic"]
    pipeline = Pipeline()
    pipeline.push(whole.part(2000, 3000).packet())
    with pytest.raises(PacketError, match="time goes back"):
        pipeline.push(whole.part(0, 1000).packet())


def test_nothing_in_nothing_out() -> None:
    pipeline = Pipeline()
    assert pipeline.flush() == []
    assert pipeline.first_us is None


def test_no_event_is_final_twice_over_without_a_change() -> None:
    for before, after in pairwise(
        [e for e in events_of([SESSIONS["synthetic"].packet()]) if isinstance(e, Rep)]
    ):
        if before.id == after.id and before.state is State.FINAL:
            assert dataclasses.replace(before, version=after.version) != after
