from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.counting.timing.timebase import Timebase
from imurep.devices.protocol import Disconnect, StreamRequest, Subscribe, Write
from imurep.devices.witmotion import WitMotionConversation, WitMotionDecoder, wire
from imurep.errors import PacketError
from imurep.events import ImuBlock
from tests.devices.foreign import wit_motion, wit_reply
from tests.devices.words import notification, problem, written

if TYPE_CHECKING:
    from imurep.events import Gap, Packet

AT_100 = wit_reply(3, 9)

triples = st.tuples(*[st.integers(-(2**15), 2**15 - 1)] * 3)
motions = st.tuples(triples, triples, triples)


def raw(packet: Packet | None) -> list[list[float]]:
    assert packet is not None
    assert packet.acc_ms2 is not None
    assert packet.gyr_rads is not None
    acc = packet.acc_ms2 / 9.80665 * 32768 / 16
    gyr = np.degrees(packet.gyr_rads) * 32768 / 2000
    return [[round(value, 6) for value in row] for row in np.hstack([acc, gyr]).tolist()]


def test_a_real_frame() -> None:
    frame = bytes.fromhex("5561 35ff 59ff 0a08 0000 0000 0040 0000 0000 0000")
    packet = WitMotionDecoder().feed(notification(frame))
    assert packet is not None
    assert packet.acc_ms2 is not None
    assert packet.acc_ms2 / 9.80665 == pytest.approx(
        np.array([[-0.0991211, -0.0815430, 1.0048828]]), abs=1e-6
    )
    assert packet.gyr_rads is not None
    assert np.degrees(packet.gyr_rads) == pytest.approx(np.array([[0, 0, 1000]]))
    assert packet.time_us is None


def test_a_published_reply() -> None:
    assert wire.parse_reply(bytes.fromhex("55713a00 6801 6900 7a00")) == (0x3A, (360, 105, 122))
    assert WitMotionDecoder().feed(notification(wit_reply(0x3A, 360, 105, 122))) is None


@given(st.lists(motions, min_size=1, max_size=12), st.data())
def test_frames_grouped_and_split(
    samples: list[tuple[tuple[int, int, int], ...]], data: st.DataObject
) -> None:
    frames = [wit_motion(*sample) for sample in samples]
    stream = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(1, len(stream) - 1), max_size=8, unique=True)))
    decoder = WitMotionDecoder()
    rows = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        packet = decoder.feed(notification(stream[begin:end]))
        rows += raw(packet) if packet else []
    assert rows == [[*acc, *gyr] for acc, gyr, _ in samples]


@given(
    st.lists(motions, min_size=3, max_size=12),
    st.binary(max_size=30).filter(lambda noise: b"U" not in noise),
    st.integers(1, 19),
)
def test_it_finds_its_way_back(
    samples: list[tuple[tuple[int, int, int], ...]], noise: bytes, kept: int
) -> None:
    """After noise and after a frame that is cut short, all but at most three frames are there."""
    frames = [wit_motion(*sample) for sample in samples]
    decoder = WitMotionDecoder()
    rows = []
    for piece in [noise, frames[0][:kept], *frames]:
        try:
            packet = decoder.feed(notification(piece))
        except PacketError:
            continue
        rows += raw(packet) if packet else []
    expected = [[*acc, *gyr] for acc, gyr, _ in samples]
    assert rows[-(len(expected) - 3) or len(rows) :] == expected[3:]


def test_a_header_amid_a_sample_is_none() -> None:
    inner = struct.unpack("<h", b"\x55\x61")[0]
    frame = wit_motion((inner, inner, 1), (2, 3, 4))
    decoder = WitMotionDecoder()
    with pytest.raises(PacketError, match="no frame"):
        decoder.feed(notification(b"\x01\x02"))
    with contextlib.suppress(PacketError):
        decoder.feed(notification(frame[5:]))
    rows = []
    for _ in range(4):
        packet = decoder.feed(notification(frame))
        rows += raw(packet) if packet else []
    assert rows[-2:] == [[inner, inner, 1, 2, 3, 4]] * 2


@pytest.mark.parametrize("payload", ["00", "5500", "0102030405060708", "aa" * 20])
def test_what_is_foreign(payload: str) -> None:
    with pytest.raises(PacketError, match="no frame"):
        WitMotionDecoder().feed(notification(payload))


def test_nothing_is_nothing() -> None:
    assert WitMotionDecoder().feed(notification("")) is None
    with pytest.raises(PacketError, match="not part of this protocol"):
        WitMotionDecoder().feed(notification("64", "elsewhere"))


@pytest.mark.parametrize(("code", "rate_hz"), [(6, 10), (7, 20), (8, 50), (9, 100)])
def test_a_reply_gives_the_rate(code: int, rate_hz: float) -> None:
    decoder = WitMotionDecoder()
    assert decoder.feed(notification(wit_reply(3, code))) is None
    packet = decoder.feed(notification(wit_motion((0, 0, 2048), (0, 0, 0))))
    assert packet is not None
    assert packet.rate_hz == rate_hz
    assert packet.stream == 1


@pytest.mark.parametrize("rate_hz", [10, 20, 50, 100, 200])
@pytest.mark.parametrize("group", [1, 3])
def test_without_a_reply_the_rate_is_measured(rate_hz: int, group: int) -> None:
    decoder = WitMotionDecoder()
    decoder.feed(notification(wit_reply(3, 0x0A)))  # a code that means this here and that there
    packet = None
    for number in range(0, 3 * rate_hz, group):
        at_us = round((number + group) * 1.007e6 / rate_hz)
        packet = decoder.feed(notification(wit_motion((0, 0, 2048), (0, 0, 0)) * group, at_us=at_us))
    assert packet is not None
    assert packet.rate_hz == rate_hz
    assert packet.stream == (rate_hz != 100)


@pytest.mark.no_cover
@given(st.lists(st.integers(0, 60_000), min_size=400, max_size=400), st.floats(-0.01, 0.01))
def test_the_clock_is_recovered_from_arrivals(late_us: list[int], error: float) -> None:
    """Notifications up to 60 ms late, a clock up to 1 % off: samples stay evenly spaced."""
    decoder, timebase = WitMotionDecoder(), Timebase()
    decoder.feed(notification(AT_100))
    items: list[ImuBlock | Gap] = []
    last_us = 0
    for number, late in enumerate(late_us):
        last_us = max(last_us, round((number + 1) * 10_000 * (1 + error)) + late)
        packet = decoder.feed(notification(wit_motion((0, 0, 2048), (0, 0, 0)), at_us=last_us))
        assert packet is not None
        items += timebase.push(packet)
    assert all(isinstance(item, ImuBlock) for item in items)
    times_us = np.concatenate([item.time_us for item in items if isinstance(item, ImuBlock)])
    assert len(times_us) == 400
    assert (np.diff(times_us) > 0).all()
    true_us = np.arange(400) * 10_000 * (1 + error)
    apart_us = times_us[100:] - true_us[100:]
    assert np.ptp(apart_us) < 60_000


# Conversations


def connected() -> WitMotionConversation:
    conversation = WitMotionConversation(StreamRequest())
    steps = conversation.connected(0, 23)
    assert steps[0] == Subscribe("data")
    assert written(steps) == ["ffaa6988b5", "ffaa030900", "ffaa270300"]
    assert not any(step.response for step in steps if isinstance(step, Write))
    return conversation


@pytest.mark.parametrize(("stream_request", "code"), [(104, 9), (60, 8), (1, 8), (1000, 9)])
def test_the_rate_is_set_and_never_saved(stream_request: float, code: int) -> None:
    steps = WitMotionConversation(StreamRequest(rate_hz=stream_request)).connected(0, 23)
    assert written(steps)[1] == f"ffaa03{code:02x}00"
    assert "ffaa000000" not in written(steps)


def test_it_streams_when_the_rate_is_known() -> None:
    conversation = connected()
    motion = wit_motion((0, 0, 2048), (0, 0, 0))
    assert conversation.feed(notification(motion[:7])) == []
    assert conversation.feed(notification(motion[7:] + wit_reply(0x64, 400))) == []
    assert not conversation.streaming
    assert conversation.feed(notification(AT_100)) == []
    assert conversation.streaming


def test_firmware_that_does_not_reply_streams_all_the_same() -> None:
    conversation = connected()
    again = conversation.wake(5_000_000)
    assert written(again) == ["ffaa6988b5", "ffaa030900", "ffaa270300"]
    assert all(step.response for step in again if isinstance(step, Write))
    assert conversation.wake(10_000_000) == []
    assert conversation.streaming
    assert conversation.wakes_us == 15_000_000
    conversation.feed(notification(wit_motion((0, 0, 2048), (0, 0, 0)), at_us=14_000_000))
    assert "sends nothing" in problem(conversation.wake(19_000_000))


def test_it_hangs_up_when_it_is_to_stop() -> None:
    conversation = connected()
    assert conversation.stop(1) == [Disconnect()]
    assert conversation.wakes_us is None
    conversation.disconnected(2)
    assert conversation.connected(3, 23) == [Disconnect()]


def test_a_refusal() -> None:
    conversation = connected()
    message = problem(conversation.refused(Subscribe("data"), "the sensor wants to be paired first", 1))
    assert message == (
        "the sensor refuses a request (the sensor wants to be paired first); switch it off and on"
    )
    assert conversation.refused(Subscribe("data"), "no", 2) == []
