"""bleak on Linux, where it has to be asked to look at BlueZ a second time.

bleak (3.1.0) asks BlueZ once for all there is and keeps that up to date by
signals. One that arrives between the answer and its use is lost: an adapter that
comes up just then, as when the machine starts, stays off or missing for good.
"""

from __future__ import annotations

import asyncio
import sys

from bleak import BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

_MAY_BE_STALE = {BleakBluetoothNotAvailableReason.NO_BLUETOOTH, BleakBluetoothNotAvailableReason.POWERED_OFF}


class SecondLookScanner(BleakScanner):
    """bleak's scanner, which does not take a missing adapter for granted."""

    async def start(self) -> None:
        """Start scanning."""
        try:
            await super().start()
        except BleakBluetoothNotAvailableError as error:
            if sys.platform != "linux" or error.reason not in _MAY_BE_STALE:
                raise
            _forget()
            await super().start()


def _forget() -> None:
    """Make bleak ask BlueZ anew when it is used next. Nothing is connected while there is no adapter."""
    from bleak.backends.bluezdbus import manager as bluez  # noqa: PLC0415 for Linux only

    known = bluez._global_instances.pop(asyncio.get_running_loop(), None)  # noqa: SLF001 it offers no other way
    if known is None:
        return
    if known._bus_watcher_task is not None:  # noqa: SLF001
        known._bus_watcher_task.cancel()  # noqa: SLF001 it would warn of a lost bus
    if known._bus is not None:  # noqa: SLF001
        known._bus.disconnect()  # noqa: SLF001
