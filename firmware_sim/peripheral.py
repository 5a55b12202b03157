"""The firmware on a radio: a GATT server on Bumble, for one boot of one sensor.

It carries what the firmware says to one central and tells it what that central
does. Nothing is decided here but when to hand a payload to the stack.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bumble import att, gatt
from bumble.core import UUID, AdvertisingData
from bumble.profiles.device_information_service import DeviceInformationService

from firmware_sim.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Connection, Device

    from firmware_sim.clock import Crystal
    from firmware_sim.firmware import Firmware
    from firmware_sim.outbox import Message

STACK_PACKETS = 6
"""What the stack takes before it has sent any; more waits in the firmware's queue, which may drop it."""
MANUFACTURER = "imurep"
MODEL = "Open IMU Stream, simulated"


def uuid(number: int) -> UUID:
    """UUID of our service (1) or one of its characteristics."""
    return UUID(f"9ae5{number:04x}-df2e-4098-bf8d-127a24faf056")


SERVICE = uuid(1)
Properties = gatt.Characteristic.Properties


class Peripheral:
    """One boot of a sensor on a powered-up Bumble device."""

    def __init__(
        self, device: Device, firmware: Firmware, crystal: Crystal, on_turn: Callable[[], None] | None = None
    ) -> None:
        """Put the firmware's services onto a device that has none yet.

        ``on_turn`` is called whenever the firmware has been advanced.
        """
        self.firmware = firmware
        self._device = device
        self._crystal = crystal
        self._on_turn = on_turn
        self._loop = asyncio.get_running_loop()
        self._connection: Connection | None = None
        self._is_stopped = False
        self._timer: asyncio.TimerHandle | None = None
        self._indicating: asyncio.Task[None] | None = None
        self._advertising: asyncio.Task[None] | None = None
        self._characteristics = self._serve()
        device.advertising_data = bytes(
            AdvertisingData(
                [
                    (AdvertisingData.FLAGS, bytes([6])),  # general discoverable, no Classic
                    (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(SERVICE)),
                ]
            )
        )
        device.scan_response_data = bytes(
            AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, device.name.encode())])
        )
        device.on(device.EVENT_CONNECTION, self._connected)

    @property
    def connection(self) -> Connection | None:
        """To the central, while there is one."""
        return self._connection

    async def start(self) -> None:
        """Power the radio up and advertise."""
        await self._device.power_on()
        queue = self._device.host.le_acl_packet_queue
        if queue is not None:
            queue.on("flow", self.turn)
        await self._device.start_advertising()

    def stop(self) -> None:
        """Do nothing any more. The radio's silence is the caller's business."""
        self._connection = None
        self._is_stopped = True
        for pending in (self._timer, self._indicating, self._advertising):
            if pending is not None:
                pending.cancel()

    def now_us(self) -> int:
        """Device time."""
        return self._crystal.us(self._loop.time())

    def turn(self) -> None:
        """Let the firmware do what is due, send what the stack has room for, and set the alarm."""
        now_us = self.now_us()
        self.firmware.advance(now_us)
        self._send(now_us)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        next_us = self.firmware.next_us
        if next_us is not None:
            # A microsecond later: the alarm must not ring before the device's clock shows its time.
            self._timer = self._loop.call_at(self._crystal.true_s(next_us + 1), self.turn)
        if self._on_turn is not None:
            self._on_turn()

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
        """Indicate and wait for the confirmation; whatever else there is to send waits as well."""
        characteristic = self._characteristics[message.channel]
        try:
            await self._device.indicate_subscriber(connection, characteristic, message.payload)
        except TimeoutError:
            # By the standard nothing more may be sent on such a bearer.
            self._indicating = None
            await connection.disconnect()
            return
        self._indicating = None
        self.turn()

    # What the central does.

    def _connected(self, connection: Connection) -> None:
        self._connection = connection
        connection.on(connection.EVENT_DISCONNECTION, self._disconnected)
        connection.on(connection.EVENT_CONNECTION_ATT_MTU_UPDATE, self._negotiated)
        self.firmware.connected(self.now_us())
        self.turn()

    def _disconnected(self, _reason: int) -> None:
        if self._is_stopped:
            return
        self._connection = None
        if self._indicating is not None:
            self._indicating.cancel()
            self._indicating = None
        self.firmware.disconnected(self.now_us())
        self.turn()
        # The controller stopped at the connection: one central at a time.
        self._advertising = self._loop.create_task(self._device.start_advertising())

    def _negotiated(self) -> None:
        if self._connection is not None:
            self.firmware.negotiated(self._connection.att_mtu)
            self.turn()

    def _write_control(self, _connection: Connection, payload: bytes) -> None:
        if not self.firmware.is_subscribed(Channel.CONTROL):
            raise att.ATT_Error(att.ErrorCode.CCCD_IMPROPERLY_CONFIGURED)
        try:
            self.firmware.control_written(bytes(payload), self.now_us())
        except ValueError as error:
            raise att.ATT_Error(att.ErrorCode.INVALID_ATTRIBUTE_LENGTH) from error
        self.turn()

    def _write_clock(self, _connection: Connection, payload: bytes) -> None:
        self.firmware.clock_written(bytes(payload), self.now_us())
        self.turn()

    def _read_status(self, _connection: Connection) -> bytes:
        self.turn()
        return self.firmware.status()

    # What it offers.

    def _serve(self) -> dict[Channel, gatt.Characteristic[bytes]]:
        """Add all services; return the characteristics that speak unasked."""
        readable, writeable = gatt.Characteristic.READABLE, gatt.Characteristic.WRITEABLE
        info: gatt.Characteristic[bytes] = gatt.Characteristic(
            uuid(2), Properties.READ, readable, gatt.CharacteristicValue(read=self._read_info)
        )
        speaking: dict[Channel, gatt.Characteristic[bytes]] = {
            Channel.CONTROL: gatt.Characteristic(
                uuid(3),
                Properties.WRITE | Properties.INDICATE,
                writeable,
                gatt.CharacteristicValue(write=self._write_control),
            ),
            Channel.DATA: gatt.Characteristic(uuid(4), Properties.NOTIFY, gatt.Characteristic.Permissions(0)),
            Channel.STATUS: gatt.Characteristic(
                uuid(5),
                Properties.READ | Properties.NOTIFY,
                readable,
                gatt.CharacteristicValue(read=self._read_status),
            ),
            Channel.CLOCK: gatt.Characteristic(
                uuid(6),
                Properties.WRITE_WITHOUT_RESPONSE | Properties.NOTIFY,
                writeable,
                gatt.CharacteristicValue(write=self._write_clock),
            ),
            Channel.BATTERY: gatt.Characteristic(
                gatt.GATT_BATTERY_LEVEL_CHARACTERISTIC,
                Properties.READ | Properties.NOTIFY,
                readable,
                gatt.CharacteristicValue(read=self._read_battery),
            ),
        }
        for channel, characteristic in speaking.items():
            characteristic.on(characteristic.EVENT_SUBSCRIPTION, self._listener(channel))
        battery = speaking[Channel.BATTERY]
        ours = [one for one in speaking.values() if one is not battery]
        self._device.add_services(
            [
                gatt.Service(SERVICE, [info, *ours]),
                gatt.Service(gatt.GATT_BATTERY_SERVICE, [battery]),
                DeviceInformationService(
                    manufacturer_name=MANUFACTURER, model_number=MODEL, serial_number=self._device.name
                ),
            ]
        )
        return speaking

    def _listener(self, channel: Channel) -> Callable[[Connection, bool, bool], None]:
        def subscribed(_connection: Connection, notify: bool, indicate: bool) -> None:  # noqa: FBT001  # as Bumble calls it
            on = indicate if channel is Channel.CONTROL else notify
            self.firmware.subscribed(channel, self.now_us(), on=on)
            self.turn()

        return subscribed

    def _read_info(self, _connection: Connection) -> bytes:
        return self.firmware.info()

    def _read_battery(self, _connection: Connection) -> bytes:
        return bytes([self.firmware.battery_percent])
