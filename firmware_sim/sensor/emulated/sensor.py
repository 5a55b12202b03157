"""An emulated sensor on the virtual air."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bumble import att, gatt
from bumble.core import UUID

from firmware_sim.person.wearer import Wearer, WornPart
from firmware_sim.programs.simulate import Sensor
from firmware_sim.radio.bearer import Bearer, Properties
from firmware_sim.radio.sensor import WornSensor, on_air
from firmware_sim.sensor.emulated.kinds import KINDS
from firmware_sim.sensor.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bumble.device import Connection, Device

    from firmware_sim.person.workout import Session
    from firmware_sim.radio.air import Air
    from firmware_sim.radio.sensor import Line
    from firmware_sim.sensor.clock import Crystal
    from firmware_sim.sensor.emulated.kinds import Kind
    from firmware_sim.sensor.emulated.voice import Emulation

_Permissions = gatt.Characteristic.Permissions


class EmulatedPeripheral(Bearer):
    """One boot of an emulated sensor: a service with a channel for data and one for commands."""

    def __init__(
        self, device: Device, firmware: Emulation, kind: Kind, crystal: Crystal, on_turn: Callable[[], None]
    ) -> None:
        self.firmware = firmware
        self._kind = kind
        super().__init__(device, firmware, crystal, on_turn)

    def _advertised(self) -> Sequence[UUID]:
        return [UUID(uuid) for uuid in self._kind.advertised]

    def _serve(self) -> dict[Channel, gatt.Characteristic[bytes]]:
        kind = self._kind
        value: gatt.CharacteristicValue[bytes] = gatt.CharacteristicValue(read=self._read, write=self._write)
        data: gatt.Characteristic[bytes] = gatt.Characteristic(kind.data, Properties.NOTIFY, _Permissions(0))
        speaking = {Channel.DATA: data}
        ours = [data]
        if kind.control is not None:
            properties = Properties.READ | Properties.WRITE | Properties.INDICATE
            permissions = _Permissions.READABLE | _Permissions.WRITEABLE
            speaking[Channel.CONTROL] = gatt.Characteristic(kind.control, properties, permissions, value)
            ours.append(speaking[Channel.CONTROL])
        if kind.command is not None:
            properties = Properties.WRITE | Properties.WRITE_WITHOUT_RESPONSE
            ours.append(gatt.Characteristic(kind.command, properties, _Permissions.WRITEABLE, value))
        services = [gatt.Service(kind.service, ours)]
        if kind.battery:
            speaking[Channel.BATTERY] = self._battery()
            services.append(gatt.Service(gatt.GATT_BATTERY_SERVICE, [speaking[Channel.BATTERY]]))
        self._device.add_services(services)
        return speaking

    def _read(self, _connection: Connection) -> bytes:
        return self.firmware.said()

    def _write(self, _connection: Connection, payload: bytes) -> None:
        if self._kind.control is not None and not self.firmware.listens(Channel.CONTROL):
            raise att.ATT_Error(att.ErrorCode.CCCD_IMPROPERLY_CONFIGURED)
        self.firmware.written(bytes(payload), self.now_us())
        self.turn()


class EmulatedSensor(WornSensor):
    """A sensor of another maker on one person."""

    def __init__(
        self,
        wearer: Wearer,
        open_line: Callable[[], Awaitable[Line]],
        kind: Kind,
        *,
        name: str,
        address: str,
    ) -> None:
        super().__init__(wearer, open_line, name=name, address=address, highest_mtu=kind.highest_mtu)
        self._kind = kind

    @property
    def firmware(self) -> Emulation:
        """The present boot's firmware."""
        peripheral = self.bearer
        assert isinstance(peripheral, EmulatedPeripheral)  # noqa: S101  # no other is made
        return peripheral.firmware

    def _boot(self, device: Device, crystal: Crystal) -> EmulatedPeripheral:
        firmware = self._kind.firmware(WornPart(self.wearer, crystal))
        return EmulatedPeripheral(device, firmware, self._kind, crystal, self._turned)


async def emulated_sensor(
    air: Air,
    session: Session,
    kind: str,
    sensor: Sensor | None = None,
    *,
    address: str = "F6:00:00:00:00:01",
    seed: int = 1,
) -> EmulatedSensor:
    """Make one on an air in this process, and switch it on. The same arguments give the same sensor."""
    made_as = KINDS[kind]
    worn = replace(sensor or Sensor(), sensing=made_as.sensing)
    made = EmulatedSensor(
        Wearer(session, worn, seed),
        on_air(air, made_as.name),
        made_as,
        name=made_as.name,
        address=address,
    )
    await made.power_on()
    return made
