from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.counting.timing.timebase import Timebase
from imurep.devices.movesense import MovesenseConversation, MovesenseDecoder
from imurep.devices.protocol import Disconnect, Read, StreamRequest, Subscribe, Write
from imurep.errors import PacketError
from imurep.events import Gap, ImuBlock
from tests.devices.foreign import gsp_message, gsp_parts
from tests.devices.words import notification, problem, written, written_after

if TYPE_CHECKING:
    from imurep.events import Packet

HELLO = "0101" + "01" + b"250230002214\0Movesense Flash\0".hex()
OK = "0102c800"

# Of a capture of IMU9 from a sensor at rest (sokolmarek/movesense-commander, MIT), less its magnetometer.
AT_REST = (
    "159e0100 5c6e61bd56d29cbd8c2a1dc1 ee54e6bdccd5febc8c2a1dc1 c987dcbd310513bd273e1dc1 "
    "ccd5febdec0644bdf7a91dc1"
    "48e1fa3f8fc225c0c3f5683f 66660640cdcc1cc03e0a573f 85eb0140cdcc1cc03e0a573f 66660640ae4721c0b81e453f"
)

triples = st.tuples(*[st.floats(-2000, 2000, width=32)] * 3)


def packets(decoder: MovesenseDecoder, payloads: list[bytes]) -> list[Packet]:
    decoded = (decoder.feed(notification(payload)) for payload in payloads)
    return [packet for packet in decoded if packet is not None]


def test_captured_samples() -> None:
    (packet,) = packets(MovesenseDecoder(), [bytes.fromhex("0202" + AT_REST)])
    assert packet.time_us == 106_005_000
    assert packet.rate_hz == 52
    assert packet.acc_ms2 is not None
    assert packet.acc_ms2 == pytest.approx(
        np.array(
            [
                [-0.0550369, -0.0765731, -9.8228874],
                [-0.1124667, -0.0311078, -9.8228874],
                [-0.1076809, -0.0358936, -9.8276731],
                [-0.1244313, -0.0478582, -9.8539953],
            ]
        ),
        abs=1e-6,
    )
    assert packet.gyr_rads is not None
    assert np.degrees(packet.gyr_rads) == pytest.approx(
        np.array([[1.96, -2.59, 0.91], [2.1, -2.45, 0.84], [2.03, -2.45, 0.84], [2.1, -2.52, 0.77]]), abs=1e-6
    )


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2, 4, 8, 16]),
    st.sampled_from([23, 158, 159, 160, 161, 247]),
    st.integers(1, 255),
    st.data(),
)
def test_any_message(first_ms: int, size: int, mtu: int, reference: int, data: st.DataObject) -> None:
    acc, gyr = (data.draw(st.lists(triples, min_size=size, max_size=size)) for _ in range(2))
    parts = list(gsp_parts(reference, gsp_message(first_ms, acc, gyr), mtu))
    decoder = MovesenseDecoder()
    assert packets(decoder, parts[:-1]) == []
    (packet,) = packets(decoder, parts[-1:])
    assert (packet.time_us, packet.rate_hz) == (first_ms * 1000, 13 * size)
    assert packet.acc_ms2 is not None
    assert packet.gyr_rads is not None
    assert packet.acc_ms2.tolist() == [list(sample) for sample in acc]
    assert np.degrees(packet.gyr_rads) == pytest.approx(np.array(gyr), rel=1e-12)


def test_usual_parts_are_two() -> None:
    message = gsp_message(0, [(0.0, 0.0, 9.8)] * 8, [(0.0, 0.0, 0.0)] * 8)
    assert len(message) == 196
    for mtu in range(158, 162):
        assert [part[0] for part in gsp_parts(7, message, mtu)] == [2, 3]


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "02",
        "0202",
        "00020000",
        "0402c800",
        "48656c6c6f",
        "0302" + "00" * 43,
        "0202" + "00" * 4 + "0000c07f" * 6,
        "0202" + "00" * 4 + "0100807f" * 6,
    ],
)
def test_what_is_malformed_or_foreign(payload: str) -> None:
    with pytest.raises(PacketError):
        MovesenseDecoder().feed(notification(payload))


def test_channels() -> None:
    assert MovesenseDecoder().feed(notification("64", "battery")) is None
    assert MovesenseDecoder().feed(notification(OK)) is None
    assert MovesenseDecoder().feed(notification(HELLO)) is None
    with pytest.raises(PacketError, match="not part of this protocol"):
        MovesenseDecoder().feed(notification("64", "elsewhere"))


def test_a_lost_part_costs_its_message() -> None:
    decoder = MovesenseDecoder()
    message = gsp_message(0, [(0.0, 0.0, 9.8)] * 8, [(0.0, 0.0, 0.0)] * 8)
    first, rest = gsp_parts(2, message, 160)
    assert decoder.feed(notification(first)) is None
    with pytest.raises(PacketError, match="message before"):
        decoder.feed(notification(first))
    assert decoder.feed(notification(rest)) is not None
    with pytest.raises(PacketError, match="beginning did not come"):
        decoder.feed(notification(rest))
    decoder.feed(notification(first))
    with pytest.raises(PacketError, match="beginning did not come"):
        decoder.feed(notification(b"\x03\x09" + rest[2:]))
    decoder.feed(notification(first))
    for _ in range(5):
        decoder.feed(notification(b"\x03\x02" + b"\0" * 150))
    with pytest.raises(PacketError, match="whole samples"):
        decoder.feed(notification(b"\x03\x02" + b"\0" * 150))


@given(st.integers(2, 10), st.integers(1, 30))
def test_lost_messages_are_a_gap_of_that_length(first: int, lost: int) -> None:
    decoder, timebase = MovesenseDecoder(), Timebase()
    items: list[ImuBlock | Gap] = []
    for number in [*range(first), *range(first + lost, first + lost + 20)]:
        begin_ms = round(number * 8 * 1000 / 104)
        message = gsp_message(begin_ms, [(0.0, 0.0, 9.8)] * 8, [(0.0, 0.0, 0.0)] * 8)
        for part in gsp_parts(2, message, 160):
            packet = decoder.feed(notification(part, at_us=round((number + 1) * 8e6 / 104)))
            items += timebase.push(packet) if packet else []
    times_us = np.concatenate([item.time_us for item in items if isinstance(item, ImuBlock)])
    assert (np.diff(times_us) > 0).all()
    (gap,) = (item for item in items if isinstance(item, Gap))
    assert gap.end_us - gap.start_us == pytest.approx(lost * 8e6 / 104, abs=2500)


def test_another_rate_is_another_stream() -> None:
    decoder = MovesenseDecoder()
    streams = [
        packets(decoder, [b"\x02\x02" + gsp_message(0, [(0.0, 0.0, 9.8)] * size, [(0.0, 0.0, 0.0)] * size)])[
            0
        ].stream
        for size in (4, 4, 2)
    ]
    assert streams == [0, 0, 1]


# Conversations


def asked(rate_hz: float = 104.0) -> MovesenseConversation:
    conversation = MovesenseConversation(StreamRequest(rate_hz=rate_hz))
    assert conversation.connected(0, 158) == [Subscribe("data"), Write("command", b"\x00\x01")]
    return conversation


def subscribing() -> MovesenseConversation:
    conversation = asked()
    assert written_after(conversation, HELLO) == ["0102" + b"/Meas/IMU6/104\0".hex()]
    return conversation


def streaming() -> MovesenseConversation:
    conversation = subscribing()
    assert conversation.feed(notification(OK)) == [Subscribe("battery"), Read("battery")]
    assert conversation.streaming
    return conversation


@pytest.mark.parametrize(("stream_request", "rate"), [(104, 104), (1, 26), (60, 52), (78, 104), (1000, 208)])
def test_the_rate(stream_request: float, rate: int) -> None:
    (subscribe,) = written_after(asked(stream_request), HELLO)
    assert bytes.fromhex(subscribe) == b"\x01\x02/Meas/IMU6/" + str(rate).encode() + b"\0"


def test_old_firmware_greets_with_a_word() -> None:
    assert len(written_after(asked(), b"\x01\x01Hello")) == 1


@pytest.mark.parametrize("status", ["c800", "c900", "00c8"])
def test_it_streams(status: str) -> None:
    conversation = subscribing()
    conversation.feed(notification("0102" + status))
    assert conversation.streaming


def test_what_others_are_answered_means_nothing() -> None:
    conversation = asked()
    assert conversation.feed(notification("0109c800")) == []
    written_after(conversation, HELLO)
    assert conversation.feed(notification("0109c800")) == []
    assert not conversation.streaming


@pytest.mark.parametrize("status", ["fb01", "01fb", "9901"])
def test_no_room_is_made_once(status: str) -> None:
    conversation = subscribing()
    assert written_after(conversation, "0102" + status) == ["0202"]
    assert len(written_after(conversation, "01029401")) == 1  # nothing was to be unsubscribed: no matter
    assert "no room for another subscription" in problem(conversation.feed(notification("0102" + status)))


def test_a_sensor_without_requests_is_restarted_once() -> None:
    conversation = subscribing()
    assert written_after(conversation, "0102ad01") == ["070305"]
    assert "restart" in problem(conversation.feed(notification("0103ca00")))
    conversation.disconnected(0)
    conversation.connected(0, 158)
    written_after(conversation, HELLO)
    assert "battery out" in problem(conversation.feed(notification("0102ad01")))


def test_a_restart_that_is_refused_or_not_answered_ends_too() -> None:
    conversation = subscribing()
    conversation.feed(notification("0102ad01"))
    assert "restart" in problem(conversation.wake(3_000_000))
    conversation = subscribing()
    (restart,) = conversation.feed(notification("0102ad01"))
    assert "restart" in problem(conversation.refused(restart, "no", 1))


@pytest.mark.parametrize(("status", "words", "again"), [(404, "in one", False), (503, "status 503", True)])
def test_refusals(status: int, words: str, again: bool) -> None:  # noqa: FBT001 - a case
    (end,) = subscribing().feed(notification(b"\x01\x02" + struct.pack("<H", status)))
    assert isinstance(end, Disconnect)
    assert words in end.problem
    assert end.again is again


def test_what_is_malformed_is_left_to_the_decoder() -> None:
    conversation = subscribing()
    assert conversation.feed(notification("0102c8")) == []
    assert conversation.feed(notification("ff")) == []
    assert conversation.feed(notification("64", "battery")) == []


def test_silence() -> None:
    conversation = streaming()
    assert conversation.wakes_us == 5_000_000
    conversation.feed(notification("0202" + AT_REST, at_us=4_000_000))
    assert conversation.wakes_us == 9_000_000
    assert "sends nothing" in problem(conversation.wake(9_000_000))


def test_it_is_asked_to_stop() -> None:
    conversation = streaming()
    assert written(conversation.stop(1)) == ["0202"]
    assert conversation.feed(notification("0202" + AT_REST)) == []
    assert conversation.feed(notification("0102c800")) == [Disconnect()]
    conversation = streaming()
    conversation.stop(1)
    assert conversation.wake(3_000_001) == [Disconnect()]


def test_one_that_is_not_wanted_any_more_is_stopped_when_it_comes_back() -> None:
    conversation = streaming()
    conversation.disconnected(1)
    assert conversation.stop(2) == [Disconnect()]
    assert written(conversation.connected(3, 158)) == ["0202"]
