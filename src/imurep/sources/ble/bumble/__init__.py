"""A Bluetooth host of our own on any HCI transport: a USB dongle without BlueZ, or a simulated radio.

The only room of the library Bumble, which is pinned exactly: its interfaces move.
"""

from __future__ import annotations

from imurep.sources.ble.bumble.bumble_adapter import BumbleAdapter

__all__ = ["BumbleAdapter"]
