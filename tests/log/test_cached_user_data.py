"""User data while the service runs: from memory at once, on disk soon, and what others write."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from imurep.errors import SinkError
from imurep.log import Database, SetLogWriter
from imurep.log.cached_user_data import CachedPlans, CachedUserData
from imurep.log.user_data import UserData
from imurep.plan import NO_PLAN, Plan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

LINE = ("me", "strap", "back_extension_45")
ANOTHER_PROGRAM = """
import sys
from pathlib import Path
from imurep.log import Database
from imurep.log.user_data import UserData

for number in range(20):
    with Database(Path(sys.argv[1]), locked_s=10) as database:
        UserData(database).set_line("me", "strap", "back_extension_45", number)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sets.sqlite"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.log.cached_user_data.REFRESH_S", 0.01)
    monkeypatch.setattr("imurep.log.set_log_writer.RETRY_S", 0.01)


@asynccontextmanager
async def running(
    path: Path, usual: Plan = NO_PLAN, *, with_json_files: bool = False
) -> AsyncIterator[CachedUserData]:
    log = SetLogWriter(path)
    user_data = CachedUserData(log, usual)
    await user_data.load(with_json_files=with_json_files)
    tasks = [asyncio.create_task(log.run()), asyncio.create_task(user_data.run())]
    try:
        yield user_data
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await log.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 only a test waits for that
            await asyncio.sleep(0.01)


def damage(path: Path) -> bytes:
    """Add a table to the database and spoil it; gives what the file is now."""
    with Database(path) as database:
        database.execute("CREATE TABLE filler (x TEXT)")
        for _ in range(50):
            database.execute("INSERT INTO filler VALUES (hex(randomblob(2000)))")
    whole = bytearray(path.read_bytes())
    whole[-40000:-20000] = b"\x55" * 20000
    path.write_bytes(whole)
    return bytes(whole)


def test_what_is_usual_holds_where_nothing_was_set() -> None:
    plans = CachedPlans(Plan(exercise="deadlift"))
    assert plans.of("a").exercise == "deadlift"
    plans.change("a", exercise="unknown")
    assert plans.of("a").exercise == "unknown"
    assert plans.all() == {"a": Plan()}


@pytest.mark.asyncio
async def test_what_was_set_is_there_after_a_restart(path: Path) -> None:
    async with running(path, Plan(exercise="good_morning")) as user_data:
        plan = user_data.plans.change("a", target_tempo_s=(3.0, 1.0, 2.0, 1.0), load_kg=20.0)
        assert plan == user_data.plans.of("a")
        user_data.plans.change("b", target_reps=5)
        user_data.set_line(*LINE, 43.126)
        assert user_data.lines_deg("me", "strap") == {"back_extension_45": 43.13}
    async with running(path, Plan(exercise="deadlift")) as user_data:
        assert user_data.plans.all() == {
            "a": Plan(exercise="deadlift", target_tempo_s=(3.0, 1.0, 2.0, 1.0), load_kg=20.0),
            "b": Plan(exercise="deadlift", target_reps=5),
        }
        assert user_data.lines_deg("me", "strap") == {"back_extension_45": 43.13}
        assert user_data.lines_deg("me", "another") == {}


@pytest.mark.asyncio
async def test_recent_exercises_are_kept(path: Path) -> None:
    async with running(path) as user_data:
        assert user_data.recent_exercises("me") == ()
        for name in ("deadlift", "back_extension_45", "good_morning", "trap_bar_deadlift"):
            user_data.set_recent_exercise("me", name)
        user_data.set_recent_exercise("anna", "deadlift")
        recent = ("back_extension_45", "good_morning", "trap_bar_deadlift")
        assert user_data.recent_exercises("me") == recent
    async with running(path) as user_data:
        assert user_data.recent_exercises("me") == recent
        assert user_data.recent_exercises("anna") == ("deadlift",)


@pytest.mark.asyncio
async def test_what_another_program_writes_is_used(path: Path) -> None:
    async with running(path) as user_data:
        user_data.plans.change("a", load_kg=20.0)
        await until(lambda: path.is_file() and not user_data._log.has_changes)
        with Database(path) as other:
            UserData(other).set_line(*LINE, 40.0)
            UserData(other).set_plan("a", {"target_reps": 5})
        await until(lambda: bool(user_data.lines_deg("me", "strap")))
        assert user_data.plans.of("a") == Plan(load_kg=20.0, target_reps=5)


@pytest.mark.asyncio
async def test_two_programs_write_at_the_same_time(path: Path) -> None:
    async with running(path) as user_data:
        with subprocess.Popen([sys.executable, "-c", ANOTHER_PROGRAM, str(path)]) as other:  # noqa: ASYNC220
            loads = 0
            while other.poll() is None:
                loads += 1
                user_data.plans.change("a", load_kg=float(loads))
                await asyncio.sleep(0.01)
        assert other.returncode == 0
        await until(lambda: user_data.lines_deg("me", "strap") == {"back_extension_45": 19.0})
    with Database(path) as database:
        assert UserData(database).plans() == {"a": {"load_kg": float(loads)}}
        assert UserData(database).lines_deg() == {LINE: 19.0}


@pytest.mark.asyncio
async def test_a_disk_that_fails_gets_a_change_later(path: Path) -> None:
    async with running(path) as user_data:
        await user_data._log.ask(lambda database: database.execute("PRAGMA query_only = ON"))
        user_data.plans.change("a", load_kg=20.0)
        await until(lambda: "cannot be written" in user_data._log.problem)
        assert user_data.plans.of("a").load_kg == 20.0
        await user_data._log.ask(lambda database: database.execute("PRAGMA query_only = OFF"))
        await until(lambda: not user_data._log.problem)
        with Database(path) as database:
            assert UserData(database).plans() == {"a": {"load_kg": 20.0}}


@pytest.mark.asyncio
async def test_a_place_that_comes_later_is_read_then(tmp_path: Path) -> None:
    place = tmp_path / "not there yet"
    async with running(place / "sets.sqlite") as user_data:
        user_data.plans.change("a", load_kg=20.0)
        assert user_data.plans.of("a").load_kg == 20.0
        place.mkdir()
        await until(lambda: not user_data._log.has_changes)
    with Database(place / "sets.sqlite") as database:
        assert UserData(database).plans() == {"a": {"load_kg": 20.0}}


@pytest.mark.asyncio
async def test_a_change_before_the_takeover_is_newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails at the start, and a setting meanwhile: the file of imurep 0.1 does not undo it."""
    monkeypatch.setattr("imurep.log.takeover.data_path", lambda: tmp_path / "nowhere")
    place = tmp_path / "not there yet"
    async with running(place / "sets.sqlite", with_json_files=True) as user_data:
        user_data.plans.change("a", load_kg=20.0)
        place.mkdir()
        plans = {"a": {"load_kg": 10.0, "target_reps": 5}, "b": {"load_kg": 1.0}}
        (place / "plans.json").write_text(json.dumps(plans), encoding="utf-8")
        await until(lambda: user_data.plans.of("b") == Plan(load_kg=1.0))
        assert user_data.plans.of("a") == Plan(load_kg=20.0, target_reps=5)


@pytest.mark.asyncio
async def test_user_data_of_a_damaged_file_comes_when_the_disk_takes_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database(path) as database:
        UserData(database).set_plan("a", {"load_kg": 20.0})
        UserData(database).set_plan("b", {"load_kg": 30.0})
        database.execute("UPDATE plan_settings SET name = CAST(x'ff' AS TEXT) WHERE sensor = 'a'")
    damage(path)
    salvage, failures = UserData.salvage, iter([SinkError("the disk is full")])

    def first_fails(user_data: UserData, damaged: Path) -> None:
        for failure in failures:
            raise failure
        salvage(user_data, damaged)

    monkeypatch.setattr(UserData, "salvage", first_fails)
    async with running(path) as user_data:
        await until(lambda: user_data.plans.of("b") == Plan(load_kg=30.0))


def test_a_damaged_file_costs_no_user_data_that_can_be_read(path: Path) -> None:
    with Database(path) as database:
        UserData(database).set_plan("a", {"load_kg": 20.0})
    whole = damage(path)

    async def plans() -> dict[str, Plan]:
        async with running(path) as user_data:
            return user_data.plans.all()

    assert asyncio.run(plans()) == {"a": Plan(load_kg=20.0)}
    (aside,) = path.parent.glob("sets.damaged-*.sqlite")
    assert aside.read_bytes() == whole
