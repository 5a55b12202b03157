"""What a connected device offers: services, characteristics, descriptors."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, ClassVar

from bumble import att, gatt

from imurep.sources.ble.bumble.bumble_scanner import uuid_text
from tests.bluez.refusals import Refusal, of_att
from tests.bluez.tree import Answer, BusObject

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import TypeVar

    from bumble.device import Peer
    from bumble.gatt_client import AttributeProxy, CharacteristicProxy, ServiceProxy
    from dbus_fast import Message

    from tests.bluez.device import Device

    Value = TypeVar("Value")

_Property = gatt.Characteristic.Properties
_FLAGS = {
    _Property.READ: "read",
    _Property.WRITE_WITHOUT_RESPONSE: "write-without-response",
    _Property.WRITE: "write",
    _Property.NOTIFY: "notify",
    _Property.INDICATE: "indicate",
}
_SECURITY = {
    att.ErrorCode.INSUFFICIENT_AUTHENTICATION,
    att.ErrorCode.INSUFFICIENT_ENCRYPTION,
    att.ErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE,
}


async def exported(device: Device, peer: Peer) -> dict[str, Offered]:
    """List what a device offers, by path; parents before what is under them."""
    listed: dict[str, Offered] = {}
    await peer.discover_services()
    for offered in peer.services:
        service = Service(device, offered)
        listed[service.path] = service
        for characteristic in await peer.discover_characteristics(service=offered):
            one = Characteristic(device, service, characteristic, peer.connection.att_mtu)
            listed[one.path] = one
            for descriptor in await peer.discover_descriptors(characteristic):
                description = Descriptor(device, one, descriptor)
                listed[description.path] = description
    return listed


class Offered(BusObject):
    """Something that a device offers; it stays on the bus while the device is known, connected or not."""

    @property
    def uuid(self) -> str:
        """What it is."""
        return str(self.properties["UUID"])

    def renew(self, found: Offered) -> None:
        """Take over what was found in this place at another connection."""

    def disconnected(self) -> None:
        """The device is gone, for the time being."""


class Service(Offered):
    """``org.bluez.GattService1``."""

    interface = "org.bluez.GattService1"
    signatures: ClassVar[Mapping[str, str]] = {
        "UUID": "s",
        "Primary": "b",
        "Device": "o",
        "Includes": "ao",
    }

    def __init__(self, device: Device, offered: ServiceProxy) -> None:
        super().__init__(
            f"{device.path}/service{offered.handle:04x}",
            {
                "UUID": uuid_text(offered.uuid),
                "Primary": True,
                "Device": device.path,
                "Includes": [],
            },
        )


class Attribute(Offered):
    """What can be read and written."""

    def __init__(
        self,
        device: Device,
        path: str,
        attribute: AttributeProxy[bytes],
        properties: dict[str, Any],
    ) -> None:
        super().__init__(path, properties)
        self.device = device
        self.attribute = attribute
        self._busy: set[str] = set()
        """Methods that are being carried out; one at a time of each."""

    def renew(self, found: Offered) -> None:
        """Ask by what was found now."""
        if isinstance(found, Attribute):
            self.attribute = found.attribute

    @property
    def peer(self) -> Peer:
        """The device, which has to be connected."""
        if self.device.peer is None:
            raise Refusal.UNREACHED.error()
        return self.device.peer

    async def _read(self, _message: Message) -> Answer:
        client = self.peer.gatt_client
        value = bytes(await self._asked("read", lambda: client.read_value(self.attribute.handle)))
        self.device.tree.change(self, {"Value": value})
        return Answer("ay", [value])

    async def _write(self, message: Message) -> None:
        value, options = message.body
        how = options["type"].value if "type" in options else "request"
        if how not in self.ways_to_write:
            raise Refusal.NOT_SUPPORTED.error()
        client, handle = self.peer.gatt_client, self.attribute.handle
        await self._asked(
            "write", lambda: client.write_value(handle, bytes(value), with_response=how == "request")
        )

    @property
    def ways_to_write(self) -> set[str]:
        """What it can be written by: request, command."""
        return {"request"}

    async def _asked(self, what: str, ask: Callable[[], Awaitable[Value]]) -> Value:
        """Ask the device; one that wants security first gets as much of it as there is without an agent."""
        if what in self._busy:
            raise Refusal.IN_PROGRESS.error()
        self._busy.add(what)
        try:
            try:
                return await ask()
            except att.ATT_Error as error:
                if error.error_code not in _SECURITY or not await self.device.paired():
                    raise
            return await ask()
        except att.ATT_Error as error:
            raise of_att(error.error_code) from error
        finally:
            self._busy.remove(what)


class Characteristic(Attribute):
    """``org.bluez.GattCharacteristic1``."""

    interface = "org.bluez.GattCharacteristic1"
    signatures: ClassVar[Mapping[str, str]] = {
        "UUID": "s",
        "Service": "o",
        "Value": "ay",
        "Flags": "as",
        "MTU": "q",
        "Notifying": "b",
        "NotifyAcquired": "b",
    }

    def __init__(
        self, device: Device, service: Service, offered: CharacteristicProxy[bytes], mtu: int
    ) -> None:
        flags = [name for flag, name in _FLAGS.items() if flag in offered.properties]
        properties = {
            "UUID": uuid_text(offered.uuid),
            "Service": service.path,
            "Value": b"",
            "Flags": flags,
            "MTU": mtu,
        }
        self._speaks = "notify" in flags or "indicate" in flags
        if self._speaks:
            properties |= {"Notifying": False, "NotifyAcquired": False}
        # BlueZ counts from the declaration, which stands before the value.
        super().__init__(device, f"{service.path}/char{offered.handle - 1:04x}", offered, properties)
        self.attribute: CharacteristicProxy[bytes] = offered
        self._listeners: set[str] = set()
        """Clients that have called StartNotify."""
        self._line: socket.socket | None = None
        """To the client that has called AcquireNotify."""

    @property
    def ways_to_write(self) -> set[str]:
        """By request, or by command, as its flags say."""
        flags = self.properties["Flags"]
        ways = {"write": "request", "write-without-response": "command"}
        return {way for flag, way in ways.items() if flag in flags}

    def renew(self, found: Offered) -> None:
        """The MTU may be another one as well."""
        super().renew(found)
        self.device.tree.change(self, {"MTU": found.properties["MTU"]})

    def left(self, client: str) -> None:
        """Stop for a client that is gone."""
        if client in self._listeners:
            self._listeners.remove(client)
            self.device.tree.spawn(self._settle())

    def disconnected(self) -> None:
        """Nothing comes any more."""
        self._listeners.clear()
        self._close_line()
        self._note_notifying()

    async def _start_notify(self, message: Message) -> None:
        if self._line is not None:
            raise Refusal.NOTIFY_ACQUIRED.error()
        if message.sender not in self._listeners:
            await self._subscribe()
            self._listeners.add(message.sender or "")
            self._note_notifying()

    async def _stop_notify(self, message: Message) -> None:
        if message.sender not in self._listeners:
            raise Refusal.NO_NOTIFICATIONS.error()
        self._listeners.remove(message.sender)
        await self._settle()

    async def _acquire_notify(self, _message: Message) -> Answer:
        if self._line is not None or self._listeners:
            raise Refusal.NOTIFY_ACQUIRED.error()
        await self._subscribe()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(0)
        # Nobody writes to it, so it is readable once it is closed at the other end.
        asyncio.get_running_loop().add_reader(self._line, self._line_closed)
        self._note_notifying()
        return Answer("hq", [0, self.peer.connection.att_mtu], [theirs.detach()])

    def _line_closed(self) -> None:
        self._close_line()
        self.device.tree.spawn(self._settle())

    def _close_line(self) -> None:
        if self._line is not None:
            asyncio.get_running_loop().remove_reader(self._line)
            self._line.close()
            self._line = None

    async def _subscribe(self) -> None:
        if not self._speaks:
            raise Refusal.NOT_SUPPORTED.error()
        client = self.peer.gatt_client
        if not self._listeners:
            await self._asked("subscribe", lambda: client.subscribe(self.attribute, self._arrived))

    async def _settle(self) -> None:
        """Once nobody listens, tell the device."""
        self._note_notifying()
        if not self._listeners and self._line is None and self.device.peer is not None:
            await self.device.peer.gatt_client.unsubscribe(self.attribute, self._arrived)

    def _note_notifying(self) -> None:
        now = {"Notifying": bool(self._listeners), "NotifyAcquired": self._line is not None}
        if self._speaks:
            changes = {name: on for name, on in now.items() if self.properties[name] is not on}
            self.device.tree.change(self, changes)

    def _arrived(self, value: bytes) -> None:
        if self._line is not None:
            self._line.send(value)
        else:
            self.device.tree.change(self, {"Value": bytes(value)})

    methods: ClassVar = {
        "ReadValue": Attribute._read,
        "WriteValue": Attribute._write,
        "StartNotify": _start_notify,
        "StopNotify": _stop_notify,
        "AcquireNotify": _acquire_notify,
    }


class Descriptor(Attribute):
    """``org.bluez.GattDescriptor1``."""

    interface = "org.bluez.GattDescriptor1"
    signatures: ClassVar[Mapping[str, str]] = {
        "UUID": "s",
        "Characteristic": "o",
        "Value": "ay",
    }

    async def _write_unless_kept(self, message: Message) -> None:
        # StartNotify writes this one. Chromium wants to see it all the same.
        if self.attribute.type == gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR:
            raise Refusal.WRITE_NOT_PERMITTED.error()
        await self._write(message)

    methods: ClassVar = {"ReadValue": Attribute._read, "WriteValue": _write_unless_kept}

    def __init__(self, device: Device, parent: Characteristic, offered: AttributeProxy[bytes]) -> None:
        properties = {
            "UUID": uuid_text(offered.type),
            "Characteristic": parent.path,
            "Value": b"",
        }
        super().__init__(device, f"{parent.path}/desc{offered.handle:04x}", offered, properties)
