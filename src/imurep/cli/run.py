"""``imurep run``: the service."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from functools import partial
from typing import TYPE_CHECKING

from imurep.cli.error_output import print_note
from imurep.cli.settings_options import add_service, flags
from imurep.cli.user_lines import lines_in
from imurep.errors import ConfigError

if TYPE_CHECKING:
    from imurep.config import Settings
    from imurep.service.session_manager import Listener

_DESCRIPTION = """\
Reads the sensor on your torso over Bluetooth and counts, until it is stopped.
After the sensor was out of reach, it connects again and fetches the samples
that it missed, if the sensor has kept them.

On a terminal it shows the count live; elsewhere it writes a log. It keeps what
the sensor sends for a week, so a set that was open when the service was killed
continues when it starts again.
"""

_EPILOG = """\
examples:
  imurep run                                  any sensor that imurep supports
  imurep run --sensor "ble:back strap" --exercise back_extension_45
  imurep run --sensor replay:workout.jsonl    a recording, in real time
  imurep run --mqtt mqtts://ann@broker.home   publish to a broker

Ctrl-C ends the open set, stops the sensor, and shows the sets.
Settings can be in a file as well: docs/reference/settings.md.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "run",
        help="count live, from a sensor on the torso",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_service(parser)
    parser.add_argument(
        "--embedded-broker",
        action="store_true",
        help="run a broker as well, for this machine only, for trials",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the service, and show it."""
    from imurep.cli.live_view import LogView, TerminalView, log_to_stderr, print_sets  # noqa: PLC0415 loads rich
    from imurep.config import load  # noqa: PLC0415 loads pydantic

    settings = load(args.config, flags(args))
    if sys.stdout.isatty():
        log_to_stderr(logging.WARNING)
        with TerminalView() as view:
            asyncio.run(_serve(settings, view, own_broker=args.embedded_broker))
        print_sets(view.state, partial(lines_in, settings.data.directory))
    else:
        log_to_stderr()
        asyncio.run(_serve(settings, LogView(), own_broker=args.embedded_broker))
    return 0


async def _serve(settings: Settings, listener: Listener, *, own_broker: bool) -> None:
    from imurep.service.assembly import run_service  # noqa: PLC0415 with what follows, loads numpy, bleak
    from imurep.service.broker_access import demo_broker_for  # noqa: PLC0415
    from imurep.service.clock import ServiceClock  # noqa: PLC0415

    run = partial(
        run_service,
        listeners=[listener],
        clock=ServiceClock(),
        announce=print_note if sys.stdout.isatty() else None,
        with_json_files=True,
    )
    if not own_broker:
        await run(settings)
        return
    if settings.mqtt.url is not None:
        msg = f"--embedded-broker: the broker {settings.mqtt.url} is set already; one is enough"
        raise ConfigError(msg)
    async with demo_broker_for(settings) as (with_url, about):
        print_note(about)
        await run(with_url)
