"""A whole simulated sensor on the virtual air: person, firmware, radio, and what one can do to it."""

from __future__ import annotations

import asyncio
import itertools
import zlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from bumble import hci
from bumble.device import Device, DeviceConfiguration
from bumble.transport.common import AsyncPipeSink

from firmware_sim.person.wearer import Wearer, WornPart
from firmware_sim.programs.simulate import Sensor
from firmware_sim.radio.air import AirController
from firmware_sim.radio.peripheral import Peripheral
from firmware_sim.sensor.clock import Crystal
from firmware_sim.sensor.firmware import Firmware, Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bumble.transport.common import TransportSink, TransportSource

    from firmware_sim.person.workout import Session
    from firmware_sim.radio.air import Air
    from firmware_sim.radio.bearer import Bearer

ADVERTISING_MS = 100.0
"""A connection begins with an advertisement, so this is how long one takes."""
BOOT_S = 1.0
"""From power to the first advertisement after a reboot."""


class Line(Protocol):
    """A host's line to its controller; to close it is to take the radio's power."""

    source: TransportSource
    sink: TransportSink

    async def close(self) -> None:
        """Cut it."""


class InProcess:
    """A line to a controller in this process."""

    def __init__(self, controller: AirController) -> None:
        self.controller = controller
        self.source: TransportSource = controller
        self.sink: TransportSink = AsyncPipeSink(controller)

    async def close(self) -> None:
        """Take the controller off the air."""
        self.controller.remove()


class WornSensor(ABC):
    """One sensor of any kind on one person, through any number of boots. It starts switched off."""

    def __init__(
        self,
        wearer: Wearer,
        open_line: Callable[[], Awaitable[Line]],
        *,
        name: str,
        address: str,
        highest_mtu: int,
    ) -> None:
        self.wearer = wearer
        self.name = name
        self.address = address
        self.begun = asyncio.Event()
        """Set once the workout has begun."""
        self._open_line = open_line
        self._highest_mtu = highest_mtu
        self._battery_percent = 100
        self._line: Line | None = None
        self._bearer: Bearer | None = None
        self._is_away = False

    @abstractmethod
    def _boot(self, device: Device, crystal: Crystal) -> Bearer:
        """Run the firmware on a device whose clock has just begun."""

    @property
    def bearer(self) -> Bearer:
        """The present boot. Raises RuntimeError while the sensor is off."""
        if self._bearer is None:
            msg = f"{self.name} is switched off"
            raise RuntimeError(msg)
        return self._bearer

    @property
    def line(self) -> Line | None:
        """To the present boot's controller."""
        return self._line

    # Power.

    async def power_on(self) -> None:
        """Boot: a clock at zero, nothing remembered."""
        self._line = line = await self._open_line()
        crystal = Crystal(booted_s=asyncio.get_running_loop().time(), error_ppm=self.wearer.clock_error_ppm)
        config = DeviceConfiguration(
            name=self.name,
            address=hci.Address(self.address),
            advertising_interval_min=ADVERTISING_MS,
            advertising_interval_max=ADVERTISING_MS,
        )
        device = Device.from_config_with_hci(config, line.source, line.sink)
        device.gatt_server.max_mtu = self._highest_mtu
        self._bearer = bearer = self._boot(device, crystal)
        bearer.voice.battery_percent = self._battery_percent
        self._apply_range()
        await bearer.start()
        bearer.turn()

    async def power_off(self) -> None:
        """Take the power: the radio falls silent, and the central finds out by its supervision timeout."""
        line, self._line = self._line, None
        bearer, self._bearer = self._bearer, None
        if bearer is not None:
            bearer.stop()
        if line is not None:
            await line.close()

    async def reboot(self, down_s: float = BOOT_S) -> None:
        """Crash and come back."""
        await self.power_off()
        await asyncio.sleep(down_s)
        await self.power_on()

    # The world around it.

    def set_in_range(self, *, is_in_range: bool) -> None:
        """Carry the sensor out of range, or back. Raises RuntimeError if its air is in another process."""
        self._is_away = not is_in_range
        self._apply_range()

    async def stay_away(self, seconds: float) -> None:
        """Be out of range for some time."""
        self.set_in_range(is_in_range=False)
        await asyncio.sleep(seconds)
        self.set_in_range(is_in_range=True)

    def press_stop(self) -> None:
        """Press the sensor's button: the stream ends without having been asked to."""
        self.bearer.voice.press_stop(self.bearer.now_us())
        self.bearer.turn()

    async def disconnect(self) -> None:
        """Let the sensor end the connection, if there is one."""
        connection = self.bearer.connection
        if connection is not None:
            await connection.disconnect()

    def set_battery(self, percent: int, *, charging: bool = False) -> None:
        """Change the battery's level; on the charger the stream ends."""
        self._battery_percent = percent
        if self._bearer is not None:
            self._bearer.voice.set_battery(percent, self._bearer.now_us(), charging=charging)
            self._bearer.turn()

    def _apply_range(self) -> None:
        if isinstance(self._line, InProcess):
            self._line.controller.air.set_in_range(self._line.controller, is_in_range=not self._is_away)
        elif self._line is not None and self._is_away:
            msg = f"the air of {self.name} is in another process; only there can it be out of range"
            raise RuntimeError(msg)

    def _turned(self) -> None:
        if self.wearer.begin_s is not None:
            self.begun.set()


class VirtualSensor(WornSensor):
    """Our own sensor."""

    def __init__(
        self,
        wearer: Wearer,
        open_line: Callable[[], Awaitable[Line]],
        *,
        name: str,
        address: str,
        settings: Settings,
        boot_ids: Iterator[int],
    ) -> None:
        super().__init__(wearer, open_line, name=name, address=address, highest_mtu=settings.highest_mtu)
        self._settings = settings
        self._boot_ids = boot_ids

    @property
    def peripheral(self) -> Peripheral:
        """The present boot. Raises RuntimeError while the sensor is off."""
        peripheral = self.bearer
        assert isinstance(peripheral, Peripheral)  # noqa: S101  # no other is made
        return peripheral

    @property
    def firmware(self) -> Firmware:
        """The present boot's firmware."""
        return self.peripheral.firmware

    def _boot(self, device: Device, crystal: Crystal) -> Peripheral:
        firmware = Firmware(WornPart(self.wearer, crystal), self._settings, next(self._boot_ids))
        return Peripheral(device, firmware, crystal, self._turned)


def on_air(air: Air, name: str, rssi_dbm: int = -50) -> Callable[[], Awaitable[Line]]:
    """How a sensor opens its radio on an air in this process."""

    async def open_line() -> Line:
        return InProcess(AirController(name, air, rssi_dbm=rssi_dbm))

    return open_line


async def virtual_sensor(
    air: Air,
    session: Session,
    sensor: Sensor | None = None,
    *,
    name: str = "IMU-SIM",
    address: str = "F6:00:00:00:00:01",
    seed: int = 1,
    settings: Settings | None = None,
    rssi_dbm: int = -50,
) -> VirtualSensor:
    """Make a sensor on an air in this process, and switch it on. The same arguments give the same sensor."""
    made = VirtualSensor(
        Wearer(session, sensor or Sensor(), seed),
        on_air(air, name, rssi_dbm),
        name=name,
        address=address,
        settings=settings or Settings(),
        boot_ids=itertools.count(zlib.crc32(name.encode())),
    )
    await made.power_on()
    return made
