"""What an adapter is: it scans and it connects, whichever Bluetooth stack is underneath."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak import BleakClient, BleakScanner
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    OnAdvertisement = Callable[[BLEDevice, AdvertisementData], None]
    """Is called with each advertisement."""
    OnDisconnected = Callable[[str], None]
    """Is called with the reason why a connection ended, in a few words."""

CONNECT_S = 15.0
"""Longest time for connecting, discovery of the sensor's services included."""


class Adapter(Protocol):
    """One Bluetooth adapter.

    Its methods raise what its stack raises, so callers put ``error_mapping.translated`` around them.
    """

    async def ready(self) -> None:
        """Open the adapter if it is closed, also after it was lost."""

    def scanner(self, on_advertisement: OnAdvertisement) -> BleakScanner:
        """Make a scanner that is not running yet."""

    def client(self, device: BLEDevice, on_disconnected: OnDisconnected) -> BleakClient:
        """Make a client that is not connected yet; ``on_disconnected`` is called when its connection ends."""

    async def close(self) -> None:
        """Release the adapter."""
