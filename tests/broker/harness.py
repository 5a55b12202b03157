"""A publisher beside a broker, and somebody who listens."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from imurep.events import Link, SensorStatus
from imurep.log import FILE_NAME, SetLogWriter
from imurep.log.cached_user_data import CachedPlans
from imurep.mqtt.broker_config import BrokerConfig
from imurep.mqtt.interfaces import Message
from imurep.mqtt.publisher import Publisher
from imurep.mqtt.state_announcer import StateAnnouncer
from imurep.mqtt.topics import Topics
from imurep.service.clock import ServiceClock
from imurep.service.relay_transport import PublisherTransport
from imurep.service.set_log_listener import SetLogListener
from imurep.util.backoff import Backoff
from tests.broker.sets import BEGAN, SENSOR, exercise_set, rep, session_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from imurep.mqtt.interfaces import Incoming
    from imurep.service.session_manager import Listener

WAIT_S = 60.0
"""What has not come by then does not come."""


class Echo:
    """A handler that answers with what was asked."""

    def __init__(self) -> None:
        self.asked: list[Incoming] = []

    async def handle(self, incoming: Incoming) -> list[Message]:
        self.asked.append(incoming)
        if incoming.payload == b"fail":
            msg = "a bug"
            raise RuntimeError(msg)
        return [Message(topic="imurep/back-strap/response/echo", payload=incoming.payload)]


class Watcher:
    """Hears everything, in order."""

    def __init__(self, port: int, topic: str = "#") -> None:
        self.received: list[tuple[str, bytes, bool]] = []
        """Topic, payload, and whether it was retained before."""
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._subscribed = asyncio.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self.client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
        self.client.on_subscribe = self._in_thread_subscribed
        self.client.on_message = self._in_thread_received
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def _in_thread_subscribed(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._subscribed.set)

    def _in_thread_received(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._take, message)

    def _take(self, message: paho.MQTTMessage) -> None:
        self.received.append((message.topic, bytes(message.payload), bool(message.retain)))
        self._news.set()

    async def ready(self) -> None:
        async with asyncio.timeout(WAIT_S):
            await self._subscribed.wait()

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait until something is true of what was heard."""
        async with asyncio.timeout(WAIT_S):
            while not what():
                self._news.clear()
                await self._news.wait()

    def on(self, topic: str) -> list[bytes]:
        """Payloads on a topic."""
        return [payload for name, payload, _ in self.received if name == topic]

    def sets(self) -> list[tuple[str, int]]:
        """Ids and versions of the sets."""
        found: list[dict[str, Any]] = [json.loads(one) for one in self.on("imurep/back-strap/event/set")]
        return [(one["id"], one["version"]) for one in found]

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        self.client.publish(topic, payload, qos=qos, retain=retain)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class Stand:
    """A service without sensors."""

    def __init__(self, directory: Path, config: BrokerConfig) -> None:
        self.log = SetLogWriter(directory / FILE_NAME)
        clock = ServiceClock(BEGAN)
        topics = Topics()
        announcer = StateAnnouncer(
            topics, CachedPlans(), now_utc=clock.utc, version="test", lines_deg=lambda *_: {}
        )
        self.commands = Echo()
        rng = Random(1)  # noqa: S311 keeps no secret
        self.publisher = Publisher(
            config=config,
            topics=topics,
            log=self.log,
            announcer=announcer,
            backoff=Backoff(rng, first_s=0.05, most_s=0.2),
            rng=rng,
        )
        self.relay_transport = PublisherTransport(self.publisher, topics)
        log_listener = SetLogListener(self.log, announcer.set_payload)
        self.listeners: tuple[Listener, ...] = (log_listener, self.publisher)
        self._writing: asyncio.Task[None] | None = None
        self._publishing: asyncio.Task[None] | None = None

    def found(self, sensor: str = SENSOR) -> None:
        """A sensor is there."""
        for listener in self.listeners:
            listener.status(SensorStatus(sensor=sensor, link=Link.STREAMING))

    def set_done(self, number: int, version: int = 1) -> None:
        """A set is over."""
        for listener in self.listeners:
            listener.event(session_event(exercise_set(number, version=version)))

    def rep_done(self, number: int) -> None:
        """A rep is counted."""
        for listener in self.listeners:
            listener.event(session_event(rep(number)))

    def start(self) -> None:
        """Begin to write and publish."""
        self._writing = asyncio.create_task(self.log.run())
        self._publishing = asyncio.create_task(self.publisher.run(self.commands))

    async def connected(self) -> None:
        """Wait until everything is announced."""
        async with asyncio.timeout(WAIT_S):
            while not self.publisher.is_connected:  # noqa: ASYNC110 nobody but a test wants to know
                await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """End as the service does."""
        self.publisher.stop()
        if self._publishing is not None:
            await self._publishing
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing
        await self.log.close()


@asynccontextmanager
async def standing(directory: Path, port: int, **fields: Any) -> AsyncIterator[Stand]:  # noqa: ANN401 fields of BrokerConfig
    """A publisher that runs, and has found the sensor."""
    harness = Stand(directory, BrokerConfig(port=port, client_id="imurep-test", **fields))
    harness.found()
    harness.start()
    try:
        yield harness
    finally:
        await harness.stop()


@asynccontextmanager
async def watching(port: int, topic: str = "#") -> AsyncIterator[Watcher]:
    """Somebody who listens."""
    watcher = Watcher(port, topic)
    try:
        await watcher.ready()
        yield watcher
    finally:
        await asyncio.to_thread(watcher.close)
