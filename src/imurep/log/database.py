"""The file of sets: SQLite, one row per version of a set.

With a write-ahead log and ``synchronous=FULL`` a change is on the disk when the
call returns, power cut or not. Readers, such as a backup, do not hold up the
writer. The file's ``user_version`` is the number of migrations it went through.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from imurep.errors import SinkError
from imurep.log.stored_set import StoredSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FILE_NAME = "sets.sqlite"
LOCKED_S = 1.0
"""How long another program's lock is waited for."""

MIGRATIONS = (
    (
        """CREATE TABLE sets (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL,
            version INTEGER NOT NULL,
            sensor TEXT NOT NULL,
            person TEXT NOT NULL,
            started_utc TEXT NOT NULL,
            withdrawn INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            payload TEXT NOT NULL,
            UNIQUE (id, version)
        )""",
        "CREATE INDEX unsent ON sets (row) WHERE NOT sent",
        "CREATE INDEX starts ON sets (started_utc)",
    ),
)
"""What brings a file from one version of the schema to the next. Only ever added to."""

_COLUMNS = "row, id, version, sensor, person, started_utc, payload"
_NEWEST = "version = (SELECT max(version) FROM sets AS other WHERE other.id = sets.id)"

_WHAT_TO_DO = {
    sqlite3.SQLITE_FULL: "the disk is full; make room on it",
    sqlite3.SQLITE_READONLY: "it cannot be written; check the permissions of the file and its directory",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check the permissions of its directory",
    sqlite3.SQLITE_BUSY: "another program holds it; end that",
    sqlite3.SQLITE_LOCKED: "another program holds it; end that",
    sqlite3.SQLITE_IOERR: "the disk does not take or give it; check the disk",
}


class DamagedError(SinkError):
    """The file is no database, or no longer a whole one."""


class Database:
    """The open file. Used from one thread; all that fails raises SinkError."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Open the file, making it where ``create`` allows, and bring its schema up to date.

        Raises DamagedError, or SinkError with what to do.
        """
        self.path = path
        if not create and not path.is_file():
            msg = f"{path}: there are no sets yet; imurep run keeps them"
            raise SinkError(msg)
        with self._told():
            self._connection = sqlite3.connect(
                path, timeout=LOCKED_S, isolation_level=None, check_same_thread=False
            )
        try:
            with self._told():
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
        with self._told():
            self._connection.close()

    def write(self, puts: Iterable[tuple[StoredSet, bool]], sent_rows: Iterable[int]) -> None:
        """Add new versions, each with whether it was sent already, and mark rows as sent; all or nothing."""
        with self._changing():
            for kept, sent in puts:
                self._put(kept, sent=sent)
            self._connection.executemany(
                "UPDATE sets SET sent = 1 WHERE row = ?", [(row,) for row in sent_rows]
            )

    def pending(self, limit: int) -> list[StoredSet]:
        """Versions that were not sent yet, in the order in which they came."""
        return self._read("WHERE NOT sent ORDER BY row LIMIT ?", limit)

    def last(self, sensor: str) -> StoredSet | None:
        """The sensor's set that started last, of those that count."""
        found = self._read(
            f"WHERE sensor = ? AND NOT withdrawn AND {_NEWEST} ORDER BY started_utc DESC, row DESC LIMIT 1",
            sensor,
        )
        return found[0] if found else None

    def since(self, utc: datetime) -> list[StoredSet]:
        """The newest version of each set that started then or later, in that order, deleted ones too."""
        return self._read(f"WHERE started_utc >= ? AND {_NEWEST} ORDER BY started_utc, row", _text(utc))

    def sensors(self) -> list[str]:
        """Names of all sensors that have sets."""
        with self._told():
            rows = self._connection.execute("SELECT DISTINCT sensor FROM sets ORDER BY sensor").fetchall()
        return [name for (name,) in rows]

    def forget(self, sensor: str) -> int:
        """Delete all of a sensor, unsent or not; gives the number of versions."""
        with self._changing():
            return self._connection.execute("DELETE FROM sets WHERE sensor = ?", (sensor,)).rowcount

    def prune(self, before: datetime) -> int:
        """Delete sets that started before, and of which all was sent; gives the number of versions."""
        with self._changing():
            return self._connection.execute(
                "DELETE FROM sets WHERE started_utc < ? AND id NOT IN (SELECT id FROM sets WHERE NOT sent)",
                (_text(before),),
            ).rowcount

    def back_up(self, path: Path) -> None:
        """Copy the whole log, also while a service writes it; the file appears when it is complete."""
        part = path.with_name(f"{path.name}.part")
        with self._told(), closing(sqlite3.connect(part)) as copy:
            self._connection.backup(copy)
        part.replace(path)

    def _prepare(self) -> None:
        one = self._connection.execute
        one("PRAGMA synchronous = FULL")
        (state,) = one("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            msg = f"{self.path}: damaged: {state}"
            raise DamagedError(msg)
        one("PRAGMA journal_mode = WAL")
        if self._version() > len(MIGRATIONS):
            msg = f"{self.path}: a newer imurep wrote it; install that, or set data.directory"
            raise SinkError(msg)
        if self._version() < len(MIGRATIONS):
            with self._changing():
                # Asked again, since another program may have been here first.
                for migration in MIGRATIONS[self._version() :]:
                    for statement in migration:
                        one(statement)
                one(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _version(self) -> int:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        return int(version)

    def _put(self, kept: StoredSet, *, sent: bool) -> None:
        (newest,) = self._connection.execute(
            "SELECT max(version) FROM sets WHERE id = ?", (kept.set_id,)
        ).fetchone()
        # Of a set that was never told, nothing can be taken back.
        is_news = not kept.withdrawn if newest is None else kept.version > newest
        if is_news:
            self._insert(kept, sent=sent)

    def _insert(self, kept: StoredSet, *, sent: bool) -> None:
        self._connection.execute(
            "INSERT INTO sets (id, version, sensor, person, started_utc, withdrawn, sent, payload)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                kept.set_id,
                kept.version,
                kept.sensor,
                kept.person,
                _text(kept.started_utc),
                kept.withdrawn,
                sent,
                json.dumps(dict(kept.payload), allow_nan=False),
            ),
        )

    def _read(self, where: str, *values: object) -> list[StoredSet]:
        with self._told():
            return self._select(where, *values)

    def _select(self, where: str, *values: object) -> list[StoredSet]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM sets {where}", values)  # noqa: S608 constants
        return [
            StoredSet(
                row=row,
                set_id=set_id,
                version=version,
                sensor=sensor,
                person=person,
                started_utc=datetime.fromisoformat(started),
                payload=json.loads(payload),
            )
            for row, set_id, version, sensor, person, started, payload in rows
        ]

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what SQLite says, with what to do."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says which part of it failed
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                msg = f"{self.path}: damaged: {error}"
                raise DamagedError(msg) from error
            msg = f"{self.path}: {_WHAT_TO_DO.get(code, str(error))}"
            raise SinkError(msg) from error


def _text(utc: datetime) -> str:
    """Write a time so that it sorts as text."""
    return utc.astimezone(UTC).isoformat(timespec="microseconds")
