"""The account of samples against the plainest one: a set of indices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imurep.devices.open_imu.received_samples import ReceivedSamples
from imurep.devices.open_imu.wire import PacketHeader

OVERRUN, BACKFILL = 2, 1
START = 2**32 - 300
"""Wraps on the way."""


def header(index: int, size: int, sequence: int = 0, flags: int = 0) -> PacketHeader:
    return PacketHeader(16, flags, 7, 3, sequence, size, 0, index % 2**32, 0)


def indices(received: ReceivedSamples) -> set[int]:
    return {index for first, end in received.missing for index in range(first, end)}


HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("live"), st.integers(1, 20)),
        st.tuples(st.just("lost"), st.integers(1, 20)),
        st.tuples(st.just("overrun"), st.integers(1, 40)),
        st.tuples(st.just("again"), st.integers(0, 1000)),
        st.tuples(st.just("gone"), st.integers(0, 1000)),
    ),
    max_size=60,
)


@given(HAPPENINGS)
def test_what_is_missing(happenings: list[tuple[str, int]]) -> None:
    received = ReceivedSamples(START)
    missing: set[int] = set()
    at = end = START
    sequence = oldest = 0
    overrun = False
    lost = True  # nobody knows the number of the first packet
    for what, number in happenings:
        match what:
            case "live":
                received.live(header(at, number, sequence, OVERRUN if overrun else 0))
                if lost or not overrun:  # an overrun beside a lost packet cannot be told from it
                    missing |= {index for index in range(end, at) if index >= oldest}
                at, end, sequence = at + number, at + number, sequence + 1
                overrun = lost = False
            case "lost":
                at, sequence, lost = at + number, sequence + 1, True
            case "overrun":
                at, overrun = at + number, True
            case "again":
                first = START + number
                if first < at:
                    received.backfill(header(first, 10, flags=BACKFILL))
                    missing -= set(range(first, first + 10))
            case "gone":
                oldest = max(oldest, START + number)
                assert received.gone((START + number) % 2**32) == START + number
                missing = {index for index in missing if index >= oldest}
        assert indices(received) == missing
        assert received.missing == sorted(received.missing)
        assert received.missing_in(START, at) == len(missing)


def test_an_end_shows_what_was_lost_before_it() -> None:
    received = ReceivedSamples(100)
    received.live(header(100, 10))
    received.ended(125)
    received.ended(125)
    assert received.missing == [(110, 125)]


def test_without_a_beginning_nothing_is_missing_before_the_first_packet() -> None:
    received = ReceivedSamples()
    received.live(header(5000, 10))
    assert received.missing == []


def test_what_came_twice_changes_nothing() -> None:
    received = ReceivedSamples(0)
    received.live(header(0, 10))
    received.live(header(20, 10, 2))
    received.live(header(0, 10))
    received.live(header(30, 10, 3))
    assert received.missing == [(10, 20)]


def test_holes_that_are_never_filled_do_not_fill_the_memory() -> None:
    received = ReceivedSamples(0)
    for number in range(3000):
        received.live(header(20 * number, 10, 2 * number))
    assert len(received.missing) == 1000
    assert received.missing[-1] == (59970, 59980)
