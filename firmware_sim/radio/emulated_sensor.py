"""A sensor of another maker, emulated, on the virtual air."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bumble import att, gatt
from bumble.core import UUID

from firmware_sim.radio.gatt_server import GattServer, Properties
from firmware_sim.radio.worn_sensor import WornSensor, air_transport
from firmware_sim.sensor.emulated.catalog import find_model
from firmware_sim.sensor.emulated.emulated_firmware import EmulatedFirmware
from firmware_sim.sensor.outbox import Channel
from firmware_sim.sensor.sensor_setup import SensorSetup
from firmware_sim.sensor.wearer import Wearer, WornImu

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bumble.device import Connection, Device

    from firmware_sim.person.workout import Session
    from firmware_sim.radio.air import Air
    from firmware_sim.radio.worn_sensor import HciTransport
    from firmware_sim.sensor.clock import Crystal
    from firmware_sim.sensor.emulated.catalog import EmulatedModel

_Permissions = gatt.Characteristic.Permissions


class EmulatedServer(GattServer[EmulatedFirmware]):
    """One boot of an emulated sensor: a service with a channel for data and one for commands."""

    def __init__(
        self,
        device: Device,
        firmware: EmulatedFirmware,
        model: EmulatedModel,
        crystal: Crystal,
        on_step: Callable[[], None],
    ) -> None:
        self._model = model
        super().__init__(device, firmware, crystal, on_step)

    def _advertised(self) -> Sequence[UUID]:
        return [UUID(uuid) for uuid in self._model.advertised]

    def _serve(self) -> dict[Channel, gatt.Characteristic[bytes]]:
        model = self._model
        value: gatt.CharacteristicValue[bytes] = gatt.CharacteristicValue(read=self._read, write=self._write)
        data: gatt.Characteristic[bytes] = gatt.Characteristic(model.data, Properties.NOTIFY, _Permissions(0))
        notifying = {Channel.DATA: data}
        ours = [data]
        if model.control is not None:
            properties = Properties.READ | Properties.WRITE | Properties.INDICATE
            permissions = _Permissions.READABLE | _Permissions.WRITEABLE
            notifying[Channel.CONTROL] = gatt.Characteristic(model.control, properties, permissions, value)
            ours.append(notifying[Channel.CONTROL])
        if model.command is not None:
            properties = Properties.WRITE | Properties.WRITE_WITHOUT_RESPONSE
            ours.append(gatt.Characteristic(model.command, properties, _Permissions.WRITEABLE, value))
        services = [gatt.Service(model.service, ours)]
        if model.battery:
            notifying[Channel.BATTERY] = self._battery()
            services.append(gatt.Service(gatt.GATT_BATTERY_SERVICE, [notifying[Channel.BATTERY]]))
        self._device.add_services(services)
        return notifying

    def _read(self, _connection: Connection) -> bytes:
        return self.firmware.read_control()

    def _write(self, _connection: Connection, payload: bytes) -> None:
        if self._model.control is not None and not self.firmware.is_subscribed(Channel.CONTROL):
            raise att.ATT_Error(att.ErrorCode.CCCD_IMPROPERLY_CONFIGURED)
        self.firmware.written(bytes(payload), self.now_us())
        self.step()


class EmulatedSensor(WornSensor[EmulatedServer]):
    """A sensor of another maker on one person."""

    def __init__(
        self,
        wearer: Wearer,
        open_transport: Callable[[], Awaitable[HciTransport]],
        model: EmulatedModel,
        *,
        name: str,
        address: str,
    ) -> None:
        super().__init__(wearer, open_transport, name=name, address=address, highest_mtu=model.highest_mtu)
        self._model = model

    @property
    def firmware(self) -> EmulatedFirmware:
        """Firmware of the present boot."""
        return self.server.firmware

    def _start_firmware(self, device: Device, crystal: Crystal) -> EmulatedServer:
        firmware = self._model.firmware(WornImu(self.wearer, crystal))
        return EmulatedServer(device, firmware, self._model, crystal, self._on_step)


async def emulated_sensor(
    air: Air,
    session: Session,
    kind: str,
    setup: SensorSetup | None = None,
    *,
    address: str = "F6:00:00:00:00:01",
    seed: int = 1,
) -> EmulatedSensor:
    """Make one on an air in this process, and switch it on. The same arguments give the same sensor."""
    model = find_model(kind)
    worn = replace(setup or SensorSetup(), imu=model.imu_settings)
    made = EmulatedSensor(
        Wearer(session, worn, seed),
        air_transport(air, model.name),
        model,
        name=model.name,
        address=address,
    )
    await made.power_on()
    return made
