"""A short round of it all; ``python -m tests.broker.chaos`` runs long ones."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.broker.chaos import chaos

if TYPE_CHECKING:
    from pathlib import Path


def test_whatever_breaks_every_set_arrives_in_order_once_or_the_same_again(tmp_path: Path) -> None:
    figures = asyncio.run(chaos(tmp_path, rounds=1))
    print(figures)
    assert figures.produced > 0
    assert figures.lost == []
    assert figures.different == []
    assert figures.firsts == figures.expected
    assert figures.disk_problems == 1
