"""The phone's clock on the service's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imurep.sources.relay.phone_clock import WINDOW, PhoneClock

OFFSET_US = -1_700_000_000_000_000


def test_the_quickest_message_gives_the_offset() -> None:
    clock = PhoneClock()
    for sent_us, delay_us in ((0, 80_000), (1_000_000, 20_000), (2_000_000, 500_000)):
        clock.update(sent_us - OFFSET_US, sent_us + delay_us)
    assert clock.at_us(1_500_000 - OFFSET_US, 10_000_000) == 1_520_000


def test_what_waited_in_the_phone_has_its_own_time() -> None:
    clock = PhoneClock()
    clock.update(60_000_000 - OFFSET_US, 60_030_000)
    assert clock.at_us(1_000_000 - OFFSET_US, 60_030_000) == 1_030_000


def test_an_offset_that_is_not_true_any_more_is_forgotten() -> None:
    clock = PhoneClock()
    clock.update(0, 0)
    for k in range(WINDOW):  # the phone slept for an hour, and its clock with it
        clock.update(k * 1_000_000, 3_600_000_000 + k * 1_000_000)
    assert clock.at_us(WINDOW * 1_000_000, 10**10) == 3_600_000_000 + WINDOW * 1_000_000


def test_another_clock_begins_anew() -> None:
    clock = PhoneClock()
    clock.update(0, 0)
    clock.reset()
    clock.update(0, 500)
    assert clock.at_us(0, 500) == 500


@given(
    st.lists(
        st.tuples(st.integers(0, 10**7), st.integers(0, 10**6), st.integers(-(10**7), 10**7)), min_size=1
    )
)
def test_times_never_go_back_nor_beyond_the_present(
    steps: list[tuple[int, int, int]],
) -> None:
    clock = PhoneClock()
    sent_us, last_us, now_us = 0, None, 0
    for wait_us, delay_us, ago_us in steps:
        sent_us += wait_us
        now_us = max(now_us, sent_us + delay_us)
        clock.update(sent_us, now_us)
        time_us = clock.at_us(sent_us - ago_us, now_us)
        assert time_us <= now_us
        assert last_us is None or time_us >= last_us
        last_us = time_us
