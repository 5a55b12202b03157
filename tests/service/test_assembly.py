"""The service as ``imurep run`` builds it, with a recording in place of a sensor."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imurep.config import Bluetooth, Data, Settings
from imurep.errors import ConfigError
from imurep.log import FILE_NAME, Database
from imurep.log.user_data import UserData
from imurep.service.assembly import run_service
from imurep.service.clock import PacedLoop, ServiceClock

if TYPE_CHECKING:
    from imurep.events import SensorStatus, SessionEvent

RECORDING = Path(__file__).parents[2] / "recordings" / "good-morning.jsonl.gz"
OLD = Path(__file__).parents[1] / "log" / "imurep_0_1"
LINE = ("me", "Back Strap", "back_extension_45")


class Quiet:
    def event(self, event: SessionEvent) -> None:
        pass

    def status(self, status: SensorStatus) -> None:
        pass


def run(settings: Settings, **options: Any) -> None:  # noqa: ANN401 of run_service
    async def service() -> None:
        await run_service(settings, [Quiet()], clock=ServiceClock(), **options)

    with asyncio.Runner(loop_factory=lambda: PacedLoop(200.0)) as runner:
        runner.run(service())


def settings_in(directory: Path, **more: Any) -> Settings:  # noqa: ANN401 any setting
    return Settings(sensors=(f"replay:{RECORDING}",), data=Data(directory=directory), **more)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of imurep 0.1 in the data directory ``data``, and in the user's place."""
    monkeypatch.setattr("imurep.log.takeover.data_path", lambda: tmp_path)
    (tmp_path / "data").mkdir()
    for path in (tmp_path / "data" / "plans.json", tmp_path / "store.json"):
        path.write_bytes((OLD / path.name).read_bytes())
    return tmp_path


def test_sets_and_user_data_are_in_one_file(home: Path) -> None:
    data = home / "data"
    run(settings_in(data, exercise="romanian_deadlift"), with_json_files=True)
    with Database(data / FILE_NAME, create=False) as database:
        (sensor,) = database.sensors()
        last = database.last(sensor)
        assert last is not None
        assert last.payload["exercise"] == "romanian_deadlift"
        user_data = UserData(database)
        assert user_data.plans()["Back Strap"]["load_kg"] == 22.5
        assert user_data.lines_deg()[LINE] == 43.13
        assert user_data.recent_exercises("me") == ("trap_bar_deadlift", "romanian_deadlift")
    assert (data / "plans.json.migrated").is_file()
    assert (home / "store.json.migrated").is_file()


def test_a_demo_takes_nothing_over(home: Path) -> None:
    run(settings_in(home / "data"))
    with Database(home / "data" / FILE_NAME, create=False) as database:
        assert UserData(database).plans() == {}
    assert (home / "store.json").is_file()


def test_damaged_files_stop_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (home / "data" / "plans.json", home / "store.json"):
        path.write_text("{", encoding="utf-8")
    run(settings_in(home / "data"), with_json_files=True)
    logged = capsys.readouterr().out
    assert logged.count("stored data is skipped") == 2
    with Database(home / "data" / FILE_NAME, create=False) as database:
        assert database.sensors()


def test_an_exercise_left_to_recognition_is_none_that_was_done(tmp_path: Path) -> None:
    run(settings_in(tmp_path, exercise="unknown"))
    with Database(tmp_path / FILE_NAME, create=False) as database:
        assert database.sensors()
        assert UserData(database).recent_exercises("me") == ()


def test_a_wrong_sensor_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a source"):
        run(Settings(sensors=("usb",), data=Data(directory=tmp_path)))


def test_calibrate_works_while_a_service_runs(tmp_path: Path) -> None:
    """Two programs: this one has the database open, and the command writes a line into it."""
    homes = {name: str(tmp_path) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "HOME")}
    line = tmp_path / "line"
    simulate = "from firmware_sim.programs.cli import main; import sys; sys.exit(main(sys.argv[1:]))"
    person = ("--exercise", "back_extension_45", "--person", "7", "--errors", "0", "--seed", "3")
    record = [sys.executable, "-c", simulate, "record", str(line), *person, "--calibrate"]
    subprocess.run(record, check=True, capture_output=True, timeout=120)
    found: list[Any] = []

    async def calibrated() -> None:
        command = [
            sys.executable,
            "-m",
            "imurep",
            "calibrate",
            f"{line}.jsonl.gz",
            "--data-dir",
            str(tmp_path),
        ]
        calibrate = await asyncio.create_subprocess_exec(
            *command, "--exercise", "back_extension_45", env={**os.environ, **homes}
        )
        assert await calibrate.wait() == 0
        with Database(tmp_path / FILE_NAME) as database:
            found.extend(UserData(database).lines_deg())

    async def service() -> None:
        nowhere = Bluetooth(backend="bumble:tcp-client:127.0.0.1:9")  # not the radio of this machine
        settings = Settings(bluetooth=nowhere, data=Data(directory=tmp_path))
        await run_service(settings, [Quiet()], clock=ServiceClock(), until=calibrated())

    asyncio.run(service())
    assert found == [("me", "sim", "back_extension_45")]
