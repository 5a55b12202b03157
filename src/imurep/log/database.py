"""The database of a data directory, and its log of sets: SQLite, one row per version of a set.

With a write-ahead log and ``synchronous=FULL`` a change is on the disk when the
call returns, power cut or not. Readers, such as a backup, do not hold up the
writer, and several programs can write in turn. A row that is damaged is
reported and skipped.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import structlog

from imurep.errors import SinkError
from imurep.log.schema import MIGRATIONS
from imurep.log.stored_set import StoredSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

LOCKED_S = 1.0
"""How long another program's lock is waited for."""

_COLUMNS = "row, id, version, sensor, person, started_utc, payload"
_NEWEST = "version = (SELECT max(version) FROM sets AS other WHERE other.id = sets.id)"

_WHAT_TO_DO = {
    sqlite3.SQLITE_FULL: "the disk is full; make room on it",
    sqlite3.SQLITE_READONLY: "it cannot be written; check the permissions of the file and its directory",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check the permissions of its directory",
    sqlite3.SQLITE_BUSY: "another program has locked it; end that program",
    sqlite3.SQLITE_LOCKED: "another program has locked it; end that program",
    sqlite3.SQLITE_IOERR: "the disk fails to read or write it; check the disk",
}

_log = structlog.get_logger("imurep")


class DamagedError(SinkError):
    """The file is no database, or no longer a whole one."""


def log_problem(problem: str) -> None:
    """Write a problem with stored data to the log of the program."""
    _log.warning("stored data is skipped", problem=problem)


class Database:
    """The open file. Used from one thread at a time; all that fails raises SinkError."""

    def __init__(
        self,
        path: Path,
        *,
        create: bool = True,
        locked_s: float | None = None,
        report: Callable[[str], None] = log_problem,
    ) -> None:
        """Open the file, making it where ``create`` allows, and bring its schema up to date.

        Args:
            path: The file.
            create: Whether to make it where there is none.
            locked_s: How long to wait for another program's lock; None: ``LOCKED_S``.
            report: Called with one line about each damaged row that is skipped, once.

        Raises DamagedError, or SinkError with what to do.
        """
        self.path = path
        self._report = report
        self._reported: set[str] = set()
        if not create and not path.is_file():
            msg = f"{path}: there are no sets yet; imurep run stores them"
            raise SinkError(msg)
        with self._errors():
            self._connection = sqlite3.connect(
                path,
                timeout=LOCKED_S if locked_s is None else locked_s,
                isolation_level=None,
                check_same_thread=False,
            )
        self._connection.text_factory = text_or_bytes
        try:
            with self._errors():
                self._prepare()
        except SinkError:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the file to others."""
        with self._errors():
            self._connection.close()

    # For all tables

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query. Text that is no UTF-8 comes as bytes."""
        with self._errors():
            return self._connection.execute(sql, values).fetchall()

    def execute(self, sql: str, *values: object) -> int:
        """Run one statement; gives the number of rows that it changed."""
        with self._errors():
            return self._connection.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is within; one inside another is a part of that."""
        is_part = self._connection.in_transaction
        if is_part:
            yield
            return
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def report(self, problem: str) -> None:
        """Report what is skipped, once for as long as the file is open."""
        if problem not in self._reported:
            self._reported.add(problem)
            self._report(f"{self.path}: {problem}")

    def changes_of_others(self) -> int:
        """A number that differs after another program, or another connection, has changed the file."""
        ((version,),) = self.rows("PRAGMA data_version")
        return int(version)

    def back_up(self, path: Path) -> None:
        """Copy the whole file, also while a service writes it; the copy appears when it is complete."""
        part = path.with_name(f"{path.name}.part")
        with self._errors(), closing(sqlite3.connect(part)) as copy:
            self._connection.backup(copy)
        part.replace(path)

    # The log of sets

    def write(self, puts: Iterable[tuple[StoredSet, bool]], sent_rows: Iterable[int]) -> None:
        """Add new versions, each with whether it was sent already, and mark rows as sent; all or nothing."""
        with self.transaction():
            for stored, sent in puts:
                self._put(stored, sent=sent)
            self._connection.executemany(
                "UPDATE sets SET sent = 1 WHERE row = ?", [(row,) for row in sent_rows]
            )

    def pending(self, limit: int) -> list[StoredSet]:
        """Versions that were not sent yet, in the order in which they came."""
        return self._sets("WHERE NOT sent ORDER BY row", limit=limit)

    def newest(self, set_id: str) -> StoredSet | None:
        """The newest version of a set, also of a deleted one."""
        return next(iter(self._sets("WHERE id = ? ORDER BY version DESC", set_id, limit=1)), None)

    def last(self, sensor: str) -> StoredSet | None:
        """The sensor's set that started last, of those that count."""
        where = f"WHERE sensor = ? AND NOT withdrawn AND {_NEWEST} ORDER BY started_utc DESC, row DESC"
        return next(iter(self._sets(where, sensor, limit=1)), None)

    def since(self, utc: datetime) -> list[StoredSet]:
        """The newest version of each set that started then or later, in that order, deleted ones too."""
        return self._sets(f"WHERE started_utc >= ? AND {_NEWEST} ORDER BY started_utc, row", _text(utc))

    def sensors(self) -> list[str]:
        """Names of all sensors that have sets."""
        rows = self.rows("SELECT DISTINCT sensor FROM sets ORDER BY sensor")
        return [name for (name,) in rows if isinstance(name, str)]

    def forget(self, sensor: str) -> int:
        """Delete all sets of a sensor, unsent or not; gives the number of versions."""
        return self.execute("DELETE FROM sets WHERE sensor = ?", sensor)

    def prune(self, before: datetime) -> int:
        """Delete sets that started before, and of which all was sent; gives the number of versions."""
        return self.execute(
            "DELETE FROM sets WHERE started_utc < ? AND id NOT IN (SELECT id FROM sets WHERE NOT sent)",
            _text(before),
        )

    def _prepare(self) -> None:
        one = self._connection.execute
        one("PRAGMA synchronous = FULL")
        (state,) = one("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise DamagedError(self._damaged(state))
        one("PRAGMA journal_mode = WAL")
        if self._version() > len(MIGRATIONS):
            msg = f"{self.path}: a newer imurep wrote it; install that version, or set data.directory"
            raise SinkError(msg)
        if self._version() < len(MIGRATIONS):
            with self.transaction():
                # Asked again, since another program may have been here first.
                for migration in MIGRATIONS[self._version() :]:
                    for statement in migration:
                        one(statement)
                one(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _version(self) -> int:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        return int(version)

    def _put(self, stored: StoredSet, *, sent: bool) -> None:
        ((newest,),) = self.rows("SELECT max(version) FROM sets WHERE id = ?", stored.set_id)
        # A set of which no version is known cannot be withdrawn.
        is_news = not stored.withdrawn if newest is None else stored.version > newest
        if is_news:
            self._connection.execute(
                "INSERT INTO sets (id, version, sensor, person, started_utc, withdrawn, sent, payload)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    stored.set_id,
                    stored.version,
                    stored.sensor,
                    stored.person,
                    _text(stored.started_utc),
                    stored.withdrawn,
                    sent,
                    json.dumps(dict(stored.payload), allow_nan=False),
                ),
            )

    def _sets(self, where: str, *values: object, limit: int | None = None) -> list[StoredSet]:
        found: list[StoredSet] = []
        sql = f"SELECT {_COLUMNS} FROM sets {where}"  # noqa: S608 constants
        with self._errors(), closing(self._connection.execute(sql, values)) as rows:
            for row in rows:
                if limit is not None and len(found) >= limit:
                    break
                try:
                    found.append(_stored_set(row))
                except (ValueError, TypeError):
                    self.report(f"row {row[0]} of the sets is damaged; that set is in a backup, if anywhere")
        return found

    def _damaged(self, why: object) -> str:
        return f"{self.path}: damaged: {why}; imurep run renames it and begins a new one"

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Translate the errors of SQLite, with what to do."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest gives the part of it failed
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise DamagedError(self._damaged(error)) from error
            msg = f"{self.path}: {_WHAT_TO_DO.get(code, str(error))}"
            raise SinkError(msg) from error


def _stored_set(columns: tuple[Any, ...]) -> StoredSet:
    """Make a set of a row. Raises ValueError and TypeError for a damaged one."""
    row, set_id, version, sensor, person, started_utc, payload = columns
    fields = json.loads(payload) if isinstance(payload, str) else None
    if not isinstance(fields, dict) or not all(isinstance(text, str) for text in (set_id, sensor, person)):
        msg = "not what was written"
        raise TypeError(msg)
    return StoredSet(
        row=row,
        set_id=set_id,
        version=int(version),
        sensor=sensor,
        person=person,
        started_utc=datetime.fromisoformat(started_utc),
        payload=fields,
    )


def _text(utc: datetime) -> str:
    """Write a time so that it sorts as text."""
    return utc.astimezone(UTC).isoformat(timespec="microseconds")


def text_or_bytes(raw: bytes) -> str | bytes:
    """Text of a row; bytes where it is damaged, so that the rows beside it can be read."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
