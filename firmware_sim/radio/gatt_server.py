"""A firmware on a radio: a GATT server on Bumble, for one boot of one sensor of any kind.

It carries payloads of the firmware to one central, and requests of that
central to the firmware. It decides only when to hand a payload to the stack.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from bumble import att, gatt
from bumble.core import AdvertisingData

from firmware_sim.sensor.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bumble.core import UUID
    from bumble.device import Connection, Device

    from firmware_sim.sensor.clock import Crystal
    from firmware_sim.sensor.outbox import Message

STACK_PACKETS = 6
"""Packets that the stack takes before it has sent any; the others wait in the firmware's queue."""

Properties = gatt.Characteristic.Properties


class BleFirmware(Protocol):
    """What a GATT server needs of a firmware. Times are device microseconds since boot."""

    battery_percent: int

    @property
    def next_us(self) -> int | None:
        """Device time at which to call ``advance`` again, unless something happens first."""

    def connected(self, now_us: int) -> None:
        """A central has connected."""

    def disconnected(self, now_us: int) -> None:
        """The central has disconnected."""

    def negotiated(self, mtu: int) -> None:
        """Both ends have agreed on an MTU."""

    def subscribed(self, channel: Channel, now_us: int, *, on: bool) -> None:
        """The central has subscribed to a channel, or unsubscribed."""

    def advance(self, now_us: int) -> None:
        """Do all that was due up to now."""

    def outgoing(self, now_us: int, room: int) -> list[Message]:
        """Hand over at most so many payloads; what is indicated comes alone."""

    def press_stop(self, now_us: int) -> None:
        """The sensor's button is pressed."""

    def set_battery(self, percent: int, now_us: int, *, charging: bool = False) -> None:
        """Change the battery's level."""


F = TypeVar("F", bound=BleFirmware)


class GattServer(ABC, Generic[F]):
    """One boot of a sensor on a powered-up Bumble device."""

    def __init__(
        self, device: Device, firmware: F, crystal: Crystal, on_step: Callable[[], None] | None = None
    ) -> None:
        """Put the firmware's services onto a device that has none yet.

        ``on_step`` is called whenever the firmware has been advanced.
        """
        self.firmware = firmware
        self._device = device
        self._crystal = crystal
        self._on_step = on_step
        self._loop = asyncio.get_running_loop()
        self._connection: Connection | None = None
        self._is_stopped = False
        self._timer: asyncio.TimerHandle | None = None
        self._indicating: asyncio.Task[None] | None = None
        self._advertising: asyncio.Task[None] | None = None
        self._characteristics = self._serve()
        for channel, characteristic in self._characteristics.items():
            characteristic.on(characteristic.EVENT_SUBSCRIPTION, self._listener(channel))
        device.advertising_data = bytes(
            AdvertisingData(
                [
                    (AdvertisingData.FLAGS, bytes([6])),  # general discoverable, no Classic
                    *_services(self._advertised()),
                ]
            )
        )
        device.scan_response_data = bytes(
            AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, device.name.encode())])
        )
        device.on(device.EVENT_CONNECTION, self._connected)

    @abstractmethod
    def _serve(self) -> dict[Channel, gatt.Characteristic[bytes]]:
        """Add all services; return the characteristics that notify or indicate."""

    @abstractmethod
    def _advertised(self) -> Sequence[UUID]:
        """Return the services that are advertised."""

    @property
    def connection(self) -> Connection | None:
        """Connection to the central; None while there is none."""
        return self._connection

    async def start(self) -> None:
        """Power the radio up and advertise."""
        await self._device.power_on()
        queue = self._device.host.le_acl_packet_queue
        if queue is not None:
            queue.on("flow", self.step)
        await self._device.start_advertising()

    def stop(self) -> None:
        """Stop for good. The caller silences the radio."""
        self._connection = None
        self._is_stopped = True
        for pending in (self._timer, self._indicating, self._advertising):
            if pending is not None:
                pending.cancel()

    def now_us(self) -> int:
        """Device time."""
        return self._crystal.us(self._loop.time())

    def step(self) -> None:
        """Advance the firmware, send what the stack has room for, and set the timer."""
        now_us = self.now_us()
        self.firmware.advance(now_us)
        self._send(now_us)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        next_us = self.firmware.next_us
        if next_us is not None:
            # A microsecond later: the timer must not fire before the device's clock shows its time.
            self._timer = self._loop.call_at(self._crystal.true_s(next_us + 1), self.step)
        if self._on_step is not None:
            self._on_step()

    def _send(self, now_us: int) -> None:
        connection, queue = self._connection, self._device.host.le_acl_packet_queue
        if connection is None or queue is None or self._indicating is not None:
            return
        for message in self.firmware.outgoing(now_us, STACK_PACKETS - queue.pending):
            if message.channel is Channel.CONTROL:
                self._indicating = self._loop.create_task(self._indicate(connection, message))
            else:
                notification = att.ATT_Handle_Value_Notification(
                    attribute_handle=self._characteristics[message.channel].handle,
                    attribute_value=message.payload,
                )
                self._device.gatt_server.send_gatt_pdu(connection, bytes(notification))

    async def _indicate(self, connection: Connection, message: Message) -> None:
        """Indicate and wait for the confirmation; all else waits as well."""
        characteristic = self._characteristics[message.channel]
        try:
            await self._device.indicate_subscriber(connection, characteristic, message.payload)
        except TimeoutError:
            # By the standard nothing more may be sent on such a connection.
            self._indicating = None
            await connection.disconnect()
            return
        self._indicating = None
        self.step()

    # Events of the central.

    def _connected(self, connection: Connection) -> None:
        self._connection = connection
        connection.on(connection.EVENT_DISCONNECTION, self._disconnected)
        connection.on(connection.EVENT_CONNECTION_ATT_MTU_UPDATE, self._negotiated)
        self.firmware.connected(self.now_us())
        self.step()

    def _disconnected(self, _reason: int) -> None:
        if self._is_stopped:
            return
        self._connection = None
        if self._indicating is not None:
            self._indicating.cancel()
            self._indicating = None
        self.firmware.disconnected(self.now_us())
        self.step()
        # The controller stopped advertising at the connection: one central at a time.
        self._advertising = self._loop.create_task(self._device.start_advertising())

    def _negotiated(self) -> None:
        if self._connection is not None:
            self.firmware.negotiated(self._connection.att_mtu)
            self.step()

    def _listener(self, channel: Channel) -> Callable[[Connection, bool, bool], None]:
        def subscribed(_connection: Connection, notify: bool, indicate: bool) -> None:  # noqa: FBT001  # as Bumble calls it
            on = indicate if channel is Channel.CONTROL else notify
            self.firmware.subscribed(channel, self.now_us(), on=on)
            self.step()

        return subscribed

    def _read_battery(self, _connection: Connection) -> bytes:
        return bytes([self.firmware.battery_percent])

    def _battery(self) -> gatt.Characteristic[bytes]:
        return gatt.Characteristic(
            gatt.GATT_BATTERY_LEVEL_CHARACTERISTIC,
            Properties.READ | Properties.NOTIFY,
            gatt.Characteristic.READABLE,
            gatt.CharacteristicValue(read=self._read_battery),
        )


def _services(uuids: Sequence[UUID]) -> list[tuple[AdvertisingData.Type, bytes]]:
    """Lists of services for an advertisement, one for each length of UUID."""
    lists = {
        2: AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
        16: AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    }
    raw = [bytes(uuid) for uuid in uuids]
    return [
        (kind, b"".join(one for one in raw if len(one) == size))
        for size, kind in lists.items()
        if any(len(one) == size for one in raw)
    ]
