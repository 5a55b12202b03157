"""Bumble as a radio: bleak's scanner and client on a host that is opened when it is needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError
from bumble.transport import open_transport

from imurep.sources.ble.adapter import CONNECT_S
from imurep.sources.ble.bumble.bumble_client import BumbleClient
from imurep.sources.ble.bumble.bumble_host import Host
from imurep.sources.ble.bumble.bumble_scanner import BumbleScanner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bleak.backends.device import BLEDevice
    from bumble.transport.common import Transport

    from imurep.sources.ble.adapter import Down, Seen


class BumbleRadio:
    """One adapter behind an HCI transport, such as ``usb:0`` or ``tcp-client:127.0.0.1:6402``."""

    def __init__(self, where: str, *, opened: Callable[[str], Awaitable[Transport]] = open_transport) -> None:
        """Name the adapter; ``opened`` is what opens it."""
        self._where = where
        self._opened = opened
        self._host: Host | None = None
        self._opening = asyncio.Lock()

    async def ready(self) -> None:
        """Open the adapter the first time, and again after it was lost."""
        async with self._opening:
            if self._host is not None and self._host.lost:
                await self._host.close()
                self._host = None
            if self._host is None:
                self._host = await Host.open(self._where, self._opened)

    def scanner(self, seen: Seen) -> BleakScanner:
        """Make a scanner; needs ``ready``."""
        return BleakScanner(seen, backend=BumbleScanner, host=self._open())

    def client(self, device: BLEDevice, down: Down) -> BleakClient:
        """Make a client; needs ``ready``."""
        return BleakClient(device, timeout=CONNECT_S, backend=BumbleClient, host=self._open(), down=down)

    async def close(self) -> None:
        """Give the adapter back."""
        async with self._opening:
            host, self._host = self._host, None
            if host is not None:
                await host.close()

    def _open(self) -> Host:
        if self._host is None:
            msg = "the adapter is not open"
            raise BleakError(msg)
        return self._host
