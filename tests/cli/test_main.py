from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from imurep.cli import COMMANDS, main, replay
from imurep.errors import ConfigError, SinkError
from tests.scripted import write_csv

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


def exits(*argv: str) -> int:
    """Exit code of a command that argparse ends."""
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert isinstance(end.value.code, int)
    return end.value.code


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert exits("--help") == 0
    output = capsys.readouterr().out
    assert all(word in output for word in ("replay", "report", "evaluate", "examples:"))


@pytest.mark.parametrize("command", ["replay", "report", "evaluate"])
def test_help_of_a_command_has_examples_and_fits_a_terminal(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert exits(command, "--help") == 0
    output = capsys.readouterr().out
    assert f"imurep {command} " in output.partition("examples:")[2]
    assert max(map(len, output.splitlines())) <= 80


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "examples:" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert exits("--version") == 0
    assert capsys.readouterr().out.startswith("imurep ")


@pytest.mark.parametrize("error", [ConfigError("no such lift"), SinkError("no broker")])
def test_an_error_is_one_line_and_a_code(
    error: ConfigError | SinkError, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: Namespace) -> int:
        raise error

    monkeypatch.setattr(replay, "run", run)
    assert main(["replay", "x"]) == error.exit_code
    assert capsys.readouterr().err == f"imurep: {error}\n"


def test_an_interruption_is_quiet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(replay, "run", run)
    assert main(["replay", "x"]) == 130
    assert capsys.readouterr().err == ""


def test_every_command_is_a_module_with_a_doc() -> None:
    assert all(module.__doc__ and module.__doc__.startswith("``imurep ") for module in COMMANDS)


def command(*argv: str) -> list[str]:
    return [sys.executable, "-m", "imurep", *argv]


def test_as_a_program(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "still.csv", seconds=5.0)
    done = subprocess.run(
        command("replay", "--json", str(tmp_path / "gone.csv"), str(path)),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stdout == ""  # nobody moved
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"imurep: {tmp_path / 'gone.csv'}: ")


@pytest.mark.skipif(os.name == "nt", reason="pipes break in another way there")
def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "still.csv", seconds=5.0)
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            command("replay", *[str(path)] * 3),
            stdout=write_end,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(write_end)
    assert done.stderr == b""
    assert done.returncode in {1, 141}


@pytest.mark.skipif(os.name == "nt", reason="pipes break in another way there")
@pytest.mark.parametrize("told_to_stop", [False, True], ids=["while it counts", "while it ends"])
def test_a_service_whose_reader_goes_away_ends_in_order(*, told_to_stop: bool) -> None:
    code = f"""
import asyncio, signal, sys
from imurep.service.runner import stopped_by_signals
from imurep.cli.live_view import LineView
from imurep.events import Link, SensorStatus

async def main():
    stop = asyncio.Event()
    with stopped_by_signals(stop.set):
        if {told_to_stop}:
            signal.raise_signal(signal.SIGTERM)
        sys.stdin.read()  # the reader is gone by then
        LineView().status(SensorStatus(sensor="back", link=Link.STREAMING))
        await stop.wait()
    print("in order", file=sys.stderr)

asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.close()
        assert process.stderr is not None
        assert process.stderr.read() == b"in order\n"
        assert process.wait(timeout=60) == 0


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys, imurep.cli\n"
        "heavy = {'aiohttp', 'cryptography', 'matplotlib', 'numpy', 'rich', 'scipy', 'segno', 'vqf'}\n"
        "print(heavy.intersection(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "set()\n"
