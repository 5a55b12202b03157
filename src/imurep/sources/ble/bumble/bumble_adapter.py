"""An adapter on Bumble: bleak's scanner and client on a host that is opened when it is needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError
from bumble.transport import open_transport

from imurep.sources.ble.adapter import CONNECT_S
from imurep.sources.ble.bumble.bumble_client import BumbleClient
from imurep.sources.ble.bumble.bumble_host import BumbleHost
from imurep.sources.ble.bumble.bumble_scanner import BumbleScanner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bleak.backends.device import BLEDevice
    from bumble.transport.common import Transport

    from imurep.sources.ble.adapter import OnAdvertisement, OnDisconnected


class BumbleAdapter:
    """One adapter behind an HCI transport, such as ``usb:0`` or ``tcp-client:127.0.0.1:6402``."""

    def __init__(
        self, transport: str, *, open_hci: Callable[[str], Awaitable[Transport]] = open_transport
    ) -> None:
        """Name the adapter; ``open_hci`` opens its HCI transport."""
        self._transport_spec = transport
        self._open_hci = open_hci
        self._host: BumbleHost | None = None
        self._opening = asyncio.Lock()

    async def ready(self) -> None:
        """Open the adapter the first time, and again after it was lost."""
        async with self._opening:
            if self._host is not None and self._host.lost:
                await self._host.close()
                self._host = None
            if self._host is None:
                self._host = await BumbleHost.open(self._transport_spec, self._open_hci)

    def scanner(self, on_advertisement: OnAdvertisement) -> BleakScanner:
        """Make a scanner; needs ``ready``."""
        return BleakScanner(on_advertisement, backend=BumbleScanner, host=self._open_host())

    def client(self, device: BLEDevice, on_disconnected: OnDisconnected) -> BleakClient:
        """Make a client; needs ``ready``."""
        return BleakClient(
            device,
            timeout=CONNECT_S,
            backend=BumbleClient,
            host=self._open_host(),
            on_disconnected=on_disconnected,
        )

    async def close(self) -> None:
        """Release the adapter."""
        async with self._opening:
            host, self._host = self._host, None
            if host is not None:
                await host.close()

    def _open_host(self) -> BumbleHost:
        if self._host is None:
            msg = "the adapter is not open"
            raise BleakError(msg)
        return self._host
