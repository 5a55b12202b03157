"""Finding sensors: one scan for all who wait for one, and none while nobody does.

The air is for one purpose at a time. Many adapters cannot scan and connect at
once, and none connects to two sensors at once, so a connection attempt pauses
the scan and keeps the others waiting (``quiet``).
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imurep.errors import ImurepError
from imurep.sources.ble.advertisement import sighting
from imurep.sources.ble.error_mapping import translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from imurep.devices.kind import SensorKind
    from imurep.sources.ble.adapter import Radio
    from imurep.sources.ble.advertisement import Sighting
    from imurep.sources.spec import BleSpec

ROUND_S = 10.0
"""A scan is begun anew this often: a stuck one gets going again, and an adapter that is gone is noticed."""
CHOICE_S = 1.0
"""How long candidates are collected, so that the strongest can be chosen among them."""


@dataclass(eq=False, slots=True)
class Claim:
    """Somebody's hold on a sensor, from before it is found until it is let go."""

    spec: BleSpec
    address: str | None = None
    """Of the sensor, once it is found. One that was found as any sensor is looked for by it from then on."""

    def fits(self, seen: Sighting) -> bool:
        """Whether this is a sensor that the claim is for."""
        if not self.spec.is_any:
            return self.spec.names(seen.name, seen.address)
        return seen.kind is not None if self.address is None else seen.address == self.address

    def holds(self, seen: Sighting) -> bool:
        """Whether nobody else may have this sensor."""
        return seen.address == self.address or self.spec.names(seen.name, seen.address)


@dataclass(eq=False, slots=True)
class _Wait:
    claim: Claim
    found: asyncio.Future[Sighting]
    candidates: dict[str, Sighting] = field(default_factory=dict)
    """By address, since the first of them was seen."""


class Finder:
    """Finds sensors with one radio."""

    def __init__(self, radio: Radio, kinds: Mapping[str, SensorKind]) -> None:
        self.radio = radio
        self._kinds = tuple(kinds.values())
        self._claims: list[Claim] = []
        self._waits: list[_Wait] = []
        self._scan: asyncio.Task[None] | None = None
        self._round_over = asyncio.Event()
        self._air = asyncio.Lock()

    @contextlib.contextmanager
    def claim(self, spec: BleSpec) -> Iterator[Claim]:
        """Announce that somebody wants this sensor, so that nobody else takes it."""
        claim = Claim(spec)
        self._claims.append(claim)
        try:
            yield claim
        finally:
            self._claims.remove(claim)

    async def find(self, claim: Claim) -> Sighting:
        """Wait until a sensor that fits shows itself; the strongest, where several would do.

        Raises RadioError when the radio cannot scan now, ConfigError when it never will.
        """
        wait = _Wait(claim, asyncio.get_running_loop().create_future())
        self._waits.append(wait)
        self._round_over.set()
        if self._scan is None:
            self._scan = asyncio.create_task(self._scan_rounds())
        try:
            return await wait.found
        finally:
            self._waits.remove(wait)
            self._round_over.set()

    @contextlib.asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """Have the air to oneself, for connecting."""
        self._round_over.set()
        async with self._air:
            yield

    async def close(self) -> None:
        """Stop scanning and give the adapter back."""
        if self._scan is not None:
            self._scan.cancel()
            await asyncio.wait({self._scan})
        with translated():
            await self.radio.close()

    async def _scan_rounds(self) -> None:
        try:
            while self._waits:
                self._round_over.clear()  # before the lock, or somebody who asks for quiet now is not heard
                async with self._air:
                    with translated():
                        await self._round()
        except ImurepError as error:
            for wait in self._waits:
                if not wait.found.done():
                    wait.found.set_exception(error)
        finally:
            self._scan = None

    async def _round(self) -> None:
        await self.radio.ready()
        async with self.radio.scanner(self._heard):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROUND_S):
                    await self._round_over.wait()

    def _heard(self, device: BLEDevice, heard: AdvertisementData) -> None:
        seen = sighting(device, heard, self._kinds)
        for wait in self._waits:
            if not wait.found.done() and wait.claim.fits(seen):
                self._consider(wait, seen)

    def _consider(self, wait: _Wait, seen: Sighting) -> None:
        no_choice = wait.claim.address is not None or not wait.claim.spec.is_any
        first = not wait.candidates
        wait.candidates[seen.address] = seen
        if no_choice and seen.kind is not None:
            self._choose(wait)
        elif first:
            asyncio.get_running_loop().call_later(CHOICE_S, self._choose, wait)

    def _choose(self, wait: _Wait) -> None:
        others = [claim for claim in self._claims if claim is not wait.claim]
        free = [seen for seen in wait.candidates.values() if not any(other.holds(seen) for other in others)]
        wait.candidates = {}
        if free and not wait.found.done():
            best = max(free, key=lambda seen: seen.rssi_dbm)
            wait.claim.address = best.address
            wait.found.set_result(best)
