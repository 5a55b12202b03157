"""The project's own sensor on the virtual air: the services of docs/reference/packet-format.md."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING

from bumble import att, gatt
from bumble.core import UUID
from bumble.profiles.device_information_service import DeviceInformationService

from firmware_sim.radio.gatt_server import GattServer, Properties
from firmware_sim.radio.worn_sensor import WornSensor, air_transport
from firmware_sim.sensor.firmware import Firmware
from firmware_sim.sensor.firmware_settings import FirmwareSettings
from firmware_sim.sensor.outbox import Channel
from firmware_sim.sensor.sensor_setup import SensorSetup
from firmware_sim.sensor.wearer import Wearer, WornImu

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from bumble.device import Connection, Device

    from firmware_sim.person.workout import Session
    from firmware_sim.radio.air import Air
    from firmware_sim.radio.worn_sensor import HciTransport
    from firmware_sim.sensor.clock import Crystal

MANUFACTURER = "imurep"
MODEL = "Open IMU Stream, simulated"


def uuid(number: int) -> UUID:
    """Return the UUID of the service (1) or of one of its characteristics (2 to 6)."""
    return UUID(f"9ae5{number:04x}-df2e-4098-bf8d-127a24faf056")


SERVICE = uuid(1)


class OpenImuServer(GattServer[Firmware]):
    """One boot of the sensor on a powered-up Bumble device."""

    def _advertised(self) -> Sequence[UUID]:
        return [SERVICE]

    def _write_control(self, _connection: Connection, payload: bytes) -> None:
        if not self.firmware.is_subscribed(Channel.CONTROL):
            raise att.ATT_Error(att.ErrorCode.CCCD_IMPROPERLY_CONFIGURED)
        try:
            self.firmware.control_written(bytes(payload), self.now_us())
        except ValueError as error:
            raise att.ATT_Error(att.ErrorCode.INVALID_ATTRIBUTE_LENGTH) from error
        self.step()

    def _write_clock(self, _connection: Connection, payload: bytes) -> None:
        self.firmware.clock_written(bytes(payload), self.now_us())
        self.step()

    def _read_status(self, _connection: Connection) -> bytes:
        self.step()
        return self.firmware.status()

    def _serve(self) -> dict[Channel, gatt.Characteristic[bytes]]:
        """Add all services; return the characteristics that notify or indicate."""
        readable, writeable = gatt.Characteristic.READABLE, gatt.Characteristic.WRITEABLE
        info: gatt.Characteristic[bytes] = gatt.Characteristic(
            uuid(2), Properties.READ, readable, gatt.CharacteristicValue(read=self._read_info)
        )
        notifying: dict[Channel, gatt.Characteristic[bytes]] = {
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
        battery = notifying[Channel.BATTERY]
        ours = [one for one in notifying.values() if one is not battery]
        self._device.add_services(
            [
                gatt.Service(SERVICE, [info, *ours]),
                gatt.Service(gatt.GATT_BATTERY_SERVICE, [battery]),
                DeviceInformationService(
                    manufacturer_name=MANUFACTURER, model_number=MODEL, serial_number=self._device.name
                ),
            ]
        )
        return notifying

    def _read_info(self, _connection: Connection) -> bytes:
        return self.firmware.info()


class VirtualSensor(WornSensor[OpenImuServer]):
    """The project's own sensor on a person."""

    def __init__(
        self,
        wearer: Wearer,
        open_transport: Callable[[], Awaitable[HciTransport]],
        *,
        name: str,
        address: str,
        settings: FirmwareSettings,
        boot_ids: Iterator[int],
    ) -> None:
        super().__init__(wearer, open_transport, name=name, address=address, highest_mtu=settings.highest_mtu)
        self._settings = settings
        self._boot_ids = boot_ids

    @property
    def firmware(self) -> Firmware:
        """Firmware of the present boot."""
        return self.server.firmware

    def _start_firmware(self, device: Device, crystal: Crystal) -> OpenImuServer:
        firmware = Firmware(WornImu(self.wearer, crystal), self._settings, next(self._boot_ids))
        return OpenImuServer(device, firmware, crystal, self._on_step)


async def virtual_sensor(
    air: Air,
    session: Session,
    setup: SensorSetup | None = None,
    *,
    name: str = "IMU-SIM",
    address: str = "F6:00:00:00:00:01",
    seed: int = 1,
    settings: FirmwareSettings | None = None,
    rssi_dbm: int = -50,
) -> VirtualSensor:
    """Make a sensor on an air in this process, and switch it on. The same arguments give the same sensor."""
    made = VirtualSensor(
        Wearer(session, setup or SensorSetup(), seed),
        air_transport(air, name, rssi_dbm),
        name=name,
        address=address,
        settings=settings or FirmwareSettings(),
        boot_ids=itertools.count(zlib.crc32(name.encode())),
    )
    await made.power_on()
    return made
