"""Whole conversations with a small sensor of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imurep.devices.open_imu import OpenImuConversation
from imurep.devices.protocol import Disconnect, Read, StreamRequest, Subscribe, Write
from imurep.events import Notification
from tests.devices.fake_sensor import CAPS, CLOCK, SIZE, Peer, Talk, tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from imurep.devices.protocol import Step

CAPS_OP, START, STOP, STATE, RESEND, IDENTIFY = 1, 2, 3, 4, 5, 7


def talking(peer: Peer | None = None, seconds: float = 2.0) -> Talk:
    talk = Talk(peer or Peer())
    talk.connect()
    talk.run(seconds)
    return talk


def taken(peer: Peer) -> set[int]:
    return {index % 2**32 for index in range(peer.first_index, peer.index)} - peer.overruns


def value(talk: Talk, tag: int) -> int:
    return int.from_bytes(talk.peer.started[-1][tag], "little")


def dropping(*numbers: int) -> Callable[[bytes], bool]:
    """Loses the live packets with these numbers."""
    return lambda payload: not payload[1] & 1 and int.from_bytes(payload[4:6], "little") in numbers


# Starting


def test_a_start() -> None:
    talk = talking(seconds=1.5)
    words = [(type(one), getattr(one, "channel", "")) for one in talk.said]
    assert words[:6] == [
        (Read, "info"),
        (Subscribe, "control"),
        (Write, "control"),
        (Write, "control"),
        (Subscribe, "data"),
        (Write, "control"),
    ]
    assert talk.operations == [STATE, CAPS_OP, START]
    assert set(words[6:10]) == {
        (Subscribe, "status"),
        (Subscribe, "clock"),
        (Subscribe, "battery"),
        (Read, "battery"),
    }
    assert talk.conversation.streaming
    assert talk.got() == taken(talk.peer) != set()


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
    talk = Talk(Peer(caps=caps), OpenImuConversation(stream_request))
    talk.connect()
    for tag, wanted in chosen.items():
        assert (value(talk, tag) if tag in talk.peer.started[-1] else None) == wanted


@pytest.mark.parametrize(
    "caps", [b"", tags((1, "I", 100_000), (2, "B", 2)), tags((1, "H", 100), (2, "B", 3))]
)
def test_a_sensor_with_nothing_to_count_from(caps: bytes) -> None:
    talk = Talk(Peer(caps=caps))
    talk.connect()
    assert talk.hung_up is not None
    assert "accelerometer" in talk.hung_up.problem
    assert not talk.hung_up.again


@pytest.mark.parametrize(
    ("code", "word"), [(8, "MTU 247"), (11, "unplug"), (12, "charge it"), (4, "status 4"), (77, "status 77")]
)
def test_a_refused_start_says_what_to_do(code: int, word: str) -> None:
    talk = Talk(Peer(start_code=code))
    talk.connect()
    assert talk.hung_up is not None
    assert word in talk.hung_up.problem
    assert "\n" not in talk.hung_up.problem
    assert talk.hung_up.again


def test_another_major_version() -> None:
    conversation = OpenImuConversation(StreamRequest())
    conversation.connected(0, 247)
    (step,) = conversation.feed(Notification(1, "info", b"\x02\x00"))
    assert isinstance(step, Disconnect)
    assert "update imurep" in step.problem
    assert not step.again
    assert conversation.feed(Notification(2, "info", b"\x02\x00")) == []


def test_a_stream_that_somebody_else_started_is_gone_on_with() -> None:
    peer = Peer()
    peer.answer(START, b"")
    peer.linger_s = 30
    peer.index += 500
    talk = talking(peer)
    assert talk.operations == [STATE]
    assert talk.conversation.streaming
    assert talk.got() == set(range(1500, peer.index))


def test_a_stream_that_cannot_be_counted_from_is_replaced() -> None:
    peer = Peer()
    peer.answer(START, b"")
    peer.terms = lambda: tags((1, "I", 100_000), (2, "B", 2), (6, "B", peer.stream))  # type: ignore[method-assign]
    talk = Talk(peer)
    talk.connect()
    assert talk.operations[:4] == [STATE, STOP, CAPS_OP, START]


def test_streaming_already_is_asked_about_and_not_for_ever() -> None:
    talk = talking(Peer(start_code=6), seconds=0.1)
    assert talk.operations == [STATE, CAPS_OP, START] * 3 + [STATE, CAPS_OP]
    assert talk.said[-1] == Disconnect("the sensor does not start (status 6); switch it off and on")


# Silence


@pytest.mark.parametrize("operation", [CAPS_OP, START, STATE])
def test_what_is_not_answered_is_asked_once_more(operation: int) -> None:
    talk = talking(Peer(deaf_to={operation}), seconds=9.0)
    assert talk.operations.count(operation) == 2
    assert talk.hung_up is None
    talk.run(3.0)
    assert isinstance(talk.said[-1], Disconnect)
    assert "does not answer" in talk.said[-1].problem
    assert talk.said[-1].again


def test_a_lost_answer_to_start_does_no_harm() -> None:
    talk = talking(Peer(deaf_to={START}), seconds=1.0)
    talk.peer.deaf_to.clear()
    talk.run(6.0)
    assert talk.operations == [STATE, CAPS_OP, START, START, STATE]
    assert talk.conversation.streaming


def test_silence_is_asked_about_and_then_hung_up_on() -> None:
    talk = talking()
    talk.peer.mute = True
    talk.run(6.0)
    assert talk.operations[-1] == STATE
    assert talk.conversation.streaming
    talk.run(5.0)
    assert isinstance(talk.said[-1], Disconnect)
    assert "sends nothing" in talk.said[-1].problem


def test_a_stream_that_died_is_started_anew() -> None:
    talk = talking()
    talk.peer.streaming = False
    talk.run(7.0)
    assert talk.operations == [STATE, CAPS_OP, START, STATE, CAPS_OP, START]
    assert talk.conversation.streaming


# Losses


def test_a_packet_lost_in_mid_stream_is_sent_again() -> None:
    talk = Talk(Peer())
    talk.lose = dropping(3, 4, 9)
    talk.connect()
    talk.run(3.0)
    assert talk.asked == [(1030, 1050), (1090, 1100)]
    assert talk.got() == taken(talk.peer)


def test_the_first_packet_of_all_is_missed_too() -> None:
    talk = Talk(Peer())
    talk.lose = dropping(0)
    talk.connect()
    talk.run(2.0)
    assert talk.asked == [(1000, 1010)]


def test_what_the_sensor_never_had_is_not_asked_for() -> None:
    talk = talking(Peer(overruns=set(range(1025, 1043))))
    assert talk.asked == []
    assert talk.got() == taken(talk.peer)


def test_a_gap_with_an_overrun_in_it_ends() -> None:
    talk = Talk(Peer(overruns=set(range(1035, 1045))))
    talk.lose = dropping(3, 4)
    talk.connect()
    talk.run(3.0)
    assert talk.asked == [(1030, 1050)]
    assert talk.got() == taken(talk.peer)


def test_the_index_wraps_in_a_gap() -> None:
    talk = Talk(Peer(first_index=2**32 - 35))
    talk.lose = dropping(2, 3, 4)
    talk.connect()
    talk.run(2.0)
    assert talk.asked == [(2**32 - 15, 2**32 + 15)]
    assert talk.got() == taken(talk.peer)


def test_a_link_loss_within_linger_costs_nothing() -> None:
    talk = talking()
    talk.away(20)
    talk.connect()
    talk.run(4.0)
    assert talk.operations.count(START) == 1
    assert talk.got() == taken(talk.peer)


def test_backfills_that_are_lost_are_asked_for_again() -> None:
    talk = talking()
    talk.away(15)
    lost = 0

    def lose(payload: bytes) -> bool:
        nonlocal lost
        lost += payload[1] & 1
        return bool(payload[1] & 1) and lost % 3 == 0

    talk.lose = lose
    talk.connect()
    talk.run(60.0)
    assert lost > 30
    assert talk.got() == taken(talk.peer)


def test_a_sensor_without_resend_is_not_asked() -> None:
    talk = talking(Peer(features=CLOCK))
    talk.away(5)
    talk.connect()
    talk.run(3.0)
    assert talk.asked == []
    assert talk.conversation.streaming


def test_what_is_evicted_is_asked_for_from_the_oldest_on() -> None:
    talk = talking(Peer(ring=500))
    talk.peer.linger_s = 60
    talk.away(20)
    talk.peer.status = lambda: bytes(18)  # type: ignore[method-assign]
    talk.connect()
    first_live = talk.peer.index
    talk.run(3.0)
    # Between the answer to STATE, which tells the oldest, and the first packet another one has gone.
    assert talk.asked == [(first_live - 500, first_live), (first_live - 490, first_live)]
    assert talk.got() >= set(range(first_live - 490, talk.peer.index))


def test_a_ring_that_is_faster_than_the_questions() -> None:
    talk = talking(Peer(ring=2000))
    talk.peer.linger_s = 60
    talk.away(30)
    talk.connect()
    resend = talk.peer.resend

    def slow(stream: int, first: int, count: int) -> tuple[int, bytes]:
        answer = resend(stream, first, count)
        talk.peer.take(SIZE)
        return answer

    talk.peer.resend = slow  # type: ignore[method-assign]
    talk.run(8.0)
    assert 2 < len(talk.asked) < 12
    assert len(taken(talk.peer) - talk.got()) < 3000 - 2000 + 200


def test_busy_is_waited_for() -> None:
    talk = talking(Peer(busy=3))
    talk.away(5)
    talk.connect()
    talk.run(4.0)
    assert len(talk.asked) == 4
    assert talk.got() == taken(talk.peer)


def test_a_resend_that_nobody_answers_is_given_up_and_the_rest_goes_on() -> None:
    talk = Talk(Peer(deaf_to={RESEND}))
    talk.peer.resend = lambda *_: (0, b"")  # type: ignore[method-assign]
    talk.lose = dropping(3)
    talk.connect()
    talk.run(20.0)
    assert talk.asked == [(1030, 1040)] * 2
    assert talk.conversation.streaming


def test_a_resend_that_brings_nothing_is_given_up() -> None:
    talk = Talk(Peer())
    talk.peer.resend = lambda *_: (0, b"")  # type: ignore[method-assign]
    talk.lose = dropping(3)
    talk.connect()
    talk.run(20.0)
    assert talk.asked == [(1030, 1040)] * 3


@pytest.mark.parametrize("code", [1, 3, 7])
def test_a_resend_that_is_refused_is_given_up(code: int) -> None:
    talk = Talk(Peer())
    talk.peer.resend = lambda *_: (code, b"")  # type: ignore[method-assign]
    talk.lose = dropping(3)
    talk.connect()
    talk.run(5.0)
    assert talk.asked == [(1030, 1040)]


def test_a_loss_longer_than_linger_brings_back_what_was_sampled_in_it() -> None:
    talk = talking()
    talk.away(90)
    before = talk.peer.stream
    sampled = taken(talk.peer)
    talk.connect()
    talk.run(8.0)
    assert talk.peer.stream == before + 1
    assert talk.operations.count(START) == 2
    old = {
        int.from_bytes(one.payload[8:12], "little") + k
        for one in talk.heard
        if one.channel == "data" and one.payload[2] == before
        for k in range(one.payload[6])
    }
    assert old == sampled
    assert talk.got() == taken(talk.peer)


def test_a_slow_catching_up_does_not_hold_back_the_next_stream() -> None:
    talk = talking(Peer(backfill_per_tick=1))
    talk.peer.backfill_per_tick = 0
    talk.away(90)
    talk.connect()
    talk.run(11.0)
    assert talk.conversation.streaming
    assert talk.got() == taken(talk.peer)


def test_a_reboot_starts_anew() -> None:
    talk = talking()
    talk.peer.reboot()
    talk.away(3)
    talk.connect()
    talk.run(2.0)
    assert talk.operations == [STATE, CAPS_OP, START] * 2
    assert talk.asked == []
    assert talk.got() >= taken(talk.peer)


@given(st.sets(st.integers(0, 60)), st.floats(0, 30), st.integers(50, 3000), st.sets(st.integers(0, 200)))
@settings(max_examples=25, deadline=None)
def test_what_is_asked_again_is_what_was_missing_and_not_evicted(
    lost: set[int], away_s: float, ring: int, overruns: set[int]
) -> None:
    talk = Talk(Peer(ring=ring, overruns={1000 + k for k in overruns}))
    talk.lose = dropping(*lost)
    talk.connect()
    talk.run(8.0)
    talk.peer.linger_s = 60
    talk.away(away_s)
    talk.lose = lambda _: False
    talk.connect()
    first_live = talk.peer.index
    talk.run(12.0)
    got, live = talk.got(), talk.got(backfilled=False)
    missing = set(range(1000, first_live)) - live
    asked = {index for first, end in talk.asked for index in range(first, end)}
    assert asked <= missing
    assert all(index in asked or index < talk.peer.told for index in missing - talk.peer.overruns)
    assert all(index in got or index < talk.peer.told for index in taken(talk.peer))


# Stopping


def test_a_stop_waits_for_the_end_of_the_stream() -> None:
    talk = talking()
    talk.stop()
    assert talk.operations[-1] == STOP
    assert talk.said[-1] == Disconnect()
    assert not talk.peer.streaming


def test_a_stop_brings_back_what_was_lost_last() -> None:
    talk = talking()
    talk.lose = lambda payload: not payload[1] & 1 and not payload[0] & 1
    talk.run(0.5)
    talk.stop()
    talk.run(0.2)
    assert talk.said[-1] == Disconnect()
    assert talk.got() == taken(talk.peer)


@pytest.mark.parametrize("deaf_to", [{STOP}, {STATE}, set()])
def test_a_stop_ends_whatever_the_sensor_does(deaf_to: set[int]) -> None:
    talk = Talk(Peer(deaf_to=deaf_to, features=0))
    talk.connect()
    talk.peer.send = lambda *_: None  # type: ignore[method-assign]
    talk.stop()
    talk.run(4.0)
    assert talk.said[-1] == Disconnect()


def test_a_stop_before_anything_was_said_and_without_a_connection() -> None:
    conversation = OpenImuConversation(StreamRequest())
    assert conversation.stop(0) == [Disconnect()]
    talk = Talk(Peer(), conversation)
    talk.connect()
    assert talk.operations == [STOP]
    assert talk.said[-1] == Disconnect()
    assert conversation.stop(1) == []


def test_a_second_stop_is_no_second_wait() -> None:
    conversation = OpenImuConversation(StreamRequest())
    conversation.connected(0, 247)
    conversation.stop(0)
    assert conversation.stop(2_000_000) == []
    assert conversation.stop(4_000_000) == [Disconnect()]


def test_stopped_at_the_sensor_is_left_alone_for_a_while() -> None:
    talk = talking()
    talk.peer.end()
    talk.run(0.1)
    assert isinstance(talk.said[-1], Disconnect)
    assert "stopped at the sensor" in talk.said[-1].problem
    assert talk.said[-1].again
    talk.run(5.0)
    talk.connect()
    assert talk.said[-1] == Disconnect(
        "stopped at the sensor; it goes on when switched off and on, or after a minute"
    )
    assert talk.operations.count(START) == 1
    talk.away(60)
    talk.connect()
    talk.run(1.0)
    assert talk.operations.count(START) == 2


def test_switched_off_and_on_it_goes_on_at_once() -> None:
    talk = talking()
    talk.peer.end()
    talk.run(1.0)
    talk.peer.reboot()
    talk.connect()
    talk.run(1.0)
    assert talk.conversation.streaming


def test_stopped_at_the_sensor_brings_back_what_was_lost_last() -> None:
    talk = talking()
    talk.lose = lambda payload: not payload[1] & 1 and not payload[0] & 1
    talk.run(0.5)
    talk.peer.end()
    talk.run(0.5)
    assert "stopped at the sensor" in str(talk.said[-1])
    assert talk.got() == taken(talk.peer)


# Refusals of the radio


ASIDE: list[Step] = [Subscribe("status"), Subscribe("clock"), Subscribe("battery"), Read("battery")]


@given(st.sets(st.sampled_from(ASIDE)))
@settings(max_examples=16, deadline=None)
def test_what_can_be_done_without(refused: set[Step]) -> None:
    talk = Talk(Peer())
    talk.refuses = refused
    talk.connect()
    talk.run(1.0)
    assert set(ASIDE) <= set(talk.said)
    assert talk.conversation.streaming
    assert talk.got() == taken(talk.peer)


@pytest.mark.parametrize("step", [Read("info"), Subscribe("control"), Subscribe("data")])
def test_what_cannot_be_done_without(step: Step) -> None:
    talk = Talk(Peer())
    talk.refuses = {step}
    talk.connect()
    assert talk.hung_up is not None
    assert "(no)" in talk.hung_up.problem
    assert talk.hung_up.again


def test_refused_writes() -> None:
    talk = talking()
    clock = next(one for one in talk.said if isinstance(one, Write) and one.channel == "clock")
    assert talk.conversation.refused(clock, "no", talk.peer.now_us) == []
    talk.lose = dropping(30)
    talk.run(3.0)
    resend = next(one for one in talk.said if isinstance(one, Write) and one.payload[0] == RESEND)
    assert talk.conversation.refused(resend, "no", talk.peer.now_us) == []
    (step,) = talk.conversation.refused(Write("control", bytes([STATE, 1])), "no", talk.peer.now_us)
    assert isinstance(step, Disconnect)
    assert talk.conversation.refused(resend, "no", talk.peer.now_us) == []
    assert talk.conversation.wakes_us is None


def test_without_a_status_the_next_stream_is_started() -> None:
    talk = talking()
    talk.away(90)
    talk.refuses = {Read("status")}
    talk.connect()
    talk.run(1.0)
    assert talk.conversation.streaming


# Over a restart of the service


def test_a_new_conversation_goes_on_where_the_recorded_one_was() -> None:
    talk = Talk(Peer())
    talk.lose = dropping(17, 18)
    talk.connect()
    talk.peer.busy = 1000
    talk.run(3.0)
    old = talk.conversation
    talk.disconnect()

    talk.conversation = OpenImuConversation(StreamRequest())
    for one in talk.heard:
        assert talk.conversation.feed(one) == []
    assert talk.conversation.wakes_us is None
    assert not old.streaming
    talk.peer.busy = 0
    talk.run(5.0)
    before = len(talk.asked)
    talk.connect()
    talk.run(3.0)
    assert talk.operations.count(START) == 1
    assert talk.asked[before:] == [(1170, 1190), (1300, 1800)]
    assert talk.got() == taken(talk.peer)


def test_a_new_conversation_knows_that_the_sensor_was_stopped() -> None:
    talk = talking()
    talk.peer.end()
    talk.run(1.0)
    talk.conversation = OpenImuConversation(StreamRequest())
    for one in talk.heard:
        talk.conversation.feed(one)
    talk.connect()
    assert talk.hung_up is not None
    assert "stopped at the sensor" in talk.hung_up.problem


# The clock


def test_the_clock_is_asked_often_first_and_then_once_in_a_while() -> None:
    talk = talking(seconds=190)
    asked = [one for one in talk.said if isinstance(one, Write) and one.channel == "clock"]
    times_us = [int.from_bytes(one.payload[1:], "little") for one in asked]
    assert [time_us / 1e6 for time_us in times_us] == [0, 1, 2, 3, 4, 64, 124, 184]
    assert not any(one.response for one in asked)
    assert sum(one.channel == "clock" for one in talk.heard) == len(asked)


def test_a_sensor_without_a_clock_is_not_asked() -> None:
    talk = talking(Peer(features=0))
    assert not any(getattr(one, "channel", "") == "clock" for one in talk.said)


# Showing which one it is


def test_a_sensor_that_streams_is_asked_to_blink() -> None:
    talk = talking(Peer(features=31))
    talk.then(talk.conversation.identify(talk.peer.now_us))
    talk.run(10)
    assert talk.peer.blinks == 1
    assert talk.operations.count(IDENTIFY) == 1, "its answer is not waited for"
    assert talk.conversation.streaming


def test_a_sensor_that_does_not_want_to_blink_goes_on_streaming() -> None:
    talk = talking(Peer(features=31))
    talk.then(talk.conversation.refused(Write("control", bytes([IDENTIFY, 9])), "no", talk.peer.now_us))
    talk.run(1)
    assert talk.conversation.streaming


@pytest.mark.parametrize("features", [0, 15])
def test_a_sensor_that_cannot_blink_is_not_asked(features: int) -> None:
    talk = talking(Peer(features=features))
    assert not talk.conversation.identify(talk.peer.now_us)


def test_a_sensor_that_is_away_cannot_blink() -> None:
    assert not OpenImuConversation(StreamRequest()).identify(0)
