"""The database while the service runs: one thread uses it, so the event loop never waits for a disk.

A disk that fails is no reason to lose a set, nor to stop counting. What is not
written stays in memory, sets are published from there, and it is written as soon
as the disk works again. A damaged file is renamed, and a new one begun.
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
from imurep.log.user_data import UserData

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

RETRY_S = 2.0
"""Before a disk that failed is tried again."""

_T = TypeVar("_T")
_log = structlog.get_logger("imurep")


@dataclass(slots=True)
class _UnwrittenSet:
    """A version that is not on disk yet."""

    stored: StoredSet
    on_disk: asyncio.Future[bool]
    sent: bool = False


class SetLogWriter:
    """Takes sets and changes without waiting; ``run`` writes them. Without it everything stays in memory."""

    def __init__(self, path: Path, *, is_outbox: bool = True) -> None:
        """Prepare; the file is opened by the first that needs it.

        Without a broker no set waits to be sent: then it is no ``is_outbox``.
        """
        self.path = path
        self._is_outbox = is_outbox
        self.problem = ""
        """What is wrong with the disk and what to do, in one line; empty: nothing."""
        self.news = asyncio.Event()
        """Set when something is new to send, or the problem changed; who waited for it clears it."""
        self._failing = False
        self._database: Database | None = None
        self._renamed = ""
        """What became of a damaged file."""
        self._to_salvage: Path | None = None
        """A damaged file whose user data is not in the new one yet."""
        self._unwritten: list[_UnwrittenSet] = []
        self._changes: list[Callable[[Database], None]] = []
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

        Does not wait. The result can be awaited: True once the version is on disk,
        False when the disk does not take it yet. A version that is known, or older
        than a known one, changes nothing.
        """
        stored = StoredSet(
            set_id=set_id,
            version=version,
            sensor=sensor,
            person=person,
            started_utc=started_utc,
            payload=payload,
            row=next(self._rows),
        )
        unwritten = _UnwrittenSet(
            stored, asyncio.get_running_loop().create_future(), sent=not self._is_outbox
        )
        self._unwritten.append(unwritten)
        self._to_write.set()
        return unwritten.on_disk

    def change(self, work: Callable[[Database], None]) -> None:
        """Take a change of user data, to be written soon. It may run twice when the disk fails."""
        self._changes.append(work)
        self._to_write.set()

    @property
    def has_changes(self) -> bool:
        """Whether changes of user data are not written yet."""
        return bool(self._changes)

    async def pending(self, limit: int) -> list[StoredSet]:
        """What was not sent yet, in order: first what is on disk, then what the disk does not take."""
        asked = limit + len(self._sent_rows)
        rows: list[StoredSet] = []
        with suppress(SinkError):  # `run` logs it
            rows = await self.ask(lambda database: database.pending(asked))
        rows = [stored for stored in rows if stored.row not in self._sent_rows]
        if self._failing:
            on_disk = {(stored.set_id, stored.version) for stored in rows}
            rows += [
                one.stored
                for one in self._unwritten
                if not one.sent and (one.stored.set_id, one.stored.version) not in on_disk
            ]
        return rows[:limit]

    def sent(self, rows: Iterable[int]) -> None:
        """Note that the broker has them; it is written soon."""
        done = set(rows)
        for one in self._unwritten:
            one.sent = one.sent or one.stored.row in done
        self._sent_rows |= {row for row in done if row > 0}
        self._to_write.set()

    async def newest(self, set_id: str) -> StoredSet | None:
        """The newest version of a set that is on disk, also of a deleted one. Raises SinkError."""
        return await self.ask(lambda database: database.newest(set_id))

    async def last(self, sensor: str) -> StoredSet | None:
        """The sensor's set that started last, of those that count. Raises SinkError."""
        return await self.ask(lambda database: database.last(sensor))

    async def since(self, utc: datetime) -> list[StoredSet]:
        """The newest version of each set that started then or later, in order, deleted ones too.

        Raises SinkError.
        """
        return await self.ask(lambda database: database.since(utc))

    async def sensors(self) -> list[str]:
        """Names of all sensors that have sets. Raises SinkError."""
        return await self.ask(Database.sensors)

    async def forget(self, sensor: str) -> int:
        """Delete all sets of a sensor, unsent or not; gives the number of versions. Raises SinkError."""
        return await self.ask(lambda database: database.forget(sensor))

    async def ask(self, work: Callable[[Database], _T]) -> _T:
        """Run ``work`` in the thread; gives its result. Raises SinkError."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._work, work)

    async def run(self) -> None:
        """Write what is to be written, until cancelled."""
        while True:
            await self._to_write.wait()
            self._to_write.clear()
            while not await self.flush():  # noqa: ASYNC110 no event announces that a disk works again
                await asyncio.sleep(RETRY_S)

    async def close(self) -> None:
        """Write the rest, as far as the disk takes it, and leave the file."""
        if not await self.flush() and (self._unwritten or self._changes):
            _log.error(
                "sets or settings are lost",
                sets=len(self._unwritten),
                changes=len(self._changes),
                problem=self.problem,
            )
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    async def flush(self) -> bool:
        """Write all there is; False when the disk does not take it."""
        unwritten, changes = tuple(self._unwritten), tuple(self._changes)
        sent_rows = frozenset(self._sent_rows)
        puts = [(one.stored, one.sent) for one in unwritten]
        file = self._renamed

        def write(database: Database) -> None:
            database.write(puts, sent_rows if file == self._renamed else ())  # rows of this file only
            for change in changes:
                change(database)

        try:
            await self.ask(write)
        except SinkError as error:
            self._failing = True
            self._set_problem(str(error))
        else:
            self._failing = False
            del self._unwritten[: len(unwritten)]
            del self._changes[: len(changes)]
            self._sent_rows -= sent_rows
            self._set_problem(self._renamed)
        for one in unwritten:
            if not one.on_disk.done():
                one.on_disk.set_result(not self._failing)
        self.news.set()
        return not self._failing

    def _set_problem(self, problem: str) -> None:
        if problem != self.problem:
            if problem:
                _log.error("the log of sets has a problem; counting continues", problem=problem)
            else:
                _log.info("the log of sets works again")
        self.problem = problem

    def _work(self, work: Callable[[Database], _T]) -> _T:
        """In the thread."""
        try:
            return work(self._open())
        except DamagedError:
            self._close()
            self._to_salvage = self._rename_damaged()
            return work(self._open())

    def _open(self) -> Database:
        if self._database is None:
            self._database = Database(self.path)
        if self._to_salvage is not None:
            UserData(self._database).salvage(self._to_salvage)
            self._to_salvage = None
        return self._database

    def _rename_damaged(self) -> Path:
        """Rename the damaged file and what belongs to it, so that it can be examined."""
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
        self._renamed = f"{self.path} was damaged; it is {aside.name} now, and a new one was begun"
        return aside

    def _close(self) -> None:
        if self._database is not None:
            with suppress(SinkError):
                self._database.close()
            self._database = None
