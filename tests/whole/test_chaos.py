"""Everything behind the service breaks amid sets that come over the air, and the air notices nothing.

``tests.broker.chaos`` breaks the same things at any moment of many more sets, which nobody does, and says how
soon the service is back.
"""

from __future__ import annotations

import asyncio
import resource
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.broker.mosquitto import Mosquitto
from tests.broker.proxy import Cable, Proxy
from tests.whole.chain import chain
from tests.whole.dashboard import BRIDGE, Dashboard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.whole.chain import Chain, Service

pytestmark = pytest.mark.asyncio

SPEED = 5
SETS, REPS = 6, 4
WORKOUT = (
    *("--exercise", "back_extension_45", "--sets", f"{SETS}x{REPS}", "--tempo", "2-0-1-1"),
    *("--rest", 30, "--seed", 2),
)


class Scene:
    """What can break; each fault lasts as long as the block."""

    def __init__(self, worn: Chain, broker: Mosquitto, proxy: Proxy, dashboard: Dashboard) -> None:
        self._worn = worn
        self._broker = broker
        self._proxy = proxy
        self._dashboard = dashboard
        self.services = [worn.serve()]

    @property
    def service(self) -> Service:
        """The one that runs."""
        return self.services[-1]

    def faults(self) -> dict[str, AbstractAsyncContextManager[None]]:
        """One for each set, in this order: what a full disk did not take of a session is not on it later."""
        return {
            "broker stopped": self._broker_ends(signal.SIGTERM),
            "broker killed": self._broker_ends(signal.SIGKILL),
            "network cut": self._network(Cable.OUT),
            "network silent": self._network(Cable.HOLE),
            "service killed": self._service_killed(),
            "disk full": self._disk_full(),
        }

    async def until(self, what: Callable[[], object]) -> None:
        """Wait until something is true of what the dashboard received."""
        await asyncio.to_thread(self._dashboard.until, what)

    @asynccontextmanager
    async def _broker_ends(self, how: signal.Signals) -> AsyncIterator[None]:
        await asyncio.to_thread(self._broker.end, how)
        yield
        await asyncio.to_thread(self._broker.start)

    @asynccontextmanager
    async def _network(self, cable: Cable) -> AsyncIterator[None]:
        await self._proxy.set(cable)
        yield
        await self._proxy.set(Cable.IN)

    @asynccontextmanager
    async def _service_killed(self) -> AsyncIterator[None]:
        await asyncio.to_thread(self.service.kill)
        self.services.append(self._worn.serve())
        yield

    @asynccontextmanager
    async def _disk_full(self) -> AsyncIterator[None]:
        of, size = self.service.pid, resource.RLIMIT_FSIZE
        before = resource.prlimit(of, size)
        resource.prlimit(of, size, (1, before[1]))
        yield
        await self.until(lambda: self._dashboard.problem() and len(self._dashboard.sets()) == SETS)
        resource.prlimit(of, size, before)
        await self.until(lambda: not self._dashboard.problem())


async def test_the_sensor_notices_nothing_of_what_breaks_behind_the_service(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, Dashboard(broker.port) as dashboard:
        proxy = Proxy(broker.port)
        await proxy.start()
        with chain(tmp_path / "data", proxy.port, *WORKOUT, speed=SPEED) as worn:
            scene = Scene(worn, broker, proxy, dashboard)
            try:
                for number, (fault, broken) in enumerate(scene.faults().items(), start=1):
                    await asyncio.to_thread(scene.service.until_sets, number)
                    online = dashboard.online() + (fault != "disk full")
                    async with broken:
                        await asyncio.to_thread(scene.service.until_sets, number, over=True)
                    await asyncio.to_thread(dashboard.until_online, online)
                    await asyncio.to_thread(dashboard.until_sets, number)
                assert await asyncio.to_thread(scene.service.stop) == 0
                await scene.until(lambda: dashboard.count(BRIDGE, b"offline"))
            finally:
                for service in scene.services:
                    await asyncio.to_thread(service.kill)
                await proxy.stop()

    versions = {(one["id"], one["version"]): one for one in dashboard.set_events()}
    print(f"sets {len(dashboard.sets())}, versions {len(versions)}, messages {len(dashboard.set_events())}")
    for service in scene.services:
        print("links", service.links(), "gaps", service.values_of("gap"))

    assert [one["repetitions"] for one in dashboard.sets()] == [REPS] * SETS
    # On a busy machine the hurried sensor may be late for the air; what it missed there, it has sent again.
    assert all((one["quality"]["gaps"], one["quality"]["lost_s"]) == (0, 0.0) for one in dashboard.sets())
    assert all(one == versions[one["id"], one["version"]] for one in dashboard.set_events())
    first, second = scene.services
    assert first.links() == ["searching", "connecting", "streaming"]
    assert second.links() == ["searching", "connecting", "streaming", "stopped"]
