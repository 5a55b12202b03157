"""From the log to the broker: what was not sent yet, in order, and what somebody asks for again."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from imurep.errors import SinkError
from imurep.mqtt.message import Message
from imurep.mqtt.payloads import SET, SET_EXPIRY_S
from imurep.mqtt.topics import device_id
from imurep.serialization import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from datetime import datetime

    from imurep.log import SetLogWriter, StoredSet
    from imurep.mqtt.topics import Topics

    Publish = Callable[[Message], Coroutine[Any, Any, None]]

WINDOW = 16
"""Sets that are under way without an acknowledgement."""
PER_S = 100
"""Sets a second at most: of what comes faster, a broker drops for a slow subscriber what it acknowledged."""


class Outbox:
    """Sends sets through whatever connection there is."""

    def __init__(self, log: SetLogWriter, topics: Topics) -> None:
        """Send what is in ``log``."""
        self._log = log
        self._topics = topics
        self._again: deque[StoredSet] = deque()

    async def replay(self, since: datetime) -> int:
        """Send once more all sets that started then or later; gives their number. Raises SinkError."""
        found = await self._log.since(since)
        self._again.clear()
        self._again.extend(found)
        self._log.news.set()
        return len(found)

    async def send_some(self, publish: Publish) -> bool:
        """Send a window full, new sets before repeated ones; False when there is none.

        Raises what ``publish`` raises. Then all of the window is sent again, under the same ids and versions.
        """
        pending = await self._log.pending(WINDOW)
        if pending:
            await self._send(publish, pending)
            self._log.sent(kept.row for kept in pending)
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

    async def _send(self, publish: Publish, pending: Sequence[StoredSet]) -> None:
        await asyncio.gather(*(publish(self._event(kept.payload, kept.sensor)) for kept in pending))
        for sensor in dict.fromkeys(kept.sensor for kept in pending):
            last = await self._last(sensor, pending)
            topic = self._topics.last_set(device_id(sensor))
            payload = b"" if last is None else dumps(last.payload)
            await publish(Message(topic=topic, payload=payload, retain=True, schema=SET))

    async def _last(self, sensor: str, pending: Sequence[StoredSet]) -> StoredSet | None:
        try:
            return await self._log.last(sensor)
        except SinkError:  # a disk that cannot be read; the log says so
            return next((kept for kept in reversed(pending) if not kept.withdrawn), None)

    def _event(self, payload: Mapping[str, Any], sensor: str) -> Message:
        return Message(
            topic=self._topics.set_event(device_id(sensor)),
            payload=dumps(payload),
            expiry_s=SET_EXPIRY_S,
            schema=SET,
        )
