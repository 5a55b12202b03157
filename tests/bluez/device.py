"""A device that was discovered: connecting, pairing, and what it offers."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, ClassVar

from bumble import att, hci
from bumble.core import BaseBumbleError
from bumble.device import Peer
from dbus_fast import Variant

from imurep.sources.ble.bumble.client import MTU
from imurep.sources.ble.bumble.scanner import uuid_text
from tests.bluez.gatt import Offered, exported
from tests.bluez.refusals import failed, in_progress, not_ready, refusal
from tests.bluez.tree import BusObject

if TYPE_CHECKING:
    from bleak.backends.scanner import AdvertisementData
    from bumble.device import Connection
    from dbus_fast import Message

    from tests.bluez.adapter import Adapter

CONNECT_S = 20.0
"""The kernel's limit."""
TEMPORARY_S = 30.0
"""BlueZ's: a device that nobody connects to or pairs is forgotten so long after it was last seen."""
ABORTED = "le-connection-abort-by-local"


class Device(BusObject):
    """``org.bluez.Device1``."""

    interface = "org.bluez.Device1"
    writeable: ClassVar[frozenset[str]] = frozenset({"Alias", "Blocked", "Trusted"})

    def __init__(self, path: str, adapter: Adapter, address: hci.Address) -> None:
        text = address.to_string(with_type_qualifier=False)
        super().__init__(
            path,
            {
                "Address": Variant("s", text),
                "AddressType": Variant("s", "public" if address.is_public else "random"),
                "Alias": Variant("s", text.replace(":", "-")),
                "Paired": Variant("b", False),
                "Bonded": Variant("b", False),
                "Trusted": Variant("b", False),
                "Blocked": Variant("b", False),
                "LegacyPairing": Variant("b", False),
                "Connected": Variant("b", False),
                "ServicesResolved": Variant("b", False),
                "UUIDs": Variant("as", []),
                "Adapter": Variant("o", adapter.path),
            },
        )
        self.heard_last: AdvertisementData | None = None
        self.peer: Peer | None = None
        """Who is there while it is connected."""
        self._adapter = adapter
        self.tree = adapter.tree
        self._address = address
        self._attempt: asyncio.Future[None] | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        self._disconnected = asyncio.Event()

    # Advertisements.

    def heard(self, data: AdvertisementData, *, every: bool) -> dict[str, Variant]:
        """Take an advertisement; what it changes, or all it says."""
        self.heard_last = data
        self._keep()
        said = {
            "RSSI": Variant("n", data.rssi),
            "UUIDs": Variant("as", data.service_uuids),
        }
        if data.local_name:
            said |= {"Name": Variant("s", data.local_name), "Alias": Variant("s", data.local_name)}
        if data.manufacturer_data:
            values = {company: Variant("ay", value) for company, value in data.manufacturer_data.items()}
            said["ManufacturerData"] = Variant("a{qv}", values)
        if data.service_data:
            values = {uuid: Variant("ay", value) for uuid, value in data.service_data.items()}
            said["ServiceData"] = Variant("a{sv}", values)
        changes = {name: value for name, value in said.items() if self.properties.get(name) != value}
        self.properties.update(changes)
        return said if every else changes

    def _keep(self) -> None:
        """Do not forget it yet."""
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(TEMPORARY_S, self._forget)

    def _forget(self) -> None:
        if self.peer is None and self._attempt is None and not self.properties["Paired"].value:
            self.tree.remove(self.path)

    # The connection.

    async def _connect(self, _message: Message) -> None:
        if self.peer is not None:
            return
        if self._attempt is not None:
            raise in_progress()
        if not self._adapter.is_powered:
            raise not_ready()
        self._attempt = asyncio.ensure_future(self._made())
        try:
            async with asyncio.timeout(CONNECT_S):
                await asyncio.shield(self._attempt)
        except (TimeoutError, BaseBumbleError, asyncio.CancelledError) as error:
            self._attempt.cancel()
            raise failed(ABORTED) from error
        finally:
            await asyncio.wait({self._attempt})
            self._attempt = None
            self._keep()

    async def _made(self) -> None:
        """Connect, and agree on an MTU: a link that is lost before was none."""
        async with self._adapter.connecting:
            connection = await self._adapter.host.connect(self._address)
        self.peer = peer = Peer(connection)
        self._disconnected.clear()
        connection.on(connection.EVENT_DISCONNECTION, self._gone)
        self.tree.change(self, Connected=Variant("b", True))
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
            self.tree.change(self, UUIDs=Variant("as", uuids), ServicesResolved=Variant("b", True))

    @property
    def _offered(self) -> list[Offered]:
        return [one for one in self.tree.below(self.path) if isinstance(one, Offered)]

    def _gone(self, _reason: int) -> None:
        self.peer = None
        for one in self._offered:
            one.disconnected()
        self.tree.change(self, ServicesResolved=Variant("b", False), Connected=Variant("b", False))
        self._disconnected.set()
        self._keep()

    async def _disconnect(self, _message: Message) -> None:
        if self.peer is None and self._attempt is None:
            raise refusal("NotConnected", "Not Connected")
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
        if self.properties["Paired"].value:
            raise refusal("AlreadyExists", "Already Exists")
        await self._connect(message)
        if not await self.paired():
            raise refusal("AuthenticationFailed", "Authentication Failed")

    async def paired(self) -> bool:
        """Pair as far as that goes without an agent, who would show or ask for a code; whether it went well."""
        if self.peer is None:
            return False
        try:
            await self.peer.connection.pair()
        except (BaseBumbleError, asyncio.CancelledError):
            return False
        self.tree.change(self, Paired=Variant("b", True), Bonded=Variant("b", True))
        return True

    async def _cancel_pairing(self, _message: Message) -> None:
        raise refusal("DoesNotExist", "Does Not Exist")

    methods: ClassVar = {
        "Connect": _connect,
        "Disconnect": _disconnect,
        "Pair": _pair,
        "CancelPairing": _cancel_pairing,
    }
