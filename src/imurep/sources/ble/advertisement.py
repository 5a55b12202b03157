"""What a sensor advertises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imurep.devices.kind import BATTERY_SERVICE, parse_battery_level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from imurep.devices.kind import SensorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorAdvertisement:
    """One advertisement."""

    address: str
    """MAC in capitals; on macOS, which hides it, a UUID."""
    name: str | None
    kind: SensorKind | None
    """None: no sensor, or one of no known kind."""
    rssi_dbm: int
    battery_percent: int | None
    """Where the sensor advertises it."""
    device: BLEDevice = field(repr=False, compare=False)
    """What bleak connects to."""

    @property
    def label(self) -> str:
        """Its name for people, with the end of its address, since two may have one name."""
        tail = re.sub(r"[^0-9A-F]", "", self.address)[-4:]
        return f"{self.name} {tail}" if self.name else self.address


def parse_advertisement(
    device: BLEDevice, data: AdvertisementData, kinds: Iterable[SensorKind]
) -> SensorAdvertisement:
    """Read an advertisement; the kind is the first of ``kinds`` that it fits."""
    name = data.local_name or device.name
    services = frozenset(uuid.lower() for uuid in data.service_uuids)
    battery = data.service_data.get(BATTERY_SERVICE)
    return SensorAdvertisement(
        address=device.address.upper(),
        name=name,
        kind=next((kind for kind in kinds if kind.fits(name, services)), None),
        rssi_dbm=data.rssi,
        battery_percent=parse_battery_level(battery) if battery is not None else None,
        device=device,
    )
