"""The adapter: what scans and what connects, whichever Bluetooth stack is underneath."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from bleak import BleakClient

from imurep.errors import ConfigError
from imurep.sources.ble.bluez import SecondLookScanner

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak import BleakScanner
    from bleak.args.bluez import BlueZScannerArgs
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    Seen = Callable[[BLEDevice, AdvertisementData], None]
    """Takes an advertisement."""
    Down = Callable[[str], None]
    """Takes the reason why a connection ended, in a few words."""

CONNECT_S = 15.0
"""Longest that connecting may take, discovery of the sensor's services included."""


class Radio(Protocol):
    """One adapter. Its methods raise what its stack raises, so ``problems.translated`` is put around them."""

    async def ready(self) -> None:
        """Open the adapter, if that needs doing; again, if it was lost."""

    def scanner(self, seen: Seen) -> BleakScanner:
        """Make a scanner that is not running yet."""

    def client(self, device: BLEDevice, down: Down) -> BleakClient:
        """Make a client that is not connected yet; ``down`` is called when its connection has ended."""

    async def close(self) -> None:
        """Give the adapter back."""


class PlatformRadio:
    """What the operating system has, through bleak's own backend: BlueZ, CoreBluetooth or WinRT."""

    async def ready(self) -> None:
        """Nothing: the operating system keeps its adapter open."""

    def scanner(self, seen: Seen) -> BleakScanner:
        """Make a scanner.

        BlueZ tells of a sensor that it has seen before only when something in its
        advertisement changed, unless it is asked for all of them.
        """
        every: BlueZScannerArgs = {"filters": {"DuplicateData": True}} if sys.platform == "linux" else {}
        return SecondLookScanner(seen, bluez=every)

    def client(self, device: BLEDevice, down: Down) -> BleakClient:
        """Make a client; bleak does not say why a connection ended."""
        return BleakClient(device, lambda _: down("the link was lost"), timeout=CONNECT_S)

    async def close(self) -> None:
        """Nothing: see ``ready``."""


def radio_for(setting: str) -> Radio:
    """Make the radio that a setting names: ``platform``, or ``bumble:`` and an HCI transport.

    Raises ConfigError when there is none like that, or when it is not installed.
    """
    if setting == "platform":
        return PlatformRadio()
    stack, _, transport = setting.partition(":")
    if stack != "bumble" or not transport:
        msg = (
            f"{setting!r} is no Bluetooth backend; write platform, or bumble:TRANSPORT"
            " such as bumble:usb:0 or bumble:tcp-client:127.0.0.1:6402"
        )
        raise ConfigError(msg)
    try:
        from imurep.sources.ble.bumble import BumbleRadio  # noqa: PLC0415 - an extra, which few have
    except ModuleNotFoundError as error:
        msg = f"the Bluetooth backend {setting} needs Bumble: pip install 'imurep[sim]'"
        raise ConfigError(msg) from error
    return BumbleRadio(transport)
