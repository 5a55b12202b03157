"""Our own firmware on a radio: the services of docs/reference/packet-format.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bumble import att, gatt
from bumble.core import UUID
from bumble.profiles.device_information_service import DeviceInformationService

from firmware_sim.radio.bearer import Bearer, Properties
from firmware_sim.sensor.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bumble.device import Connection, Device

    from firmware_sim.sensor.clock import Crystal
    from firmware_sim.sensor.firmware import Firmware

MANUFACTURER = "imurep"
MODEL = "Open IMU Stream, simulated"


def uuid(number: int) -> UUID:
    """UUID of our service (1) or one of its characteristics."""
    return UUID(f"9ae5{number:04x}-df2e-4098-bf8d-127a24faf056")


SERVICE = uuid(1)


class Peripheral(Bearer):
    """One boot of our sensor on a powered-up Bumble device."""

    def __init__(
        self, device: Device, firmware: Firmware, crystal: Crystal, on_turn: Callable[[], None] | None = None
    ) -> None:
        """Put the firmware's services onto a device that has none yet."""
        self.firmware = firmware
        super().__init__(device, firmware, crystal, on_turn)

    def _advertised(self) -> Sequence[UUID]:
        return [SERVICE]

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
            Channel.BATTERY: self._battery(),
        }
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

    def _read_info(self, _connection: Connection) -> bytes:
        return self.firmware.info()
