"""Publishes what is counted, for as long as the service runs, through one connection after the other.

On each: subscribe, announce all that is retained, say last that the service is
there, then send the sets that wait. Events of reps are for those who listen at
that moment; while there is no connection they are dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

from imurep.errors import ImurepError
from imurep.mqtt.client import RefusedError, connected
from imurep.mqtt.message import Message
from imurep.mqtt.outbox import Outbox
from imurep.mqtt.payloads import OFFLINE, ONLINE
from imurep.mqtt.topics import is_below

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from datetime import datetime
    from random import Random

    from imurep.events import SensorStatus, SessionEvent
    from imurep.log import SetLogWriter
    from imurep.mqtt.broker_config import Access
    from imurep.mqtt.client import Connection
    from imurep.mqtt.interfaces import Announcer, CommandHandler
    from imurep.mqtt.message import Incoming
    from imurep.mqtt.topics import Topics
    from imurep.util.backoff import Backoff

BACKOFF_FIRST_S, BACKOFF_MOST_S = 0.1, 2.0
"""Between two attempts to connect."""
STEADY_S = 5.0
"""A connection that lasted this long was a good one: the next attempt is made at once."""
STATE_EVERY_S = 0.5
"""A sensor's state is published at most this often."""
HEARTBEAT_S = 30.0
"""And at least this often."""
BIRTH_S = 1.0
"""Home Assistant asks all services at once when it has started; each answers within this time, by chance."""
INCOMING_PER_S = 50
"""Messages that are looked at in a second; a flood waits, and overflows, outside."""
REFUSED_S = 10.0
"""Before what the broker refused is sent again."""
LEAVE_S = 2.0
"""For the last sets and goodbyes when the service ends."""
LATER = 200
"""Answers that wait to be sent."""

HOME_ASSISTANT = "homeassistant/status"

_log = structlog.get_logger("imurep")


class Publisher:
    """A listener, and a task: ``run``."""

    def __init__(
        self,
        *,
        access: Access,
        topics: Topics,
        log: SetLogWriter,
        announcer: Announcer,
        backoff: Backoff,
        chance: Random,
    ) -> None:
        """Prepare; nothing is connected before ``run``."""
        self.outbox = Outbox(log, topics)
        self._access = access
        self._topics = topics
        self._set_log = log
        self._announcer = announcer
        self._backoff = backoff
        self._chance = chance
        self._hearers: dict[str, Callable[[Incoming], None]] = {}
        self._connection: Connection | None = None
        """The one that everything was announced on."""
        self._stopping = asyncio.Event()
        self._sensors: set[str] = set()
        self._changed: set[str] = set()
        self._change = asyncio.Event()
        self._unknown_sensor = asyncio.Event()
        self._later: deque[Message] = deque(maxlen=LATER)
        self._said = ""
        self._failures = 0
        self._told_problem = ""

    @property
    def is_connected(self) -> bool:
        """Whether the broker has been told everything and hears the rest."""
        return self._connection is not None

    def event(self, told: SessionEvent) -> None:
        """Publish what was counted. Sets come by way of the log."""
        self._announcer.event(told)
        if self._connection is not None:
            for message in self._announcer.live(told):
                self._connection.throw(message)
        self._changed_now(told.sensor)

    def status(self, status: SensorStatus) -> None:
        """Publish what changed about a sensor."""
        self._announcer.status(status)
        self._changed_now(status.sensor)

    def hear(self, topic_filter: str, heard: Callable[[Incoming], None]) -> None:
        """Hand on what comes on topics that are not the publisher's own; asked for before ``run``."""
        self._hearers[topic_filter] = heard

    def throw(self, message: Message) -> None:
        """Publish at once or not at all, and look the other way."""
        if self._connection is not None:
            self._connection.throw(message)

    def say(self, messages: Iterable[Message]) -> None:
        """Publish soon, for those who are there: answers that took their time. Dropped without one."""
        if self._connection is not None:
            self._later.extend(messages)
            self._set_log.news.set()

    async def replay(self, since: datetime) -> int:
        """Send once more all sets that started then or later; gives their number. Raises SinkError."""
        return await self.outbox.replay(since)

    def stop(self) -> None:
        """End ``run``, which sends what can be sent at once and says goodbye."""
        self._stopping.set()

    async def run(self, commands: CommandHandler) -> None:
        """Connect, again and again, until ``stop``; ``commands`` does what is asked for."""
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began_s = loop.time()
            try:
                async with connected(self._access, will=self._bridge(OFFLINE)) as connection:
                    await self._use(connection, commands)
            except ImurepError as error:
                self._say(str(error))
            except Exception:  # noqa: BLE001 whatever it is, it is logged
                # A bug in here must not end the counting.
                _log.exception("publishing failed")
            finally:
                self._connection = None
            if loop.time() - began_s > STEADY_S:
                self._backoff.reset()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._backoff.next_s())

    async def _use(self, connection: Connection, commands: CommandHandler) -> None:
        """Everything that is done with one connection. Raises LostError."""
        for topic in (self._topics.commands, self._topics.bridge_state, HOME_ASSISTANT, *self._hearers):
            try:
                await connection.subscribe(topic)
            except RefusedError as error:
                _log.warning("the broker refuses", problem=str(error))
        await self._announce(connection)
        self._connection = connection
        self._said = ""
        self._failures = 0
        _log.info("connected to the broker", broker=self._access.url, mqtt=connection.version)
        await _first_of(
            self._stopping.wait(),
            connection.lost(),
            self._listen(connection, commands),
            self._deliver(connection),
            self._live(connection),
            self._introduce(connection),
        )
        await self._leave(connection)

    async def _announce(self, connection: Connection) -> None:
        self._unknown_sensor.clear()
        self._told_problem = self._set_log.problem
        messages = [*self._announcer.announcement(), self._announcer.info(self._told_problem)]
        refused = [message.topic for message in messages if not await _published(connection, message)]
        if refused:
            _log.warning("the broker refuses some topics; let imurep's user write them", topics=refused)
        await _published(connection, self._bridge(ONLINE))

    async def _introduce(self, connection: Connection) -> None:
        """Announce all anew when a sensor comes that nobody has heard of."""
        while True:
            await self._unknown_sensor.wait()
            await self._announce(connection)

    async def _live(self, connection: Connection) -> None:
        told: dict[str, bytes] = {}
        while True:
            if not self._changed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._change.wait(), HEARTBEAT_S)
            sensors = sorted(self._changed or self._sensors)
            self._changed.clear()
            self._change.clear()
            for sensor in sensors:
                for message in self._announcer.state(sensor):
                    if told.get(message.topic) != message.payload:
                        told[message.topic] = message.payload
                        await _published(connection, message)
            await asyncio.sleep(STATE_EVERY_S)

    async def _deliver(self, connection: Connection) -> None:
        while True:
            self._set_log.news.clear()
            if self._told_problem != self._set_log.problem:
                self._told_problem = self._set_log.problem
                await _published(connection, self._announcer.info(self._told_problem))
            while self._later:
                await _published(connection, self._later.popleft())
            try:
                something = await self.outbox.send_some(connection.publish)
            except RefusedError as error:
                self._say(str(error))
                await asyncio.sleep(REFUSED_S)
            else:
                if not something:
                    await self._set_log.news.wait()

    async def _listen(self, connection: Connection, commands: CommandHandler) -> None:
        async for incoming in connection.incoming():
            await self._heard(connection, incoming, commands)
            await asyncio.sleep(1 / INCOMING_PER_S)

    async def _heard(self, connection: Connection, incoming: Incoming, commands: CommandHandler) -> None:
        if incoming.retain:
            return  # an old command, from whoever should not have retained it
        if incoming.topic == self._topics.bridge_state:
            if incoming.payload == OFFLINE:  # the will of a connection that was ours before
                await connection.publish(self._bridge(ONLINE))
        elif incoming.topic == HOME_ASSISTANT:
            if incoming.payload == ONLINE:
                await asyncio.sleep(self._chance.uniform(0.0, BIRTH_S))
                await self._announce(connection)
        elif hearer := next((h for f, h in self._hearers.items() if is_below(f, incoming.topic)), None):
            hearer(incoming)
        else:
            for answer in await _answers(incoming, commands):
                await _published(connection, answer)

    async def _leave(self, connection: Connection) -> None:
        self._connection = None
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                await self._set_log.flush()
                while await self.outbox.send_some(connection.publish):
                    pass
        for message in (*self._announcer.goodbye(), self._bridge(OFFLINE)):
            await _published(connection, message)

    def _bridge(self, state: bytes) -> Message:
        return Message(topic=self._topics.bridge_state, payload=state, retain=True)

    def _changed_now(self, sensor: str) -> None:
        if sensor not in self._sensors:
            self._sensors.add(sensor)
            self._unknown_sensor.set()
        self._changed.add(sensor)
        self._change.set()

    def _say(self, problem: str) -> None:
        """Say what is wrong, once for as long as it lasts."""
        if not self._failures:
            _log.info("the connection to the broker ended", why=problem)  # most often it is back in a moment
        elif problem != self._said:
            self._said = problem
            _log.warning("the broker is not reached; sets wait for it", problem=problem)
        self._failures += 1


async def _answers(incoming: Incoming, commands: CommandHandler) -> Sequence[Message]:
    try:
        return await commands.handle(incoming)
    except Exception:  # noqa: BLE001 whatever it is, it is logged
        _log.exception("a command failed", topic=incoming.topic)
        return ()


async def _published(connection: Connection, message: Message) -> bool:
    """Publish; False when the broker refuses, which for this message is not worth more. Raises LostError."""
    try:
        await connection.publish(message)
    except RefusedError:
        return False
    return True


async def _first_of(*parts: Coroutine[Any, Any, object]) -> None:
    """Run all until one ends, and raise what it raised; the others are cancelled."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
