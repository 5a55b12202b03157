"""A broker that says anything, without end, amid a set that a sensor sends over the air."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.broker.mosquitto import Mosquitto
from tests.whole.chain import chain
from tests.whole.dashboard import BRIDGE, Dashboard
from tests.whole.hostile_broker import Meddler

pytestmark = pytest.mark.asyncio

SPEED = 5
REPS = 10
WORKOUT = ("--exercise", "back_extension_45", "--sets", f"1x{REPS}")
MOST_MEMORY = 1.25
"""Of what the same service took at most before."""


async def test_a_hostile_broker_changes_no_count_and_fills_no_memory(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, Dashboard(broker.port) as dashboard:
        meddler = Meddler(broker.port)
        await meddler.start()
        with (
            chain(tmp_path / "data", meddler.port, *WORKOUT, speed=SPEED) as worn,
            worn.serve() as service,
        ):
            await asyncio.to_thread(service.until_sets, 1)
            calm_kib = most_memory_kib(service.pid)
            meddler.floods.set()
            await asyncio.to_thread(service.until_sets, 1, over=True)
            hostile_kib = most_memory_kib(service.pid)
            meddler.floods.clear()
            await asyncio.to_thread(dashboard.until_sets, 1)
            assert await asyncio.to_thread(service.stop) == 0
            await asyncio.to_thread(dashboard.until, lambda: dashboard.count(BRIDGE, b"offline"))
        meddler.stop()

    print(
        f"{meddler.messages} messages, {meddler.octets / 1e6:.0f} MB, {meddler.connections} connections;"
        f" most memory {hostile_kib / calm_kib:.3f} of {calm_kib / 1024:.0f} MiB"
    )
    print("links", service.links(), "gaps", service.told("gap"))
    assert [one["repetitions"] for one in dashboard.sets()] == [REPS]
    assert service.links() == ["searching", "connecting", "streaming", "stopped"]
    assert [(one["quality"]["gaps"], one["quality"]["lost_s"]) for one in dashboard.sets()] == [(0, 0.0)]
    assert meddler.messages > 1000
    assert hostile_kib < MOST_MEMORY * calm_kib


def most_memory_kib(pid: int) -> int:
    """The most that a process has held so far."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
