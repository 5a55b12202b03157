"""What receives the counts of a service: the log of sets, and a broker if there is one."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, cast

from imurep.errors import SinkError
from imurep.exercises import EXERCISES, UNKNOWN
from imurep.log import FILE_NAME, SetLogWriter
from imurep.log.cached_user_data import CachedUserData
from imurep.mqtt.state_announcer import StateAnnouncer
from imurep.mqtt.topics import Topics
from imurep.plan import Plan
from imurep.service.broker_access import broker_config
from imurep.service.set_log_listener import SetLogListener
from imurep.sources import RelaySpec, parse_spec
from imurep.util.backoff import Backoff
from imurep.util.version import installed_version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from imurep.config import Settings
    from imurep.exercises import Exercise
    from imurep.mqtt.commands import CommandServices
    from imurep.mqtt.payloads import SetPayload
    from imurep.mqtt.publisher import Publisher
    from imurep.service.clock import ServiceClock
    from imurep.service.runner import Service
    from imurep.service.session_manager import Listener, SessionManager
    from imurep.sources.relay import RelayTransport


class Publishing:
    """The log of sets with the user data, and the publisher; ``opened`` and ``running`` are its life."""

    def __init__(self, settings: Settings, clock: ServiceClock) -> None:
        """Build all; nothing is opened yet. Raises ConfigError."""
        self._settings = settings
        self._clock = clock
        self._log = SetLogWriter(settings.data.directory / FILE_NAME, is_outbox=settings.mqtt.url is not None)
        self._user_data = CachedUserData(self._log, Plan(exercise=settings.exercise or UNKNOWN))
        self._announcer = StateAnnouncer(
            Topics(settings.mqtt.root),
            self._user_data.plans,
            now_utc=clock.utc,
            version=installed_version(),
            lines_deg=self._user_data.lines_deg,
            form=settings.mqtt.discovery,
        )
        self._publisher = None if settings.mqtt.url is None else self._build_publisher()
        self.relay_transport = self._build_relay_transport()
        """The way to phones that hold sensors, where there is a broker and such a sensor is wanted."""
        self.listeners: list[Listener] = [SetLogListener(self._log, self._announcer.set_payload)]
        if self._publisher is not None:
            self.listeners.append(self._publisher)

    @asynccontextmanager
    async def opened(self, *, with_json_files: bool) -> AsyncIterator[tuple[str, ...]]:
        """Load the user data; gives the person's recent exercises. In the end all that is left is written.

        ``with_json_files`` takes user data over from the files of imurep 0.1 first.
        """
        try:
            await self._user_data.load(with_json_files=with_json_files)
            person, exercise = self._settings.person, self._settings.exercise
            if exercise in EXERCISES:
                self._user_data.set_recent_exercise(person, exercise)
            yield self._user_data.recent_exercises(person)
        finally:
            await self._log.close()

    @asynccontextmanager
    async def running(self, service: Service, sessions: SessionManager) -> AsyncIterator[None]:
        """Write and publish meanwhile; in the end the last sets are sent."""
        for sensor, plan in self._user_data.plans.all().items():
            sessions.instruct(sensor, exercise=plan.exercise)
        await self._load_recent_sets()
        tasks = [asyncio.create_task(self._log.run()), asyncio.create_task(self._user_data.run())]
        publishing = self._publish(self._publisher, service, sessions) if self._publisher else None
        try:
            yield
        finally:
            if self._publisher is not None and publishing is not None:
                self._publisher.stop()
                await publishing
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _load_recent_sets(self) -> None:
        """Load the sets of the last day, and the last one of each sensor."""
        with suppress(SinkError):  # the log reports it when it writes
            sets = await self._log.since(self._clock.utc() - timedelta(days=1))
            last = [await self._log.last(sensor) for sensor in await self._log.sensors()]
            for stored in (*last, *sets):
                if stored is not None:
                    self._announcer.recent_sets.add(cast("SetPayload", stored.payload))

    def _build_publisher(self) -> Publisher:
        from imurep.mqtt.broker_config import tls_context  # noqa: PLC0415 loads ssl
        from imurep.mqtt.publisher import BACKOFF_FIRST_S, BACKOFF_MOST_S, Publisher  # noqa: PLC0415 loads paho

        config = broker_config(self._settings)
        if config.tls is not None:
            tls_context(config.tls)  # a file that cannot be read is better known now
        rng = Random()  # noqa: S311 spreads attempts, keeps no secret
        return Publisher(
            config=config,
            topics=self._announcer.topics,
            log=self._log,
            announcer=self._announcer,
            backoff=Backoff(rng, first_s=BACKOFF_FIRST_S, most_s=BACKOFF_MOST_S),
            rng=rng,
        )

    def _build_relay_transport(self) -> RelayTransport | None:
        from imurep.service.relay_transport import PublisherTransport  # noqa: PLC0415 few need it

        is_wanted = any(isinstance(parse_spec(text), RelaySpec) for text in self._settings.sensors)
        if self._publisher is None or not is_wanted:
            return None
        return PublisherTransport(self._publisher, self._announcer.topics)

    def _publish(
        self, publisher: Publisher, service: Service, sessions: SessionManager
    ) -> asyncio.Task[None]:
        from imurep.mqtt.commands import Commands  # noqa: PLC0415 only with a broker

        commands = Commands(self._announcer, self._command_services(publisher, service, sessions))
        return asyncio.create_task(publisher.run(commands))

    def _command_services(
        self, publisher: Publisher, service: Service, sessions: SessionManager
    ) -> CommandServices:
        from imurep.mqtt.commands import CommandServices  # noqa: PLC0415
        from imurep.service.calibration_sessions import CalibrationSessions  # noqa: PLC0415

        async def keep(payload: SetPayload) -> bool:
            started = datetime.fromisoformat(payload["started"])
            return await self._log.put(
                payload["id"], payload["version"], payload["sensor"], payload["person"], started, payload
            )

        async def find_set(set_id: str) -> SetPayload | None:
            stored = await self._log.newest(set_id)
            return None if stored is None else cast("SetPayload", stored.payload)

        def remember_exercise(person: str, exercise: str) -> None:
            self._user_data.set_recent_exercise(person, exercise)
            if person == self._settings.person:
                sessions.set_recent_exercises(self._user_data.recent_exercises(person))

        def keep_line(sensor: str, exercise: Exercise, line_deg: float) -> None:
            self._user_data.set_line(self._settings.person, sensor, exercise.name, line_deg)

        return CommandServices(
            set_exercise=lambda sensor, exercise: sessions.instruct(sensor, exercise=exercise),
            mark_boundary=lambda sensor, boundary: sessions.instruct(sensor, boundary=boundary),
            identify=service.identify,
            find_set=find_set,
            store=keep,
            remember_exercise=remember_exercise,
            replay=publisher.outbox.replay,
            enqueue=publisher.enqueue,
            calibrate=CalibrationSessions(sessions, keep_line).begin,
        )
