"""The adapter: its power, and what is discovered with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from imurep.sources.ble.bumble.bumble_scanner import merged
from tests.bluez.device import Device
from tests.bluez.refusals import Refusal
from tests.bluez.tree import BusObject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bumble.device import Advertisement
    from dbus_fast import Message, Variant

    from imurep.sources.ble.bumble.bumble_host import BumbleHost
    from tests.bluez.tree import Tree

PATH = "/org/bluez/hci0"
ADDRESS = "00:1A:7D:DA:71:13"


class Adapter(BusObject):
    """``org.bluez.Adapter1`` on a Bumble host."""

    interface = "org.bluez.Adapter1"
    writeable: ClassVar[frozenset[str]] = frozenset({"Alias", "Discoverable", "Pairable", "Powered"})
    idle: ClassVar[tuple[str, ...]] = ("org.bluez.GattManager1", "org.bluez.LEAdvertisingManager1")

    signatures: ClassVar[Mapping[str, str]] = {
        "Address": "s",
        "AddressType": "s",
        "Name": "s",
        "Alias": "s",
        "Class": "u",
        "Powered": "b",
        "Discoverable": "b",
        "DiscoverableTimeout": "u",
        "Pairable": "b",
        "PairableTimeout": "u",
        "Discovering": "b",
        "UUIDs": "as",
        "Modalias": "s",
        "Roles": "as",
    }

    def __init__(self, tree: Tree, host: BumbleHost) -> None:
        super().__init__(
            PATH,
            {
                "Address": ADDRESS,
                "AddressType": "public",
                "Name": "imurep",
                "Alias": "imurep",
                "Class": 0,
                "Powered": True,
                "Discoverable": False,
                "DiscoverableTimeout": 180,
                "Pairable": False,
                "PairableTimeout": 0,
                "Discovering": False,
                "UUIDs": [],
                "Modalias": "usb:v1D6Bp0246d0542",
                "Roles": ["central", "peripheral"],
            },
        )
        self.tree = tree
        self.host = host
        self.connecting = asyncio.Lock()
        """The radio makes one connection at a time; others wait, as they do in the kernel."""
        self._filters: dict[str, dict[str, Variant]] = {}
        """By client."""
        self._sessions: set[str] = set()
        """Clients that discover."""

    @property
    def is_powered(self) -> bool:
        """Whether it is switched on."""
        return bool(self.properties["Powered"])

    @property
    def devices(self) -> list[Device]:
        """All that are known now."""
        return [one for one in self.tree.below(self.path) if isinstance(one, Device)]

    async def assigned(self, name: str, value: object) -> None:
        """Switched off, it drops every connection and every discovery."""
        if name == "Powered" and not value:
            self._sessions.clear()
            await self._discover()
            for device in self.devices:
                await device.hang_up()

    def left(self, client: str) -> None:
        """End the discovery of a client that is gone."""
        self._filters.pop(client, None)
        if client in self._sessions:
            self._sessions.remove(client)
            self.tree.spawn(self._discover())

    async def _start_discovery(self, message: Message) -> None:
        if not self.is_powered:
            raise Refusal.NOT_READY.error()
        if message.sender in self._sessions:
            raise Refusal.IN_PROGRESS.error()
        self._sessions.add(message.sender or "")
        await self._discover()

    async def _stop_discovery(self, message: Message) -> None:
        if not self.is_powered:
            raise Refusal.NOT_READY.error()
        if message.sender not in self._sessions:
            raise Refusal.NO_DISCOVERY.error()
        self._sessions.remove(message.sender)
        await self._discover()

    async def _set_discovery_filter(self, message: Message) -> None:
        self._filters[message.sender or ""] = message.body[0]

    async def _remove_device(self, message: Message) -> None:
        device = self.tree.get(message.body[0])
        if not isinstance(device, Device):
            raise Refusal.DOES_NOT_EXIST.error()
        await device.hang_up()
        self.tree.remove(device.path)

    async def _discover(self) -> None:
        """Scan if somebody wants it, and forget how strong a sensor was once nobody does."""
        wanted = bool(self._sessions)
        if wanted == self.properties["Discovering"]:
            return
        self.tree.change(self, {"Discovering": wanted})
        if wanted:
            await self.host.listen(self._on_advertisement)
            return
        await self.host.unlisten(self._on_advertisement)
        for device in self.devices:
            self.tree.clear(device, "RSSI")

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        address = advertisement.address.to_string(with_type_qualifier=False)
        path = f"{self.path}/dev_{address.replace(':', '_')}"
        known = self.tree.get(path)
        device = known if isinstance(known, Device) else Device(path, self, advertisement.address)
        every = any("DuplicateData" in one and one["DuplicateData"].value for one in self._filters.values())
        changes = device.advertised(merged(advertisement, device.last_advertisement), every=every)
        if known is None:
            self.tree.add(device)
        else:
            self.tree.change(device, changes)

    methods: ClassVar = {
        "StartDiscovery": _start_discovery,
        "StopDiscovery": _stop_discovery,
        "SetDiscoveryFilter": _set_discovery_filter,
        "RemoveDevice": _remove_device,
    }
