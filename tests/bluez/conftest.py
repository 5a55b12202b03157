"""Tests of this folder live faster: the simulated air, the sensors on it and the service share one loop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from imurep.service.clock import PacedLoop
from tests.bluez.bus import private_bus
from tests.bluez.harness import SPEED, Harness

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from pathlib import Path


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"paced": partial(PacedLoop, SPEED)}


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The system's bus, as far as this test can see."""
    with private_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


@pytest_asyncio.fixture
async def harness(bus: str, tmp_path: Path) -> AsyncIterator[Harness]:
    async with Harness(bus, tmp_path) as made:
        yield made
