"""Whole conversations with a small sensor of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imurep.devices.open_imu import OpenImuConversation
from imurep.devices.protocol import Disconnect, Read, StreamRequest, Subscribe, Write
from imurep.events import Notification
from tests.devices.fake_sensor import CAPS, CLOCK, SIZE, FakeLink, FakeSensor, tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from imurep.devices.protocol import Step

CAPS_OP, START, STOP, STATE, RESEND, IDENTIFY = 1, 2, 3, 4, 5, 7


def streaming_link(sensor: FakeSensor | None = None, seconds: float = 2.0) -> FakeLink:
    link = FakeLink(sensor or FakeSensor())
    link.connect()
    link.run(seconds)
    return link


def taken(sensor: FakeSensor) -> set[int]:
    return {index % 2**32 for index in range(sensor.first_index, sensor.index)} - sensor.overruns


def value(link: FakeLink, tag: int) -> int:
    return int.from_bytes(link.sensor.started[-1][tag], "little")


def dropping(*numbers: int) -> Callable[[bytes], bool]:
    """Loses the live packets with these numbers."""
    return lambda payload: not payload[1] & 1 and int.from_bytes(payload[4:6], "little") in numbers


# Starting


def test_a_start() -> None:
    link = streaming_link(seconds=1.5)
    words = [(type(one), getattr(one, "channel", "")) for one in link.done]
    assert words[:6] == [
        (Read, "info"),
        (Subscribe, "control"),
        (Write, "control"),
        (Write, "control"),
        (Subscribe, "data"),
        (Write, "control"),
    ]
    assert link.operations == [STATE, CAPS_OP, START]
    assert set(words[6:10]) == {
        (Subscribe, "status"),
        (Subscribe, "clock"),
        (Subscribe, "battery"),
        (Read, "battery"),
    }
    assert link.conversation.streaming
    assert link.got() == taken(link.sensor) != set()


@pytest.mark.parametrize(
    ("caps", "stream_request", "chosen"),
    [
        (CAPS, StreamRequest(), {1: 100_000, 2: 3, 3: 8, 4: 1000, 5: 200, 12: 57}),
        (CAPS, StreamRequest(rate_hz=1), {1: 26_000, 12: 235}),
        (CAPS, StreamRequest(gyroscope=False, acc_range_g=5, latency_ms=80), {2: 1, 3: 8, 4: None, 5: 80}),
        (CAPS, StreamRequest(acc_range_g=32, gyr_range_dps=4000), {3: 16, 4: 2000}),
        (tags((1, "I", 12_500), (2, "B", 1)), StreamRequest(), {1: 12_500, 2: 1, 3: None, 4: None, 12: None}),
        (tags((1, "I", 50_000), (2, "B", 7), (2, "B", 2)), StreamRequest(), {2: 7}),
        (tags((1, "I", 100_000), (1, "I", 108_000), (2, "B", 3)), StreamRequest(), {1: 108_000}),
        (tags((1, "I", 100_000), (2, "B", 3), (12, "H", 9)), StreamRequest(), {12: 9}),
    ],
)  # fmt: skip
def test_what_is_started(caps: bytes, stream_request: StreamRequest, chosen: dict[int, int | None]) -> None:
    link = FakeLink(FakeSensor(caps=caps), OpenImuConversation(stream_request))
    link.connect()
    for tag, wanted in chosen.items():
        assert (value(link, tag) if tag in link.sensor.started[-1] else None) == wanted


@pytest.mark.parametrize(
    "caps", [b"", tags((1, "I", 100_000), (2, "B", 2)), tags((1, "H", 100), (2, "B", 3))]
)
def test_a_sensor_with_nothing_to_count_from(caps: bytes) -> None:
    link = FakeLink(FakeSensor(caps=caps))
    link.connect()
    assert link.last_disconnect is not None
    assert "accelerometer" in link.last_disconnect.problem
    assert not link.last_disconnect.again


@pytest.mark.parametrize(
    ("code", "word"), [(8, "MTU 247"), (11, "unplug"), (12, "charge it"), (4, "status 4"), (77, "status 77")]
)
def test_a_refused_start_names_what_to_do(code: int, word: str) -> None:
    link = FakeLink(FakeSensor(start_code=code))
    link.connect()
    assert link.last_disconnect is not None
    assert word in link.last_disconnect.problem
    assert "\n" not in link.last_disconnect.problem
    assert link.last_disconnect.again


def test_another_major_version() -> None:
    conversation = OpenImuConversation(StreamRequest())
    conversation.connected(0, 247)
    (step,) = conversation.feed(Notification(1, "info", b"\x02\x00"))
    assert isinstance(step, Disconnect)
    assert "update imurep" in step.problem
    assert not step.again
    assert conversation.feed(Notification(2, "info", b"\x02\x00")) == []


def test_a_stream_that_somebody_else_started_is_gone_on_with() -> None:
    sensor = FakeSensor()
    sensor.answer(START, b"")
    sensor.linger_s = 30
    sensor.index += 500
    link = streaming_link(sensor)
    assert link.operations == [STATE]
    assert link.conversation.streaming
    assert link.got() == set(range(1500, sensor.index))


def test_a_stream_that_cannot_be_counted_from_is_replaced() -> None:
    sensor = FakeSensor()
    sensor.answer(START, b"")
    sensor.terms = lambda: tags((1, "I", 100_000), (2, "B", 2), (6, "B", sensor.stream))  # type: ignore[method-assign]
    link = FakeLink(sensor)
    link.connect()
    assert link.operations[:4] == [STATE, STOP, CAPS_OP, START]


def test_streaming_already_is_asked_about_and_not_for_ever() -> None:
    link = streaming_link(FakeSensor(start_code=6), seconds=0.1)
    assert link.operations == [STATE, CAPS_OP, START] * 3 + [STATE, CAPS_OP]
    assert link.done[-1] == Disconnect("the sensor does not start (status 6); switch it off and on")


# Silence


@pytest.mark.parametrize("operation", [CAPS_OP, START, STATE])
def test_what_is_not_answered_is_asked_once_more(operation: int) -> None:
    link = streaming_link(FakeSensor(deaf_to={operation}), seconds=9.0)
    assert link.operations.count(operation) == 2
    assert link.last_disconnect is None
    link.run(3.0)
    assert isinstance(link.done[-1], Disconnect)
    assert "does not answer" in link.done[-1].problem
    assert link.done[-1].again


def test_a_lost_answer_to_start_does_no_harm() -> None:
    link = streaming_link(FakeSensor(deaf_to={START}), seconds=1.0)
    link.sensor.deaf_to.clear()
    link.run(6.0)
    assert link.operations == [STATE, CAPS_OP, START, START, STATE]
    assert link.conversation.streaming


def test_silence_is_asked_about_and_then_hung_up_on() -> None:
    link = streaming_link()
    link.sensor.mute = True
    link.run(6.0)
    assert link.operations[-1] == STATE
    assert link.conversation.streaming
    link.run(5.0)
    assert isinstance(link.done[-1], Disconnect)
    assert "sends nothing" in link.done[-1].problem


def test_a_stream_that_died_is_started_anew() -> None:
    link = streaming_link()
    link.sensor.streaming = False
    link.run(7.0)
    assert link.operations == [STATE, CAPS_OP, START, STATE, CAPS_OP, START]
    assert link.conversation.streaming


# Losses


def test_a_packet_lost_in_mid_stream_is_sent_again() -> None:
    link = FakeLink(FakeSensor())
    link.lose = dropping(3, 4, 9)
    link.connect()
    link.run(3.0)
    assert link.asked == [(1030, 1050), (1090, 1100)]
    assert link.got() == taken(link.sensor)


def test_the_first_packet_of_all_is_missed_too() -> None:
    link = FakeLink(FakeSensor())
    link.lose = dropping(0)
    link.connect()
    link.run(2.0)
    assert link.asked == [(1000, 1010)]


def test_what_the_sensor_never_had_is_not_asked_for() -> None:
    link = streaming_link(FakeSensor(overruns=set(range(1025, 1043))))
    assert link.asked == []
    assert link.got() == taken(link.sensor)


def test_a_gap_with_an_overrun_in_it_ends() -> None:
    link = FakeLink(FakeSensor(overruns=set(range(1035, 1045))))
    link.lose = dropping(3, 4)
    link.connect()
    link.run(3.0)
    assert link.asked == [(1030, 1050)]
    assert link.got() == taken(link.sensor)


def test_the_index_wraps_in_a_gap() -> None:
    link = FakeLink(FakeSensor(first_index=2**32 - 35))
    link.lose = dropping(2, 3, 4)
    link.connect()
    link.run(2.0)
    assert link.asked == [(2**32 - 15, 2**32 + 15)]
    assert link.got() == taken(link.sensor)


def test_a_link_loss_within_linger_costs_nothing() -> None:
    link = streaming_link()
    link.away(20)
    link.connect()
    link.run(4.0)
    assert link.operations.count(START) == 1
    assert link.got() == taken(link.sensor)


def test_backfills_that_are_lost_are_asked_for_again() -> None:
    link = streaming_link()
    link.away(15)
    lost = 0

    def lose(payload: bytes) -> bool:
        nonlocal lost
        lost += payload[1] & 1
        return bool(payload[1] & 1) and lost % 3 == 0

    link.lose = lose
    link.connect()
    link.run(60.0)
    assert lost > 30
    assert link.got() == taken(link.sensor)


def test_a_sensor_without_resend_is_not_asked() -> None:
    link = streaming_link(FakeSensor(features=CLOCK))
    link.away(5)
    link.connect()
    link.run(3.0)
    assert link.asked == []
    assert link.conversation.streaming


def test_what_is_evicted_is_asked_for_from_the_oldest_on() -> None:
    link = streaming_link(FakeSensor(ring=500))
    link.sensor.linger_s = 60
    link.away(20)
    link.sensor.status = lambda: bytes(18)  # type: ignore[method-assign]
    link.connect()
    first_live = link.sensor.index
    link.run(3.0)
    # Between the answer to STATE, which tells the oldest, and the first packet another one has gone.
    assert link.asked == [(first_live - 500, first_live), (first_live - 490, first_live)]
    assert link.got() >= set(range(first_live - 490, link.sensor.index))


def test_a_ring_that_is_faster_than_the_questions() -> None:
    link = streaming_link(FakeSensor(ring=2000))
    link.sensor.linger_s = 60
    link.away(30)
    link.connect()
    resend = link.sensor.resend

    def slow(stream: int, first: int, count: int) -> tuple[int, bytes]:
        answer = resend(stream, first, count)
        link.sensor.take(SIZE)
        return answer

    link.sensor.resend = slow  # type: ignore[method-assign]
    link.run(8.0)
    assert 2 < len(link.asked) < 12
    assert len(taken(link.sensor) - link.got()) < 3000 - 2000 + 200


def test_busy_is_waited_for() -> None:
    link = streaming_link(FakeSensor(busy=3))
    link.away(5)
    link.connect()
    link.run(4.0)
    assert len(link.asked) == 4
    assert link.got() == taken(link.sensor)


def test_a_resend_that_nobody_answers_is_given_up_and_the_rest_continues() -> None:
    link = FakeLink(FakeSensor(deaf_to={RESEND}))
    link.sensor.resend = lambda *_: (0, b"")  # type: ignore[method-assign]
    link.lose = dropping(3)
    link.connect()
    link.run(20.0)
    assert link.asked == [(1030, 1040)] * 2
    assert link.conversation.streaming


def test_a_resend_that_brings_nothing_is_given_up() -> None:
    link = FakeLink(FakeSensor())
    link.sensor.resend = lambda *_: (0, b"")  # type: ignore[method-assign]
    link.lose = dropping(3)
    link.connect()
    link.run(20.0)
    assert link.asked == [(1030, 1040)] * 3


@pytest.mark.parametrize("code", [1, 3, 7])
def test_a_resend_that_is_refused_is_given_up(code: int) -> None:
    link = FakeLink(FakeSensor())
    link.sensor.resend = lambda *_: (code, b"")  # type: ignore[method-assign]
    link.lose = dropping(3)
    link.connect()
    link.run(5.0)
    assert link.asked == [(1030, 1040)]


def test_a_loss_longer_than_linger_brings_back_what_was_sampled_in_it() -> None:
    link = streaming_link()
    link.away(90)
    before = link.sensor.stream
    sampled = taken(link.sensor)
    link.connect()
    link.run(8.0)
    assert link.sensor.stream == before + 1
    assert link.operations.count(START) == 2
    old = {
        int.from_bytes(one.payload[8:12], "little") + k
        for one in link.received
        if one.channel == "data" and one.payload[2] == before
        for k in range(one.payload[6])
    }
    assert old == sampled
    assert link.got() == taken(link.sensor)


def test_a_slow_catching_up_does_not_hold_back_the_next_stream() -> None:
    link = streaming_link(FakeSensor(backfill_per_tick=1))
    link.sensor.backfill_per_tick = 0
    link.away(90)
    link.connect()
    link.run(11.0)
    assert link.conversation.streaming
    assert link.got() == taken(link.sensor)


def test_a_reboot_starts_anew() -> None:
    link = streaming_link()
    link.sensor.reboot()
    link.away(3)
    link.connect()
    link.run(2.0)
    assert link.operations == [STATE, CAPS_OP, START] * 2
    assert link.asked == []
    assert link.got() >= taken(link.sensor)


@given(st.sets(st.integers(0, 60)), st.floats(0, 30), st.integers(50, 3000), st.sets(st.integers(0, 200)))
@example(lost={0, 23, 25}, away_s=0.0, ring=1771, overruns={1, 9, 29})  # some pieces are all overrun
@settings(max_examples=25)
def test_what_is_asked_again_is_what_was_missing_and_not_evicted(
    lost: set[int], away_s: float, ring: int, overruns: set[int]
) -> None:
    link = FakeLink(FakeSensor(ring=ring, overruns={1000 + k for k in overruns}))
    link.lose = dropping(*lost)
    link.connect()
    link.run(8.0)
    link.sensor.linger_s = 60
    link.away(away_s)
    link.lose = lambda _: False
    link.connect()
    first_live = link.sensor.index
    link.run(12.0)
    got, live = link.got(), link.got(backfilled=False)
    missing = set(range(1000, first_live)) - live
    asked = {index for first, end in link.asked for index in range(first, end)}
    assert asked <= missing
    assert all(index in asked or index < link.sensor.reported for index in missing - link.sensor.overruns)
    assert all(index in got or index < link.sensor.reported for index in taken(link.sensor))


# Stopping


def test_a_stop_waits_for_the_end_of_the_stream() -> None:
    link = streaming_link()
    link.stop()
    assert link.operations[-1] == STOP
    assert link.done[-1] == Disconnect()
    assert not link.sensor.streaming


def test_a_stop_brings_back_what_was_lost_last() -> None:
    link = streaming_link()
    link.lose = lambda payload: not payload[1] & 1 and not payload[0] & 1
    link.run(0.5)
    link.stop()
    link.run(0.2)
    assert link.done[-1] == Disconnect()
    assert link.got() == taken(link.sensor)


@pytest.mark.parametrize("deaf_to", [{STOP}, {STATE}, set()])
def test_a_stop_ends_whatever_the_sensor_does(deaf_to: set[int]) -> None:
    link = FakeLink(FakeSensor(deaf_to=deaf_to, features=0))
    link.connect()
    link.sensor.send = lambda *_: None  # type: ignore[method-assign]
    link.stop()
    link.run(4.0)
    assert link.done[-1] == Disconnect()


def test_a_stop_before_anything_was_sent_and_without_a_connection() -> None:
    conversation = OpenImuConversation(StreamRequest())
    assert conversation.stop(0) == [Disconnect()]
    link = FakeLink(FakeSensor(), conversation)
    link.connect()
    assert link.operations == [STOP]
    assert link.done[-1] == Disconnect()
    assert conversation.stop(1) == []


def test_a_second_stop_is_no_second_wait() -> None:
    conversation = OpenImuConversation(StreamRequest())
    conversation.connected(0, 247)
    conversation.stop(0)
    assert conversation.stop(2_000_000) == []
    assert conversation.stop(4_000_000) == [Disconnect()]


def test_stopped_at_the_sensor_is_left_alone_for_a_while() -> None:
    link = streaming_link()
    link.sensor.end()
    link.run(0.1)
    assert isinstance(link.done[-1], Disconnect)
    assert "stopped at the sensor" in link.done[-1].problem
    assert link.done[-1].again
    link.run(5.0)
    link.connect()
    assert link.done[-1] == Disconnect(
        "stopped at the sensor; to continue, switch it off and on, or wait a minute"
    )
    assert link.operations.count(START) == 1
    link.away(60)
    link.connect()
    link.run(1.0)
    assert link.operations.count(START) == 2


def test_switched_off_and_on_it_continues_at_once() -> None:
    link = streaming_link()
    link.sensor.end()
    link.run(1.0)
    link.sensor.reboot()
    link.connect()
    link.run(1.0)
    assert link.conversation.streaming


def test_stopped_at_the_sensor_brings_back_what_was_lost_last() -> None:
    link = streaming_link()
    link.lose = lambda payload: not payload[1] & 1 and not payload[0] & 1
    link.run(0.5)
    link.sensor.end()
    link.run(0.5)
    assert "stopped at the sensor" in str(link.done[-1])
    assert link.got() == taken(link.sensor)


# Refusals of the radio


OPTIONAL: list[Step] = [Subscribe("status"), Subscribe("clock"), Subscribe("battery"), Read("battery")]


@given(st.sets(st.sampled_from(OPTIONAL)))
@settings(max_examples=16)
def test_what_can_be_done_without(refused: set[Step]) -> None:
    link = FakeLink(FakeSensor())
    link.refuses = refused
    link.connect()
    link.run(1.0)
    assert set(OPTIONAL) <= set(link.done)
    assert link.conversation.streaming
    assert link.got() == taken(link.sensor)


@pytest.mark.parametrize("step", [Read("info"), Subscribe("control"), Subscribe("data")])
def test_what_cannot_be_done_without(step: Step) -> None:
    link = FakeLink(FakeSensor())
    link.refuses = {step}
    link.connect()
    assert link.last_disconnect is not None
    assert "(no)" in link.last_disconnect.problem
    assert link.last_disconnect.again


def test_refused_writes() -> None:
    link = streaming_link()
    clock = next(one for one in link.done if isinstance(one, Write) and one.channel == "clock")
    assert link.conversation.refused(clock, "no", link.sensor.now_us) == []
    link.lose = dropping(30)
    link.run(3.0)
    resend = next(one for one in link.done if isinstance(one, Write) and one.payload[0] == RESEND)
    assert link.conversation.refused(resend, "no", link.sensor.now_us) == []
    (step,) = link.conversation.refused(Write("control", bytes([STATE, 1])), "no", link.sensor.now_us)
    assert isinstance(step, Disconnect)
    assert link.conversation.refused(resend, "no", link.sensor.now_us) == []
    assert link.conversation.wakes_us is None


def test_without_a_status_the_next_stream_is_started() -> None:
    link = streaming_link()
    link.away(90)
    link.refuses = {Read("status")}
    link.connect()
    link.run(1.0)
    assert link.conversation.streaming


# Over a restart of the service


def test_a_new_conversation_continues_where_the_recorded_one_was() -> None:
    link = FakeLink(FakeSensor())
    link.lose = dropping(17, 18)
    link.connect()
    link.sensor.busy = 1000
    link.run(3.0)
    old = link.conversation
    link.disconnect()

    link.conversation = OpenImuConversation(StreamRequest())
    for one in link.received:
        assert link.conversation.feed(one) == []
    assert link.conversation.wakes_us is None
    assert not old.streaming
    link.sensor.busy = 0
    link.run(5.0)
    before = len(link.asked)
    link.connect()
    link.run(3.0)
    assert link.operations.count(START) == 1
    assert link.asked[before:] == [(1170, 1190), (1300, 1800)]
    assert link.got() == taken(link.sensor)


def test_a_new_conversation_knows_that_the_sensor_was_stopped() -> None:
    link = streaming_link()
    link.sensor.end()
    link.run(1.0)
    link.conversation = OpenImuConversation(StreamRequest())
    for one in link.received:
        link.conversation.feed(one)
    link.connect()
    assert link.last_disconnect is not None
    assert "stopped at the sensor" in link.last_disconnect.problem


# The clock


def test_the_clock_is_asked_often_first_and_then_once_in_a_while() -> None:
    link = streaming_link(seconds=190)
    asked = [one for one in link.done if isinstance(one, Write) and one.channel == "clock"]
    times_us = [int.from_bytes(one.payload[1:], "little") for one in asked]
    assert [time_us / 1e6 for time_us in times_us] == [0, 1, 2, 3, 4, 64, 124, 184]
    assert not any(one.response for one in asked)
    assert sum(one.channel == "clock" for one in link.received) == len(asked)


def test_a_sensor_without_a_clock_is_not_asked() -> None:
    link = streaming_link(FakeSensor(features=0))
    assert not any(getattr(one, "channel", "") == "clock" for one in link.done)


# Showing which one it is


def test_a_sensor_that_streams_is_asked_to_blink() -> None:
    link = streaming_link(FakeSensor(features=31))
    link.then(link.conversation.identify(link.sensor.now_us))
    link.run(10)
    assert link.sensor.blinks == 1
    assert link.operations.count(IDENTIFY) == 1, "its answer is not waited for"
    assert link.conversation.streaming


def test_a_sensor_that_does_not_want_to_blink_continues_streaming() -> None:
    link = streaming_link(FakeSensor(features=31))
    link.then(link.conversation.refused(Write("control", bytes([IDENTIFY, 9])), "no", link.sensor.now_us))
    link.run(1)
    assert link.conversation.streaming


@pytest.mark.parametrize("features", [0, 15])
def test_a_sensor_that_cannot_blink_is_not_asked(features: int) -> None:
    link = streaming_link(FakeSensor(features=features))
    assert not link.conversation.identify(link.sensor.now_us)


def test_a_sensor_that_is_away_cannot_blink() -> None:
    assert not OpenImuConversation(StreamRequest()).identify(0)
