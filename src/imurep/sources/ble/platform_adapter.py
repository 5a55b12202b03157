"""The adapter of the operating system, through bleak's own backend: BlueZ, CoreBluetooth or WinRT.

bleak (3.1.0) reads the state of BlueZ once and then follows its signals. A signal
that arrives between the two is lost: an adapter that comes up just then, as when
the machine starts, stays off or missing. So a scan that finds no adapter makes
bleak read the state again.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from imurep.sources.ble.adapter import CONNECT_S

if TYPE_CHECKING:
    from bleak.args.bluez import BlueZScannerArgs
    from bleak.backends.device import BLEDevice

    from imurep.sources.ble.adapter import OnAdvertisement, OnDisconnected

_MAY_BE_STALE = {BleakBluetoothNotAvailableReason.NO_BLUETOOTH, BleakBluetoothNotAvailableReason.POWERED_OFF}


class PlatformAdapter:
    """The adapter that the operating system keeps open."""

    async def ready(self) -> None:
        """Do nothing: the operating system keeps its adapter open."""

    def scanner(self, on_advertisement: OnAdvertisement) -> BleakScanner:
        """Make a scanner.

        BlueZ reports a sensor that it has seen before only when something in its
        advertisement changed, unless it is asked for duplicates.
        """
        duplicates: BlueZScannerArgs = {"filters": {"DuplicateData": True}} if sys.platform == "linux" else {}
        return RetryingScanner(on_advertisement, bluez=duplicates)

    def client(self, device: BLEDevice, on_disconnected: OnDisconnected) -> BleakClient:
        """Make a client; bleak gives no reason why a connection ended."""
        return BleakClient(device, lambda _: on_disconnected("the link was lost"), timeout=CONNECT_S)

    async def close(self) -> None:
        """Do nothing: the operating system keeps its adapter open."""


class RetryingScanner(BleakScanner):
    """bleak's scanner, which looks a second time for an adapter that is missing on Linux."""

    async def start(self) -> None:
        """Start scanning."""
        try:
            await super().start()
        except BleakBluetoothNotAvailableError as error:
            if sys.platform != "linux" or error.reason not in _MAY_BE_STALE:
                raise
            _discard_bluez_state()
            await super().start()


def _discard_bluez_state() -> None:
    """Make bleak read the state of BlueZ again at its next use. Without an adapter nothing is connected."""
    from bleak.backends.bluezdbus import manager as bluez  # noqa: PLC0415 for Linux only

    known = bluez._global_instances.pop(asyncio.get_running_loop(), None)  # noqa: SLF001 it offers no other way
    if known is None:
        return
    if known._bus_watcher_task is not None:  # noqa: SLF001
        known._bus_watcher_task.cancel()  # noqa: SLF001 it would warn of a lost bus
    if known._bus is not None:  # noqa: SLF001
        known._bus.disconnect()  # noqa: SLF001
