"""A scan for everything that advertises, as `imurep scan` lists it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.sources.ble.advertisement import parse_advertisement
from imurep.sources.ble.error_mapping import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from imurep.devices.kind import SensorKind
    from imurep.sources.ble.adapter import Adapter
    from imurep.sources.ble.advertisement import SensorAdvertisement


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What was received from one sensor since the scan began."""

    advertisement: SensorAdvertisement
    """The newest one."""
    first_s: float
    """Time of its first advertisement, in seconds since the scan began."""
    last_s: float
    """Time of its newest advertisement, in seconds since the scan began."""


async def scan(
    adapter: Adapter,
    kinds: Mapping[str, SensorKind],
    *,
    on_result: Callable[[ScanResult], None],
    seconds: float | None = None,
) -> None:
    """Scan for so many seconds, or until cancelled; ``on_result`` is called for each advertisement.

    Raises BluetoothError, or ConfigError, when the adapter cannot scan.
    """
    loop = asyncio.get_running_loop()
    begin_s = loop.time()
    first_s: dict[str, float] = {}

    def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
        now_s = loop.time() - begin_s
        newest = parse_advertisement(device, data, kinds.values())
        first = first_s.setdefault(newest.address, now_s)
        on_result(ScanResult(advertisement=newest, first_s=first, last_s=now_s))

    with translated():
        await adapter.ready()
        async with adapter.scanner(on_advertisement):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await asyncio.Event().wait()
