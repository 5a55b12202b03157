"""Sensors over Bluetooth Low Energy, on bleak; the only room of that library."""

from __future__ import annotations

from imurep.sources.ble.adapter import PlatformRadio, Radio, radio_for
from imurep.sources.ble.advertisement import Sighting
from imurep.sources.ble.ble_source import BleSource
from imurep.sources.ble.error_mapping import RadioError
from imurep.sources.ble.scan import Seen, scan
from imurep.sources.ble.scanner import Finder

__all__ = [
    "BleSource",
    "Finder",
    "PlatformRadio",
    "Radio",
    "RadioError",
    "Seen",
    "Sighting",
    "radio_for",
    "scan",
]
