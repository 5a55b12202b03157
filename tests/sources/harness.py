"""A stand for radio tests: sensors and an adapter on a simulated air, in one process and in virtual time."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from bumble import att, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import GATT_BATTERY_LEVEL_CHARACTERISTIC, Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink, Transport

from firmware_sim.radio.air import Air, AirConditions
from firmware_sim.radio.controller import AirController
from imurep.devices.kind import SensorKind
from imurep.devices.open_imu import OpenImuDecoder
from imurep.devices.protocol import Disconnect, StreamRequest, Subscribe, Write
from imurep.events import LinkEvent, Notification
from imurep.sources import BleSpec
from imurep.sources.ble import BleSource, SensorScanner
from imurep.sources.ble.bumble import BumbleAdapter
from tests.radio.adapter import Adapter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bumble.device import Connection

    from imurep.devices.protocol import Step
    from imurep.events import Link, SensorStatus
    from imurep.recording import Header, RecordingItem

SERVICE = "5d0c0001-0000-4000-8000-000000000000"
CHANNELS = {
    "data": "5d0c0002-0000-4000-8000-000000000000",
    "control": "5d0c0003-0000-4000-8000-000000000000",
    "battery": "00002a19-0000-1000-8000-00805f9b34fb",
    "absent": "5d0c0009-0000-4000-8000-000000000000",
}
ANY = BleSpec()
SUPERVISION_S = 2.0
ADVERTISING_MS = 100

Property = Characteristic.Properties
Permission = Characteristic.Permissions


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def until(what: Callable[[], object], within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not what():  # noqa: ASYNC110 - any condition; in virtual time asking costs next to nothing
            await asyncio.sleep(0.01)


class Script:
    """A small conversation: starts when connected, streams once data come, stops when asked."""

    def __init__(self, first: Sequence[Step] = (), stop_steps: Sequence[Step] = ()) -> None:
        self.first = first or (Subscribe("data"), Write("control", b"start"))
        self.stop_steps = stop_steps or (Write("control", b"stop"), Disconnect())
        self.answers: dict[str, Sequence[Step]] = {}
        self.wakes_us: int | None = None
        self.streaming = False
        self.calls: list[object] = []
        self.mtu = 0

    def connected(self, now_us: int, mtu: int) -> Sequence[Step]:
        self.calls.append("connected")
        self.mtu = mtu
        assert now_us >= 0
        return self.first

    def feed(self, notification: Notification) -> Sequence[Step]:
        self.calls.append(notification.payload)
        self.streaming = self.streaming or notification.channel == "data"
        return self.answers.get(notification.channel, ())

    def refused(self, step: Step, problem: str, now_us: int) -> Sequence[Step]:
        assert now_us >= 0
        self.calls.append((step, problem))
        return self.answers.get("refused", ())

    def wake(self, now_us: int) -> Sequence[Step]:
        assert self.wakes_us is not None
        assert now_us >= self.wakes_us
        self.wakes_us = None
        self.calls.append("woken")
        return self.answers.get("wake", ())

    def disconnected(self, now_us: int) -> None:
        assert now_us >= 0
        self.calls.append("disconnected")
        self.streaming = False

    def identify(self, now_us: int) -> Sequence[Step]:
        assert now_us >= 0
        return self.answers.get("identify", ())

    def stop(self, now_us: int) -> Sequence[Step]:
        assert now_us >= 0
        self.calls.append("stop")
        return self.stop_steps


class Log:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.items: list[RecordingItem] = []
        self.statuses: list[SensorStatus] = []
        self.complaint: Exception | None = None
        self.whose: list[tuple[str, str]] = []
        self.earlier: list[Notification] = []
        """What ``found`` gives as received before."""

    def found(self, sensor: str, protocol: str, *, recorded: Header | None = None) -> list[Notification]:
        assert recorded is None or recorded.sensor == sensor
        self.whose.append((sensor, protocol))
        return self.earlier

    def received(self, item: RecordingItem) -> None:
        if self.complaint is not None and isinstance(item, Notification):
            raise self.complaint
        self.items.append(item)

    def status(self, status: SensorStatus) -> None:
        self.statuses.append(status)

    @property
    def payloads(self) -> list[bytes]:
        return [item.payload for item in self.items if isinstance(item, Notification)]

    @property
    def link_events(self) -> list[LinkEvent]:
        return [item for item in self.items if isinstance(item, LinkEvent)]

    @property
    def ups(self) -> int:
        return sum(event.up for event in self.link_events)

    @property
    def links(self) -> list[Link]:
        """Each state of the link once, in order."""
        links = [status.link for status in self.statuses]
        return [link for at, link in enumerate(links) if at == 0 or link is not links[at - 1]]

    @property
    def link(self) -> Link | None:
        return self.statuses[-1].link if self.statuses else None

    @property
    def detail(self) -> str:
        return self.statuses[-1].detail if self.statuses else ""


class Sensor:
    """A peripheral that remembers what was written to it."""

    def __init__(
        self, air: Air, number: int, *, name: str, rssi_dbm: int, service: str, battery: int | None
    ) -> None:
        self.controller = AirController(f"sensor {number}", air, rssi_dbm=rssi_dbm)
        self.address = f"F6:00:00:00:00:{number:02X}"
        self.written: list[bytes] = []
        self.refusal: int | None = None
        self.on_start: Callable[[], None] | None = None
        self.connection: Connection | None = None
        self.connections = 0
        self.device = Device(
            config=DeviceConfiguration(
                name=name,
                address=hci.Address(self.address),
                advertising_interval_min=ADVERTISING_MS,
                advertising_interval_max=ADVERTISING_MS,
            ),
            host=Host(self.controller, AsyncPipeSink(self.controller)),
        )
        self.data: Characteristic[bytes] = Characteristic(
            CHANNELS["data"], Property.NOTIFY, Permission.READABLE, CharacteristicValue(read=lambda _: b"")
        )
        control: Characteristic[bytes] = Characteristic(
            CHANNELS["control"],
            Property.READ | Property.WRITE | Property.INDICATE,
            Permission.READABLE | Permission.WRITEABLE,
            CharacteristicValue(read=lambda _: b"idle", write=self._write),
        )
        level: Characteristic[bytes] = Characteristic(
            GATT_BATTERY_LEVEL_CHARACTERISTIC,
            Property.READ | Property.NOTIFY,
            Permission.READABLE,
            CharacteristicValue(read=lambda _: b"\x57"),
        )
        self.device.add_services([Service(SERVICE, [self.data, control]), Service("180F", [level])])
        self.device.advertising_data = bytes(
            AdvertisingData(
                [
                    (AdvertisingData.FLAGS, b"\x06"),
                    (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(UUID(service))),
                ]
            )
        )
        response = [(AdvertisingData.COMPLETE_LOCAL_NAME, name.encode())]
        if battery is not None:
            response.append((AdvertisingData.SERVICE_DATA_16_BIT_UUID, b"\x0f\x18" + bytes([battery])))
        self.device.scan_response_data = bytes(AdvertisingData(response))
        self.device.on(self.device.EVENT_CONNECTION, self._connected)

    async def power_on(self) -> None:
        await self.device.power_on()
        await self.device.start_advertising(auto_restart=True)

    async def send(self, payload: bytes) -> None:
        if self.connection is not None:
            await self.device.gatt_server.notify_subscriber(self.connection, self.data, payload)

    def _write(self, _connection: Connection, value: bytes) -> None:
        if self.refusal is not None:
            raise att.ATT_Error(self.refusal)
        self.written.append(bytes(value))

    def _connected(self, connection: Connection) -> None:
        self.connection = connection
        self.connections += 1
        connection.on(connection.EVENT_DISCONNECTION, self._disconnected)

    def _disconnected(self, _reason: int) -> None:
        self.connection = None


class _Hole:
    def on_packet(self, packet: bytes) -> None:
        pass


class Harness:
    """An air with sensors, and a finder with one adapter on it."""

    def __init__(self) -> None:
        self.air = Air(AirConditions(supervision_s=SUPERVISION_S))
        self.sensors: list[Sensor] = []
        self.plugged = True
        self.mute = False
        """Whether the adapter ignores what its host says."""
        self.plug: Adapter | None = None
        self.opened = 0
        self.scripts: list[Script] = []
        self.make_script: Callable[[], Script] = Script
        self.kind = SensorKind(
            name="scripted",
            title="Scripted sensor",
            decoder=OpenImuDecoder,
            conversation=self._conversation,
            channels=CHANNELS,
            services=frozenset({SERVICE}),
        )
        self.radio = BumbleAdapter("test", open_hci=self._open)
        self.scanner = SensorScanner(self.radio, {"scripted": self.kind})
        self.begin_s = now_s()
        self.tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)
        await self.scanner.close()
        for sensor in self.sensors:
            sensor.controller.vanish()

    async def sensor(
        self, name: str = "Back", *, rssi_dbm: int = -50, service: str = SERVICE, battery: int | None = None
    ) -> Sensor:
        number = len(self.sensors) + 1
        sensor = Sensor(self.air, number, name=name, rssi_dbm=rssi_dbm, service=service, battery=battery)
        self.sensors.append(sensor)
        await sensor.power_on()
        return sensor

    def source(self, spec: BleSpec | None = None, *, seed: int = 1) -> tuple[BleSource, Log]:
        """Start a source; its task is the newest of ``tasks``."""
        log = Log()
        source = self.make_source(log, self.scanner, spec or BleSpec(), seed=seed)
        self.tasks.append(asyncio.create_task(source.run()))
        return source, log

    def make_source(
        self, log: Log, scanner: SensorScanner, spec: BleSpec = ANY, *, seed: int = 1
    ) -> BleSource:
        return BleSource(
            spec,
            scanner=scanner,
            stream_request=StreamRequest(),
            sink=log,
            now_us=self.now_us,
            rng=random.Random(seed),  # noqa: S311 - no secret
        )

    def is_scanning(self) -> bool:
        return self.plug is not None and self.plug.controller.le_scan_enable

    def now_us(self) -> int:
        return round((now_s() - self.begin_s) * 1e6)

    def set_in_range(self, sensor: Sensor, *, is_in_range: bool) -> None:
        self.air.set_in_range(sensor.controller, is_in_range=is_in_range)

    def pull(self) -> None:
        """Pull the adapter out."""
        assert self.plug is not None
        self.plugged = False
        self.plug.pull()

    def _conversation(self, _stream_request: StreamRequest) -> Script:
        self.scripts.append(self.make_script())
        return self.scripts[-1]

    async def _open(self, _where: str) -> Transport:
        await asyncio.sleep(0)
        if not self.plugged:
            msg = "device not found"
            raise OSError(msg)
        self.opened += 1
        self.plug = Adapter(self.air, f"adapter {self.opened}")
        return Transport(self.plug, _Hole() if self.mute else AsyncPipeSink(self.plug.controller))


def without_time(items: Sequence[object]) -> list[object]:
    return [
        replace(item, arrival_us=0) if isinstance(item, LinkEvent | Notification) else item for item in items
    ]
