"""Chance, from one seed: a stream of random numbers per purpose.

Each purpose (``"set", 2``, ``"gait"``, ``"noise"``) has a stream of its own,
so that an option that draws more numbers in one place changes nothing in
another: the same seed with a slipped strap is the same workout, slipped.
"""

from __future__ import annotations

import zlib

import numpy as np


class RandomStreams:
    """Independent generators below one seed, by name."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def named(self, *name: str | int) -> np.random.Generator:
        """Return a fresh generator for a purpose; the same name gives the same numbers again."""
        key = tuple(zlib.crc32(str(part).encode()) for part in name)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))
