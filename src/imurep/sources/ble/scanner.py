"""Finds sensors: one scan serves all searches, and runs only while there are any.

Scanning and connecting exclude each other. Many adapters cannot do both at once,
and none connects to two sensors at once, so a connection attempt pauses the scan
and makes other attempts wait (``exclusive_air``).
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imurep.errors import ImurepError
from imurep.sources.ble.advertisement import parse_advertisement
from imurep.sources.ble.error_mapping import translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from imurep.devices.kind import SensorKind
    from imurep.sources.ble.adapter import Adapter
    from imurep.sources.ble.advertisement import SensorAdvertisement
    from imurep.sources.spec import BleSpec

ROUND_S = 10.0
"""The scan is restarted this often, so that one that is stuck recovers and a lost adapter is noticed."""
CHOICE_S = 1.0
"""How long candidates are collected before the one with the strongest signal is chosen."""


@dataclass(eq=False, slots=True)
class SensorReservation:
    """The right of one source to a sensor, from before it is found until the source ends."""

    spec: BleSpec
    address: str | None = None
    """Of the sensor, once it is found; a source for any sensor then searches for this one only."""

    def fits(self, sensor: SensorAdvertisement) -> bool:
        """Whether this is a sensor that the reservation is for."""
        if not self.spec.is_any:
            return self.spec.names(sensor.name, sensor.address)
        return sensor.kind is not None if self.address is None else sensor.address == self.address

    def excludes(self, sensor: SensorAdvertisement) -> bool:
        """Whether no other source may take this sensor."""
        return sensor.address == self.address or self.spec.names(sensor.name, sensor.address)


@dataclass(eq=False, slots=True)
class _PendingSearch:
    reservation: SensorReservation
    found: asyncio.Future[SensorAdvertisement]
    candidates: dict[str, SensorAdvertisement] = field(default_factory=dict)
    """By address, since the first of them advertised."""


class SensorScanner:
    """Finds sensors with one adapter."""

    def __init__(self, adapter: Adapter, kinds: Mapping[str, SensorKind]) -> None:
        self.adapter = adapter
        self._kinds = tuple(kinds.values())
        self._reservations: list[SensorReservation] = []
        self._searches: list[_PendingSearch] = []
        self._scan: asyncio.Task[None] | None = None
        self._round_over = asyncio.Event()
        self._air = asyncio.Lock()

    @contextlib.contextmanager
    def reserve(self, spec: BleSpec) -> Iterator[SensorReservation]:
        """Reserve a sensor, so that no other source takes it."""
        reservation = SensorReservation(spec)
        self._reservations.append(reservation)
        try:
            yield reservation
        finally:
            self._reservations.remove(reservation)

    async def find(self, reservation: SensorReservation) -> SensorAdvertisement:
        """Wait until a sensor that fits advertises; of several, the one with the strongest signal.

        Raises BluetoothError when the adapter cannot scan now, ConfigError when it never will.
        """
        search = _PendingSearch(reservation, asyncio.get_running_loop().create_future())
        self._searches.append(search)
        self._round_over.set()
        if self._scan is None:
            self._scan = asyncio.create_task(self._scan_rounds())
        try:
            return await search.found
        finally:
            self._searches.remove(search)
            self._round_over.set()

    @contextlib.asynccontextmanager
    async def exclusive_air(self) -> AsyncIterator[None]:
        """Pause the scan and keep other connection attempts out, for connecting."""
        self._round_over.set()
        async with self._air:
            yield

    async def close(self) -> None:
        """Stop scanning and release the adapter."""
        if self._scan is not None:
            self._scan.cancel()
            await asyncio.wait({self._scan})
        with translated():
            await self.adapter.close()

    async def _scan_rounds(self) -> None:
        try:
            while self._searches:
                self._round_over.clear()  # before the lock, or a request for exclusive air is lost
                async with self._air:
                    with translated():
                        await self._round()
        except ImurepError as error:
            for search in self._searches:
                if not search.found.done():
                    search.found.set_exception(error)
        finally:
            self._scan = None

    async def _round(self) -> None:
        await self.adapter.ready()
        async with self.adapter.scanner(self._on_advertisement):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROUND_S):
                    await self._round_over.wait()

    def _on_advertisement(self, device: BLEDevice, data: AdvertisementData) -> None:
        sensor = parse_advertisement(device, data, self._kinds)
        for search in self._searches:
            if not search.found.done() and search.reservation.fits(sensor):
                self._consider(search, sensor)

    def _consider(self, search: _PendingSearch, sensor: SensorAdvertisement) -> None:
        no_choice = search.reservation.address is not None or not search.reservation.spec.is_any
        first = not search.candidates
        search.candidates[sensor.address] = sensor
        if no_choice and sensor.kind is not None:
            self._choose(search)
        elif first:
            asyncio.get_running_loop().call_later(CHOICE_S, self._choose, search)

    def _choose(self, search: _PendingSearch) -> None:
        others = [reservation for reservation in self._reservations if reservation is not search.reservation]
        free = [
            sensor
            for sensor in search.candidates.values()
            if not any(other.excludes(sensor) for other in others)
        ]
        search.candidates = {}
        if free and not search.found.done():
            best = max(free, key=lambda sensor: sensor.rssi_dbm)
            search.reservation.address = best.address
            search.found.set_result(best)
