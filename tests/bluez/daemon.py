"""The service itself: its name on the bus, and its adapter for as long as there is one."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from bleak.exc import BleakError
from bumble.transport import open_transport
from dbus_fast.aio import MessageBus

from imurep.sources.ble.bumble.bumble_host import BumbleHost
from tests.bluez.adapter import Adapter
from tests.bluez.tree import BusObject, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.transport.common import Transport

NAME = "org.bluez"
LOOK_S = 1.0
"""How often an adapter that is not there is looked for."""


class Root(BusObject):
    """``/org/bluez``: takes agents, and never asks them."""

    interface = "org.bluez.AgentManager1"
    idle = ("org.bluez.AgentManager1", "org.bluez.ProfileManager1")


async def serve(bus_address: str, where: str, ready: Callable[[], None]) -> None:
    """Be BlueZ until cancelled; ``ready`` is called once the name is taken and an adapter was looked for.

    Raises OSError when there is no bus.
    """
    bus = await MessageBus(bus_address, negotiate_unix_fd=True).connect()
    tree = Tree(bus)
    tree.add(Root("/org/bluez", {}))
    try:
        pulled, adapter = await _plugged(tree, where)
        await tree.publish(NAME)
        ready()
        while True:
            if adapter is not None and pulled is not None:
                await asyncio.wait({pulled})
                tree.remove(adapter.path)
                await adapter.host.close()
            await asyncio.sleep(LOOK_S)
            pulled, adapter = await _plugged(tree, where)
    finally:
        bus.disconnect()


async def _plugged(tree: Tree, where: str) -> tuple[asyncio.Future[None] | None, Adapter | None]:
    """Show the adapter, if there is one; with it comes what is done when it is pulled."""
    opened: list[Transport] = []

    async def noted(name: str) -> Transport:
        opened.append(await open_transport(name))
        return opened[0]

    with contextlib.suppress(BleakError):
        adapter = Adapter(tree, await BumbleHost.open(where, noted))
        tree.add(adapter)
        return opened[0].source.terminated, adapter
    return None, None
