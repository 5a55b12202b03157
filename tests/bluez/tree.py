"""The objects of a D-Bus service: what they are, what changes, and who is asked."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from dbus_fast import DBusError, ErrorType, Message, MessageType, Variant

from tests.bluez.refusals import UNLIKELY, of_att

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from dbus_fast.aio import MessageBus

_BUS = "org.freedesktop.DBus"
_MANAGER = f"{_BUS}.ObjectManager"
_PROPERTIES = f"{_BUS}.Properties"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method returns."""

    signature: str
    body: list[Any]
    fds: list[int] = field(default_factory=list)
    """They are closed here once they are on their way."""


class BusObject:
    """An object with one interface that matters, and perhaps others that accept everything and do nothing."""

    interface: ClassVar[str]
    methods: ClassVar[Mapping[str, Callable[[Any, Message], Awaitable[Answer | None]]]] = {}
    writeable: ClassVar[frozenset[str]] = frozenset()
    """Properties that a client may set."""
    idle: ClassVar[tuple[str, ...]] = ()
    """The other interfaces."""
    signatures: ClassVar[Mapping[str, str]] = {}
    """What kind of value each property has."""

    def __init__(self, path: str, properties: dict[str, Any]) -> None:
        self.path = path
        self.properties = properties

    @property
    def interfaces(self) -> dict[str, dict[str, Variant]]:
        """All interfaces with their properties."""
        return {self.interface: self.packed(self.properties), **{name: {} for name in self.idle}}

    def packed(self, values: Mapping[str, Any]) -> dict[str, Variant]:
        """Values of properties as they travel."""
        return {name: Variant(self.signatures[name], value) for name, value in values.items()}

    async def assigned(self, name: str, value: object) -> None:
        """A client has set a property that is writeable; it takes the value once this returns."""

    def left(self, client: str) -> None:
        """A client is no longer on the bus."""

    def removed(self) -> None:
        """It is no longer on the bus itself."""


class Tree:
    """All objects of a service, on its bus."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._objects: dict[str, BusObject] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        bus.add_message_handler(self._on_message)

    async def publish(self, name: str) -> None:
        """Take the service's name."""
        rule = f"type='signal',interface='{_BUS}',member='NameOwnerChanged',arg2=''"
        await self._bus.call(
            Message(
                destination=_BUS,
                path="/org/freedesktop/DBus",
                interface=_BUS,
                member="AddMatch",
                signature="s",
                body=[rule],
            )
        )
        await self._bus.request_name(name)

    def get(self, path: str) -> BusObject | None:
        """The object at a path."""
        return self._objects.get(path)

    def below(self, path: str) -> list[BusObject]:
        """An object and all under it, the deepest first."""
        inside = [one for one in self._objects.values() if f"{one.path}/".startswith(f"{path}/")]
        return sorted(inside, key=lambda one: -one.path.count("/"))

    def add(self, one: BusObject) -> None:
        """Show an object."""
        self._objects[one.path] = one
        self._signal("/", _MANAGER, "InterfacesAdded", "oa{sa{sv}}", [one.path, one.interfaces])

    def remove(self, path: str) -> None:
        """Take an object and all under it away."""
        for one in self.below(path):
            del self._objects[one.path]
            self._signal("/", _MANAGER, "InterfacesRemoved", "oas", [one.path, list(one.interfaces)])
            one.removed()

    def change(self, one: BusObject, values: Mapping[str, Any]) -> None:
        """Give properties new values, told even where they are the old ones."""
        one.properties.update(values)
        self._changed(one, values, [])

    def clear(self, one: BusObject, name: str) -> None:
        """Take a property away, if it is there."""
        if one.properties.pop(name, None) is not None:
            self._changed(one, {}, [name])

    def _changed(self, one: BusObject, values: Mapping[str, Any], gone: list[str]) -> None:
        if one.path in self._objects and (values or gone):
            body = [one.interface, one.packed(values), gone]
            self._signal(one.path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", body)

    def spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Let something happen meanwhile."""
        task = asyncio.ensure_future(work)
        assert isinstance(task, asyncio.Task)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self._bus.send(Message.new_signal(path, interface, member, signature, body))

    def _on_message(self, message: Message) -> bool:
        """Take a message; whether it was one for us."""
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            for one in list(self._objects.values()):
                one.left(message.body[0])
            return True
        ours = message.interface == _PROPERTIES or (message.interface or "").startswith("org.bluez.")
        ours = ours or message.interface == _MANAGER
        if message.message_type is MessageType.METHOD_CALL and ours:
            self.spawn(self._reply(message))
            return True
        return False

    async def _reply(self, message: Message) -> None:
        try:
            answer = await self._answer(message) or Answer("", [])
            reply = Message.new_method_return(message, answer.signature, answer.body, answer.fds)
        except DBusError as refused:
            reply = Message.new_error(message, refused.type, refused.text)
        except asyncio.CancelledError:  # Bumble's, for a request that waits when the link drops
            unlikely = of_att(UNLIKELY)
            reply = Message.new_error(message, unlikely.type, unlikely.text)
        await self._bus.send(reply)
        for fd in reply.unix_fds:
            os.close(fd)

    async def _answer(self, message: Message) -> Answer | None:
        if message.interface == _MANAGER:
            everything = {path: one.interfaces for path, one in self._objects.items()}
            return Answer("a{oa{sa{sv}}}", [everything])
        one = self._objects.get(message.path or "")
        if one is None:
            raise DBusError(ErrorType.UNKNOWN_OBJECT, f"{message.path} is not there")
        if message.interface == _PROPERTIES:
            return await self._property(one, message)
        if message.interface in one.idle:
            return None
        method = one.methods.get(message.member or "")
        if message.interface != one.interface or method is None:
            raise DBusError(ErrorType.UNKNOWN_METHOD, f"{message.member} is not there")
        return await method(one, message)

    async def _property(self, one: BusObject, message: Message) -> Answer | None:
        interface, *rest = message.body
        values = one.interfaces.get(interface, {})
        if message.member == "GetAll":
            return Answer("a{sv}", [values])
        name = rest[0]
        if name not in values:
            raise DBusError(ErrorType.INVALID_ARGS, f"there is no property {name}")
        if message.member == "Get":
            return Answer("v", [values[name]])
        if name not in one.writeable:
            raise DBusError(ErrorType.PROPERTY_READ_ONLY, f"{name} cannot be set")
        await one.assigned(name, rest[1].value)
        self.change(one, {name: rest[1].value})
        return None
