"""The firmware without a radio, fed by hand: docs/reference/packet-format.md sentence by sentence."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.sensor.firmware_settings import FirmwareSettings
from firmware_sim.sensor.measurement import ImuSettings
from firmware_sim.sensor.outbox import TRANSMIT_PACKETS, Channel
from tests.firmware_sim.firmware_harness import PERIOD_US, START, CountingImu, FirmwareHarness, packet

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golden" / "packets.json").read_text(encoding="utf-8")
)
GOLDEN_SENSOR = FirmwareSettings(first_index=123456)


def started(part: CountingImu | None = None, settings: FirmwareSettings | None = None) -> FirmwareHarness:
    harness = FirmwareHarness(part, settings)
    assert harness.ask(START)[2] == 0
    return harness


def indices(packets: list[Any]) -> list[int]:
    return [one.index + k for one in packets for k in range(one.n)]


# Words on the wire.


def test_a_conversation_is_the_golden_one() -> None:
    harness = FirmwareHarness(settings=GOLDEN_SENSOR)
    for exchange in GOLDEN["exchanges"]["list"]:
        response = harness.ask(exchange["request"])
        assert response.hex() == bytes.fromhex(exchange["response"]).hex(), exchange["name"]
    assert harness.firmware.identified == 1


def test_reads_are_the_golden_ones() -> None:
    harness = FirmwareHarness(settings=GOLDEN_SENSOR)
    reads = GOLDEN["reads"]
    assert harness.firmware.info().hex() == bytes.fromhex(reads["info"]["hex"]).hex()
    assert harness.firmware.status().hex() == bytes.fromhex(reads["status"]["hex"]).hex()


def test_the_clock_is_the_golden_one() -> None:
    harness = FirmwareHarness()
    clock = GOLDEN["reads"]["clock"]
    harness.firmware.clock_written(bytes.fromhex(clock["request"]), clock["came_us"])
    (answer,) = harness.firmware.outgoing(clock["sent_us"], 9)
    assert (answer.channel, answer.payload.hex()) == (Channel.CLOCK, bytes.fromhex(clock["hex"]).hex())


def test_the_clock_shows_that_unix_time_was_set() -> None:
    harness = FirmwareHarness()
    harness.ask("06 01 0d 08 0080926500000000")
    harness.firmware.clock_written(bytes(9), 0)
    harness.firmware.clock_written(bytes(8), 0)
    harness.collect()
    (answer,) = [payload for channel, payload in harness.sent if channel is Channel.CLOCK]
    assert answer[1] == 1


@pytest.mark.parametrize("payload", [b"", b"\x01"])
def test_a_request_without_a_number_cannot_be_answered(payload: bytes) -> None:
    with pytest.raises(ValueError, match="operation and a number"):
        FirmwareHarness().firmware.control_written(payload, 0)


@settings(max_examples=100)
@given(st.lists(st.binary(min_size=2, max_size=40), max_size=6))
def test_every_request_is_answered_once_in_order(requests: list[bytes]) -> None:
    harness = FirmwareHarness()
    for request in requests:
        harness.firmware.control_written(request, harness.now_us)
        harness.now_us += 1000
    harness.collect()
    assert [answer[:2] for answer in harness.responses] == [bytes([r[0] | 0x80, r[1]]) for r in requests]
    assert all(answer[2] <= 12 for answer in harness.responses)


# Streaming.


def test_packets_are_full_gapless_and_numbered() -> None:
    harness = started()
    harness.wait(10)
    assert {one.n for one in harness.live} == {18}
    assert [one.sequence for one in harness.live] == list(range(len(harness.live)))
    assert indices(harness.live) == list(range(1000, 1000 + 18 * len(harness.live)))
    assert [value for one in harness.live for value in one.values] == list(range(18 * len(harness.live)))
    assert [one.t_us for one in harness.live] == [PERIOD_US * (one.index - 1000) for one in harness.live]
    assert 10e6 - harness.live[-1].t_us < 2 * 18 * PERIOD_US


def test_a_packet_waits_no_longer_than_the_latency() -> None:
    harness = FirmwareHarness()
    harness.ask(START + bytes.fromhex("05 02 3200"))
    harness.wait(1)
    assert {one.n for one in harness.live} == {5}


@pytest.mark.parametrize(
    ("mtu", "layout", "n"),
    [(185, 3, 13), (185, 1, 27), (232, 3, 17), (232, 1, 34), (247, 3, 18), (247, 1, 37), (64, 3, 3)],
)
def test_packets_fit_the_mtu(mtu: int, layout: int, n: int) -> None:
    harness = FirmwareHarness()
    harness.firmware.negotiated(mtu)
    harness.ask(START[:-1] + bytes([layout]) + bytes.fromhex("05 02 e803"))
    harness.wait(2)
    assert {one.n for one in harness.live} == {n}


@pytest.mark.parametrize("mtu", [23, 63])
def test_a_small_mtu_is_refused(mtu: int) -> None:
    harness = FirmwareHarness()
    harness.firmware.negotiated(mtu)
    assert harness.ask(START) == b"\x82\x2a\x08"


def test_a_response_that_does_not_fit_reports_it() -> None:
    harness = started()
    harness.firmware.negotiated(23)
    assert harness.ask("01 01") == b"\x81\x01\x08"
    assert harness.ask("04 02") == b"\x84\x02\x08"
    assert harness.ask("03 03") == b"\x83\x03\x00"


def test_stop_sends_the_rest_and_the_end() -> None:
    harness = started()
    harness.wait(0.1)
    assert harness.ask("03 03") == b"\x83\x03\x00"
    rest, end = harness.data
    assert (rest.n, rest.kind, rest.sequence) == (11, 0, 0)
    assert (end.n, end.kind, end.sequence, end.index, end.t_us) == (0, 1, 1, 1011, 11 * PERIOD_US)
    assert [channel for channel, _ in harness.sent] == [Channel.CONTROL] * 2 + [Channel.DATA] * 2
    harness.wait(5)
    assert len(harness.data) == 2


def test_the_next_stream_has_another_number_and_continues_counting() -> None:
    harness = started()
    harness.wait(0.1)
    harness.ask("03 03")
    answer = harness.ask(START)
    assert bytes.fromhex("06 01 08") in answer
    assert bytes.fromhex("0a 04") + struct.pack("<I", 1011) in answer
    harness.wait(1)
    assert (harness.live[-1].stream, harness.live[1].sequence, harness.live[1].index) == (8, 0, 1011)


def test_the_button_ends_a_stream() -> None:
    harness = started()
    harness.wait(1)
    harness.firmware.press_stop(harness.now_us)
    harness.collect()
    assert harness.data[-1].kind == 1
    assert harness.ask(START)[2] == 0


@pytest.mark.parametrize(
    ("percent", "charging", "status"), [(50, True, 11), (3, False, 12), (4, False, 0), (3, True, 11)]
)
def test_power_decides_about_start(percent: int, status: int, *, charging: bool) -> None:
    harness = FirmwareHarness()
    harness.firmware.set_battery(percent, 0, charging=charging)
    assert harness.ask(START)[2] == status
    assert (Channel.BATTERY, bytes([percent])) in harness.sent


def test_a_slow_start_answers_late_and_samples_from_then_on() -> None:
    harness = FirmwareHarness(settings=FirmwareSettings(slow_start_s=2.0))
    harness.firmware.control_written(START, 0)
    harness.firmware.control_written(b"\x07\x02", 0)
    harness.wait(1.9)
    assert harness.responses == []
    harness.wait(1)
    assert [answer[0] for answer in harness.responses] == [0x82, 0x87]
    assert harness.live[0].t_us == 2_000_000


def test_an_overrun_breaks_the_packet_and_is_counted() -> None:
    harness = started(CountingImu(lost=(range(100, 150),)))
    harness.wait(3)
    short, after = harness.live[5:7]
    assert (short.n, short.flags) == (10, 0)
    assert (after.index, after.flags, after.sequence) == (1150, 0x02, short.sequence + 1)
    assert harness.firmware.status()[16:18] == b"\x01\x00"


def test_clipping_is_reported() -> None:
    harness = started(CountingImu(clipped=range(20, 21)))
    harness.wait(1)
    assert [one.flags for one in harness.live[:4]] == [0, 0x04, 0, 0]


def test_a_full_queue_drops_and_reports_it() -> None:
    harness = started()
    harness.room = 0
    harness.wait(18 * PERIOD_US * (TRANSMIT_PACKETS + 3) / 1e6)
    harness.room = 1000
    harness.collect()
    harness.wait(1)
    sequences = [one.sequence for one in harness.live]
    assert sequences[:TRANSMIT_PACKETS] == list(range(TRANSMIT_PACKETS))
    assert sequences[TRANSMIT_PACKETS] == TRANSMIT_PACKETS + 3
    assert [one.flags for one in harness.live[TRANSMIT_PACKETS - 1 : TRANSMIT_PACKETS + 2]] == [0, 0x08, 0]
    assert harness.firmware.status()[14:16] == b"\x03\x00"
    assert harness.resend(1000 + 18 * TRANSMIT_PACKETS, 54)[2] == 0
    assert indices(harness.backfill) == list(
        range(1000 + 18 * TRANSMIT_PACKETS, 1054 + 18 * TRANSMIT_PACKETS)
    )


def test_index_and_sequence_wrap() -> None:
    harness = started(settings=FirmwareSettings(first_index=2**32 - 20))
    harness.firmware._streaming._stream._sequence = 2**16 - 1  # type: ignore[union-attr]  # it streams
    harness.wait(1)
    assert [one.index for one in harness.live[:3]] == [2**32 - 20, 2**32 - 2, 16]
    assert [one.sequence for one in harness.live[:3]] == [65535, 0, 1]
    assert harness.resend(2**32 - 4, 10)[2] == 0
    assert [value for one in harness.backfill for value in one.values] == list(range(16, 26))


def test_without_gyroscope_there_is_none_to_choose() -> None:
    harness = FirmwareHarness(CountingImu(ImuSettings(gyroscope=False)))
    assert harness.ask(START) == b"\x82\x2a\x05"
    assert bytes.fromhex("02 01 03") not in harness.ask("01 01")
    assert harness.firmware.info()[2] & 1 == 0
    assert harness.ask(START[:-1] + b"\x01")[2] == 0


# Losing the link.


def test_a_stream_lingers_and_can_be_had_again() -> None:
    harness = started()
    harness.wait(5)
    seen = len(harness.live) * 18
    harness.firmware.disconnected(harness.now_us)
    harness.wait(20)
    assert harness.firmware.status()[0] == 2
    harness.connect()
    state = harness.ask("04 09")
    assert (state[2], bytes.fromhex("06 01 07") in state) == (0, True)
    harness.wait(1)
    hole = harness.live[seen // 18]
    assert harness.resend(1000 + seen, hole.index - 1000 - seen)[2] == 0
    harness.wait(1)
    assert sorted(indices(harness.live) + indices(harness.backfill)) == list(
        range(1000, harness.live[-1].index + 18)
    )
    assert [one.flags for one in harness.backfill] == [0x01] * (len(harness.backfill) - 1) + [0x11]
    assert {one.sequence for one in harness.backfill} == {0}
    assert hole.sequence == (hole.index - 1000) // 18
    assert hole.flags == 0


@pytest.mark.parametrize(
    ("linger", "waits_s", "lingers"), [("0500", 4, True), ("0500", 6, False), ("0000", 0, False)]
)
def test_lingering_ends(linger: str, waits_s: float, *, lingers: bool) -> None:
    harness = FirmwareHarness()
    harness.ask(START + bytes.fromhex("0c 02" + linger))
    harness.wait(2)
    harness.firmware.disconnected(harness.now_us)
    harness.wait(waits_s)
    harness.connect()
    assert (len(harness.ask("04 09")) > 3) is lingers
    # What was taken until then can still be had.
    assert harness.resend(1000, 100)[2] == 0
    assert len(indices(harness.backfill)) == 100


def test_a_linger_beyond_the_longest_is_refused() -> None:
    assert (
        FirmwareHarness(settings=FirmwareSettings(longest_linger_s=60)).ask(
            START + bytes.fromhex("0c 02 3d00")
        )[2]
        == 3
    )


def test_what_was_meant_for_one_central_is_not_for_the_next() -> None:
    harness = started()
    harness.room = 0
    harness.wait(2)
    harness.firmware.control_written(b"\x07\x01", harness.now_us)
    harness.firmware.disconnected(harness.now_us)
    harness.room = 1000
    harness.connect(collect=False)
    harness.wait(2)
    assert harness.data == []
    assert len(harness.responses) == 1


# RESEND.


def test_live_packets_go_before_a_backfill() -> None:
    harness = started()
    harness.wait(10)
    harness.data.clear()
    harness.room = 0
    harness.firmware.control_written(struct.pack("<BBBII", 5, 1, 7, 1000, 180), harness.now_us)
    harness.wait(1)
    harness.room = 1
    harness.collect()
    order = [one.flags & 1 for one in harness.data]
    assert order == sorted(order)
    assert (order.count(0) >= 5, order.count(1)) == (True, 10)


def test_one_backfill_at_a_time() -> None:
    harness = started()
    harness.wait(10)
    harness.firmware.control_written(struct.pack("<BBBII", 5, 1, 7, 1000, 180), harness.now_us)
    harness.firmware.control_written(struct.pack("<BBBII", 5, 2, 7, 1000, 180), harness.now_us)
    harness.collect()
    assert [answer[1:3] for answer in harness.responses[1:]] == [b"\x01\x00", b"\x02\x0a"]
    assert harness.resend(1000, 1)[2] == 0


def test_the_ring_forgets_the_oldest() -> None:
    harness = started()
    harness.wait(100)
    answer = harness.resend(1000, 10)
    assert answer[:5] == bytes([0x85, 0x55, 9, 11, 4])
    (oldest,) = struct.unpack("<I", answer[5:])
    newest = int.from_bytes(harness.firmware.status()[10:14], "little")
    assert (newest - oldest + 1) * PERIOD_US >= 60e6
    assert harness.firmware.status()[6:10] == answer[5:]
    assert harness.resend(oldest - 250, 10)[2] == 9
    harness.wait(1.9)
    newest = int.from_bytes(harness.firmware.status()[10:14], "little")
    assert harness.resend(oldest, newest - oldest + 1)[2] == 0
    assert indices(harness.backfill) == list(range(oldest, newest + 1))
    assert harness.resend(oldest, newest - oldest + 2)[2] == 3


@pytest.mark.parametrize(("request_hex", "status"), [("05 01 07 e8030000 00000000", 3), ("05 01 07", 2)])
def test_nonsense_is_not_sent_again(request_hex: str, status: int) -> None:
    harness = started()
    harness.wait(1)
    assert harness.ask(request_hex)[2] == status


def test_a_backfill_leaves_out_what_the_sensor_lost() -> None:
    harness = started(CountingImu(lost=(range(100, 150),)))
    harness.wait(3)
    assert harness.resend(1090, 70)[2] == 0
    assert [(one.index, one.n, one.flags) for one in harness.backfill] == [(1090, 10, 0x01), (1150, 10, 0x13)]
    assert harness.resend(1110, 10)[2] == 9


@settings(max_examples=30)
@given(
    rooms=st.lists(st.integers(0, 3), min_size=1, max_size=60),
    cuts=st.lists(st.tuples(st.integers(1, 50), st.integers(0, 40)), max_size=3),
    lost=st.tuples(st.integers(0, 3000), st.integers(0, 300)),
)
def test_live_and_resent_are_all_samples_once(
    rooms: list[int], cuts: list[tuple[int, int]], lost: tuple[int, int]
) -> None:
    """A link that comes and goes, a queue that overflows, a part that overruns: nothing else is lost."""
    gone = range(lost[0], lost[0] + lost[1])
    harness = started(
        CountingImu(lost=(gone,)), FirmwareSettings(ring_s=200.0, longest_linger_s=3600, linger_s=3600)
    )
    for k, room in enumerate(rooms):
        harness.now_us += 100_000
        harness.firmware.advance(harness.now_us)
        for message in harness.firmware.outgoing(harness.now_us, room):
            harness.sent.append((message.channel, message.payload))
        for at, ticks in cuts:
            if k == at:
                harness.firmware.disconnected(harness.now_us)
                harness.now_us += 100_000 * ticks
                harness.connect()
    harness.data = [packet(payload) for channel, payload in harness.sent if channel is Channel.DATA]
    harness.collect()
    harness.ask("03 01")
    end = harness.data[-1]
    taken = [n for n in range(end.index - 1000) if n not in gone]
    live = indices(harness.live)
    assert len(live) == len(set(live))
    missing = sorted(set(range(1000, end.index)) - set(live))
    # As a receiver does: one RESEND for each hole it can see.
    for first in [m for m in missing if m - 1 not in set(missing)]:
        count = next(c for c in range(1, len(missing) + 2) if first + c not in set(missing))
        assert harness.resend(first, count)[2] in {0, 9}
    assert sorted(live + indices(harness.backfill)) == [1000 + n for n in taken]


# Status.


def test_status_comes_once_a_second_to_who_subscribes() -> None:
    harness = FirmwareHarness()
    harness.wait(5.5)
    statuses = [payload for channel, payload in harness.sent if channel is Channel.STATUS]
    assert len(statuses) == 5
    harness.firmware.subscribed(Channel.STATUS, harness.now_us, on=False)
    harness.wait(5)
    assert len([channel for channel, _ in harness.sent if channel is Channel.STATUS]) == 5


def test_status_follows_the_stream() -> None:
    harness = started()
    harness.firmware.set_battery(15, harness.now_us)
    harness.wait(2)
    state, stream, battery, power, *_ = status = harness.firmware.status()
    assert (len(status), state, stream, battery, power) == (18, 1, 7, 15, 2)
    assert struct.unpack_from("<II", status, 6) == (1000, 1000 + 2_000_000 // PERIOD_US)
