"""The relay without I/O: a scripted phone, a way that loses, repeats and delays, and what the sink gets."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imurep.counting.pipeline import Pipeline
from imurep.devices.open_imu import KIND, OpenImuDecoder
from imurep.devices.protocol import StreamRequest
from imurep.events import ExerciseSet, Link, LinkEvent, Notification, State
from imurep.sources.relay.codec import parse_record
from imurep.sources.relay.phone_session import LATE_US, REOPEN, UNKNOWN_SENSOR, PhoneSession
from tests.devices.fake_sensor import TICK_US, FakeSensor
from tests.sources.harness import Log
from tests.sources.scripted_phone import RecordedSensor, ScriptedPhone, ticks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.recording import RecordingItem

GOOD_MORNING = Path(__file__).parents[3] / "recordings" / "good-morning.jsonl.gz"
START_US = 5_000_000
"""What the service's clock shows when the sensor's shows 0."""


class Way:
    """Phone, network and service. The network's moods are the test's."""

    def __init__(self, phone: ScriptedPhone, *, latency_us: int = 100_000) -> None:
        self.phone = phone
        self.log = Log()
        self.service = PhoneSession(StreamRequest(), self.log)
        self.latency_us = latency_us
        self.rng = random.Random(1)  # noqa: S311 no secret
        self.loses = 0.0
        self.repeats = 0.0
        self.jitter_us = 0
        self.serving = True
        self.answering = True
        self._up: list[tuple[int, bytes]] = []
        self._down: list[tuple[int, bytes]] = []
        self.drift = 0.0

    @property
    def now_us(self) -> int:
        return START_US + round(self.phone.sensor.now_us * (1 + self.drift))

    def run(self, seconds: float) -> None:
        for _ in ticks(seconds):
            self.tick()

    def tick(self) -> None:
        self.phone.tick()
        for payload in self.phone.outbox:
            self._throw(self._up, payload)
        self.phone.outbox.clear()
        for payload in self._arrived(self._up):
            if self.serving:
                self.service.receive(parse_record(payload), self.now_us)
                if self.phone.online and self.answering:
                    self._throw(self._down, self.service.answer())
        for payload in self._arrived(self._down):
            if self.phone.online:
                self.phone.receive(payload)

    def _throw(self, into: list[tuple[int, bytes]], payload: bytes) -> None:
        copies = 0 if self.rng.random() < self.loses else 1 + (self.rng.random() < self.repeats)
        for _ in range(copies):
            late_us = self.latency_us + self.rng.randint(0, self.jitter_us)
            into.append((self.phone.sensor.now_us + late_us, payload))

    def _arrived(self, waiting: list[tuple[int, bytes]]) -> Iterable[bytes]:
        due = [one for one in waiting if one[0] <= self.phone.sensor.now_us]
        for one in due:
            waiting.remove(one)
        return [payload for _, payload in sorted(due, key=lambda one: one[0])]

    def outage(self, seconds: float) -> None:
        self.phone.go(online=False)
        self._up.clear()
        self.run(seconds)
        self.phone.go(online=True)

    def restart(self) -> None:
        """The service is killed and starts again, with what is on disk."""
        self.log.earlier = [item for item in self.log.items if isinstance(item, Notification)]
        self.service = PhoneSession(StreamRequest(), self.log)

    # What came of it

    def indices(self) -> list[int]:
        """Of all samples, in the order in which they came."""
        return [
            int.from_bytes(item.payload[8:12], "little") + k
            for item in self.log.items
            if isinstance(item, Notification) and item.channel == "data"
            for k in range(item.payload[6])
        ]

    def is_complete(self) -> bool:
        """Every sample since the start came, none twice."""
        indices = self.indices()
        return sorted(indices) == list(range(indices[0], indices[0] + len(indices)))


def streaming(sensor: FakeSensor | None = None, **ways: int) -> Way:
    way = Way(ScriptedPhone(sensor or FakeSensor()), **ways)
    way.phone.connect()
    way.run(3)
    assert way.service.is_streaming
    return way


def counted(items: Iterable[RecordingItem]) -> list[int]:
    """Repetitions of the sets in what was received."""
    pipeline = Pipeline(decoder=OpenImuDecoder())
    sets: dict[str, ExerciseSet] = {}
    events = [event for item in items for event in pipeline.push(item)]
    for event in [*events, *pipeline.flush()]:
        if isinstance(event, ExerciseSet):
            sets[event.id] = event
    return [len(one.reps) for one in sets.values() if one.state is not State.WITHDRAWN]


# In order, once each


def test_the_conversation_is_held_over_the_phone() -> None:
    way = streaming()
    way.run(10)
    assert way.log.whose == [("IMU-SIM 3fa9", "open_imu")]
    assert way.log.ups == 1
    assert way.service.link is Link.STREAMING
    assert way.service.battery_percent == 80
    assert way.indices() == list(range(1000, 1000 + len(way.indices())))
    assert len(way.indices()) > 1000


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1000),
    loses=st.sampled_from([0.0, 0.05, 0.3]),
    repeats=st.sampled_from([0.0, 0.3]),
    jitter_us=st.sampled_from([0, 150_000, 900_000]),
    outage_s=st.sampled_from([0, 2, 30]),
)
def test_whatever_the_way_does_each_sample_comes_once_and_in_order(
    seed: int, loses: float, repeats: float, jitter_us: int, outage_s: int
) -> None:
    way = Way(ScriptedPhone(FakeSensor()))
    way.rng.seed(seed)
    way.loses, way.repeats, way.jitter_us = loses, repeats, jitter_us
    way.phone.connect()
    way.run(15)
    if outage_s:
        way.outage(outage_s)
    way.run(15)
    way.loses = way.jitter_us = 0
    way.run(30)
    indices = way.indices()
    assert indices == sorted(set(indices))
    assert way.is_complete()
    assert not way.phone.records or len(way.phone.records) < 5
    assert way.service.is_streaming
    arrivals_us = [item.arrival_us for item in way.log.items]
    assert arrivals_us == sorted(arrivals_us)


def test_what_comes_twice_counts_once_and_is_acknowledged_again() -> None:
    way = streaming()
    way.repeats = 1.0
    way.run(5)
    assert way.is_complete()
    assert len(way.phone.records) < 3


def test_what_comes_too_early_waits_in_the_phone() -> None:
    way = streaming()
    way.loses = 1.0
    way.run(0.4)  # one or two records, and then others
    way.loses = 0.0
    before = len(way.indices())
    way.run(1)
    assert len(way.indices()) == before
    way.run(3)
    assert way.indices() == list(range(1000, 1000 + len(way.indices())))


def test_records_that_the_phone_has_lost_are_a_gap_and_no_end() -> None:
    way = streaming()
    way.phone.go(online=False)
    way.run(30)
    del way.phone.records[:3]
    way.phone.go(online=True)
    way.run(10)
    assert way.is_complete()  # the sensor kept them, and sent them again
    assert way.indices() != sorted(way.indices())


# Outages


def test_a_minute_without_network_in_mid_set_costs_no_rep() -> None:
    worn = RecordedSensor.of(GOOD_MORNING)
    straight = streaming(RecordedSensor.of(GOOD_MORNING))
    straight.run(worn.seconds - 3)
    broken = streaming(worn)
    broken.run(25)
    broken.outage(60)
    broken.run(worn.seconds - 88)
    expected = counted(straight.log.items)
    assert len(expected) == 1
    assert expected[0] >= 8
    assert counted(broken.log.items) == expected
    assert broken.indices() == list(range(1000, 1000 + len(broken.indices())))


def test_after_an_outage_arrivals_have_their_true_times() -> None:
    way = streaming()
    way.run(10)
    way.outage(60)
    way.run(5)
    waits_us = [
        item.arrival_us - START_US - item_us(item, way)
        for item in way.log.items
        if isinstance(item, Notification) and item.channel == "data"
    ]
    assert max(waits_us) - min(waits_us) <= 2 * TICK_US


def item_us(item: Notification, way: Way) -> int:
    """When the sensor had taken the last sample of a packet: it began to take them at the stream's start."""
    taken = int.from_bytes(item.payload[8:12], "little") + item.payload[6] - way.phone.sensor.first_index
    return taken * 10_000


def test_an_outage_is_to_the_conversation_a_lost_link_and_to_the_recording_none() -> None:
    way = streaming()
    way.phone.steps_received.clear()
    way.outage(20)
    way.run(5)
    words = [step["do"] for step in way.phone.steps_received]
    assert "read" in words  # info, at the beginning of the conversation
    assert way.service.is_streaming
    assert way.log.link_events == [way.log.items[0]]


def test_a_short_outage_is_nothing() -> None:
    way = streaming()
    way.run(10)
    way.phone.steps_received.clear()
    way.outage(LATE_US / 1e6 - 1)
    way.run(5)
    assert not any(step["do"] == "read" for step in way.phone.steps_received)
    assert way.is_complete()


def test_what_the_link_lost_during_an_outage_is_sent_again_by_the_sensor() -> None:
    way = streaming()
    way.run(5)
    way.phone.go(online=False)
    way.run(5)
    way.phone.disconnect()
    way.run(5)
    way.phone.connect()
    way.phone.sensor.subscribed |= {"data", "control"}  # a page subscribes again by itself
    way.run(5)
    way.phone.go(online=True)
    way.run(15)
    assert way.is_complete()
    assert [event.up for event in way.log.link_events] == [True, False, True]


def test_slow_networks_break_no_conversation() -> None:
    way = Way(ScriptedPhone(FakeSensor()), latency_us=3_000_000)
    way.phone.connect()
    way.run(40)
    assert way.service.is_streaming
    assert not any(step["do"] == "hang_up" for step in way.phone.steps_received)


# Restarts


@pytest.mark.parametrize("outage_s", [0, 30])
def test_a_service_that_starts_again_continues_where_it_was(outage_s: int) -> None:
    way = streaming()
    way.run(10)
    way.serving = False
    way.run(1)
    way.serving = True
    way.restart()
    if outage_s:
        way.outage(outage_s)
    way.run(10)
    assert way.service.is_streaming
    assert way.is_complete()


def test_what_was_taken_in_but_not_acknowledged_is_not_taken_twice() -> None:
    way = streaming()
    way.answering = False
    way.run(1)
    way.answering = True
    way.restart()
    way.run(10)
    assert way.is_complete()
    assert way.service.is_streaming


def test_a_page_that_is_opened_again_sends_first_what_it_had() -> None:
    way = streaming()
    way.phone.go(online=False)
    way.run(10)
    way.phone.reload("t")
    way.phone.connect()
    way.phone.go(online=True)
    way.run(10)
    assert way.is_complete()
    assert way.service.is_streaming
    assert [event.up for event in way.log.link_events] == [True, False, True]


def test_a_page_that_is_opened_again_and_has_kept_nothing_has_no_sensor_until_it_is_connected() -> None:
    way = streaming()
    way.phone.go(online=False)
    way.phone.reload("t")
    way.phone.records.clear()
    way.phone.go(online=True)
    carried_out = len(way.phone.steps_received)
    way.run(3)
    assert way.service.link is Link.LOST
    assert len(way.phone.steps_received) == carried_out
    way.phone.connect()
    way.run(10)
    assert way.is_complete()
    assert way.service.is_streaming
    assert [event.up for event in way.log.link_events] == [True, False, True]


def test_before_it_is_connected_a_sensor_is_nobody_else() -> None:
    way = streaming()
    way.phone.disconnect()
    way.phone.services = ()
    way.run(3)
    way.phone.services = tuple(KIND.services)
    way.phone.connect()
    way.run(5)
    assert len(way.log.whose) == 1
    assert way.is_complete()


# Steps


def test_a_refusal_voids_what_was_asked_for_with_it() -> None:
    way = Way(ScriptedPhone(FakeSensor()))
    way.phone.refuses = {"status"}
    way.phone.connect()
    way.run(5)
    done = [step["characteristic"] for step in way.phone.steps_received]
    assert len(done) == len(set(zip(done, [step["step"] for step in way.phone.steps_received], strict=True)))
    assert way.service.is_streaming
    assert way.service.battery_percent == 80  # asked for again behind what was refused


def test_a_sensor_that_refuses_to_talk_is_let_go_with_a_word() -> None:
    way = Way(ScriptedPhone(FakeSensor(), reconnects=False))
    way.phone.refuses = {"info"}
    way.phone.connect()
    way.run(5)
    assert way.phone.steps_received[-1]["do"] == "hang_up"
    assert not way.phone.sensor.connected
    assert way.service.link is Link.LOST
    assert "refuses a request" in way.service.detail


def test_a_stranger_is_let_go() -> None:
    way = Way(ScriptedPhone(FakeSensor(), services=("0000180d-0000-1000-8000-00805f9b34fb",)))
    way.phone.connect()
    way.run(3)
    assert [step["do"] for step in way.phone.steps_received] == ["hang_up"]
    assert not way.phone.sensor.connected
    assert way.service.detail == UNKNOWN_SENSOR
    assert not way.log.items


def test_a_sensor_whose_services_are_not_known_yet_is_no_stranger() -> None:
    way = Way(ScriptedPhone(FakeSensor(), services=()))
    way.run(3)
    assert way.service.detail == ""
    way.phone.services = tuple(KIND.services)
    way.phone.connect()
    way.run(3)
    assert way.service.is_streaming


def test_a_lost_link_is_reported_and_the_sensor_is_talked_to_again() -> None:
    way = streaming()
    way.phone.disconnect()
    way.run(3)
    lost = way.service.link
    way.phone.connect()
    way.run(5)
    assert (lost, way.service.link) == (Link.LOST, Link.STREAMING)
    assert [event.up for event in way.log.link_events] == [True, False, True]
    assert way.is_complete()


def test_it_blinks_when_asked() -> None:
    sensor = FakeSensor(features=4 | 8 | 16)
    way = Way(ScriptedPhone(sensor))
    assert not way.service.identify()
    way.phone.connect()
    way.run(3)
    can = way.service.identify()
    way.run(2)
    assert sensor.blinks == int(can)


def test_stop_stops_the_sensor_and_lets_the_phone_go() -> None:
    way = streaming()
    way.phone.reconnects = False
    way.service.stop()
    way.run(5)
    assert not way.phone.sensor.streaming
    assert not way.phone.sensor.connected
    assert way.service.is_stopped


def test_who_disconnects_the_sensor_sees_no_loss() -> None:
    way = streaming()
    way.phone.disconnect("let go")
    way.run(1)
    assert (way.service.link, way.service.detail) == (Link.SEARCHING, "")
    way.phone.connect()
    way.run(3)
    assert way.service.link is Link.STREAMING


def test_who_closes_the_page_learns_what_that_did() -> None:
    way = streaming()
    way.phone.disconnect("the page was closed")
    way.run(1)
    assert (way.service.link, way.service.detail) == (Link.LOST, REOPEN)
    way.phone.connect()
    way.run(3)
    assert (way.service.link, way.service.detail) == (Link.STREAMING, "")


def test_a_phone_that_is_gone_ends_the_link_with_what_was_received_last() -> None:
    way = streaming()
    last_us = max(item.arrival_us for item in way.log.items)
    way.service.end("the phone is gone")
    event = way.log.items[-1]
    assert isinstance(event, LinkEvent)
    assert last_us <= event.arrival_us < last_us + 1_000_000
    way.run(3)
    assert way.service.is_streaming
    assert [one.up for one in way.log.link_events] == [True, False, True]


@pytest.mark.parametrize("drift", [-1e-4, 1e-4])
def test_clocks_that_part_are_followed(drift: float) -> None:
    way = Way(ScriptedPhone(FakeSensor()))
    way.drift = drift
    way.phone.connect()
    way.run(600)
    last = next(item for item in reversed(way.log.items) if isinstance(item, Notification))
    assert way.now_us - 1_000_000 < last.arrival_us <= way.now_us
