"""Many sensors in one process and in virtual time: people, the air, an adapter, the service."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

import pytest
from bumble.transport.common import AsyncPipeSink, Transport

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.tempo import Tempo
from firmware_sim.person.workout import Session
from firmware_sim.radio.air import Air, AirConditions
from firmware_sim.radio.open_imu_sensor import virtual_sensor
from imurep import analyze_file
from imurep.devices import KINDS
from imurep.devices.protocol import StreamRequest
from imurep.events import GapEvent, Rep, State
from imurep.offline.replay import LastSets
from imurep.service.clock import ServiceClock
from imurep.service.raw_archive import RawArchive
from imurep.service.runner import Service
from imurep.service.session import CountingOptions
from imurep.service.session_manager import SessionManager
from imurep.sources import BleSpec
from imurep.sources.ble import BleSource, SensorScanner
from imurep.sources.ble.bumble import BumbleAdapter
from tests.radio.adapter import Adapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from firmware_sim.radio.open_imu_sensor import VirtualSensor
    from firmware_sim.sensor.firmware_settings import FirmwareSettings
    from imurep.events import ExerciseSet, Link, SensorStatus, SessionEvent
    from imurep.sources import Sink

SETTLED_S = 20.0
"""So long after the workout a set is over for sure."""
EPOCH = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
"""Wall clock time at zero of the loop's clock."""
ANY = BleSpec()


def workout(reps: int) -> Session:
    """Stand, walk up, one set of reps of 5 s, walk off."""
    tempo = Tempo(eccentric_s=2.0, bottom_hold_s=0.5, concentric_s=1.5, top_hold_s=1.0)
    return Session(sets=(SetPlan(exercise=EXERCISES["back_extension_45"], reps=reps, tempo=tempo),))


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def until(what: Callable[[], object], within_s: float = 60.0, step_s: float = 0.05) -> None:
    async with asyncio.timeout(within_s):
        while not what():  # noqa: ASYNC110 - any condition; in virtual time asking costs next to nothing
            await asyncio.sleep(step_s)


@dataclass
class EventCollector:
    """A listener that keeps everything, and when it came."""

    events: list[tuple[float, SessionEvent]] = field(default_factory=list)
    statuses: list[SensorStatus] = field(default_factory=list)

    def event(self, event: SessionEvent) -> None:
        self.events.append((now_s(), event))

    def status(self, status: SensorStatus) -> None:
        self.statuses.append(status)

    def of(self, sensor: str = "") -> Iterator[SessionEvent]:
        return (session_event for _, session_event in self.events if session_event.sensor.startswith(sensor))

    def sets(self, sensor: str = "") -> tuple[ExerciseSet, ...]:
        last = LastSets()
        for session_event in self.of(sensor):
            last.add(session_event.event)
        return last.in_order()

    def the_set(self, sensor: str = "") -> ExerciseSet:
        (found,) = self.sets(sensor)
        assert found.state is State.FINAL
        return found

    def tops_s(self) -> list[float]:
        """When the tops of the set's reps were, on the loop's clock."""
        (session_event,) = {session_event.session: session_event for session_event in self.of()}.values()
        return [(session_event.utc(rep.top_us) - EPOCH).total_seconds() for rep in self.the_set().reps]

    def live_reps(self, sensor: str = "") -> int:
        """Number of reps that are not withdrawn."""
        newest = {
            session_event.event.id: session_event.event
            for session_event in self.of(sensor)
            if isinstance(session_event.event, Rep)
        }
        return sum(rep.state is not State.WITHDRAWN for rep in newest.values())

    @property
    def gaps_s(self) -> list[float]:
        """Seconds reported as missing, those too that came later."""
        gaps = [
            session_event.event for session_event in self.of() if isinstance(session_event.event, GapEvent)
        ]
        return [(gap.end_us - gap.start_us) / 1e6 for gap in gaps]

    @property
    def link(self) -> Link | None:
        return self.statuses[-1].link if self.statuses else None

    @property
    def details(self) -> list[str]:
        """What was wrong, each once, in order."""
        return list(dict.fromkeys(status.detail for status in self.statuses if status.detail))

    def links(self, sensor: str = "") -> list[Link]:
        """Each state of the link once, in order."""
        links = [status.link for status in self.statuses if status.sensor.startswith(sensor)]
        return [link for at, link in enumerate(links) if at == 0 or link is not links[at - 1]]


class MultiSensorEnv:
    """Sensors, air and adapters around the service."""

    def __init__(self, directory: Path, conditions: AirConditions | None = None) -> None:
        self.directory = directory
        self.air = Air(conditions or AirConditions(interval_s=0.03))
        self.sensors: list[VirtualSensor] = []
        self.adapters: list[Adapter] = []
        self.plugged = True
        self._services: list[Running] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for running in self._services:
            await running.stop()
        await asyncio.sleep(1.0)  # sensors advertise again; to be switched off amid that is another test
        for sensor in self.sensors:
            await sensor.power_off()

    async def sensor(
        self, session: Session | None = None, *, settings: FirmwareSettings | None = None, seed: int = 1
    ) -> VirtualSensor:
        number = len(self.sensors) + 1
        made = await virtual_sensor(
            self.air,
            session or workout(reps=8),
            name=f"IMU-{number}",
            address=f"F6:00:00:00:00:{number:02X}",
            seed=seed,
            settings=settings,
        )
        self.sensors.append(made)
        return made

    def serve(self, *specs: BleSpec, collector: EventCollector | None = None) -> Running:
        """Start the service."""
        running = Running(self, specs or (ANY,), collector or EventCollector())
        self._services.append(running)
        return running

    def pull(self) -> None:
        """Pull the adapter out."""
        self.plugged = False
        self.adapters[-1].pull()

    async def open(self, _where: str) -> Transport:
        await asyncio.sleep(0)
        if not self.plugged:
            msg = "device not found"
            raise OSError(msg)
        self.adapters.append(Adapter(self.air, f"adapter {len(self.adapters) + 1}"))
        return Transport(self.adapters[-1], AsyncPipeSink(self.adapters[-1].controller))


class Running:
    """The service while it runs."""

    def __init__(self, env: MultiSensorEnv, specs: tuple[BleSpec, ...], collector: EventCollector) -> None:
        self.collector = collector
        self._directory = env.directory
        clock = ServiceClock(EPOCH + timedelta(seconds=now_s()))
        self._scanner = scanner = SensorScanner(BumbleAdapter("test", open_hci=env.open), KINDS)
        self.sessions = SessionManager(
            archive=RawArchive(env.directory, keep_days=7),
            counting=CountingOptions(),
            clock=clock,
            listeners=[self.collector],
        )
        self._service = Service(self.sessions)
        for number, spec in enumerate(specs):
            rng = random.Random(number)  # noqa: S311 - no secret

            def source(sink: Sink, spec: BleSpec = spec, rng: random.Random = rng) -> BleSource:
                return BleSource(
                    spec,
                    scanner=scanner,
                    stream_request=StreamRequest(),
                    sink=sink,
                    now_us=clock.now_us,
                    rng=rng,
                )

            self._service.add(source)
        self.task = asyncio.create_task(self._service.run())

    async def stop(self) -> EventCollector:
        """End it in order, if it has not ended; return its events."""
        if not self.task.done():
            self._service.stop()
        await self.task
        await self._scanner.close()
        return self.collector

    def kept(self) -> list[Path]:
        """Files of the archived sessions."""
        return sorted(self._directory.glob("*.jsonl"))

    def replayed(self) -> tuple[ExerciseSet, ...]:
        """Sets of the archived sessions when they are replayed."""
        return tuple(found for path in self.kept() for found in analyze_file(path).sets)


async def trained(sensor: VirtualSensor, within_s: float = 400.0) -> None:
    """Wait until the workout is over, and counted."""
    async with asyncio.timeout(within_s):
        await sensor.begun.wait()
        assert sensor.wearer.begin_s is not None
        await asyncio.sleep(sensor.wearer.begin_s + sensor.wearer.workout_s + SETTLED_S - now_s())


async def amid_the_set(sensor: VirtualSensor) -> None:
    """Wait for the middle of the set."""
    await sensor.begun.wait()
    assert sensor.wearer.begin_s is not None
    await asyncio.sleep(sensor.wearer.begin_s + sensor.wearer.middle_s() - now_s())


def alike(found: ExerciseSet, expected: ExerciseSet) -> bool:
    """Whether two counts of one set say the same, but for the uncertainty between the two clocks."""

    def numbers(one: ExerciseSet) -> list[list[float | None]]:
        return [
            [
                (rep.start_us - one.start_us) / 1e6,
                (rep.top_us - one.start_us) / 1e6,
                rep.eccentric_s,
                rep.bottom_hold_s,
                rep.concentric_s,
                rep.top_hold_s,
                rep.range_of_motion_deg / 100,
            ]
            for rep in one.reps
        ]

    return numbers(found) == [pytest.approx(rep, abs=0.005) for rep in numbers(expected)]
