"""A broker that publishes anything, without end, amid a set that a sensor sends over the air."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.broker.mosquitto import Mosquitto
from tests.whole.chain import chain
from tests.whole.dashboard import BRIDGE, Dashboard
from tests.whole.hostile_broker import HostileBroker

pytestmark = pytest.mark.asyncio

SPEED = 5
REPS = 10
WORKOUT = ("--exercise", "back_extension_45", "--sets", f"1x{REPS}")
MOST_MEMORY = 1.25
"""Of what the same service took at most before."""


async def test_a_hostile_broker_changes_no_count_and_fills_no_memory(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, Dashboard(broker.port) as dashboard:
        hostile = HostileBroker(broker.port)
        await hostile.start()
        with (
            chain(tmp_path / "data", hostile.port, *WORKOUT, speed=SPEED) as worn,
            worn.serve() as service,
        ):
            await asyncio.to_thread(service.until_sets, 1)
            calm_kib = most_memory_kib(service.pid)
            hostile.floods.set()
            await asyncio.to_thread(service.until_sets, 1, over=True)
            hostile_kib = most_memory_kib(service.pid)
            hostile.floods.clear()
            await asyncio.to_thread(dashboard.until_sets, 1)
            assert await asyncio.to_thread(service.stop) == 0
            await asyncio.to_thread(dashboard.until, lambda: dashboard.count(BRIDGE, b"offline"))
        hostile.stop()

    print(
        f"{hostile.messages} messages, {hostile.octets / 1e6:.0f} MB, {hostile.connections} connections;"
        f" most memory {hostile_kib / calm_kib:.3f} of {calm_kib / 1024:.0f} MiB"
    )
    print("links", service.links(), "gaps", service.values_of("gap"))
    assert [one["repetitions"] for one in dashboard.sets()] == [REPS]
    assert service.links() == ["searching", "connecting", "streaming", "stopped"]
    assert [(one["quality"]["gaps"], one["quality"]["lost_s"]) for one in dashboard.sets()] == [(0, 0.0)]
    assert hostile.messages > 1000
    assert hostile_kib < MOST_MEMORY * calm_kib


def most_memory_kib(pid: int) -> int:
    """The most that a process has held so far."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
