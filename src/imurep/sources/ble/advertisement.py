"""A sensor as it shows itself on the air."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imurep.sources.battery import percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from imurep.devices.kind import SensorKind

_BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One advertisement."""

    address: str
    """MAC in capitals, or what macOS has instead of it, a UUID."""
    name: str | None
    kind: SensorKind | None
    """None: a thing that is no sensor, or one of no known kind."""
    rssi_dbm: int
    battery_percent: int | None
    """Where the sensor advertises it."""
    device: BLEDevice = field(repr=False, compare=False)
    """What bleak connects to."""

    @property
    def label(self) -> str:
        """What people call it: its name, and so much of its address that two of one name differ."""
        tail = re.sub(r"[^0-9A-F]", "", self.address)[-4:]
        return f"{self.name} {tail}" if self.name else self.address


def sighting(device: BLEDevice, heard: AdvertisementData, kinds: Iterable[SensorKind]) -> Sighting:
    """Read an advertisement."""
    name = heard.local_name or device.name
    services = frozenset(uuid.lower() for uuid in heard.service_uuids)
    battery = heard.service_data.get(_BATTERY_SERVICE)
    return Sighting(
        address=device.address.upper(),
        name=name,
        kind=next((kind for kind in kinds if kind.fits(name, services)), None),
        rssi_dbm=heard.rssi,
        battery_percent=percent(battery) if battery is not None else None,
        device=device,
    )
