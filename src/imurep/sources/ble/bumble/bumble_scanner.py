"""bleak's scanner on a Bumble host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID as uuid_from_bytes  # noqa: N811 - the other UUID is Bumble's

from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement

if TYPE_CHECKING:
    from bleak.backends.scanner import AdvertisementDataCallback

    from imurep.sources.ble.bumble.bumble_host import BumbleHost

_Type = AdvertisingData.Type
_NAMES = (_Type.COMPLETE_LOCAL_NAME, _Type.SHORTENED_LOCAL_NAME)
_SERVICES = {
    _Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Type.COMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS: 4,
    _Type.INCOMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS: 4,
    _Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    _Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
}
"""Lists of services, with the bytes that each takes."""
_SERVICE_DATA = {
    _Type.SERVICE_DATA_16_BIT_UUID: 2,
    _Type.SERVICE_DATA_32_BIT_UUID: 4,
    _Type.SERVICE_DATA_128_BIT_UUID: 16,
}
"""Data that begin with a service's UUID, with the bytes that it takes."""
_UNKNOWN_RSSI_DBM = -127


class BumbleScanner(BaseBleakScanner):
    """Scans actively, since a sensor's name is often only in its scan response."""

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str,
        *,
        host: BumbleHost,
        **platform_options: Any,  # noqa: ANN401 - bleak hands every backend the options of all
    ) -> None:
        del scanning_mode, platform_options
        super().__init__(detection_callback, service_uuids)
        self._host = host

    async def start(self) -> None:
        """Start scanning."""
        self.seen_devices = {}
        await self._host.listen(self._on_advertisement)

    async def stop(self) -> None:
        """Stop scanning."""
        await self._host.unlisten(self._on_advertisement)

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        address = advertisement.address.to_string(with_type_qualifier=False)
        known = self.seen_devices.get(address)
        data = merged(advertisement, known[1] if known else None)
        if self.is_allowed_uuid(data.service_uuids):
            device = self.create_or_update_device(
                address, address, data.local_name, advertisement.address, data
            )
            self.call_detection_callbacks(device, data)


def uuid_text(uuid: UUID) -> str:
    """Write a UUID as bleak does: in full length and lower case."""
    return str(uuid_from_bytes(bytes=uuid.to_bytes(force_128=True)[::-1]))


def merged(advertisement: Advertisement, before: AdvertisementData | None) -> AdvertisementData:
    """Make bleak's form of an advertisement; name and services of earlier ones are kept.

    Bumble joins a scan response to the advertisement before it, but now and then
    the response is lost. Advertisements may hold nonsense, so everything is read
    from its raw bytes, of which none are wrong.
    """
    data = advertisement.data
    name = next(
        (raw.decode(errors="replace") for kind in _NAMES for raw in data.get_all(kind, raw=True)), None
    )
    services = [
        _uuid(raw[at : at + size])
        for kind, size in _SERVICES.items()
        for raw in data.get_all(kind, raw=True)
        for at in range(0, len(raw) - size + 1, size)
    ]
    if before is not None:
        name = name or before.local_name
        services += before.service_uuids
    return AdvertisementData(
        local_name=name,
        manufacturer_data={
            int.from_bytes(raw[:2], "little"): raw[2:]
            for raw in data.get_all(_Type.MANUFACTURER_SPECIFIC_DATA, raw=True)
        },
        service_data={
            _uuid(raw[:size]): raw[size:]
            for kind, size in _SERVICE_DATA.items()
            for raw in data.get_all(kind, raw=True)
            if len(raw) >= size
        },
        service_uuids=list(dict.fromkeys(services)),
        tx_power=None,
        rssi=_UNKNOWN_RSSI_DBM
        if advertisement.rssi == Advertisement.RSSI_NOT_AVAILABLE
        else advertisement.rssi,
        platform_data=(advertisement,),
    )


def _uuid(raw: bytes) -> str:
    return uuid_text(UUID.from_bytes(raw))
