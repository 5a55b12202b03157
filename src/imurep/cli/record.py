"""``imurep record``: keep what a sensor sends."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from imurep.cli.arguments import positive_float
from imurep.cli.settings_options import add_sensors, add_settings, flags
from imurep.errors import ConfigError

if TYPE_CHECKING:
    from imurep.config import Settings

_DESCRIPTION = """\
Writes what a sensor sends to a file, byte by byte, without counting; `imurep
replay` counts it later. Every notification is handed to the operating system
at once, so the file can be read even if this program is killed.
"""

_EPILOG = """\
examples:
  imurep record workout.jsonl
  imurep record --sensor "ble:back strap" --seconds 600 workout.jsonl.gz
  imurep record --anonymous for_others.jsonl.gz
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "record",
        help="write what a sensor sends to a file, for a replay",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("out", metavar="OUT", help="a new file: NAME.jsonl, or NAME.jsonl.gz to compress it")
    add_sensors(parser, others=" or replay:FILE")
    add_settings(parser)
    parser.add_argument(
        "--seconds", type=positive_float, metavar="S", help="end after S seconds (default: at Ctrl-C)"
    )
    parser.add_argument(
        "--anonymous",
        action="store_true",
        help="leave out name, address and serial number of the sensor, and the date",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Record until a signal, or for as long as was asked for."""
    from imurep.config import load  # noqa: PLC0415 loads pydantic

    settings = load(args.config, flags(args))
    if len(settings.sensors) != 1:
        msg = f"one recording holds one sensor, not {len(settings.sensors)}; choose one with --sensor"
        raise ConfigError(msg)
    asyncio.run(_record(settings, args.out, args.seconds, anonymous=args.anonymous))
    return 0


async def _record(settings: Settings, out: str, seconds: float | None, *, anonymous: bool) -> None:
    from imurep.cli.recorder import Recorder  # noqa: PLC0415 loads numpy
    from imurep.service.clock import ServiceClock  # noqa: PLC0415
    from imurep.service.runner import stopped_by_signals  # noqa: PLC0415
    from imurep.service.source_builder import source_builders  # noqa: PLC0415 loads bleak

    clock = ServiceClock()
    with Recorder(out, clock, anonymous=anonymous) as recorder:
        async with source_builders(settings, clock) as (build,):
            source = build(recorder)
            with stopped_by_signals(source.stop):
                if seconds is not None:
                    asyncio.get_running_loop().call_later(seconds, source.stop)
                await source.run()
