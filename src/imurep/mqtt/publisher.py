"""Publishes what is counted, for as long as the service runs, through one connection after the other.

On each connection it subscribes, publishes all that is retained, then that the
service is online, then the sets that wait. Events of reps are for subscribers of
that moment; while there is no connection they are dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

from imurep.errors import ImurepError
from imurep.mqtt.client import RequestRefusedError, connected
from imurep.mqtt.interfaces import Message
from imurep.mqtt.outbox import Outbox
from imurep.mqtt.payloads import OFFLINE, ONLINE
from imurep.mqtt.topics import is_below

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from random import Random

    from imurep.events import SensorStatus, SessionEvent
    from imurep.mqtt.broker_config import BrokerConfig
    from imurep.mqtt.client import Connection
    from imurep.mqtt.interfaces import Announcer, CommandHandler, Incoming, SetSource
    from imurep.mqtt.topics import Topics
    from imurep.util.backoff import Backoff

BACKOFF_FIRST_S, BACKOFF_MOST_S = 0.1, 2.0
"""Between two attempts to connect."""
STEADY_S = 5.0
"""A connection that lasted this long was a good one: the next attempt is made at once."""
STATE_EVERY_S = 0.5
"""A sensor's state is published at most this often."""
HEARTBEAT_S = 30.0
"""A sensor's state is made anew at least this often."""
BIRTH_S = 1.0
"""Home Assistant asks all services at once when it has started; each answers after a random part of this."""
INCOMING_PER_S = 50
"""Incoming messages that are handled in a second; the connection holds more, up to its limit."""
REFUSED_S = 10.0
"""Pause before sets that the broker refused are sent again."""
LEAVE_S = 2.0
"""Longest time for the last sets when the service ends."""
MAX_QUEUED = 200
"""Most responses that wait to be sent."""

HOME_ASSISTANT = "homeassistant/status"

_log = structlog.get_logger("imurep")


class Publisher:
    """Listens to sessions, and publishes in its task ``run``."""

    def __init__(
        self,
        *,
        config: BrokerConfig,
        topics: Topics,
        log: SetSource,
        announcer: Announcer,
        backoff: Backoff,
        rng: Random,
    ) -> None:
        """Prepare; nothing is connected before ``run``."""
        self.outbox = Outbox(log, topics)
        self._config = config
        self._topics = topics
        self._sets = log
        self._announcer = announcer
        self._backoff = backoff
        self._rng = rng
        self._subscribers: dict[str, Callable[[Incoming], None]] = {}
        self._connection: Connection | None = None
        """The connection on which everything is announced; None until then."""
        self._stopping = asyncio.Event()
        self._sensors: set[str] = set()
        self._changed: set[str] = set()
        self._change = asyncio.Event()
        self._unknown_sensor = asyncio.Event()
        self._queue: deque[Message] = deque(maxlen=MAX_QUEUED)
        self._reported = ""
        self._failures = 0
        self._published_problem = ""

    @property
    def is_connected(self) -> bool:
        """Whether everything is announced and changes are published."""
        return self._connection is not None

    def event(self, session_event: SessionEvent) -> None:
        """Publish an event. Sets come by way of the log."""
        self._announcer.event(session_event)
        for message in self._announcer.live(session_event):
            self.publish_nowait(message)
        self._mark_changed(session_event.sensor)

    def status(self, status: SensorStatus) -> None:
        """Publish a sensor's new state."""
        self._announcer.status(status)
        self._mark_changed(status.sensor)

    def subscribe(self, topic_filter: str, deliver: Callable[[Incoming], None]) -> None:
        """Call ``deliver`` with each message on these topics. To be called before ``run``."""
        self._subscribers[topic_filter] = deliver

    def publish_nowait(self, message: Message) -> None:
        """Publish at QoS 0 if there is a connection."""
        if self._connection is not None:
            self._connection.publish_nowait(message)

    def enqueue(self, messages: Iterable[Message]) -> None:
        """Publish responses that come later than their command. They are dropped without a connection."""
        if self._connection is not None:
            self._queue.extend(messages)
            self._sets.news.set()

    def stop(self) -> None:
        """End ``run``, which sends what waits and publishes that the service is offline."""
        self._stopping.set()

    async def run(self, commands: CommandHandler) -> None:
        """Connect, again and again, until ``stop``; ``commands`` carries out commands."""
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began_s = loop.time()
            try:
                async with connected(self._config, will=self._bridge(OFFLINE)) as connection:
                    await self._use(connection, commands)
            except ImurepError as error:
                self._report(str(error))
            except Exception:  # noqa: BLE001 whatever it is, it is logged
                # A bug here must not end the counting.
                _log.exception("publishing failed")
            finally:
                self._connection = None
            if loop.time() - began_s > STEADY_S:
                self._backoff.reset()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._backoff.next_s())

    async def _use(self, connection: Connection, commands: CommandHandler) -> None:
        """Use one connection until it ends or ``stop``. Raises ConnectionLostError."""
        for topic in (self._topics.commands, self._topics.bridge_state, HOME_ASSISTANT, *self._subscribers):
            try:
                await connection.subscribe(topic)
            except RequestRefusedError as error:
                _log.warning("the broker refuses a subscription", problem=str(error))
        await self._announce(connection)
        self._connection = connection
        self._reported = ""
        self._failures = 0
        _log.info("connected to the broker", broker=self._config.url, mqtt=connection.version)
        await _first_of(
            self._stopping.wait(),
            connection.lost(),
            self._listen(connection, commands),
            self._deliver(connection),
            self._live(connection),
            self._announce_new_sensors(connection),
        )
        await self._leave(connection)

    async def _announce(self, connection: Connection) -> None:
        self._unknown_sensor.clear()
        self._published_problem = self._sets.problem
        messages = [*self._announcer.announcement(), self._announcer.info(self._published_problem)]
        refused = [message.topic for message in messages if not await _try_publish(connection, message)]
        if refused:
            _log.warning("the broker refuses some topics; allow imurep's user to write them", topics=refused)
        await _try_publish(connection, self._bridge(ONLINE))

    async def _announce_new_sensors(self, connection: Connection) -> None:
        """Announce everything again whenever a sensor is new."""
        while True:
            await self._unknown_sensor.wait()
            await self._announce(connection)

    async def _live(self, connection: Connection) -> None:
        published: dict[str, bytes] = {}
        while True:
            if not self._changed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._change.wait(), HEARTBEAT_S)
            sensors = sorted(self._changed or self._sensors)
            self._changed.clear()
            self._change.clear()
            for sensor in sensors:
                for message in self._announcer.state(sensor):
                    if published.get(message.topic) != message.payload:
                        published[message.topic] = message.payload
                        await _try_publish(connection, message)
            await asyncio.sleep(STATE_EVERY_S)

    async def _deliver(self, connection: Connection) -> None:
        while True:
            self._sets.news.clear()
            if self._published_problem != self._sets.problem:
                self._published_problem = self._sets.problem
                await _try_publish(connection, self._announcer.info(self._published_problem))
            while self._queue:
                await _try_publish(connection, self._queue.popleft())
            try:
                some_sent = await self.outbox.send_some(connection.publish)
            except RequestRefusedError as error:
                self._report(str(error))
                await asyncio.sleep(REFUSED_S)
            else:
                if not some_sent:
                    await self._sets.news.wait()

    async def _listen(self, connection: Connection, commands: CommandHandler) -> None:
        async for incoming in connection.incoming():
            await self._dispatch(connection, incoming, commands)
            await asyncio.sleep(1 / INCOMING_PER_S)

    async def _dispatch(self, connection: Connection, incoming: Incoming, commands: CommandHandler) -> None:
        if incoming.retain:
            return  # an old command, which should not have been retained
        if incoming.topic == self._topics.bridge_state:
            if incoming.payload == OFFLINE:  # the will of an earlier connection of this service
                await connection.publish(self._bridge(ONLINE))
        elif incoming.topic == HOME_ASSISTANT:
            if incoming.payload == ONLINE:
                await asyncio.sleep(self._rng.uniform(0.0, BIRTH_S))
                await self._announce(connection)
        elif deliver := self._subscriber(incoming.topic):
            deliver(incoming)
        else:
            for answer in await _answers(incoming, commands):
                await _try_publish(connection, answer)

    def _subscriber(self, topic: str) -> Callable[[Incoming], None] | None:
        return next((deliver for below, deliver in self._subscribers.items() if is_below(below, topic)), None)

    async def _leave(self, connection: Connection) -> None:
        self._connection = None
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                await self._sets.flush()
                while await self.outbox.send_some(connection.publish):
                    pass
        for message in (*self._announcer.goodbye(), self._bridge(OFFLINE)):
            await _try_publish(connection, message)

    def _bridge(self, state: bytes) -> Message:
        return Message(topic=self._topics.bridge_state, payload=state, retain=True)

    def _mark_changed(self, sensor: str) -> None:
        if sensor not in self._sensors:
            self._sensors.add(sensor)
            self._unknown_sensor.set()
        self._changed.add(sensor)
        self._change.set()

    def _report(self, problem: str) -> None:
        """Log a problem, once for as long as it lasts."""
        if not self._failures:
            _log.info("the connection to the broker ended", why=problem)  # most often it is back in a moment
        elif problem != self._reported:
            self._reported = problem
            _log.warning("the broker cannot be reached; sets wait for it", problem=problem)
        self._failures += 1


async def _answers(incoming: Incoming, commands: CommandHandler) -> Sequence[Message]:
    try:
        return await commands.handle(incoming)
    except Exception:  # noqa: BLE001 whatever it is, it is logged
        _log.exception("a command failed", topic=incoming.topic)
        return ()


async def _try_publish(connection: Connection, message: Message) -> bool:
    """Publish; False when the broker refuses, which is no error here. Raises ConnectionLostError."""
    try:
        await connection.publish(message)
    except RequestRefusedError:
        return False
    return True


async def _first_of(*parts: Coroutine[Any, Any, object]) -> None:
    """Run all until one ends, cancel the others, and raise what it raised."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
