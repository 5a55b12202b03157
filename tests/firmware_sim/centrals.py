"""A plain Bumble central for tests of the simulated sensor: a host, a controller, and one conversation."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bumble import hci
from bumble.device import Device, DeviceConfiguration, Peer
from bumble.transport.common import AsyncPipeSink

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.workout import Session
from firmware_sim.radio.controller import AirController
from firmware_sim.radio.open_imu_sensor import uuid
from tests.firmware_sim.firmware_harness import START, packet

if TYPE_CHECKING:
    from bumble.device import Connection
    from bumble.gatt_client import CharacteristicProxy
    from bumble.transport.common import TransportSink, TransportSource

    from firmware_sim.radio.air import Air
    from tests.firmware_sim.firmware_harness import Packet

ADDRESS = "F6:00:00:00:00:01"
SHORT = Session(sets=(SetPlan(exercise=EXERCISES["deadlift"], reps=2),), lead_in=False, cut_after_s=2.0)


def host(source: TransportSource, sink: TransportSink, address: str = "F0:00:00:00:00:99") -> Device:
    config = DeviceConfiguration(name="central", address=hci.Address(address))
    return Device.from_config_with_hci(config, source, sink)


async def central_on(air: Air, address: str = "F0:00:00:00:00:99") -> tuple[Device, AirController]:
    """A powered-up central with a controller in this process."""
    controller = AirController("central", air)
    device = host(controller, AsyncPipeSink(controller), address)
    await device.power_on()
    return device, controller


@dataclass
class Link:
    """A connection to the sensor, and everything that came over it."""

    connection: Connection
    channels: dict[int, CharacteristicProxy[bytes]]
    mtu: int
    lost: asyncio.Future[int]
    responses: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    arrived: list[tuple[float, bytes]] = field(default_factory=list)

    async def ask(self, request: bytes) -> bytes:
        await self.channels[3].write_value(request, with_response=True)
        return await self.responses.get()

    async def start(self) -> bytes:
        return await self.ask(START)

    async def resend(self, stream: int, first: int, count: int) -> bytes:
        return await self.ask(struct.pack("<BBBII", 5, 0x66, stream, first, count))

    def collect(self, payload: bytes) -> None:
        self.arrived.append((asyncio.get_running_loop().time(), bytes(payload)))

    @property
    def data(self) -> list[Packet]:
        return [packet(payload) for _, payload in self.arrived]


async def connect(device: Device, *, mtu: int = 247, address: str = ADDRESS, timeout: float = 5.0) -> Link:  # noqa: ASYNC109  # Bumble's own
    """Connect, discover, negotiate and subscribe to control and data."""
    connection = await device.connect(hci.Address(address), timeout=timeout)
    lost: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    connection.on(connection.EVENT_DISCONNECTION, lost.set_result)
    peer = Peer(connection)
    agreed = await peer.request_mtu(mtu)
    await peer.discover_services()
    await peer.discover_characteristics()
    channels = {number: peer.get_characteristics_by_uuid(uuid(number))[0] for number in range(2, 7)}
    link = Link(connection, channels, agreed, lost)
    await channels[3].subscribe(link.responses.put_nowait, prefer_notify=False)
    await channels[4].subscribe(link.collect)
    return link


def indices(packets: list[Packet]) -> list[int]:
    return [one.index + k for one in packets for k in range(one.n)]


def is_gapless(packets: list[Packet]) -> bool:
    found = indices(packets)
    return found == list(range(found[0], found[0] + len(found)))
