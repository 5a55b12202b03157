"""A device that was discovered: connecting, pairing, and what it offers."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, ClassVar

from bumble import att
from bumble.core import BaseBumbleError
from bumble.device import Peer
from dbus_fast import Variant

from imurep.sources.ble.bumble.bumble_client import MTU
from imurep.sources.ble.bumble.bumble_scanner import uuid_text
from tests.bluez.gatt import Offered, exported
from tests.bluez.refusals import Refusal
from tests.bluez.tree import BusObject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bleak.backends.scanner import AdvertisementData
    from bumble import hci
    from dbus_fast import Message

    from tests.bluez.adapter import Adapter

CONNECT_S = 20.0
"""The kernel's limit."""
TEMPORARY_S = 30.0
"""BlueZ's: a device that nobody has called Connect for is forgotten so long after it was last seen."""


class Device(BusObject):
    """``org.bluez.Device1``."""

    interface = "org.bluez.Device1"
    writeable: ClassVar[frozenset[str]] = frozenset({"Alias", "Blocked", "Trusted"})

    signatures: ClassVar[Mapping[str, str]] = {
        "Address": "s",
        "AddressType": "s",
        "Name": "s",
        "Alias": "s",
        "Paired": "b",
        "Bonded": "b",
        "Trusted": "b",
        "Blocked": "b",
        "LegacyPairing": "b",
        "Connected": "b",
        "ServicesResolved": "b",
        "UUIDs": "as",
        "Adapter": "o",
        "RSSI": "n",
        "ManufacturerData": "a{qv}",
        "ServiceData": "a{sv}",
    }

    def __init__(self, path: str, adapter: Adapter, address: hci.Address) -> None:
        text = address.to_string(with_type_qualifier=False)
        super().__init__(
            path,
            {
                "Address": text,
                "AddressType": "public" if address.is_public else "random",
                "Alias": text.replace(":", "-"),
                "Paired": False,
                "Bonded": False,
                "Trusted": False,
                "Blocked": False,
                "LegacyPairing": False,
                "Connected": False,
                "ServicesResolved": False,
                "UUIDs": [],
                "Adapter": adapter.path,
            },
        )
        self.last_advertisement: AdvertisementData | None = None
        self.peer: Peer | None = None
        """Who is there while it is connected."""
        self._adapter = adapter
        self.tree = adapter.tree
        self._address = address
        self._attempt: asyncio.Future[None] | None = None
        self._is_temporary = True
        self._forgetting: asyncio.TimerHandle | None = None
        self._disconnected = asyncio.Event()

    # Advertisements.

    def advertised(self, data: AdvertisementData, *, every: bool) -> dict[str, Any]:
        """Take an advertisement; what it changes, or all it says."""
        self.last_advertisement = data
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(TEMPORARY_S, self._forget)
        properties = {
            "RSSI": data.rssi,
            "UUIDs": data.service_uuids,
        }
        if data.local_name:
            properties |= {"Name": data.local_name, "Alias": data.local_name}
        if data.manufacturer_data:
            properties["ManufacturerData"] = _packed(data.manufacturer_data)
        if data.service_data:
            properties["ServiceData"] = _packed(data.service_data)
        changes = {name: value for name, value in properties.items() if self.properties.get(name) != value}
        self.properties.update(changes)
        return properties if every else changes

    def _forget(self) -> None:
        if self._is_temporary and self.tree.get(self.path) is self:
            self.tree.remove(self.path)

    def removed(self) -> None:
        """Whoever waits for it to connect waits in vain."""
        if self._attempt is not None:
            self._attempt.cancel()

    # The connection.

    async def _connect(self, _message: Message) -> None:
        if self.peer is not None:
            return
        if self._attempt is not None:
            raise Refusal.IN_PROGRESS.error()
        if not self._adapter.is_powered:
            raise Refusal.NOT_READY.error()
        self._is_temporary = False
        self._attempt = asyncio.ensure_future(self._made())
        try:
            async with asyncio.timeout(CONNECT_S):
                await asyncio.shield(self._attempt)
        except (TimeoutError, BaseBumbleError, asyncio.CancelledError) as error:
            self._attempt.cancel()
            raise Refusal.ABORTED.error() from error
        finally:
            await asyncio.wait({self._attempt})
            self._attempt = None

    async def _made(self) -> None:
        """Connect, and agree on an MTU: a link that is lost before was none."""
        async with self._adapter.connecting:
            connection = await self._adapter.host.connect(self._address)
        self.peer = peer = Peer(connection)
        self._disconnected.clear()
        connection.on(connection.EVENT_DISCONNECTION, self._gone)
        self.tree.change(self, {"Connected": True})
        with contextlib.suppress(att.ATT_Error):
            await peer.request_mtu(MTU)
        self.tree.spawn(self._resolve(peer))

    async def _resolve(self, peer: Peer) -> None:
        """List what it offers; what was there at an earlier connection stays, with what listens to it."""
        with contextlib.suppress(BaseBumbleError, asyncio.CancelledError):
            found = await exported(self, peer)
            if peer is not self.peer:
                return
            known = {one.path: one for one in self._offered}
            if {path: one.uuid for path, one in known.items()} == {
                path: one.uuid for path, one in found.items()
            }:
                for path, one in found.items():
                    known[path].renew(one)
            else:
                for path in known:
                    self.tree.remove(path)
                for one in found.values():
                    self.tree.add(one)
            uuids = [uuid_text(service.uuid) for service in peer.services]
            self.tree.change(self, {"UUIDs": uuids, "ServicesResolved": True})

    @property
    def _offered(self) -> list[Offered]:
        return [one for one in self.tree.below(self.path) if isinstance(one, Offered)]

    def _gone(self, _reason: int) -> None:
        self.peer = None
        for one in self._offered:
            one.disconnected()
        self.tree.change(self, {"ServicesResolved": False, "Connected": False})
        self._disconnected.set()

    async def _disconnect(self, _message: Message) -> None:
        if self.peer is None and self._attempt is None:
            raise Refusal.NOT_CONNECTED.error()
        await self.hang_up()

    async def hang_up(self) -> None:
        """End the connection, or the attempt to make one."""
        if self._attempt is not None:
            self._attempt.cancel()
        if self.peer is not None:
            with contextlib.suppress(BaseBumbleError):
                await self.peer.connection.disconnect()
            await self._disconnected.wait()

    # Pairing.

    async def _pair(self, message: Message) -> None:
        if self.properties["Paired"]:
            raise Refusal.ALREADY_EXISTS.error()
        await self._connect(message)
        if not await self.paired():
            raise Refusal.NOT_AUTHENTICATED.error()

    async def paired(self) -> bool:
        """Pair as far as that goes without an agent, who would ask for a code; whether it went well."""
        if self.peer is None:
            return False
        try:
            await self.peer.connection.pair()
        except (BaseBumbleError, asyncio.CancelledError):
            return False
        self.tree.change(self, {"Paired": True, "Bonded": True})
        return True

    async def _cancel_pairing(self, _message: Message) -> None:
        raise Refusal.DOES_NOT_EXIST.error()

    methods: ClassVar = {
        "Connect": _connect,
        "Disconnect": _disconnect,
        "Pair": _pair,
        "CancelPairing": _cancel_pairing,
    }


def _packed(data: Mapping[Any, bytes]) -> dict[Any, Variant]:
    return {key: Variant("ay", value) for key, value in data.items()}
