"""From the log to the broker: sets that were not sent yet, in order, and sets that are asked for again."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from imurep.errors import SinkError
from imurep.mqtt.interfaces import Message
from imurep.mqtt.payloads import SET, SET_EXPIRY_S
from imurep.mqtt.topics import device_id
from imurep.serialization import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from datetime import datetime

    from imurep.mqtt.interfaces import LoggedSet, SetSource
    from imurep.mqtt.topics import Topics

    Publish = Callable[[Message], Coroutine[Any, Any, None]]

WINDOW = 16
"""Sets that are sent without waiting for the acknowledgement of the one before."""
PER_S = 100
"""Most sets a second: of faster ones, a broker drops for a slow subscriber what it has acknowledged."""


class Outbox:
    """Sends sets through whatever connection there is."""

    def __init__(self, log: SetSource, topics: Topics) -> None:
        """Prepare; ``log`` has the sets."""
        self._log = log
        self._topics = topics
        self._again: deque[LoggedSet] = deque()

    async def replay(self, since: datetime) -> int:
        """Send all sets once more that started then or later; returns their number. Raises SinkError."""
        found = await self._log.since(since)
        self._again.clear()
        self._again.extend(found)
        self._log.news.set()
        return len(found)

    async def send_some(self, publish: Publish) -> bool:
        """Send up to ``WINDOW`` sets, new ones before repeated ones; False when there is none.

        Raises what ``publish`` raises. Then all of them are sent again, under the same ids and versions.
        """
        pending = await self._log.pending(WINDOW)
        if pending:
            await self._send(publish, pending)
            self._log.sent(logged.row for logged in pending)
            await asyncio.sleep(len(pending) / PER_S)
        elif self._again:
            repeated = self._again[0]
            await publish(self._event({**repeated.payload, "replay": True}, repeated.sensor))
            if self._again and self._again[0] is repeated:  # not another replay by now
                self._again.popleft()
            await asyncio.sleep(1 / PER_S)
        else:
            return False
        return True

    async def _send(self, publish: Publish, pending: Sequence[LoggedSet]) -> None:
        await asyncio.gather(*(publish(self._event(logged.payload, logged.sensor)) for logged in pending))
        for sensor in dict.fromkeys(logged.sensor for logged in pending):
            last = await self._last(sensor, pending)
            topic = self._topics.last_set(device_id(sensor))
            payload = b"" if last is None else dumps(last.payload)
            await publish(Message(topic=topic, payload=payload, retain=True, schema=SET))

    async def _last(self, sensor: str, pending: Sequence[LoggedSet]) -> LoggedSet | None:
        try:
            return await self._log.last(sensor)
        except SinkError:  # a disk that cannot be read; the log says so
            return next((logged for logged in reversed(pending) if not logged.withdrawn), None)

    def _event(self, payload: Mapping[str, Any], sensor: str) -> Message:
        return Message(
            topic=self._topics.set_event(device_id(sensor)),
            payload=dumps(payload),
            expiry_s=SET_EXPIRY_S,
            schema=SET,
        )
