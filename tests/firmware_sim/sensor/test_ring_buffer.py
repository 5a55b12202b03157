"""The ring against the plain list that it stands for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.sensor.ring_buffer import RingBuffer, SampleBatch


def batch(numbers: list[int]) -> SampleBatch:
    n = np.array(numbers, dtype=np.int64)
    return SampleBatch(n, 10 * n, np.repeat(n[:, np.newaxis], 3, axis=1).astype(np.int16), n % 7 == 0)


@given(
    capacity=st.integers(1, 20),
    reserve=st.integers(0, 5),
    steps=st.lists(st.lists(st.booleans(), max_size=30), max_size=8),
    asked=st.tuples(st.integers(0, 200), st.integers(1, 50)),
)
def test_it_keeps_the_last_samples(
    capacity: int, reserve: int, steps: list[list[bool]], asked: tuple[int, int]
) -> None:
    ring, all_numbers, number = RingBuffer(capacity, 3, reserve), list[int](), 0
    for step in steps:
        kept = [number + k for k, is_kept in enumerate(step) if is_kept]
        number += len(step)
        ring.add(batch(kept))
        all_numbers += kept
    here = all_numbers[-(capacity + reserve) :]
    first, count = asked
    found = ring.copy(first, count)
    assert found.numbers.tolist() == [n for n in here if first <= n < first + count]
    assert found.t_us.tolist() == [10 * n for n in found.numbers]
    assert np.all(found.counts == found.numbers[:, np.newaxis])
    forgotten = all_numbers[: -(capacity + reserve)]
    assert ring.oldest == (forgotten[-1] + 1 if forgotten else 0)
    assert ring.oldest <= ring.promised <= number
    if len(all_numbers) >= capacity + reserve:
        assert len([n for n in here if n >= ring.promised]) == capacity


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=5), size=st.integers(1, 12))
def test_pieces_never_reach_over_a_loss(lengths: list[int], size: int) -> None:
    numbers, start = list[int](), 0
    for length in lengths:
        numbers += range(start, start + length)
        start += length + 3
    pieces = batch(numbers).pieces(size)
    assert [n for piece in pieces for n in piece.numbers] == numbers
    assert all(len(piece) <= size and np.all(np.diff(piece.numbers) == 1) for piece in pieces)
    assert len(pieces) == sum(-(-length // size) for length in lengths)
