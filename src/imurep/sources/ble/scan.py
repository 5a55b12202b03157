"""Looking around: everything that shows itself, as `imurep scan` lists it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.sources.ble.advertisement import sighting
from imurep.sources.ble.error_mapping import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from imurep.devices.kind import SensorKind
    from imurep.sources.ble.adapter import Radio
    from imurep.sources.ble.advertisement import Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of one sensor since the scan began."""

    sighting: Sighting
    """The newest."""
    first_s: float
    """When it was first seen, in seconds since the scan began."""
    last_s: float


async def scan(
    radio: Radio,
    kinds: Mapping[str, SensorKind],
    *,
    seen: Callable[[Seen], None],
    seconds: float | None = None,
) -> None:
    """Scan for so many seconds, or until cancelled; ``seen`` is called for each advertisement.

    Raises RadioError, or ConfigError, when the radio cannot scan.
    """
    loop = asyncio.get_running_loop()
    begin_s = loop.time()
    first_s: dict[str, float] = {}

    def heard(device: BLEDevice, advertisement: AdvertisementData) -> None:
        now_s = loop.time() - begin_s
        newest = sighting(device, advertisement, kinds.values())
        seen(Seen(sighting=newest, first_s=first_s.setdefault(newest.address, now_s), last_s=now_s))

    with translated():
        await radio.ready()
        async with radio.scanner(heard):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await asyncio.Event().wait()
