"""The program: real processes, real sockets, real signals. Waits are for events, never for a time."""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from bumble import hci
from bumble.transport import open_transport

from firmware_sim.programs import serve_options
from firmware_sim.programs.cli import main
from tests.firmware_sim.centrals import connect, host, is_gapless

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Coroutine
    from typing import Any

    from bumble.device import Device

SERVE = [sys.executable, "-m", "firmware_sim", "serve"]
WORKOUT = ["--exercise", "deadlift", "--sets", "1x2", "--no-lead-in", "--cut-after", "2"]


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or fail: a program that hangs must not hang its test."""
    asyncio.run(asyncio.wait_for(scenario, 60))


async def printed_line(program: Process) -> str:
    assert program.stdout is not None
    return (await program.stdout.readline()).decode().rstrip()


@asynccontextmanager
async def serving(*options: str) -> AsyncIterator[tuple[Process, str]]:
    """Start the program; stop it by a signal if it has not ended, and see that it ends well."""
    program = await asyncio.create_subprocess_exec(*SERVE, *options, stdout=subprocess.PIPE)
    try:
        word, _, transport = (await printed_line(program)).partition(" ")
        assert word == "ready"
        yield program, transport
        if program.returncode is None:
            program.send_signal(signal.SIGTERM)
        assert await program.wait() in {0, -signal.SIGKILL}
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()


@asynccontextmanager
async def central_at(transport: str) -> AsyncIterator[Device]:
    line = await open_transport(transport)
    try:
        device = host(line.source, line.sink)
        await device.power_on()
        yield device
    finally:
        await line.close()


def test_a_workout_is_served_until_it_is_done() -> None:
    async def scenario() -> None:
        fast = ["--speed", "20", "--until-done", "0", "--interval", "0"]
        async with serving(*WORKOUT, *fast) as (program, transport), central_at(transport) as device:
            link = await connect(device)
            assert (await link.start())[2] == 0
            word, name, unix_s = (await printed_line(program)).split()
            assert (word, name, float(unix_s) > 1.6e9) == ("begin", "IMU-SIM", True)
            assert await printed_line(program) == "done IMU-SIM"
            assert await program.wait() == 0
            assert is_gapless(link.data)
            assert len(link.data) > 20

    run(scenario())


def test_what_is_to_happen_happens() -> None:
    async def scenario() -> None:
        faults = ["--away", "1:0.5", "--stop", "mid", "--reboot", "8", "--speed", "5"]
        async with serving(*WORKOUT, *faults) as (program, transport), central_at(transport) as device:
            link = await connect(device)
            await link.start()
            assert (await printed_line(program)).startswith("begin")
            assert await link.lost == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
            assert [one.kind for one in link.data].count(1) == 1
            assert link.data[-1].kind == 1
            assert is_gapless(link.data)
            assert await (await connect(device)).ask(b"\x04\x01") == b"\x84\x01\x00"

    run(scenario())


def test_a_killed_firmware_is_missed_by_supervision_and_the_person_continues() -> None:
    async def scenario() -> None:
        air = serving("--air-only", "--supervision", "0.5")
        async with air as (_, transport), central_at(transport) as device:
            async with serving(*WORKOUT, "--air", transport) as (program, same):
                assert same == transport
                link = await connect(device)
                first = await link.start()
                _, _, unix_s = (await printed_line(program)).split()
                program.kill()
                assert await link.lost == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
            async with serving(*WORKOUT, "--air", transport, "--since", unix_s) as (program, _):
                assert await printed_line(program) == f"begin IMU-SIM {unix_s}"
                link = await connect(device)
                assert await link.ask(b"\x04\x01") == b"\x84\x01\x00"
                assert (await link.start())[2] == first[2] == 0

    run(scenario())


def test_who_loses_the_air_reports_it_and_ends() -> None:
    async def scenario() -> None:
        async with serving("--air-only") as (air, transport):
            sensor = await asyncio.create_subprocess_exec(
                *SERVE, *WORKOUT, "--air", transport, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            assert (await printed_line(sensor)).startswith("ready")
            air.kill()
            _, words = await sensor.communicate()
            assert (sensor.returncode, words.decode()) == (1, f"the air at {transport} is gone\n")

    run(scenario())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "say what to do"),
        ([*WORKOUT, "--air", "tcp-client:127.0.0.1:1", "--away", "3:2"], "--away needs the air"),
        ([*WORKOUT, "--air", "tcp-client:127.0.0.1:1"], "no air at tcp-client:127.0.0.1:1"),
        ([*WORKOUT, "--address", "here"], "no address like F6:00:00:00:00:01"),
        ([*WORKOUT, "--mtu", "22"], "invalid choice"),
        ([*WORKOUT, "--air-only", "--air", "x"], "not allowed with"),
        ([*WORKOUT, "--reboot", "soon"], "not a number"),
    ],
)
def test_nonsense_is_refused_in_words(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["serve", *options])
    assert exit_info.value.code == 2
    assert words in capsys.readouterr().err


def test_recording_needs_no_bumble() -> None:
    script = (
        "import sys; sys.modules['bumble'] = None;"
        " from firmware_sim.programs.cli import main; main(sys.argv[1:])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script, "record", "--help"], capture_output=True, check=False
    )
    assert shown.returncode == 0
    refused = subprocess.run(
        [sys.executable, "-c", script, "serve", *WORKOUT], capture_output=True, check=False
    )
    assert refused.returncode == 2
    assert b"pip install 'imurep[sim]'" in refused.stderr


def test_a_moment_is_a_second_or_the_middle() -> None:
    assert serve_options.moment("mid") is None
    assert serve_options.moment("12.5") == 12.5


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("open_imu", "open_imu"),
        ("polar", "polar-h10"),
        ("movesense", "movesense"),
        ("witmotion", "witmotion"),
        ("h10", "polar-h10"),
        ("verity", "polar-verity"),
        ("verity-old", "polar-verity-old"),
        ("wt901", "witmotion"),
    ],
)
def test_kinds_have_the_names_of_what_people_own_and_the_old_ones(text: str, kind: str) -> None:
    parser = argparse.ArgumentParser()
    serve_options.add_serve_options(parser)
    assert parser.parse_args(["--kind", text]).kind == kind
