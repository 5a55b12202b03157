"""Sensors over Bluetooth Low Energy, on bleak; the only room of that library."""

from __future__ import annotations

from imurep.sources.ble.finder import Finder
from imurep.sources.ble.problems import RadioError
from imurep.sources.ble.radio import PlatformRadio, Radio, radio_for
from imurep.sources.ble.scan import Seen, scan
from imurep.sources.ble.sensor import BleSource
from imurep.sources.ble.sighting import Sighting

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
