"""A simulated person with a sensor of any kind, and what imurep's source receives of it, in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from bumble.transport.common import AsyncPipeSink, Transport

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.workout import Session
from firmware_sim.radio.air import Air, AirConditions
from firmware_sim.radio.emulated_sensor import EmulatedSensor, emulated_sensor
from firmware_sim.radio.open_imu_sensor import virtual_sensor
from imurep.counting.pipeline import Pipeline
from imurep.devices import KINDS, decoder_for
from imurep.events import ExerciseSet, GapEvent, State
from imurep.sources.ble import SensorScanner
from imurep.sources.ble.bumble import BumbleAdapter
from tests.radio.adapter import Adapter
from tests.sources.harness import Harness, Log, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bleak.backends.device import BLEDevice

    from firmware_sim.person.truth import TrueSet
    from firmware_sim.radio.open_imu_sensor import VirtualSensor
    from imurep.events import LinkEvent

SUPERVISION_S = 2.0


def workout(exercise: str, *reps: int) -> Session:
    return Session(sets=tuple(SetPlan(exercise=EXERCISES[exercise], reps=n) for n in reps), rest_s=40.0)


@dataclass
class Counted:
    """What the pipeline made of it."""

    sets: list[ExerciseSet]
    gaps: list[GapEvent]
    malformed: int

    @property
    def reps(self) -> list[int]:
        return [one.repetitions for one in self.sets]


@dataclass
class WornSetup:
    """A sensor on a person, on an air with one adapter."""

    kind: str
    session: Session
    seed: int = 1
    log: Log = field(default_factory=Log)

    async def __aenter__(self) -> Self:
        self.air = Air(AirConditions(interval_s=0.03, supervision_s=SUPERVISION_S), seed=self.seed)
        self.sensor: VirtualSensor | EmulatedSensor
        if self.kind == "open_imu":
            self.sensor = await virtual_sensor(self.air, self.session, seed=self.seed)
        else:
            self.sensor = await emulated_sensor(self.air, self.session, self.kind, seed=self.seed)
        self.radio = BumbleAdapter("test", open_hci=self._open)
        self.scanner = SensorScanner(self.radio, KINDS)
        self.stand = Harness()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.scanner.close()
        await asyncio.sleep(1)
        await self.sensor.power_off()

    @property
    def truth(self) -> list[TrueSet]:
        return self.sensor.wearer.sets

    @property
    def emulated(self) -> EmulatedSensor:
        assert isinstance(self.sensor, EmulatedSensor)
        return self.sensor

    async def _open(self, _where: str) -> Transport:
        adapter = Adapter(self.air)
        return Transport(adapter, AsyncPipeSink(adapter.controller))

    async def seen(self) -> BLEDevice:
        """The sensor, as bleak sees it."""
        found: list[BLEDevice] = []
        await self.radio.ready()
        async with self.radio.scanner(lambda device, _: found.append(device)):
            await until(lambda: found and found[-1].name)
        return found[-1]

    async def work_out(self, happens: Callable[[], Awaitable[None]] | None = None) -> Counted:
        """Hold the sensor for as long as the workout takes, and count what came."""
        source = self.stand.make_source(self.log, self.scanner)
        life = asyncio.create_task(source.run())
        await self.sensor.begun.wait()
        await asyncio.gather(
            asyncio.sleep(self.sensor.wearer.workout_s + 20), *([happens()] if happens else [])
        )
        source.stop()
        await life
        return self.counted()

    def counted(self) -> Counted:
        ((_, protocol),) = self.log.whose
        pipeline = Pipeline(decoder=decoder_for(protocol))
        events = [event for item in self.log.items for event in pipeline.push(item)]
        events += pipeline.flush()
        last = {event.id: event for event in events if isinstance(event, ExerciseSet)}
        return Counted(
            sets=[one for one in last.values() if one.state is not State.WITHDRAWN],
            gaps=[event for event in events if isinstance(event, GapEvent)],
            malformed=pipeline.malformed,
        )

    @property
    def downs(self) -> list[LinkEvent]:
        return [event for event in self.log.link_events if not event.up]
