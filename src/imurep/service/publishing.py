"""Who else is told what a live service counts: the log of sets, and a broker."""

from __future__ import annotations

import asyncio
import hashlib
import platform
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, cast

from imurep.errors import ConfigError, SinkError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from imurep.config import Settings
    from imurep.log.user_data import Store
    from imurep.mqtt.broker_config import Access
    from imurep.mqtt.commands import Means
    from imurep.mqtt.payloads import SetPayload
    from imurep.mqtt.publisher import Publisher
    from imurep.mqtt.state_announcer import Desk
    from imurep.service.clock import ServiceClock
    from imurep.service.runner import Service
    from imurep.service.session_manager import Listener, SessionManager
    from imurep.sources.relay import Carrier


class Publishing:
    """The log of sets, and the publisher if there is a broker: what they are, and while the service runs."""

    def __init__(self, settings: Settings, clock: ServiceClock, store: Store) -> None:
        """Build both; nothing is opened yet. Raises ConfigError."""
        from imurep.log import FILE_NAME, SetLogWriter  # noqa: PLC0415 loads numpy
        from imurep.service.set_log_listener import Keeper  # noqa: PLC0415

        self._settings = settings
        self._clock = clock
        self._store = store
        self._log = SetLogWriter(settings.data.directory / FILE_NAME, is_outbox=settings.mqtt.url is not None)
        self._desk = self._build_desk()
        self._publisher = None if settings.mqtt.url is None else self._build_publisher()
        self.carrier = self._build_carrier()
        """The way to phones that hold sensors, where there is a broker and such a sensor is wanted."""
        self.listeners: list[Listener] = [Keeper(self._log, self._desk.set_payload)]
        if self._publisher is not None:
            self.listeners.append(self._publisher)

    @asynccontextmanager
    async def running(self, service: Service, sessions: SessionManager) -> AsyncIterator[None]:
        """Write and publish meanwhile; in the end the last sets are written and sent."""
        for sensor, plan in self._desk.plans.all().items():
            sessions.instruct(sensor, exercise=plan.exercise)
        await self._remember()
        writing = asyncio.create_task(self._log.run())
        publishing = self._publish(self._publisher, service, sessions) if self._publisher else None
        try:
            yield
        finally:
            if self._publisher is not None and publishing is not None:
                self._publisher.stop()
                await publishing
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await self._log.close()

    async def _remember(self) -> None:
        """Let the desk know the sets of today, and the last one of each sensor."""
        with suppress(SinkError):  # the log says so when it writes
            sets = await self._log.since(self._clock.utc() - timedelta(days=1))
            last = [await self._log.last(sensor) for sensor in await self._log.sensors()]
            for kept in (*last, *sets):
                if kept is not None:
                    self._desk.finished.take(cast("SetPayload", kept.payload))

    def _build_desk(self) -> Desk:
        from imurep import __version__  # noqa: PLC0415
        from imurep.exercises import UNKNOWN  # noqa: PLC0415
        from imurep.log.plans import FILE_NAME, Plans  # noqa: PLC0415
        from imurep.mqtt.state_announcer import Desk  # noqa: PLC0415 loads numpy
        from imurep.mqtt.topics import Topics  # noqa: PLC0415
        from imurep.plan import Plan  # noqa: PLC0415

        usual = Plan(exercise=self._settings.exercise or UNKNOWN)
        return Desk(
            Topics(self._settings.mqtt.root),
            Plans(self._settings.data.directory / FILE_NAME, usual),
            utc=self._clock.utc,
            version=__version__,
            lines_deg=self._lines_deg,
            form=self._settings.mqtt.discovery,
        )

    def _build_publisher(self) -> Publisher:
        from imurep.mqtt.publisher import BACKOFF_FIRST_S, BACKOFF_MOST_S, Publisher  # noqa: PLC0415
        from imurep.mqtt.tls import tls_context  # noqa: PLC0415 loads ssl
        from imurep.util.backoff import Backoff  # noqa: PLC0415

        access = access_of(self._settings)
        if access.tls is not None:
            tls_context(access.tls)  # files that cannot be read are better known now
        chance = Random()  # noqa: S311 spreads attempts, keeps no secret
        return Publisher(
            access=access,
            topics=self._desk.topics,
            log=self._log,
            announcer=self._desk,
            backoff=Backoff(chance, first_s=BACKOFF_FIRST_S, most_s=BACKOFF_MOST_S),
            chance=chance,
        )

    def _build_carrier(self) -> Carrier | None:
        from imurep.service.relay_transport import RawCarrier  # noqa: PLC0415
        from imurep.sources import RelaySpec, parse_spec  # noqa: PLC0415

        wanted = any(isinstance(parse_spec(text), RelaySpec) for text in self._settings.sensors)
        return RawCarrier(self._publisher, self._desk.topics) if self._publisher and wanted else None

    def _publish(
        self, publisher: Publisher, service: Service, sessions: SessionManager
    ) -> asyncio.Task[None]:
        from imurep.mqtt.commands import Commands  # noqa: PLC0415

        commands = Commands(self._desk, self._means(publisher, service, sessions))
        return asyncio.create_task(publisher.run(commands))

    def _means(self, publisher: Publisher, service: Service, sessions: SessionManager) -> Means:
        from imurep.mqtt.commands import Means  # noqa: PLC0415

        async def keep(payload: SetPayload) -> bool:
            started = datetime.fromisoformat(payload["started"])
            return await self._log.put(
                payload["id"], payload["version"], payload["sensor"], payload["person"], started, payload
            )

        return Means(
            sessions=sessions,
            identify=service.identify,
            keep=keep,
            replay=publisher.replay,
            say=publisher.say,
            keep_line=lambda sensor, exercise, line_deg: self._store.keep_line(
                self._settings.person, sensor, exercise.name, line_deg
            ),
        )

    def _lines_deg(self, person: str, sensor: str) -> dict[str, float]:
        try:
            return self._store.lines_deg(person, sensor)
        except ConfigError as error:  # no reason to lose a set
            import structlog  # noqa: PLC0415 loads rich

            structlog.get_logger("imurep").warning("straight lines are not known", problem=str(error))
            return {}


@asynccontextmanager
async def demo_broker_for(settings: Settings) -> AsyncIterator[tuple[Settings, str]]:
    """A broker of our own: the settings with its URL, and a line about it for people.

    Raises ConfigError when there is none to run.
    """
    from imurep.mqtt.demo_broker import demo_broker  # noqa: PLC0415

    directory = settings.data.directory / "broker"
    directory.mkdir(parents=True, exist_ok=True)
    async with demo_broker(directory) as broker:
        mqtt = settings.mqtt.model_copy(update={"url": broker.url, "version": broker.version})
        about = f"demo broker ({broker.kind}), for this machine only: {broker.url}"
        yield settings.model_copy(update={"mqtt": mqtt}), about


def access_of(settings: Settings) -> Access:
    """How the broker in the settings is reached, as the service. Raises ConfigError."""
    from imurep.mqtt.broker_config import Access, Tls  # noqa: PLC0415

    mqtt = settings.mqtt
    return Access(
        host=mqtt.host,
        port=mqtt.port,
        client_id=mqtt.client_id or _usual_client_id(settings),
        user=mqtt.user,
        password=mqtt.read_password(),
        version=mqtt.version,
        tls=Tls(ca=mqtt.ca, cert=mqtt.cert, key=mqtt.key) if mqtt.is_tls else None,
    )


def _usual_client_id(settings: Settings) -> str:
    """Always the same for one service, which has its data directory to itself, and for no other.

    So a broker knows who comes back, and lets the connection before it go.
    """
    who = f"{platform.node()} {settings.data.directory.absolute()}"
    return f"imurep-{hashlib.sha256(who.encode()).hexdigest()[:8]}"
