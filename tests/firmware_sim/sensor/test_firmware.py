"""The firmware on the bench, fed by hand: docs/reference/packet-format.md sentence by sentence."""

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
from tests.firmware_sim.parts import PERIOD_US, START, Bench, CountingImu, packet

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golden" / "packets.json").read_text(encoding="utf-8")
)
GOLDEN_SENSOR = FirmwareSettings(first_index=123456)


def started(part: CountingImu | None = None, settings: FirmwareSettings | None = None) -> Bench:
    bench = Bench(part, settings)
    assert bench.ask(START)[2] == 0
    return bench


def indices(packets: list[Any]) -> list[int]:
    return [one.index + k for one in packets for k in range(one.n)]


# Words on the wire.


def test_a_conversation_is_the_golden_one() -> None:
    bench = Bench(settings=GOLDEN_SENSOR)
    for exchange in GOLDEN["exchanges"]["list"]:
        response = bench.ask(exchange["request"])
        assert response.hex() == bytes.fromhex(exchange["response"]).hex(), exchange["name"]
    assert bench.firmware.identified == 1


def test_reads_are_the_golden_ones() -> None:
    bench = Bench(settings=GOLDEN_SENSOR)
    reads = GOLDEN["reads"]
    assert bench.firmware.info().hex() == bytes.fromhex(reads["info"]["hex"]).hex()
    assert bench.firmware.status().hex() == bytes.fromhex(reads["status"]["hex"]).hex()


def test_the_clock_is_the_golden_one() -> None:
    bench = Bench()
    clock = GOLDEN["reads"]["clock"]
    bench.firmware.clock_written(bytes.fromhex(clock["request"]), clock["came_us"])
    (answer,) = bench.firmware.outgoing(clock["sent_us"], 9)
    assert (answer.channel, answer.payload.hex()) == (Channel.CLOCK, bytes.fromhex(clock["hex"]).hex())


def test_the_clock_tells_that_unix_time_was_set() -> None:
    bench = Bench()
    bench.ask("06 01 0d 08 0080926500000000")
    bench.firmware.clock_written(bytes(9), 0)
    bench.firmware.clock_written(bytes(8), 0)
    bench.hear()
    (answer,) = [payload for channel, payload in bench.heard if channel is Channel.CLOCK]
    assert answer[1] == 1


@pytest.mark.parametrize("payload", [b"", b"\x01"])
def test_a_request_without_a_number_cannot_be_answered(payload: bytes) -> None:
    with pytest.raises(ValueError, match="operation and a number"):
        Bench().firmware.control_written(payload, 0)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=2, max_size=40), max_size=6))
def test_every_request_is_answered_once_in_order(requests: list[bytes]) -> None:
    bench = Bench()
    for request in requests:
        bench.firmware.control_written(request, bench.now_us)
        bench.now_us += 1000
    bench.hear()
    assert [answer[:2] for answer in bench.responses] == [bytes([r[0] | 0x80, r[1]]) for r in requests]
    assert all(answer[2] <= 12 for answer in bench.responses)


# Streaming.


def test_packets_are_full_gapless_and_numbered() -> None:
    bench = started()
    bench.wait(10)
    assert {one.n for one in bench.live} == {18}
    assert [one.sequence for one in bench.live] == list(range(len(bench.live)))
    assert indices(bench.live) == list(range(1000, 1000 + 18 * len(bench.live)))
    assert [value for one in bench.live for value in one.values] == list(range(18 * len(bench.live)))
    assert [one.t_us for one in bench.live] == [PERIOD_US * (one.index - 1000) for one in bench.live]
    assert 10e6 - bench.live[-1].t_us < 2 * 18 * PERIOD_US


def test_a_packet_waits_no_longer_than_the_latency() -> None:
    bench = Bench()
    bench.ask(START + bytes.fromhex("05 02 3200"))
    bench.wait(1)
    assert {one.n for one in bench.live} == {5}


@pytest.mark.parametrize(
    ("mtu", "layout", "n"),
    [(185, 3, 13), (185, 1, 27), (232, 3, 17), (232, 1, 34), (247, 3, 18), (247, 1, 37), (64, 3, 3)],
)
def test_packets_fit_the_mtu(mtu: int, layout: int, n: int) -> None:
    bench = Bench()
    bench.firmware.negotiated(mtu)
    bench.ask(START[:-1] + bytes([layout]) + bytes.fromhex("05 02 e803"))
    bench.wait(2)
    assert {one.n for one in bench.live} == {n}


@pytest.mark.parametrize("mtu", [23, 63])
def test_a_small_mtu_is_refused(mtu: int) -> None:
    bench = Bench()
    bench.firmware.negotiated(mtu)
    assert bench.ask(START) == b"\x82\x2a\x08"


def test_a_response_that_does_not_fit_says_so() -> None:
    bench = started()
    bench.firmware.negotiated(23)
    assert bench.ask("01 01") == b"\x81\x01\x08"
    assert bench.ask("04 02") == b"\x84\x02\x08"
    assert bench.ask("03 03") == b"\x83\x03\x00"


def test_stop_sends_the_rest_and_the_end() -> None:
    bench = started()
    bench.wait(0.1)
    assert bench.ask("03 03") == b"\x83\x03\x00"
    rest, end = bench.data
    assert (rest.n, rest.kind, rest.sequence) == (11, 0, 0)
    assert (end.n, end.kind, end.sequence, end.index, end.t_us) == (0, 1, 1, 1011, 11 * PERIOD_US)
    assert [channel for channel, _ in bench.heard] == [Channel.CONTROL] * 2 + [Channel.DATA] * 2
    bench.wait(5)
    assert len(bench.data) == 2


def test_the_next_stream_has_another_number_and_goes_on_counting() -> None:
    bench = started()
    bench.wait(0.1)
    bench.ask("03 03")
    answer = bench.ask(START)
    assert bytes.fromhex("06 01 08") in answer
    assert bytes.fromhex("0a 04") + struct.pack("<I", 1011) in answer
    bench.wait(1)
    assert (bench.live[-1].stream, bench.live[1].sequence, bench.live[1].index) == (8, 0, 1011)


def test_the_button_ends_a_stream() -> None:
    bench = started()
    bench.wait(1)
    bench.firmware.press_stop(bench.now_us)
    bench.hear()
    assert bench.data[-1].kind == 1
    assert bench.ask(START)[2] == 0


@pytest.mark.parametrize(
    ("percent", "charging", "status"), [(50, True, 11), (3, False, 12), (4, False, 0), (3, True, 11)]
)
def test_power_decides_about_start(percent: int, status: int, *, charging: bool) -> None:
    bench = Bench()
    bench.firmware.set_battery(percent, 0, charging=charging)
    assert bench.ask(START)[2] == status
    assert (Channel.BATTERY, bytes([percent])) in bench.heard


def test_a_slow_start_answers_late_and_samples_from_then_on() -> None:
    bench = Bench(settings=FirmwareSettings(slow_start_s=2.0))
    bench.firmware.control_written(START, 0)
    bench.firmware.control_written(b"\x07\x02", 0)
    bench.wait(1.9)
    assert bench.responses == []
    bench.wait(1)
    assert [answer[0] for answer in bench.responses] == [0x82, 0x87]
    assert bench.live[0].t_us == 2_000_000


def test_an_overrun_breaks_the_packet_and_is_counted() -> None:
    bench = started(CountingImu(lost=(range(100, 150),)))
    bench.wait(3)
    short, after = bench.live[5:7]
    assert (short.n, short.flags) == (10, 0)
    assert (after.index, after.flags, after.sequence) == (1150, 0x02, short.sequence + 1)
    assert bench.firmware.status()[16:18] == b"\x01\x00"


def test_clipping_is_told() -> None:
    bench = started(CountingImu(clipped=range(20, 21)))
    bench.wait(1)
    assert [one.flags for one in bench.live[:4]] == [0, 0x04, 0, 0]


def test_a_full_queue_drops_and_tells() -> None:
    bench = started()
    bench.room = 0
    bench.wait(18 * PERIOD_US * (TRANSMIT_PACKETS + 3) / 1e6)
    bench.room = 1000
    bench.hear()
    bench.wait(1)
    sequences = [one.sequence for one in bench.live]
    assert sequences[:TRANSMIT_PACKETS] == list(range(TRANSMIT_PACKETS))
    assert sequences[TRANSMIT_PACKETS] == TRANSMIT_PACKETS + 3
    assert [one.flags for one in bench.live[TRANSMIT_PACKETS - 1 : TRANSMIT_PACKETS + 2]] == [0, 0x08, 0]
    assert bench.firmware.status()[14:16] == b"\x03\x00"
    assert bench.resend(1000 + 18 * TRANSMIT_PACKETS, 54)[2] == 0
    assert indices(bench.backfill) == list(range(1000 + 18 * TRANSMIT_PACKETS, 1054 + 18 * TRANSMIT_PACKETS))


def test_index_and_sequence_wrap() -> None:
    bench = started(settings=FirmwareSettings(first_index=2**32 - 20))
    bench.firmware._streaming._stream._sequence = 2**16 - 1  # type: ignore[union-attr]  # it streams
    bench.wait(1)
    assert [one.index for one in bench.live[:3]] == [2**32 - 20, 2**32 - 2, 16]
    assert [one.sequence for one in bench.live[:3]] == [65535, 0, 1]
    assert bench.resend(2**32 - 4, 10)[2] == 0
    assert [value for one in bench.backfill for value in one.values] == list(range(16, 26))


def test_without_gyroscope_there_is_none_to_choose() -> None:
    bench = Bench(CountingImu(ImuSettings(gyroscope=False)))
    assert bench.ask(START) == b"\x82\x2a\x05"
    assert bytes.fromhex("02 01 03") not in bench.ask("01 01")
    assert bench.firmware.info()[2] & 1 == 0
    assert bench.ask(START[:-1] + b"\x01")[2] == 0


# Losing the link.


def test_a_stream_lingers_and_can_be_had_again() -> None:
    bench = started()
    bench.wait(5)
    seen = len(bench.live) * 18
    bench.firmware.disconnected(bench.now_us)
    bench.wait(20)
    assert bench.firmware.status()[0] == 2
    bench.connect()
    state = bench.ask("04 09")
    assert (state[2], bytes.fromhex("06 01 07") in state) == (0, True)
    bench.wait(1)
    hole = bench.live[seen // 18]
    assert bench.resend(1000 + seen, hole.index - 1000 - seen)[2] == 0
    bench.wait(1)
    assert sorted(indices(bench.live) + indices(bench.backfill)) == list(
        range(1000, bench.live[-1].index + 18)
    )
    assert [one.flags for one in bench.backfill] == [0x01] * (len(bench.backfill) - 1) + [0x11]
    assert {one.sequence for one in bench.backfill} == {0}
    assert hole.sequence == (hole.index - 1000) // 18
    assert hole.flags == 0


@pytest.mark.parametrize(
    ("linger", "waits_s", "lingers"), [("0500", 4, True), ("0500", 6, False), ("0000", 0, False)]
)
def test_lingering_ends(linger: str, waits_s: float, *, lingers: bool) -> None:
    bench = Bench()
    bench.ask(START + bytes.fromhex("0c 02" + linger))
    bench.wait(2)
    bench.firmware.disconnected(bench.now_us)
    bench.wait(waits_s)
    bench.connect()
    assert (len(bench.ask("04 09")) > 3) is lingers
    # What was taken until then can still be had.
    assert bench.resend(1000, 100)[2] == 0
    assert len(indices(bench.backfill)) == 100


def test_a_linger_beyond_the_longest_is_refused() -> None:
    assert (
        Bench(settings=FirmwareSettings(longest_linger_s=60)).ask(START + bytes.fromhex("0c 02 3d00"))[2] == 3
    )


def test_what_was_meant_for_one_central_is_not_for_the_next() -> None:
    bench = started()
    bench.room = 0
    bench.wait(2)
    bench.firmware.control_written(b"\x07\x01", bench.now_us)
    bench.firmware.disconnected(bench.now_us)
    bench.room = 1000
    bench.connect(hear=False)
    bench.wait(2)
    assert bench.data == []
    assert len(bench.responses) == 1


# RESEND.


def test_live_packets_go_before_a_backfill() -> None:
    bench = started()
    bench.wait(10)
    bench.data.clear()
    bench.room = 0
    bench.firmware.control_written(struct.pack("<BBBII", 5, 1, 7, 1000, 180), bench.now_us)
    bench.wait(1)
    bench.room = 1
    bench.hear()
    order = [one.flags & 1 for one in bench.data]
    assert order == sorted(order)
    assert (order.count(0) >= 5, order.count(1)) == (True, 10)


def test_one_backfill_at_a_time() -> None:
    bench = started()
    bench.wait(10)
    bench.firmware.control_written(struct.pack("<BBBII", 5, 1, 7, 1000, 180), bench.now_us)
    bench.firmware.control_written(struct.pack("<BBBII", 5, 2, 7, 1000, 180), bench.now_us)
    bench.hear()
    assert [answer[1:3] for answer in bench.responses[1:]] == [b"\x01\x00", b"\x02\x0a"]
    assert bench.resend(1000, 1)[2] == 0


def test_the_ring_forgets_the_oldest() -> None:
    bench = started()
    bench.wait(100)
    answer = bench.resend(1000, 10)
    assert answer[:5] == bytes([0x85, 0x55, 9, 11, 4])
    (oldest,) = struct.unpack("<I", answer[5:])
    newest = int.from_bytes(bench.firmware.status()[10:14], "little")
    assert (newest - oldest + 1) * PERIOD_US >= 60e6
    assert bench.firmware.status()[6:10] == answer[5:]
    assert bench.resend(oldest - 250, 10)[2] == 9
    bench.wait(1.9)
    newest = int.from_bytes(bench.firmware.status()[10:14], "little")
    assert bench.resend(oldest, newest - oldest + 1)[2] == 0
    assert indices(bench.backfill) == list(range(oldest, newest + 1))
    assert bench.resend(oldest, newest - oldest + 2)[2] == 3


@pytest.mark.parametrize(("request_hex", "status"), [("05 01 07 e8030000 00000000", 3), ("05 01 07", 2)])
def test_nonsense_is_not_sent_again(request_hex: str, status: int) -> None:
    bench = started()
    bench.wait(1)
    assert bench.ask(request_hex)[2] == status


def test_a_backfill_leaves_out_what_the_sensor_lost() -> None:
    bench = started(CountingImu(lost=(range(100, 150),)))
    bench.wait(3)
    assert bench.resend(1090, 70)[2] == 0
    assert [(one.index, one.n, one.flags) for one in bench.backfill] == [(1090, 10, 0x01), (1150, 10, 0x13)]
    assert bench.resend(1110, 10)[2] == 9


@settings(max_examples=30, deadline=None)
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
    bench = started(
        CountingImu(lost=(gone,)), FirmwareSettings(ring_s=200.0, longest_linger_s=3600, linger_s=3600)
    )
    for k, room in enumerate(rooms):
        bench.now_us += 100_000
        bench.firmware.advance(bench.now_us)
        for message in bench.firmware.outgoing(bench.now_us, room):
            bench.heard.append((message.channel, message.payload))
        for at, ticks in cuts:
            if k == at:
                bench.firmware.disconnected(bench.now_us)
                bench.now_us += 100_000 * ticks
                bench.connect()
    bench.data = [packet(payload) for channel, payload in bench.heard if channel is Channel.DATA]
    bench.hear()
    bench.ask("03 01")
    end = bench.data[-1]
    taken = [n for n in range(end.index - 1000) if n not in gone]
    live = indices(bench.live)
    assert len(live) == len(set(live))
    missing = sorted(set(range(1000, end.index)) - set(live))
    # As a receiver does: one RESEND for each hole it can see.
    for first in [m for m in missing if m - 1 not in set(missing)]:
        count = next(c for c in range(1, len(missing) + 2) if first + c not in set(missing))
        assert bench.resend(first, count)[2] in {0, 9}
    assert sorted(live + indices(bench.backfill)) == [1000 + n for n in taken]


# Status.


def test_status_comes_once_a_second_to_who_subscribes() -> None:
    bench = Bench()
    bench.wait(5.5)
    statuses = [payload for channel, payload in bench.heard if channel is Channel.STATUS]
    assert len(statuses) == 5
    bench.firmware.subscribed(Channel.STATUS, bench.now_us, on=False)
    bench.wait(5)
    assert len([channel for channel, _ in bench.heard if channel is Channel.STATUS]) == 5


def test_status_follows_the_stream() -> None:
    bench = started()
    bench.firmware.set_battery(15, bench.now_us)
    bench.wait(2)
    state, stream, battery, power, *_ = status = bench.firmware.status()
    assert (len(status), state, stream, battery, power) == (18, 1, 7, 15, 2)
    assert struct.unpack_from("<II", status, 6) == (1000, 1000 + 2_000_000 // PERIOD_US)
