from __future__ import annotations

import math
import re
import struct
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.counting.timing.timebase import Timebase
from imurep.devices.polar import PolarConversation, PolarDecoder, control
from imurep.devices.polar.control import PolarCode
from imurep.devices.protocol import Disconnect, Read, StreamRequest, Subscribe, Write
from imurep.errors import PacketError
from imurep.events import Gap, ImuBlock
from tests.devices.foreign import ACC, GYR, pmd_delta, pmd_frame, pmd_raw, pmd_settings
from tests.devices.words import notification, problem, written, written_after

if TYPE_CHECKING:
    from imurep.events import Packet
    from tests.devices.foreign import Triple

MG = 9.80665e-3
H10 = "f00102000000 0419003200 6400c800 01011000 0203020004000800"
VERITY = "f00102000000 013400 01011000 02010800 040103"
STARTED = "f0020200 0001"

counts = st.tuples(*[st.integers(-(2**15), 2**15 - 1)] * 3)


def packet(decoder: PolarDecoder, payload: str | bytes, at_us: int = 0) -> Packet:
    decoded = decoder.feed(notification(payload, at_us=at_us))
    assert decoded is not None
    return decoded


def mg(payload: str | bytes, *, factor: float | None = None) -> list[list[float]]:
    decoder = PolarDecoder()
    if factor is not None:
        decoder.feed(notification(bytes.fromhex("f0020200000501") + struct.pack("<f", factor), "control"))
    acc = packet(decoder, payload).acc_ms2
    assert acc is not None
    return [[round(value / MG, 6) for value in sample] for sample in acc.tolist()]


def dps(payload: bytes, *, factor: float | None = None) -> list[list[float]]:
    decoder = PolarDecoder()
    if factor is not None:
        decoder.feed(notification(bytes.fromhex("f0020500000501") + struct.pack("<f", factor), "control"))
    gyr = packet(decoder, payload).gyr_rads
    assert gyr is not None
    return [[math.degrees(value) for value in sample] for sample in gyr.tolist()]


# Published bytes


def test_a_published_frame_of_an_h10() -> None:
    decoded = packet(PolarDecoder(), "02 ea54a2428b455208 01 45ffe4ffb503 45ffe4ffb803")
    assert decoded.acc_ms2 is not None
    assert decoded.acc_ms2.tolist() == [[-187 * MG, -28 * MG, 949 * MG], [-187 * MG, -28 * MG, 952 * MG]]
    assert decoded.gyr_rads is None
    assert not decoded.apart
    assert decoded.rate_hz == 100.0
    assert (
        decoded.time_us == round(599618164814402794 / 1000) - 10_000
    )  # the time is that of the last, not the first


def test_a_published_delta_frame() -> None:
    frame = "02 6500000000000000 81 f1ff1400f003 06 01 7b0f08"
    assert mg(frame) == [[-15, 20, 1008], [-20, 17, 1008]]


def test_published_settings() -> None:
    message = control.parse(bytes.fromhex(H10))
    assert isinstance(message, control.PolarResponse)
    assert message.settings() == {0: [25, 50, 100, 200], 1: [16], 2: [2, 4, 8]}
    message = control.parse(bytes.fromhex(VERITY))
    assert isinstance(message, control.PolarResponse)
    assert message.settings() == {0: [52], 1: [16], 2: [8], 4: [3]}


@pytest.mark.parametrize(
    ("payload", "code"),
    [("f0020200 0001", 0), ("f003020000", 0), ("f002090000", 0), ("f001060700", 7), ("f0030206", 6)],
)
def test_published_responses(payload: str, code: int) -> None:
    message = control.parse(bytes.fromhex(payload))
    assert isinstance(message, control.PolarResponse)
    assert message.code == code
    assert message.factor() is None


# Any other frame


@given(st.sampled_from([1, 2, 3]), st.data())
def test_raw_samples(size: int, data: st.DataObject) -> None:
    limit = 2 ** (8 * size - 1)
    samples = data.draw(st.lists(st.tuples(*[st.integers(-limit, limit - 1)] * 3), min_size=1, max_size=40))
    assert mg(pmd_frame(ACC, 5, size - 1, pmd_raw(samples, size))) == [list(one) for one in samples]


@st.composite
def deltas(draw: st.DrawFn) -> tuple[list[Triple], bytes]:
    sizes = draw(st.lists(st.integers(0, 20), max_size=4))
    samples = draw(st.lists(counts, min_size=sum(sizes) + 1, max_size=sum(sizes) + 1))
    return samples, pmd_delta(samples, sizes, spare_bits=draw(st.integers(0, 15)))


@given(deltas())
def test_delta_frames_in_mg(drawn: tuple[list[Triple], bytes]) -> None:
    samples, body = drawn
    assert mg(pmd_frame(ACC, 5, 0x81, body)) == [list(one) for one in samples]


@given(deltas(), st.floats(2**-16, 2**-10, width=32))
def test_raw_delta_frames_are_whole_mg_towards_zero(drawn: tuple[list[Triple], bytes], factor: float) -> None:
    samples, body = drawn
    for scaled, true in zip(mg(pmd_frame(ACC, 5, 0x80, body), factor=factor), samples, strict=True):
        for scaled_mg, raw in zip(scaled, true, strict=True):
            exact = raw * factor * 1000
            assert scaled_mg == int(scaled_mg)
            assert abs(scaled_mg) <= abs(exact) + 0.01
            assert abs(scaled_mg - exact) < 1.01


@given(deltas(), st.floats(2**-10, 1.0, width=32))
def test_delta_frames_of_the_gyroscope(drawn: tuple[list[Triple], bytes], factor: float) -> None:
    samples, body = drawn
    scaled = dps(pmd_frame(GYR, 5, 0x80, body), factor=factor)
    assert scaled == [pytest.approx([raw * factor for raw in sample], rel=1e-6) for sample in samples]


@given(st.lists(st.tuples(*[st.floats(-2000, 2000, width=32)] * 3), min_size=1, max_size=30))
def test_the_bits_of_floats_as_differences(samples: list[tuple[float, float, float]]) -> None:
    signed = [struct.unpack("<3i", struct.pack("<3f", *sample)) for sample in samples]
    wrapped = [
        [(b - a + 2**31) % 2**32 - 2**31 for a, b in zip(one, two, strict=True)]
        for one, two in pairwise(signed)
    ]
    body = struct.pack("<3i", *signed[0])
    for step in wrapped:
        body += bytes([32, 1]) + struct.pack("<3i", *step)
    assert dps(pmd_frame(GYR, 5, 0x81, body)) == [pytest.approx(list(one), rel=1e-12) for one in samples]


def test_a_factor_scales_mg_too() -> None:
    assert mg(pmd_frame(ACC, 5, 0x81, pmd_raw([(100, -100, 7)], 2)), factor=0.5) == [[50, -50, 3]]


def test_no_difference_takes_no_bits() -> None:
    body = pmd_raw([(1, 2, 3)], 2) + bytes([0, 2])
    assert mg(pmd_frame(ACC, 5, 0x81, body)) == [[1, 2, 3]] * 3


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "02",
        "02 0000000000000000 01",
        "02 0000000000000000 01 45ffe4ffb5",
        "02 0000000000000000 03 45ffe4ffb503",
        "02 0000000000000000 81 f1ff1400",
        "02 0000000000000000 81 f1ff1400f003 06",
        "02 0000000000000000 81 f1ff1400f003 06 01 7b0f",
        "02 0000000000000000 81 f1ff1400f003 21 01" + "00" * 13,
        "02 0000000000000000 80 f1ff1400f003",
        "05 0000000000000000 80 f1ff1400f003",
        "05 0000000000000000 01 f1ff1400f003",
        "05 0000000000000000 81 0000807f 00000000 00000000",
        "05 0000000000000000 81 0100807f 00000000 00000000",
        "00 0000000000000000 00 000000",
        "01 0000000000000000 00 000000",
        "ff ff",
    ],
)
def test_what_is_malformed_or_foreign(payload: str) -> None:
    with pytest.raises(PacketError):
        PolarDecoder().feed(notification(payload))


@pytest.mark.parametrize("payload", ["", "f0", "f00102", "0f", "01", "aa0000"])
def test_a_malformed_control_point(payload: str) -> None:
    with pytest.raises(PacketError):
        PolarDecoder().feed(notification(payload, "control"))


def test_channels() -> None:
    assert PolarDecoder().feed(notification("64", "battery")) is None
    with pytest.raises(PacketError, match="not part of this protocol"):
        PolarDecoder().feed(notification("64", "elsewhere"))


@pytest.mark.parametrize("factor", [math.nan, math.inf, 1e38])
def test_a_scale_that_cannot_be(factor: float) -> None:
    with pytest.raises(PacketError):
        mg(pmd_frame(ACC, 5, 0x80, pmd_raw([(30000, 0, 0)], 2)), factor=factor)


@given(st.integers(-1, 9).filter(lambda code: code != 0), st.binary(max_size=30))
def test_what_a_failed_start_reports_changes_nothing(code: int, rest: bytes) -> None:
    decoder = PolarDecoder()
    decoder.feed(notification(bytes([0xF0, 2, 2, code % 256]) + rest, "control"))
    with pytest.raises(PacketError, match="without the response to the start"):
        decoder.feed(notification("02 0000000000000000 80 f1ff1400f003"))


# Time


def stamped(
    numbers: list[int], *, rate_hz: float = 100.0, size: int = 36, kind: int = ACC, begin_ns: int = 10**17
) -> list[tuple[int, bytes]]:
    """Arrivals and frames: those with these numbers of a stream, on time."""
    period_ns = 1e9 / rate_hz
    return [
        (
            round((number + 1) * size * period_ns / 1000),
            pmd_frame(
                kind,
                begin_ns + round(((number + 1) * size - 1) * period_ns),
                1,
                pmd_raw([(0, 0, 1000)] * size, 2),
            ),
        )
        for number in numbers
    ]


def timed(frames: list[tuple[int, bytes]]) -> tuple[list[ImuBlock], list[Gap]]:
    decoder, timebase = PolarDecoder(), Timebase()
    items = [item for at_us, frame in frames for item in timebase.push(packet(decoder, frame, at_us))]
    blocks = [item for item in items if isinstance(item, ImuBlock)]
    times_us = np.concatenate([block.time_us for block in blocks])
    assert (np.diff(times_us) > 0).all()
    return blocks, [item for item in items if isinstance(item, Gap)]


@pytest.mark.parametrize("rate_hz", [25.0, 25.5, 50.0, 98.0, 102.0, 200.0])
def test_the_rate_is_taken_from_the_stamps(rate_hz: float) -> None:
    blocks, gaps = timed(stamped(list(range(40)), rate_hz=rate_hz))
    assert blocks[-1].rate_hz == pytest.approx(rate_hz, rel=1e-3)
    spacing_us = np.median(np.diff(np.concatenate([block.time_us for block in blocks[20:]])))
    assert spacing_us == pytest.approx(1e6 / rate_hz, rel=0.01)
    # Only where the rate was not the one that was believed before there were two stamps.
    assert len(gaps) == (0 if 75 < rate_hz < 133 else 1)


@given(st.integers(3, 20), st.integers(1, 10))
def test_lost_frames_are_a_gap_of_that_length(first: int, lost: int) -> None:
    numbers = [*range(first), *range(first + lost, first + lost + 20)]
    _, (gap,) = timed(stamped(numbers))
    assert gap.end_us - gap.start_us == pytest.approx(lost * 360_000, abs=2000)


def test_a_loss_at_the_beginning_is_found_out() -> None:
    blocks, _ = timed(stamped([0, 2, *range(3, 30)]))
    assert blocks[-1].rate_hz == pytest.approx(100.0)


@pytest.mark.parametrize("begin_ns", [599616000000000000, 10**17 + 7 * 10**9, 5])
def test_a_clock_that_is_set_or_begins_anew_costs_no_order(begin_ns: int) -> None:
    frames = stamped(list(range(10))) + stamped(list(range(10, 30)), begin_ns=begin_ns)
    blocks, gaps = timed(frames)
    assert len(gaps) <= 1
    last_us = int(blocks[-1].time_us[-1]) - int(blocks[0].time_us[0])
    assert last_us >= 30 * 360_000 - 10_000 - 1
    assert blocks[-1].rate_hz == pytest.approx(100.0, rel=0.01)


def test_two_streams_are_joined_on_one_clock() -> None:
    decoder, timebase = PolarDecoder(), Timebase()
    decoder.feed(notification("f002050000", "control"))
    decoder.feed(notification("f002020000", "control"))
    frames: list[tuple[int, bytes]] = []
    for number in range(20):
        end = (number + 1) * 71
        for kind, late in ((ACC, 0), (GYR, 40)):
            last = end + late - 1
            zeros = [(last - 70 + k, 0, 0) for k in range(71)]
            stamp_ns = 10**17 + round(last * 1e9 / 52)
            bits = [struct.unpack("<3i", struct.pack("<3f", *sample)) for sample in zeros]
            body = struct.pack("<3i", *bits[0]) if kind == GYR else pmd_delta(zeros, [70])
            for one, two in pairwise(bits if kind == GYR else []):
                body += bytes([32, 1]) + struct.pack("<3i", *(b - a for a, b in zip(one, two, strict=True)))
            frames.append((round((last + 1) * 1e6 / 52), pmd_frame(kind, stamp_ns, 0x81, body)))
    frames.sort()
    items = [item for at_us, frame in frames for item in timebase.push(packet(decoder, frame, at_us))]
    joined = [item for item in items if isinstance(item, ImuBlock)]
    acc = np.concatenate([block.acc_ms2[:, 0] for block in joined]) / MG
    gyr = np.concatenate([np.degrees(block.gyr_rads[:, 0]) for block in joined if block.gyr_rads is not None])
    assert len(acc) == len(gyr) >= 18 * 71
    assert gyr == pytest.approx(acc, abs=0.1)  # both count samples of one clock
    assert not any(isinstance(item, Gap) for item in items)


# Conversations


def to_settings(features: str = "0f05", stream_request: StreamRequest | None = None) -> PolarConversation:
    """Connected, and asked for the settings of the first measurement."""
    conversation = PolarConversation(stream_request or StreamRequest())
    assert conversation.connected(0, 247) == [Subscribe("control"), Subscribe("data"), Read("control")]
    assert not conversation.streaming
    first = "0105" if features == "0f6e" and conversation._stream_request.gyroscope else "0102"
    assert written_after(conversation, features + "00" * 15, "control") == [first]
    return conversation


def streaming() -> PolarConversation:
    conversation = to_settings()
    written_after(conversation, H10, "control")
    assert conversation.feed(notification(STARTED, "control")) == [Subscribe("battery"), Read("battery")]
    assert conversation.streaming
    return conversation


def test_an_h10_is_started_at_100_hz() -> None:
    conversation = to_settings()
    assert written_after(conversation, H10, "control") == ["0202" + "00016400" + "01011000" + "02010800"]
    assert not conversation.streaming
    conversation.feed(notification(STARTED, "control"))
    assert conversation.streaming


def test_a_verity_sense_is_started_gyroscope_first() -> None:
    conversation = to_settings("0f6e")
    gyro = pmd_settings((4, 1, [3]), (2, 2, [2000]), (0, 2, [52]), (1, 2, [16]))
    assert written_after(conversation, bytes.fromhex("f001050000") + gyro, "control") == [
        "0205" + "00013400" + "01011000" + "0201d007" + "040103"
    ]
    assert written_after(conversation, "f002050000", "control") == ["0102"]
    assert written_after(conversation, VERITY, "control") == [
        "0202" + "00013400" + "01011000" + "02010800" + "040103"
    ]
    assert not conversation.streaming
    conversation.feed(notification("f002020000", "control"))
    assert conversation.streaming


@given(
    st.permutations([(0, 2, [25, 50, 100, 200]), (1, 2, [16]), (2, 2, [2, 4, 8]), (3, 4, [5]), (6, 16, [0])])
)
def test_settings_come_in_any_order(settings: list[tuple[int, int, list[int]]]) -> None:
    conversation = to_settings()
    offered = bytes.fromhex("f001020000") + pmd_settings(*settings)
    assert written_after(conversation, offered, "control") == ["0202" + "00016400" + "01011000" + "02010800"]


@pytest.mark.parametrize(
    ("stream_request", "rate", "g"),
    [
        (StreamRequest(rate_hz=200, acc_range_g=3), 200, 4),
        (StreamRequest(rate_hz=1, acc_range_g=16), 25, 8),
        (StreamRequest(rate_hz=75), 100, 8),
    ],
)
def test_the_choice(stream_request: StreamRequest, rate: int, g: int) -> None:
    (start,) = written_after(to_settings(stream_request=stream_request), H10, "control")
    assert start == f"02020001{rate:02x}000101100002010{g:x}00"


def test_a_gyroscope_is_not_asked_for_without_need() -> None:
    to_settings("0f6e", StreamRequest(gyroscope=False))


def test_without_its_gyroscope_a_verity_sense_still_counts() -> None:
    conversation = to_settings("0f6e")
    assert written_after(conversation, "f001050300", "control") == ["0102"]
    written_after(conversation, VERITY, "control")
    conversation.feed(notification("f002020000", "control"))
    assert conversation.streaming
    assert written(conversation.stop(1)) == ["0302"]


def test_what_runs_already_is_started_anew() -> None:
    conversation = to_settings()
    (start,) = written_after(conversation, H10, "control")
    assert written_after(conversation, "f002020600", "control") == ["0302"]
    assert written_after(conversation, "f003020000", "control") == [start]
    assert problem(conversation.feed(notification("f002020600", "control"))).startswith(
        "the sensor measures already"
    )


@pytest.mark.parametrize("code", [code for code in range(1, 17) if code != PolarCode.ALREADY])
@pytest.mark.parametrize("operation", [1, 2])
def test_every_status_is_a_problem_of_one_line(operation: int, code: int) -> None:
    conversation = to_settings()
    if operation == 2:
        written_after(conversation, H10, "control")
    message = problem(conversation.feed(notification(bytes([0xF0, operation, 2, code]), "control")))
    assert re.fullmatch(r"(the sensor|Bluetooth packets|the memory) .*; .*", message)
    assert conversation.wakes_us is None
    assert not conversation.streaming


def test_problems_differ() -> None:
    message = set()
    for code in range(1, 16):
        conversation = to_settings()
        steps = conversation.feed(notification(bytes([0xF0, 1, 2, code]), "control"))
        message.add(problem(steps))
    assert len(message) == 15


def test_what_has_no_accelerometer_is_not_tried_again() -> None:
    conversation = PolarConversation(StreamRequest())
    conversation.connected(0, 247)
    (end,) = conversation.feed(notification("0f03" + "00" * 15, "control"))
    assert isinstance(end, Disconnect)
    assert not end.again


def test_no_rates() -> None:
    assert "offers no rate" in problem(to_settings().feed(notification("f001020000", "control")))


def test_a_question_is_asked_twice() -> None:
    conversation = to_settings()
    assert conversation.wakes_us == 5_000_000
    assert conversation.wake(5_000_000) == [Write("control", b"\x01\x02")]
    assert conversation.wakes_us == 10_000_000
    assert "does not answer" in problem(conversation.wake(10_000_000))
    assert conversation.wakes_us is None


def test_the_first_samples_may_take_half_a_minute_and_the_next_not() -> None:
    conversation = streaming()
    assert conversation.wakes_us == 45_000_000
    frame = stamped([0])[0][1]
    assert written_after(conversation, frame, at_us=44_000_000) == []
    assert conversation.wakes_us == 49_000_000
    assert "sends nothing" in problem(conversation.wake(49_000_000))
    assert not conversation.streaming


def test_a_gyroscope_that_falls_silent_is_silence() -> None:
    conversation = to_settings("0f6e")
    written_after(conversation, VERITY.replace("f00102", "f00105"), "control")
    written_after(conversation, "f002050000", "control")
    written_after(conversation, VERITY, "control")
    written_after(conversation, "f002020000", "control")
    for second in range(44):
        assert not conversation.feed(notification(stamped([0])[0][1], at_us=second * 1_000_000))
    assert "sends nothing" in problem(conversation.wake(45_000_000))


def test_it_is_asked_to_stop() -> None:
    conversation = streaming()
    assert conversation.stop(1_000) == [Write("control", b"\x03\x02")]
    assert not conversation.streaming
    assert conversation.feed(notification(stamped([0])[0][1], at_us=2_000)) == []
    assert conversation.feed(notification("f003020000", "control", 3_000)) == [Disconnect()]


def test_a_stop_that_is_not_answered_ends_too() -> None:
    conversation = streaming()
    conversation.stop(1_000)
    assert conversation.wakes_us == 3_001_000
    assert conversation.wake(3_001_000) == [Disconnect()]


@pytest.mark.parametrize("already", [False, True])
def test_one_that_is_not_wanted_any_more_is_stopped_when_it_comes_back(already: bool) -> None:  # noqa: FBT001 - a case
    conversation = streaming()
    conversation.disconnected(1)
    assert conversation.stop(2) == [Disconnect()]
    steps = conversation.connected(3, 247)
    assert steps == [Subscribe("control"), Write("control", b"\x03\x02")]
    if already:
        assert conversation.refused(steps[0], "started already", 4) == steps[1:]
    assert conversation.feed(notification("f003020600", "control", 5)) == [Write("control", b"\x03\x05")]
    assert conversation.feed(notification("f003050200", "control", 6)) == [Disconnect()]


def test_a_sensor_that_stops_by_itself_is_reported() -> None:
    conversation = streaming()
    assert conversation.feed(notification("0101", "control")) == []  # another measurement
    assert "stopped measuring by itself" in problem(conversation.feed(notification("010102", "control")))
