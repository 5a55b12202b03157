from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imurep.counting.ordering.ordering_params import OrderingParams
from imurep.counting.ordering.reorder_buffer import MissingRange, ReorderBuffer
from imurep.errors import ConfigError
from imurep.events import Packet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.counting.ordering.reorder_buffer import Ordered

SIZE = 8
PACKET_US = 80_000


def live(number: int, *, first: int = 0, lost_in_sensor: int = 0, stream: int = 0) -> Packet:
    """Packet of a sensor at 100 Hz; its samples hold their own number."""
    index = number * SIZE + lost_in_sensor
    values = np.arange(index, index + SIZE, dtype=np.float64).repeat(3).reshape(-1, 3)
    return Packet(
        arrival_us=number * PACKET_US + 50_000,
        acc_ms2=values,
        gyr_rads=values,
        rate_hz=100.0,
        stream=stream,
        sequence=number % 2**16,
        index=(first + index) % 2**32,
        time_us=index * 10_000,
        resendable=True,
    )


def backfill(first: int, end: int, arrival_us: int, *, first_index: int = 0, last: bool = False) -> Packet:
    values = np.arange(first, end, dtype=np.float64).repeat(3).reshape(-1, 3)
    return Packet(
        arrival_us=arrival_us,
        acc_ms2=values,
        gyr_rads=values,
        rate_hz=100.0,
        index=(first_index + first) % 2**32,
        time_us=first * 10_000,
        backfill=True,
        backfill_end=last,
        resendable=True,
    )


def through(buffer: ReorderBuffer, packets: Iterable[Packet]) -> list[Ordered]:
    return [item for packet in packets for item in buffer.push(packet)]


def samples(items: Iterable[Ordered]) -> list[int]:
    """Numbers of the samples, in order."""
    return [
        round(row[0])
        for item in items
        if isinstance(item, Packet) and item.acc_ms2 is not None
        for row in item.acc_ms2.tolist()
    ]


def holes(items: Iterable[Ordered]) -> list[tuple[int, int]]:
    return [(item.index, item.size) for item in items if isinstance(item, MissingRange)]


def test_what_is_in_order_continues_at_once() -> None:
    buffer = ReorderBuffer()
    for number in range(30):
        packet = live(number)
        assert buffer.push(packet) == [packet]
        assert not buffer.waiting


@pytest.mark.parametrize("first", [0, 2**32 - 50])
def test_a_backfill_is_put_where_it_belongs(first: int) -> None:
    buffer = ReorderBuffer()
    out = through(buffer, [live(n, first=first) for n in (0, 1, 4, 5)])
    assert samples(out) == list(range(16)), "the rest waits"
    out += buffer.push(backfill(16, 32, 600_000, first_index=first))
    assert samples(out) == list(range(48))
    assert not buffer.waiting
    assert holes(out) == []


def test_backfills_may_overlap_come_twice_and_out_of_order() -> None:
    buffer = ReorderBuffer()
    out = through(buffer, [live(0), live(10)])
    for begin, end in ((70, 90), (30, 50), (30, 50), (0, 20), (25, 40), (75, 79), (10, 31), (45, 72)):
        out += buffer.push(backfill(begin, end, 900_000))
    assert samples(out) == list(range(90)), "two of them newer than the last live packet"


def test_a_piece_without_its_first_sample_does_not_give_the_time() -> None:
    buffer = ReorderBuffer()
    through(buffer, [live(0), live(2)])
    piece, after = buffer.push(backfill(4, 20, 300_000))
    assert isinstance(piece, Packet)
    assert samples([piece]) == list(range(8, 16))
    assert (piece.index, piece.time_us) == (8, None)
    assert samples([after]) == list(range(16, 24))


def test_waiting_ends_after_two_seconds_of_arrivals() -> None:
    buffer = ReorderBuffer()
    out = through(buffer, [live(n) for n in range(40) if n not in {3, 4}])
    assert holes(out) == [(24, 16)]
    assert samples(out) == [*range(24), *range(40, 320)], "what came after the wait does not wait"
    first_after = live(5)
    buffer = ReorderBuffer()
    through(buffer, [live(n) for n in (0, 1, 2, 5)])
    assert buffer.tick(first_after.arrival_us + 1_999_999) == []
    assert holes(buffer.tick(first_after.arrival_us + 2_000_000)) == [(24, 16)]


def test_each_hole_waits_for_itself() -> None:
    buffer = ReorderBuffer()
    out = through(buffer, [live(n) for n in range(45) if n not in {5, 15}])
    assert holes(out) == [(40, 8), (120, 8)]
    buffer = ReorderBuffer()
    out = through(buffer, [live(n) for n in range(45) if n not in {5, 40}])
    assert holes(out) == [(40, 8)]
    assert samples(out)[-1] == 319


def test_what_the_sensor_lost_is_not_waited_for() -> None:
    buffer = ReorderBuffer()
    out = through(buffer, [live(0), live(1, lost_in_sensor=50), live(2, lost_in_sensor=50)])
    assert len(out) == 3
    assert not buffer.waiting


def test_a_sensor_that_does_not_send_again_is_not_waited_for() -> None:
    buffer = ReorderBuffer()
    for number in (0, 1, 7, 8):
        packet = replace(live(number), resendable=False)
        assert buffer.push(packet) == [packet]


def test_the_last_packet_of_a_backfill_ends_the_wait_for_what_is_before_it() -> None:
    buffer = ReorderBuffer()
    through(buffer, [live(0), live(10), live(12)])
    out = buffer.push(backfill(40, 60, 1_000_000))
    assert out == []
    out = buffer.push(backfill(60, 80, 1_000_000, last=True))
    assert holes(out) == [(8, 32)]
    assert samples(out) == list(range(40, 88))
    assert buffer.waiting, "for packet 11"


def test_a_backfill_may_continue_where_the_live_packets_ended() -> None:
    buffer = ReorderBuffer()
    out = through(buffer, [live(0), backfill(4, 12, 200_000), backfill(12, 30, 200_000), live(5)])
    assert samples(out) == list(range(30))
    assert holes(buffer.flush()) == [(30, 10)]


def test_a_backfill_before_anything_else_is_left_out() -> None:
    buffer = ReorderBuffer()
    assert buffer.push(backfill(0, 8, 0)) == []
    assert samples(buffer.push(live(1))) == list(range(8, 16))


def test_a_backfill_that_nobody_needs_is_left_out() -> None:
    buffer = ReorderBuffer()
    through(buffer, [live(0), live(1), live(2)])
    assert buffer.push(backfill(4, 20, 300_000)) == []


def test_a_counter_that_jumps_is_no_hole() -> None:
    buffer = ReorderBuffer()
    jumped = replace(live(3), index=2**30)
    out = through(buffer, [live(0), live(1), jumped, live(4), live(5), live(7)])
    assert [item.index for item in out if isinstance(item, Packet)] == [0, 8, 2**30, 32, 40]


def test_a_packet_that_came_twice_does_not_turn_the_counter_back() -> None:
    buffer = ReorderBuffer()
    out = through(buffer, [live(0), live(1), live(2), live(1), live(3)])
    assert len(out) == 5, "the time base leaves it out"
    assert not buffer.waiting


def test_a_new_stream_does_not_begin_with_a_hole() -> None:
    buffer = ReorderBuffer()
    out = through(buffer, [live(0), live(9, stream=1), live(10, stream=1), live(1)])
    assert len(out) == 4
    assert not buffer.waiting


def test_the_queue_is_bounded() -> None:
    buffer = ReorderBuffer(OrderingParams(wait_s=1e6, most_waiting=50))
    out = through(buffer, [live(n) for n in range(500) if n != 100])
    assert holes(out) == [(800, 8)]
    buffer = ReorderBuffer(OrderingParams(wait_s=1e6, most_waiting=50))
    out = through(buffer, [live(n) for n in range(0, 1000, 2)])
    assert len(buffer.flush()) <= 51


@settings(max_examples=100)
@given(data=st.data())
def test_in_time_nothing_is_lost(data: st.DataObject) -> None:
    """Whatever is lost, and however it is cut when it comes again: all samples, once, in order."""
    count = 40
    lost = data.draw(st.sets(st.integers(1, count - 2)))
    sent = [live(n) for n in range(count) if n not in lost]
    missing = sorted({n * SIZE + k for n in lost for k in range(SIZE)})
    later_us = st.integers(0, 1_900_000)
    while missing:
        missing_from = missing[0]
        begin = missing_from - data.draw(st.integers(0, 5))
        # Nobody can ask before a packet after the hole has come, nor for what comes after that.
        after = next(n for n in range(missing_from // SIZE, count) if n not in lost)
        end = min(missing_from + data.draw(st.integers(1, 30)), (after + 1) * SIZE)
        missing = [number for number in missing if number >= end]
        sent += [
            backfill(max(0, begin), end, live(after).arrival_us + data.draw(later_us))
            for _ in range(data.draw(st.integers(1, 2)))
        ]
    sent.sort(key=lambda packet: packet.arrival_us)
    buffer = ReorderBuffer()
    out = through(buffer, sent) + buffer.flush()
    assert samples(out) == list(range(count * SIZE))
    assert holes(out) == []


@pytest.mark.parametrize("wrong", [{"wait_s": 0.0}, {"most_waiting": 0}, {"keep_s": -1.0}])
def test_parameters_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="must be positive"):
        OrderingParams(**wrong)  # type: ignore[arg-type]  # int and float
