"""``imurep demo``: the whole way, from a simulated sensor over a real Bluetooth stack, on any machine."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import importlib.util
import logging
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.cli.arguments import positive_float
from imurep.cli.error_output import print_note
from imurep.errors import ConfigError, SourceError
from imurep.util.child_process import supervised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imurep.service.session_manager import Listener

_DESCRIPTION = """\
Counts a simulated workout on a machine without Bluetooth and without a sensor.
A simulated sensor on a simulated person runs as a program of its own; imurep
finds it, connects and counts, over a real Bluetooth protocol stack (Bumble) and
bleak, and publishes over MQTT. Nothing leaves the machine.

Without a terminal it ends when the workout is done; on a terminal it runs until
Ctrl-C. Then it shows the table of sets.
"""

_SPEED = 8.0
_WORKOUT = ("--exercise", "back_extension_45", "--sets", "2x8", "--tempo", "3-1-2-1", "--rest", "30")
_SENSORS = ("open_imu", "polar", "movesense", "witmotion")
_AFTER_S = 15.0
"""How long the person walks about after the last set, so that it is over for sure."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "demo",
        help="count a simulated workout, without Bluetooth",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--speed",
        type=positive_float,
        default=_SPEED,
        metavar="X",
        help="run X times as fast as real time (default: %(default)g)",
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="seed of the simulated person (default: %(default)s)"
    )
    parser.add_argument(
        "--sensor",
        type=_protocol,
        choices=_SENSORS,
        default="open_imu",
        help="the sensor to simulate; polar is an H10 (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def _protocol(text: str) -> str:
    from imurep.devices.kind import name_for_people  # noqa: PLC0415 loads numpy

    return name_for_people(text)


def run(args: argparse.Namespace) -> int:
    """Start the simulated sensor, run the service against it, and show what it counts."""
    from imurep.cli.live_view import LineView, TerminalView, log_to_stderr, print_sets  # noqa: PLC0415 loads rich
    from imurep.service.clock import PacedLoop  # noqa: PLC0415

    if importlib.util.find_spec("bumble") is None:
        msg = "the demo needs Bumble, the Bluetooth stack of the simulated sensor: pip install 'imurep[sim]'"
        raise ConfigError(msg)
    log_to_stderr(logging.WARNING)
    with (
        _sensor(args.speed, args.seed, args.sensor) as sensor,
        tempfile.TemporaryDirectory(prefix="imurep-demo-") as directory,
        TerminalView() if sys.stdout.isatty() else contextlib.nullcontext(LineView()) as view,
        asyncio.Runner(loop_factory=lambda: PacedLoop(args.speed)) as runner,
    ):
        runner.run(_demo(sensor, Path(directory), view))
    print_sets(view.state, lambda _person, _sensor: {})
    return 0


async def _demo(sensor: subprocess.Popen[str], directory: Path, view: Listener) -> None:
    # While the sensor's program starts, this one loads what it will need.
    from imurep.config import Bluetooth, Data, Settings, Web  # noqa: PLC0415
    from imurep.service.assembly import run_service  # noqa: PLC0415
    from imurep.service.broker_access import demo_broker_for  # noqa: PLC0415
    from imurep.service.clock import ServiceClock  # noqa: PLC0415

    importlib.import_module("imurep.sources.ble.bumble")
    ready = await _line(sensor, "ready")
    settings = Settings(
        bluetooth=Bluetooth(backend=f"bumble:{ready}"),
        data=Data(directory=directory),
        person="demo",
        web=Web(port=0),
    )

    async def done() -> None:
        await _line(sensor, "done")
        if sys.stdout.isatty():
            await asyncio.Event().wait()
        await asyncio.sleep(_AFTER_S)

    async with contextlib.AsyncExitStack() as stack:
        assert sensor.stdin is not None  # noqa: S101 a pipe was asked for
        stack.callback(sensor.stdin.close)  # ends it, and so the thread that reads its lines
        try:
            settings, about = await stack.enter_async_context(demo_broker_for(settings))
        except ConfigError as error:
            about = f"without MQTT: {error}"
        print_note(about)
        await run_service(settings, [view], clock=ServiceClock(), until=done(), announce=print_note)


@contextlib.contextmanager
def _sensor(speed: float, seed: int, kind: str) -> Iterator[subprocess.Popen[str]]:
    """Run the simulated sensor as a program of its own."""
    command = [sys.executable, "-m", "firmware_sim", "serve", "--kind", kind]
    command += ["--speed", str(speed), "--seed", str(seed)]
    with subprocess.Popen(  # noqa: S603 our own program
        supervised(*command, *_WORKOUT),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for us
    ) as sensor:
        yield sensor


async def _line(sensor: subprocess.Popen[str], word: str) -> str:
    """Wait for the line that begins with a word; gives the rest of it. Raises SourceError if none comes."""
    lines = sensor.stdout or ()
    while line := await asyncio.to_thread(next, iter(lines), ""):
        first, _, rest = line.strip().partition(" ")
        if first == word:
            return rest
    msg = f"the simulated sensor ended with exit code {sensor.wait()}"
    raise SourceError(msg)
