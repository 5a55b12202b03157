"""Who else is told what a live service counts: the log of sets, and a broker."""

from __future__ import annotations

import asyncio
import hashlib
import platform
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from imurep.clock import ServiceClock
    from imurep.config import Settings
    from imurep.log import SetLog
    from imurep.mqtt.access import Access
    from imurep.mqtt.publisher import Publisher
    from imurep.sessions import Listener
    from imurep.sources.relay import Carrier


@asynccontextmanager
async def told_on(
    settings: Settings, clock: ServiceClock
) -> AsyncIterator[tuple[list[Listener], Carrier | None]]:
    """Listeners that keep the sets, and publish everything if there is a broker; and the way to the phones.

    In the end the last sets are written and sent. Raises ConfigError.
    """
    from imurep.log import FILE_NAME, Keeper, SetLog  # noqa: PLC0415 with what follows, loads numpy, aiomqtt
    from imurep.mqtt.payloads import set_payload  # noqa: PLC0415
    from imurep.mqtt.raw import RawCarrier  # noqa: PLC0415
    from imurep.mqtt.topics import Topics  # noqa: PLC0415
    from imurep.sources import RelaySpec, parse_spec  # noqa: PLC0415

    log = SetLog(settings.data.directory / FILE_NAME)
    listeners: list[Listener] = [Keeper(log, set_payload)]
    publisher = None if settings.mqtt.url is None else _publisher(settings, log, clock)
    if publisher is not None:
        listeners.append(publisher)
    relayed = any(isinstance(parse_spec(text), RelaySpec) for text in settings.sensors)
    carrier = RawCarrier(publisher, Topics(settings.mqtt.root)) if publisher and relayed else None
    writing = asyncio.create_task(log.run())
    publishing = None if publisher is None else asyncio.create_task(publisher.run())
    try:
        yield listeners, carrier
    finally:
        if publisher is not None and publishing is not None:
            publisher.stop()
            await publishing
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await log.close()


@asynccontextmanager
async def demo_broker_for(settings: Settings) -> AsyncIterator[tuple[Settings, str]]:
    """A broker of our own: the settings with its URL, and a line about it for people.

    Raises ConfigError when there is none to run.
    """
    from imurep.mqtt.broker import demo_broker  # noqa: PLC0415

    directory = settings.data.directory / "broker"
    directory.mkdir(parents=True, exist_ok=True)
    async with demo_broker(directory) as broker:
        mqtt = settings.mqtt.model_copy(update={"url": broker.url})
        about = f"demo broker ({broker.kind}), for this machine only: {broker.url}"
        yield settings.model_copy(update={"mqtt": mqtt}), about


def _publisher(settings: Settings, log: SetLog, clock: ServiceClock) -> Publisher:
    from imurep import __version__  # noqa: PLC0415
    from imurep.backoff import Backoff  # noqa: PLC0415 with what follows, loads aiomqtt
    from imurep.mqtt.announcer import NoCommands, PlainAnnouncer  # noqa: PLC0415
    from imurep.mqtt.client import tls_context  # noqa: PLC0415
    from imurep.mqtt.publisher import BACKOFF_FIRST_S, BACKOFF_MOST_S, Publisher  # noqa: PLC0415
    from imurep.mqtt.topics import Topics  # noqa: PLC0415

    access = _access(settings)
    if access.tls is not None:
        tls_context(access.tls)  # files that cannot be read are better known now
    topics = Topics(settings.mqtt.root)
    chance = Random()  # noqa: S311 spreads attempts, keeps no secret
    return Publisher(
        access=access,
        topics=topics,
        log=log,
        announcer=PlainAnnouncer(topics, clock.utc, version=__version__),
        commands=NoCommands(),
        backoff=Backoff(chance, first_s=BACKOFF_FIRST_S, most_s=BACKOFF_MOST_S),
        chance=chance,
    )


def _access(settings: Settings) -> Access:
    from imurep.mqtt.access import Access, Tls  # noqa: PLC0415

    mqtt = settings.mqtt
    return Access(
        host=mqtt.host,
        port=mqtt.port,
        client_id=mqtt.client_id or _usual_client_id(settings),
        user=mqtt.user,
        password=mqtt.read_password(),
        tls=Tls(ca=mqtt.ca, cert=mqtt.cert, key=mqtt.key) if mqtt.is_tls else None,
    )


def _usual_client_id(settings: Settings) -> str:
    """Always the same for one service, which has its data directory to itself, and for no other.

    So a broker knows who comes back, and lets the connection before it go.
    """
    who = f"{platform.node()} {settings.data.directory.absolute()}"
    return f"imurep-{hashlib.sha256(who.encode()).hexdigest()[:8]}"
