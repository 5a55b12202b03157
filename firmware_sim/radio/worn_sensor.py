"""A sensor of any kind on a person and on the virtual air, through any number of boots."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from bumble import hci
from bumble.device import Device, DeviceConfiguration
from bumble.transport.common import AsyncPipeSink

from firmware_sim.radio.controller import AirController
from firmware_sim.radio.gatt_server import GattServer
from firmware_sim.sensor.clock import Crystal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bumble.transport.common import TransportSink, TransportSource

    from firmware_sim.radio.air import Air
    from firmware_sim.sensor.wearer import Wearer

ADVERTISING_MS = 100.0
"""Interval of advertisements. A connection begins with one, so this is how long connecting takes."""
BOOT_S = 1.0
"""From power to the first advertisement after a reboot."""


class HciTransport(Protocol):
    """HCI between a host and its controller, as Bumble opens it. Closing it takes the radio's power."""

    source: TransportSource
    sink: TransportSink

    async def close(self) -> None:
        """Take the controller's power."""


class InProcessTransport:
    """HCI to a controller on an air in this process."""

    def __init__(self, air: Air, name: str, rssi_dbm: int) -> None:
        self._air = air
        self._controller = AirController(name, air, rssi_dbm=rssi_dbm)
        self.source: TransportSource = self._controller
        self.sink: TransportSink = AsyncPipeSink(self._controller)

    def set_in_range(self, *, is_in_range: bool) -> None:
        """Take the controller out of everybody's range, or bring it back."""
        self._air.set_in_range(self._controller, is_in_range=is_in_range)

    async def close(self) -> None:
        """Take the controller off the air."""
        self._controller.remove()


S = TypeVar("S", bound=GattServer[Any])


class WornSensor(ABC, Generic[S]):
    """One sensor of any kind on one person. It starts switched off."""

    def __init__(
        self,
        wearer: Wearer,
        open_transport: Callable[[], Awaitable[HciTransport]],
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
        self._open_transport = open_transport
        self._highest_mtu = highest_mtu
        self._battery_percent = 100
        self._transport: HciTransport | None = None
        self._server: S | None = None
        self._is_away = False

    @abstractmethod
    def _start_firmware(self, device: Device, crystal: Crystal) -> S:
        """Start the firmware on a device whose clock is at zero."""

    @property
    def server(self) -> S:
        """GATT server of the present boot. Raises RuntimeError while the sensor is off."""
        if self._server is None:
            msg = f"{self.name} is switched off"
            raise RuntimeError(msg)
        return self._server

    @property
    def transport(self) -> HciTransport | None:
        """HCI to the controller of the present boot; None while the sensor is off."""
        return self._transport

    # Power.

    async def power_on(self) -> None:
        """Boot, with a clock at zero and no memory of earlier boots."""
        self._transport = transport = await self._open_transport()
        crystal = Crystal(booted_s=asyncio.get_running_loop().time(), error_ppm=self.wearer.clock_error_ppm)
        config = DeviceConfiguration(
            name=self.name,
            address=hci.Address(self.address),
            advertising_interval_min=ADVERTISING_MS,
            advertising_interval_max=ADVERTISING_MS,
        )
        device = Device.from_config_with_hci(config, transport.source, transport.sink)
        device.gatt_server.max_mtu = self._highest_mtu
        self._server = server = self._start_firmware(device, crystal)
        server.firmware.battery_percent = self._battery_percent
        self._apply_range()
        await server.start()
        server.step()

    async def power_off(self) -> None:
        """Take the power: the radio falls silent, and the central finds out by its supervision timeout."""
        transport, self._transport = self._transport, None
        server, self._server = self._server, None
        if server is not None:
            server.stop()
        if transport is not None:
            await transport.close()

    async def reboot(self, down_s: float = BOOT_S) -> None:
        """Crash and come back."""
        await self.power_off()
        await asyncio.sleep(down_s)
        await self.power_on()

    # Events around it.

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
        """Press the sensor's button, which ends the stream."""
        self.server.firmware.press_stop(self.server.now_us())
        self.server.step()

    async def disconnect(self) -> None:
        """Make the sensor end the connection, if there is one."""
        connection = self.server.connection
        if connection is not None:
            await connection.disconnect()

    def set_battery(self, percent: int, *, charging: bool = False) -> None:
        """Change the battery's level; on the charger the stream ends."""
        self._battery_percent = percent
        if self._server is not None:
            self._server.firmware.set_battery(percent, self._server.now_us(), charging=charging)
            self._server.step()

    def _apply_range(self) -> None:
        if isinstance(self._transport, InProcessTransport):
            self._transport.set_in_range(is_in_range=not self._is_away)
        elif self._transport is not None and self._is_away:
            msg = f"the air of {self.name} is in another process; only there can it be out of range"
            raise RuntimeError(msg)

    def _on_step(self) -> None:
        if self.wearer.begin_s is not None:
            self.begun.set()


def air_transport(air: Air, name: str, rssi_dbm: int = -50) -> Callable[[], Awaitable[HciTransport]]:
    """Return a function that opens HCI to a new controller on an air in this process."""

    async def open_transport() -> HciTransport:
        return InProcessTransport(air, name, rssi_dbm)

    return open_transport
