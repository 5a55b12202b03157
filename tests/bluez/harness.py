"""Sensors, the BlueZ look-alike as a program, and the service on bleak's backend for Linux."""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bleak.backends.bluezdbus import manager as bluez_manager
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.workout import Session
from firmware_sim.radio.air import Air, AirConditions
from firmware_sim.radio.hci_tcp import HciServer
from firmware_sim.radio.open_imu_sensor import virtual_sensor
from firmware_sim.sensor.firmware_settings import FirmwareSettings
from imurep.devices import KINDS
from imurep.devices.protocol import StreamRequest
from imurep.events import ExerciseSet, Link, State
from imurep.service.clock import ServiceClock
from imurep.service.raw_archive import RawArchive
from imurep.service.runner import Service
from imurep.service.session import CountingOptions
from imurep.service.session_manager import SessionManager
from imurep.sources import BleSpec
from imurep.sources.ble import BleSource, PlatformAdapter, SensorScanner

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable

    from firmware_sim.radio.open_imu_sensor import VirtualSensor
    from imurep.events import SensorStatus, SessionEvent
    from imurep.sources import Sink

ROOT = Path(__file__).parents[2]
SPEED = 6.0
PATIENCE_S = 300.0
"""How long what has to happen may take: on a busy machine a second of these is much less than one."""
RING_S = 600.0
"""The sensor's memory; how little of it is enough is tested elsewhere, where time is virtual."""
ADAPTER = "/org/bluez/hci0"
REPS = 4
BENCH = SetPlan(exercise=EXERCISES["back_extension_45"], reps=REPS)
WORKOUT = Session(sets=(BENCH,), lead_in=False, cut_after_s=3)


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not what():  # noqa: ASYNC110 - any condition, some of another program's making
            await asyncio.sleep(0.05)


class Listener:
    """Records the sets and the states that a service publishes."""

    def __init__(self) -> None:
        self.sets: dict[str, ExerciseSet] = {}
        self.statuses: list[SensorStatus] = []

    def event(self, event: SessionEvent) -> None:
        if isinstance(event.event, ExerciseSet):
            self.sets[event.event.id] = event.event

    def status(self, status: SensorStatus) -> None:
        self.statuses.append(status)

    @property
    def link(self) -> Link | None:
        return self.statuses[-1].link if self.statuses else None

    @property
    def counts(self) -> list[int]:
        return [found.repetitions for found in self.sets.values()]

    def had_detail(self, words: str) -> bool:
        return any(words in status.detail for status in self.statuses)


class Harness:
    """A simulated radio with an HCI port, org.bluez on it, and a service that knows of neither."""

    def __init__(self, bus: str, directory: Path) -> None:
        self.air = Air(AirConditions(interval_s=0.03, supervision_s=2.0))
        self.hci = HciServer(self.air)
        self.listener = Listener()
        self.service: Service | None = None
        self._bus = bus
        self._directory = directory
        self._transport = ""
        self._daemon: Process | None = None
        self._before: Process | None = None
        self._sensors: list[VirtualSensor] = []
        self._running: asyncio.Task[None] | None = None
        self._scanner: SensorScanner | None = None

    async def __aenter__(self) -> Self:
        self._transport = await self.hci.start()
        await self.start_bluez()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop_service()
        # bleak keeps a connection to the bus for as long as the loop lives.
        manager = bluez_manager._global_instances.pop(asyncio.get_running_loop(), None)
        if manager is not None and manager._bus is not None:
            manager._bus.disconnect()
        await self.kill_bluez()
        if self._before is not None:
            await self._before.wait()
        for sensor in self._sensors:
            await sensor.power_off()
        await self.hci.close()

    # The machine.

    async def start_bluez(self) -> None:
        self._daemon = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.bluez", self._transport, "--speed", str(SPEED)),
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert self._daemon.stdout is not None
        assert await self._daemon.stdout.readline() == b"ready\n"

    async def successor(self) -> Callable[[], None]:
        """Start another one, which queues for the name; call what this gives to kill the one before it."""
        self._before = before = self._daemon
        await self.start_bluez()
        assert before is not None
        return before.kill

    async def kill_bluez(self) -> None:
        if self._daemon is not None:
            self._daemon.kill()
            await self._daemon.wait()
            self._daemon = None

    async def pull_adapter(self) -> None:
        await self.hci.close()

    async def plug_adapter(self) -> None:
        await self.hci.start(int(self._transport.rpartition(":")[2]))

    async def power(self, *, on: bool) -> None:
        """Switch the adapter, as bluetoothctl does."""
        body = ["org.bluez.Adapter1", "Powered", Variant("b", on)]
        await self.ask(ADAPTER, "org.freedesktop.DBus.Properties", "Set", "ssv", body)

    async def ask(
        self, path: str, interface: str, member: str, signature: str = "", body: list[Any] | None = None
    ) -> list[Any]:
        """Call a method as a client of its own; raises AssertionError for an error."""
        bus = await MessageBus(self._bus).connect()
        try:
            reply = await bus.call(
                Message(
                    destination="org.bluez",
                    path=path,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=body or [],
                )
            )
        finally:
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # it has no annotations
        assert reply is not None
        assert reply.message_type is MessageType.METHOD_RETURN, reply.body
        return list(reply.body)

    # The sensor.

    async def sensor(self, session: Session = WORKOUT) -> VirtualSensor:
        # A busy machine starts programs late, and here its seconds count many times.
        made = await virtual_sensor(self.air, session, settings=FirmwareSettings(ring_s=RING_S))
        self._sensors.append(made)
        return made

    async def halfway(self, sensor: VirtualSensor) -> None:
        """Wait until the person is amid the set."""
        await sensor.begun.wait()
        assert sensor.wearer.begin_s is not None
        wait_s = sensor.wearer.begin_s + sensor.wearer.middle_s() - asyncio.get_running_loop().time()
        await asyncio.sleep(wait_s)

    # The service.

    def serve(self) -> None:
        """Run imurep's own service."""
        clock = ServiceClock()
        self._scanner = scanner = SensorScanner(PlatformAdapter(), KINDS)

        def source(sink: Sink) -> BleSource:
            return BleSource(
                BleSpec(),
                scanner=scanner,
                stream_request=StreamRequest(),
                sink=sink,
                now_us=clock.now_us,
                rng=random.Random(1),  # noqa: S311 - no secret
            )

        sessions = SessionManager(
            archive=RawArchive(self._directory / "data", keep_days=7),
            counting=CountingOptions(),
            clock=clock,
            listeners=[self.listener],
        )
        self.service = Service(sessions)
        self.service.add(source)
        self._running = asyncio.create_task(self.service.run())

    async def stop_service(self) -> None:
        """End it in order, as SIGTERM does."""
        if self.service is not None and self._running is not None and self._scanner is not None:
            self.service.stop()
            async with asyncio.timeout(60):
                await self._running
            await self._scanner.close()
            self.service = None

    async def streams(self) -> None:
        """Wait until the sensor does."""
        await until(lambda: self.listener.link is Link.STREAMING)

    async def counted(self, sensor: VirtualSensor) -> list[int]:
        """Wait until the workout has been counted, stop the service, and give the reps of each set."""
        assert sensor.wearer.begin_s is not None
        end_s = sensor.wearer.begin_s + sensor.wearer.workout_s
        await asyncio.sleep(end_s - asyncio.get_running_loop().time())
        await self.streams()
        with contextlib.suppress(TimeoutError):  # what is missing then is what the caller wants to see
            await until(lambda: any(found.state is State.FINAL for found in self.listener.sets.values()))
        await self.stop_service()
        return self.listener.counts
