"""The log while the service runs: nothing waits for the disk, and nothing is lost while it takes nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from imurep.log import Database, SetLogWriter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.asyncio

BEGAN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
SENSOR = "strap"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sets.sqlite"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.log.set_log_writer.RETRY_S", 0.01)


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[SetLogWriter]:
    log = SetLogWriter(path)
    writing = asyncio.create_task(log.run())
    try:
        yield log
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await log.close()


def put(log: SetLogWriter, number: int, version: int = 1) -> asyncio.Future[bool]:
    name = f"s-{number}"
    payload = {"id": name, "version": version, "state": "final"}
    return log.put(name, version, SENSOR, "Ann", BEGAN + timedelta(minutes=number), payload)


async def names(log: SetLogWriter) -> list[str]:
    return [one.set_id for one in await log.pending(100)]


async def well(log: SetLogWriter) -> None:
    while log.problem:
        log.news.clear()
        await log.news.wait()


@asynccontextmanager
async def unwritable(log: SetLogWriter) -> AsyncIterator[None]:
    """As if the disk had become read-only; a full one is in ``test_database``."""

    def query_only(database: Database, word: str) -> None:
        database._connection.execute(f"PRAGMA query_only = {word}")

    await log.ask(lambda database: query_only(database, "ON"))
    yield
    await log.ask(lambda database: query_only(database, "OFF"))


async def test_a_set_is_on_disk_before_it_is_pending(path: Path) -> None:
    async with running(path) as log:
        on_disk = put(log, 1)
        assert await names(log) == []
        assert await on_disk
        with Database(path) as other:
            assert [one.set_id for one in other.pending(10)] == ["s-1"]
        assert await names(log) == ["s-1"]
        assert log.news.is_set()


async def test_sent_is_kept_over_a_restart(path: Path) -> None:
    async with running(path) as log:
        put(log, 1)
        await put(log, 2)
        first, _ = await log.pending(2)
        log.sent([first.row])
        assert await names(log) == ["s-2"]  # at once, not when it is written
    async with running(path) as log:
        assert await names(log) == ["s-2"]


async def test_where_nobody_sends_nothing_waits(path: Path) -> None:
    log = SetLogWriter(path, is_outbox=False)
    put(log, 1)
    await log.close()
    async with running(path) as later:
        assert await names(later) == []
        assert [one.set_id for one in await later.since(BEGAN)] == ["s-1"]


async def test_what_is_put_at_the_end_is_written(path: Path) -> None:
    async with running(path) as log:
        put(log, 1)
    with Database(path) as database:
        assert [one.set_id for one in database.pending(10)] == ["s-1"]


async def test_while_the_disk_takes_nothing_sets_are_sent_from_memory_in_order(path: Path) -> None:
    async with running(path) as log:
        await put(log, 1)
        async with unwritable(log):
            assert not await put(log, 2)
            assert not await put(log, 3)
            assert "cannot be written" in log.problem
            assert await names(log) == ["s-1", "s-2", "s-3"]
            one, two, _ = await log.pending(3)
            log.sent([one.row, two.row])
            assert await names(log) == ["s-3"]
        await well(log)
        assert await names(log) == ["s-3"]
    with Database(path) as database:
        assert [one.set_id for one in database.since(BEGAN)] == ["s-1", "s-2", "s-3"]
        assert [one.set_id for one in database.pending(10)] == ["s-3"]


async def test_a_lock_of_another_program_is_waited_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.log.database.LOCKED_S", 0.0)
    async with running(path) as log:
        await put(log, 1)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert not await put(log, 2)
        assert "another program" in log.problem
        assert await names(log) == ["s-1", "s-2"]
        other.execute("ROLLBACK")
        other.close()
        await well(log)
        assert await names(log) == ["s-1", "s-2"]


async def test_a_damaged_file_is_put_aside_and_a_new_one_begun(path: Path) -> None:
    path.write_bytes(b"this is no database, whatever its name says " * 100)  # noqa: ASYNC240 nobody waits
    async with running(path) as log:
        assert await put(log, 1)
        assert "was damaged" in log.problem  # and stays said
        assert await names(log) == ["s-1"]
    (aside,) = path.parent.glob("sets.damaged-*.sqlite")
    assert aside.read_bytes().startswith(b"this is no database")
    assert aside.name in log.problem


async def test_a_place_where_nothing_can_be_stops_nothing(tmp_path: Path) -> None:
    place = tmp_path / "not there yet"
    async with running(place / "sets.sqlite") as log:
        assert not await put(log, 1)
        assert "cannot be opened" in log.problem
        assert await names(log) == ["s-1"]
        place.mkdir()
        await well(log)
        assert await names(log) == ["s-1"]


async def test_questions_are_answered_from_the_disk(path: Path) -> None:
    async with running(path) as log:
        put(log, 1)
        await put(log, 1, version=2)
        last = await log.last(SENSOR)
        assert last is not None
        assert last.version == 2
        assert [one.version for one in await log.since(BEGAN)] == [2]
        assert await log.sensors() == [SENSOR]
        assert await log.forget(SENSOR) == 2
        assert await log.last(SENSOR) is None
