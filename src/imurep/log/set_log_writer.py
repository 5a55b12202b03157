"""The log while the service runs: one thread writes it, and the event loop never waits for a disk.

A disk that does not take a set is no reason to lose it, nor to stop counting.
The set stays in memory, is published from there, and is written as soon as the
disk takes it. A damaged file is put aside, and a new one begun.
"""

from __future__ import annotations

import asyncio
import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from imurep.errors import SinkError
from imurep.log.database import DamagedError, Database
from imurep.log.stored_set import StoredSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

RETRY_S = 2.0
"""Before a disk that failed is tried again."""

_T = TypeVar("_T")
_log = structlog.get_logger("imurep")


@dataclass(slots=True)
class _Held:
    """A version that is not on disk yet."""

    kept: StoredSet
    on_disk: asyncio.Future[bool]
    sent: bool = False


class SetLogWriter:
    """See the module's description. ``run`` writes; without it everything stays in memory."""

    def __init__(self, path: Path, *, is_outbox: bool = True) -> None:
        """Prepare; the file is opened by the first that needs it.

        With nobody to send sets, nothing waits to be sent: it is no ``is_outbox`` then.
        """
        self.path = path
        self._is_outbox = is_outbox
        self.problem = ""
        """What is wrong with the disk and what to do, in one line; empty: nothing."""
        self.news = asyncio.Event()
        """Set when something is new to send, or the problem changed; who waited for it clears it."""
        self._failing = False
        self._database: Database | None = None
        self._put_aside = ""
        self._held: list[_Held] = []
        self._rows = itertools.count(-1, -1)
        self._sent_rows: set[int] = set()
        self._to_write = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imurep-log")

    def put(
        self,
        set_id: str,
        version: int,
        sensor: str,
        person: str,
        started_utc: datetime,
        payload: Mapping[str, Any],
    ) -> asyncio.Future[bool]:
        """Take a version of a set, to be written and then sent.

        Does not wait. Whoever wants to can await what is given back: True once it is
        on disk, False when the disk does not take it yet. A version that is known, or
        older than a known one, is no news.
        """
        kept = StoredSet(
            set_id=set_id,
            version=version,
            sensor=sensor,
            person=person,
            started_utc=started_utc,
            payload=payload,
            row=next(self._rows),
        )
        on_disk = asyncio.get_running_loop().create_future()
        held = _Held(kept, on_disk, sent=not self._is_outbox)
        self._held.append(held)
        self._to_write.set()
        return held.on_disk

    async def pending(self, limit: int) -> list[StoredSet]:
        """What was not sent yet, in order: first what is on disk, then what the disk does not take."""
        asked = limit + len(self._sent_rows)
        rows: list[StoredSet] = []
        with suppress(SinkError):  # `run` says so
            rows = await self._with(lambda database: database.pending(asked))
        rows = [kept for kept in rows if kept.row not in self._sent_rows]
        if self._failing:
            on_disk = {(kept.set_id, kept.version) for kept in rows}
            rows += [
                held.kept
                for held in self._held
                if not held.sent and (held.kept.set_id, held.kept.version) not in on_disk
            ]
        return rows[:limit]

    def sent(self, rows: Iterable[int]) -> None:
        """Note that the broker has them; it is written soon."""
        done = set(rows)
        for held in self._held:
            held.sent = held.sent or held.kept.row in done
        self._sent_rows |= {row for row in done if row > 0}
        self._to_write.set()

    async def last(self, sensor: str) -> StoredSet | None:
        """The sensor's set that started last, of those that count. Raises SinkError."""
        return await self._with(lambda database: database.last(sensor))

    async def since(self, utc: datetime) -> list[StoredSet]:
        """The newest version of each set that started then or later, in order, deleted ones too.

        Raises SinkError.
        """
        return await self._with(lambda database: database.since(utc))

    async def sensors(self) -> list[str]:
        """Names of all sensors that have sets. Raises SinkError."""
        return await self._with(Database.sensors)

    async def forget(self, sensor: str) -> int:
        """Delete all of a sensor, unsent or not; gives the number of versions. Raises SinkError."""
        return await self._with(lambda database: database.forget(sensor))

    async def run(self) -> None:
        """Write what is to be written, until cancelled."""
        while True:
            await self._to_write.wait()
            self._to_write.clear()
            while not await self.flush():  # noqa: ASYNC110 nobody says when a disk takes something again
                await asyncio.sleep(RETRY_S)

    async def close(self) -> None:
        """Write the rest, as far as the disk takes it, and leave the file."""
        if not await self.flush() and self._held:
            _log.error("sets are lost", sets=len(self._held), problem=self.problem)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    async def flush(self) -> bool:
        """Write all there is; False when the disk does not take it."""
        held, sent_rows = tuple(self._held), frozenset(self._sent_rows)
        puts = [(one.kept, one.sent) for one in held]
        file = self._put_aside

        def write(database: Database) -> None:
            database.write(puts, sent_rows if file == self._put_aside else ())  # rows of this file only

        try:
            await self._with(write)
        except SinkError as error:
            self._failing = True
            self._tell(str(error))
        else:
            self._failing = False
            del self._held[: len(held)]
            self._sent_rows -= sent_rows
            self._tell(self._put_aside)
        for one in held:
            if not one.on_disk.done():
                one.on_disk.set_result(not self._failing)
        self.news.set()
        return not self._failing

    def _tell(self, problem: str) -> None:
        if problem != self.problem:
            if problem:
                _log.error("the log has a problem; counting goes on", problem=problem)
            else:
                _log.info("the log is well again")
        self.problem = problem

    async def _with(self, work: Callable[[Database], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._work, work)

    def _work(self, work: Callable[[Database], _T]) -> _T:
        """In the thread."""
        try:
            return work(self._opened())
        except DamagedError:
            self._close()
            self._set_aside()
            return work(self._opened())

    def _opened(self) -> Database:
        if self._database is None:
            self._database = Database(self.path)
        return self._database

    def _set_aside(self) -> None:
        """Rename the damaged file and what belongs to it, so that it can be looked at."""
        aside = self.path.with_name(f"{self.path.stem}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}.sqlite")
        try:
            self.path.rename(aside)
            for suffix in ("-wal", "-shm"):
                with suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + suffix).rename(aside.with_name(aside.name + suffix))
        except OSError as error:
            msg = f"{self.path}: damaged, and cannot be renamed: {error.strerror}; move it away"
            raise SinkError(msg) from error
        self._sent_rows = set()  # they were rows of that file
        self._put_aside = f"{self.path} was damaged; it is {aside.name} now, and a new one was begun"

    def _close(self) -> None:
        if self._database is not None:
            with suppress(SinkError):
                self._database.close()
            self._database = None
