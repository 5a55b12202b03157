"""Commands that visit a broker beside the service."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from imurep.cli import main
from imurep.log import FILE_NAME, Database
from imurep.log.user_data import UserData
from tests.broker.harness import standing, watching
from tests.broker.sets import SENSOR

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.broker.mosquitto import Mosquitto

DEV = "imurep/back-strap"


def set_plan(directory: Path) -> None:
    with Database(directory / FILE_NAME) as database:
        UserData(database).set_plan(SENSOR, {"load_kg": 5.0})


def plans(directory: Path) -> dict[str, dict[str, Any]]:
    with Database(directory / FILE_NAME, create=False) as database:
        return UserData(database).plans()


def test_forgetting_a_sensor_leaves_nothing_of_it(
    tmp_path: Path,
    mosquitto: Mosquitto,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def workout() -> None:
        async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port) as harness:
            await harness.connected()
            harness.set_done(1)
            await watcher.until(lambda: bool(watcher.on(f"{DEV}/last_set")))

    async def retained() -> set[str]:
        async with watching(mosquitto.port) as late:
            await late.until(lambda: bool(late.on("imurep/bridge/state")))
            late.publish("end", b"")
            await late.until(lambda: bool(late.on("end")))
            return {topic for topic, _, was_retained in late.received if was_retained}

    set_plan(tmp_path)
    asyncio.run(workout())
    assert f"{DEV}/last_set" in asyncio.run(retained())
    monkeypatch.setenv("IMUREP_DATA__DIRECTORY", str(tmp_path))
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    assert main(["forget", SENSOR, "--mqtt", url]) == 0
    assert asyncio.run(retained()) == {"imurep/bridge/state", "imurep/bridge/info"}
    assert not plans(tmp_path)
    with Database(tmp_path / FILE_NAME, create=False) as log:
        assert log.last(SENSOR) is not None, "sets are kept"
    assert main(["forget", SENSOR, "--sets", "--mqtt", url]) == 0
    with Database(tmp_path / FILE_NAME, create=False) as log:
        assert log.last(SENSOR) is None
    assert "removed from the broker" in capsys.readouterr().out


def test_forgetting_a_sensor_that_is_called_otherwise(
    tmp_path: Path,
    mosquitto: Mosquitto,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def found() -> None:
        async with standing(tmp_path, mosquitto.port) as harness:
            await harness.connected()

    asyncio.run(found())
    set_plan(tmp_path)
    monkeypatch.setenv("IMUREP_DATA__DIRECTORY", str(tmp_path))
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    assert main(["forget", "Strap", "--mqtt", url]) == 0
    assert capsys.readouterr().out.endswith("the broker has nothing of this sensor; it has back-strap\n")
    assert plans(tmp_path)
    assert main(["forget", SENSOR.upper(), "--mqtt", url]) == 0
    assert not plans(tmp_path), "upper and lower case are one sensor in topics, and so here"
    assert main(["forget", SENSOR, "--mqtt", url]) == 0
    assert capsys.readouterr().out.endswith(": the broker has nothing of this sensor; it has no sensor\n")


def test_watching(tmp_path: Path, mosquitto: Mosquitto) -> None:
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "imurep", "watch", "--mqtt", url], stdout=subprocess.PIPE, text=True
    ) as process:

        async def workout() -> str:
            async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port) as harness:
                await harness.connected()
                printed = asyncio.create_task(asyncio.to_thread(next, iter(process.stdout or ()), ""))
                number = 0
                while not printed.done():  # again, until it has connected, which nothing on a pipe shows
                    number += 1
                    harness.set_done(number)
                    await watcher.until(lambda: len(watcher.sets()) >= number)  # noqa: B023 waited for here
                return await printed

        try:
            line = asyncio.run(workout())
        finally:
            process.send_signal(signal.SIGINT)
    assert "reps, tempo" in line


def test_a_broker_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "--mqtt", "mqtt://127.0.0.1:1"]) == 5
    assert "check that the broker runs there" in capsys.readouterr().err
