"""The file of sets: versions, order, migrations, what a disk may do."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from imurep.errors import SinkError
from imurep.log import Database, StoredSet
from imurep.log.database import DamagedError
from imurep.log.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGAN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def kept(number: int, version: int = 1, *, sensor: str = "strap", **more: Any) -> StoredSet:  # noqa: ANN401 any JSON
    return StoredSet(
        set_id=f"s-{number}",
        version=version,
        sensor=sensor,
        person="Ann",
        started_utc=BEGAN + timedelta(minutes=number),
        payload={"id": f"s-{number}", "version": version, "state": "final", **more},
    )


def put(database: Database, *sets: StoredSet) -> None:
    database.write([(one, False) for one in sets], ())


def names(found: list[StoredSet]) -> list[tuple[str, int]]:
    return [(one.set_id, one.version) for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sets.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with Database(path) as opened:
        yield opened


def test_what_is_put_is_pending_in_its_order_until_it_is_sent(database: Database) -> None:
    put(database, kept(2), kept(1))
    put(database, kept(1, 2))
    pending = database.pending(10)
    assert names(pending) == [("s-2", 1), ("s-1", 1), ("s-1", 2)]
    assert names(database.pending(1)) == [("s-2", 1)]
    database.write((), [pending[0].row, pending[2].row])
    assert names(database.pending(10)) == [("s-1", 1)]


def test_a_set_comes_back_as_it_was_put(database: Database) -> None:
    one = kept(1, load_kg=22.5, note="Übung")
    put(database, one)
    (found,) = database.pending(1)
    assert (found.sensor, found.person, found.started_utc, found.payload) == (
        one.sensor,
        one.person,
        one.started_utc,
        one.payload,
    )


def test_what_is_known_or_older_is_no_news(database: Database) -> None:
    put(database, kept(1, 2, by="first"))
    put(database, kept(1, 2, by="second"), kept(1, 1))
    (found,) = database.pending(10)
    assert (found.version, found.payload["by"]) == (2, "first")


def test_what_was_never_stored_cannot_be_withdrawn(database: Database) -> None:
    put(database, kept(1, state="withdrawn"))
    assert database.pending(10) == []
    put(database, kept(2), kept(2, 2, state="withdrawn"))
    assert names(database.pending(10)) == [("s-2", 1), ("s-2", 2)]


def test_a_set_is_found_by_its_id_also_when_it_was_deleted(database: Database) -> None:
    put(database, kept(1), kept(1, 1000), kept(1, 2), kept(2), kept(2, 2, state="withdrawn"))
    newest = [database.newest(name) for name in ("s-1", "s-2", "s-3")]
    assert [one and one.version for one in newest] == [1000, 2, None]


def test_last_is_the_newest_version_of_the_set_that_began_last_and_counts(database: Database) -> None:
    put(database, kept(2), kept(1), kept(3), kept(2, 2, repetitions=11), kept(4, sensor="other"))
    put(database, kept(3, 2, state="withdrawn"))
    last = database.last("strap")
    assert last is not None
    assert (last.set_id, last.version, last.payload["repetitions"]) == ("s-2", 2, 11)
    assert database.last("nobody") is None


def test_since_gives_newest_versions_by_their_start_also_of_withdrawn_sets(database: Database) -> None:
    put(database, kept(3), kept(1), kept(2), kept(2, 2), kept(3, 2, state="withdrawn"))
    assert names(database.since(BEGAN + timedelta(minutes=2))) == [("s-2", 2), ("s-3", 2)]


def test_since_compares_instants_whatever_their_zone(database: Database) -> None:
    put(database, kept(0), kept(1))
    there = (BEGAN + timedelta(seconds=1)).astimezone(tz=None)
    assert names(database.since(there)) == [("s-1", 1)]


def test_forget_deletes_a_sensor_sent_or_not(database: Database) -> None:
    put(database, kept(1), kept(1, 2), kept(2, sensor="other"))
    assert database.sensors() == ["other", "strap"]
    assert database.forget("strap") == 2
    assert database.sensors() == ["other"]


def test_prune_keeps_what_is_newer_and_what_was_not_sent(database: Database) -> None:
    put(database, kept(1), kept(1, 2), kept(2), kept(3))
    rows = {(one.set_id, one.version): one.row for one in database.pending(10)}
    database.write((), [rows["s-1", 1], rows["s-2", 1], rows["s-3", 1]])
    assert database.prune(BEGAN + timedelta(minutes=3)) == 1
    assert names(database.since(BEGAN)) == [("s-1", 2), ("s-3", 1)]


def test_a_damaged_row_costs_itself_only(path: Path) -> None:
    problems: list[str] = []
    with Database(path, report=problems.append) as database:
        put(database, *(kept(number) for number in range(6)))
        one = database.execute
        one("UPDATE sets SET payload = '{\"id\": ' WHERE id = 's-0'")
        one("UPDATE sets SET payload = '[]' WHERE id = 's-1'")
        one("UPDATE sets SET payload = CAST(x'ff' AS TEXT) WHERE id = 's-2'")
        one("UPDATE sets SET started_utc = '2026-13-99' WHERE id = 's-5'")
        for _ in range(2):
            assert names(database.pending(1)) == [("s-3", 1)], "what is damaged does not hold up the rest"
            assert names(database.since(BEGAN)) == [("s-3", 1), ("s-4", 1)]
            last = database.last("strap")
            assert last is not None
            assert last.set_id == "s-4"
    assert len(problems) == 4, "each is reported once"
    assert all("is damaged" in problem for problem in problems)


def test_all_or_nothing_is_written(database: Database) -> None:
    cannot = kept(2, load_kg=float("nan"))
    with pytest.raises(ValueError, match="JSON"):
        put(database, kept(1), cannot)
    assert database.pending(10) == []
    put(database, kept(3))
    assert names(database.pending(10)) == [("s-3", 1)]


def test_every_change_is_synced_to_the_disk(database: Database) -> None:
    one = database._connection.execute
    assert one("PRAGMA journal_mode").fetchone() == ("wal",)
    assert one("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_a_file_of_every_version_is_brought_up_to_date(path: Path) -> None:
    for version in range(len(MIGRATIONS)):
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as old:
            for migration in MIGRATIONS[:version]:
                for statement in migration:
                    old.execute(statement)
            old.execute(f"PRAGMA user_version = {version}")
        old.close()
        with Database(path) as database:
            put(database, kept(1))
            assert database._version() == len(MIGRATIONS)


def test_a_file_of_a_newer_imurep_is_left_alone(path: Path) -> None:
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.close()
    with pytest.raises(SinkError, match="newer imurep"):
        Database(path)


def test_a_backup_is_a_log_of_its_own(database: Database, tmp_path: Path) -> None:
    put(database, kept(1))
    there = tmp_path / "copy.sqlite"
    there.write_bytes(b"an older backup")
    database.back_up(there)
    put(database, kept(2))
    with Database(there) as copy:
        assert names(copy.pending(10)) == [("s-1", 1)]
    assert sorted(file.name for file in tmp_path.glob("*.part*")) == []


def test_a_full_disk_takes_nothing_of_it_and_continues_when_there_is_room(database: Database) -> None:
    put(database, kept(1))
    pages = database._connection.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(SinkError, match="disk is full; make room"):
        put(database, *(kept(number, note="x" * 5000) for number in range(2, 9)))
    assert names(database.pending(10)) == [("s-1", 1)]
    database._connection.execute("PRAGMA max_page_count = 100000")
    put(database, kept(2))
    assert names(database.pending(10)) == [("s-1", 1), ("s-2", 1)]


def test_a_file_that_cannot_be_written_reports_it(database: Database) -> None:
    put(database, kept(1))
    database._connection.execute("PRAGMA query_only = ON")  # root may write everywhere else
    with pytest.raises(SinkError, match="cannot be written; check the permissions"):
        put(database, kept(2))
    assert names(database.pending(10)) == [("s-1", 1)]


def test_another_programs_lock_is_named(database: Database, path: Path) -> None:
    database._connection.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SinkError, match="another program has locked it"):
        put(database, kept(1))
    other.execute("ROLLBACK")
    other.close()
    put(database, kept(1))


def test_no_directory_and_no_file_name_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="cannot be opened; check"):
        Database(tmp_path / "nowhere" / "sets.sqlite")
    with pytest.raises(SinkError, match="no sets yet"):
        Database(tmp_path / "sets.sqlite", create=False)


@pytest.mark.parametrize("where", ["all", "header", "middle"])
def test_damage_is_known_when_the_file_is_opened(path: Path, where: str) -> None:
    with Database(path) as database:
        put(database, *(kept(number, note="x" * 500) for number in range(200)))
    whole = bytearray(path.read_bytes())
    begin, end = {"all": (0, len(whole)), "header": (0, 16), "middle": (4096, 20000)}[where]
    whole[begin:end] = b"\x55" * (end - begin)
    path.write_bytes(whole)
    with pytest.raises(DamagedError, match="damaged"):
        Database(path)
