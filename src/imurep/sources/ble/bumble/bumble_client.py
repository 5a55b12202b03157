"""bleak's client on a Bumble host."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, core, hci
from bumble.device import Peer

from imurep.sources.ble.bumble.bumble_host import ANSWER_S
from imurep.sources.ble.bumble.bumble_scanner import uuid_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bleak.args import SizedBuffer
    from bleak.backends.client import NotifyCallback
    from bleak.backends.descriptor import BleakGATTDescriptor
    from bleak.backends.device import BLEDevice
    from bumble.device import Connection

    from imurep.sources.ble.adapter import OnDisconnected
    from imurep.sources.ble.bumble.bumble_host import BumbleHost

MTU = 517
"""The one that is requested: the longest attribute value and its header."""

_REASONS = {
    0: "the adapter is gone",  # Bumble's own, when the transport is lost
    hci.HCI_CONNECTION_TIMEOUT_ERROR: "out of reach or off",
    hci.HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR: "the sensor disconnected",
    hci.HCI_REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_LOW_RESOURCES_ERROR: "the sensor ran out of resources",
    hci.HCI_REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR: "the sensor was switched off",
    hci.HCI_CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR: "disconnected",
}


class BumbleClient(BaseBleakClient):
    """One connection at a time to one sensor."""

    def __init__(
        self,
        address_or_ble_device: BLEDevice,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        host: BumbleHost,
        on_disconnected: OnDisconnected,
        **platform_options: Any,  # noqa: ANN401 - bleak hands every backend the options of all
    ) -> None:
        del platform_options
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._host = host
        self._on_disconnected = on_disconnected
        self._name = address_or_ble_device.name or address_or_ble_device.address
        self._peer_address: hci.Address = address_or_ble_device.details
        self._peer: Peer | None = None
        self._subscribers: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        """Advertised name, or the address."""
        return self._name

    @property
    def mtu_size(self) -> int:
        """ATT MTU of the connection."""
        return int(self._connected().connection.att_mtu)

    @property
    def is_connected(self) -> bool:
        """Whether the connection is up."""
        return self._peer is not None

    async def connect(self, pair: bool, **_: Any) -> None:  # noqa: ANN401, FBT001 - as bleak has it
        """Connect, agree on an MTU and list the sensor's services."""
        try:
            async with asyncio.timeout(self._timeout):
                with _translated():
                    self._connection_up(await self._host.connect(self._peer_address))
                    if pair:
                        await self.pair()
                    await self._agree_on_mtu()
                    self.services = await self._list_services()
        except TimeoutError as error:
            await self.disconnect()
            raise BleakDeviceNotFoundError(self.address, f"{self.name} does not answer") from error
        except BaseException:
            await self.disconnect()
            raise

    async def disconnect(self) -> None:
        """Disconnect; a link that cannot be closed counts as gone."""
        if self._peer is None:
            return
        try:
            with contextlib.suppress(BleakError, TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    with _translated():
                        await self._peer.connection.disconnect()
        finally:
            self._connection_down(hci.HCI_CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)

    async def pair(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - as bleak has it
        """Pair; the keys last until the adapter is closed."""
        with _translated():
            await self._connected().connection.pair()

    async def unpair(self) -> None:
        """Raise BleakError: keys last until the adapter is closed anyway."""
        msg = "pairings end when the adapter is closed"
        raise BleakError(msg)

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:  # noqa: ANN401 - as bleak has it
        """Read a characteristic."""
        return await self._read(characteristic.handle)

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_: Any) -> bytearray:  # noqa: ANN401 - as bleak has it
        """Read a descriptor."""
        return await self._read(descriptor.handle)

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 - as bleak has it
    ) -> None:
        """Write to a characteristic."""
        await self._write(characteristic.handle, bytes(data), response=response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write to a descriptor."""
        await self._write(descriptor.handle, bytes(data), response=True)

    async def start_notify(
        self,
        characteristic: BleakGATTCharacteristic,
        callback: NotifyCallback,
        **_: Any,  # noqa: ANN401 - as bleak has it
    ) -> None:
        """Subscribe to notifications, or to indications where there are no notifications."""
        if characteristic.handle in self._subscribers:
            msg = "notifications have been started already"
            raise BleakError(msg)

        def arrived(value: bytes) -> None:
            callback(bytearray(value))

        with _translated():
            await self._connected().gatt_client.subscribe(characteristic.obj, arrived)
        self._subscribers[characteristic.handle] = arrived

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        arrived = self._subscribers.pop(characteristic.handle, None)
        with _translated():
            await self._connected().gatt_client.unsubscribe(characteristic.obj, arrived)

    def _connected(self) -> Peer:
        if self._peer is None:
            msg = "not connected"
            raise BleakError(msg)
        return self._peer

    def _connection_up(self, connection: Connection) -> None:
        connection.on(connection.EVENT_DISCONNECTION, self._connection_down)
        self._peer = Peer(connection)

    def _connection_down(self, reason: int) -> None:
        if self._peer is None:
            return
        self._peer = None
        self.services = None
        self._subscribers = {}
        self._on_disconnected(_REASONS.get(reason, f"the link ended (HCI reason 0x{reason:02x})"))
        if self._disconnected_callback:
            self._disconnected_callback()

    async def _agree_on_mtu(self) -> None:
        with contextlib.suppress(att.ATT_Error):  # it stays at 23 with a sensor that does not negotiate
            await self._connected().request_mtu(MTU)

    async def _list_services(self) -> BleakGATTServiceCollection:
        """List services and characteristics.

        Descriptors are left out: each costs a round trip, and ``subscribe`` looks for
        the only one that matters.
        """
        peer = self._connected()
        listed = BleakGATTServiceCollection()
        await peer.discover_services()
        for found in peer.services:
            service = BleakGATTService(found, found.handle, uuid_text(found.uuid))
            listed.add_service(service)
            for each in await peer.discover_characteristics(service=found):
                listed.add_characteristic(
                    BleakGATTCharacteristic(
                        each,
                        each.handle,
                        uuid_text(each.uuid),
                        list(gatt_char_props_to_strs(int(each.properties))),
                        lambda: self.mtu_size - 3,
                        service,
                    )
                )
        return listed

    async def _read(self, handle: int) -> bytearray:
        with _translated():
            return bytearray(await self._connected().gatt_client.read_value(handle))

    async def _write(self, handle: int, data: bytes, *, response: bool) -> None:
        with _translated():
            await self._connected().gatt_client.write_value(handle, data, with_response=response)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn Bumble's exceptions into bleak's."""
    try:
        yield
    except att.ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except asyncio.CancelledError as error:
        # When the link drops, Bumble cancels the future of the request that waits for an answer; to the
        # caller that must not look as if its own task had been cancelled.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        msg = "the link was lost"
        raise BleakError(msg) from error
    except core.BaseBumbleError as error:
        raise BleakError(str(error) or type(error).__name__) from error
