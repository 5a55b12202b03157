from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from imurep.util.backoff import Backoff


class Longest(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def test_the_first_is_at_once_then_it_doubles_up_to_the_limit() -> None:
    backoff = Backoff(Longest())
    assert [backoff.next_s() for _ in range(10)] == [0, 0.5, 1, 2, 4, 8, 10, 10, 10, 10]


def test_after_a_reset_it_is_at_once_again() -> None:
    backoff = Backoff(Longest())
    for _ in range(5):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() == 0
    assert backoff.next_s() == 0.5


@given(st.integers())
def test_the_random_part_is_half_of_it_at_most(seed: int) -> None:
    backoff = Backoff(random.Random(seed))  # noqa: S311 - no secret
    longest = Backoff(Longest())
    for _ in range(12):
        wait_s = longest.next_s()
        assert wait_s / 2 <= backoff.next_s() <= wait_s
