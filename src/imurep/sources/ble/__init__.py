"""Sensors over Bluetooth Low Energy, on bleak; the only room of that library."""

from __future__ import annotations

from imurep.sources.ble.adapter import Adapter
from imurep.sources.ble.advertisement import SensorAdvertisement
from imurep.sources.ble.ble_source import BleSource
from imurep.sources.ble.error_mapping import BluetoothError
from imurep.sources.ble.platform_adapter import PlatformAdapter
from imurep.sources.ble.scan import ScanResult, scan
from imurep.sources.ble.scanner import SensorScanner

__all__ = [
    "Adapter",
    "BleSource",
    "BluetoothError",
    "PlatformAdapter",
    "ScanResult",
    "SensorAdvertisement",
    "SensorScanner",
    "scan",
]
