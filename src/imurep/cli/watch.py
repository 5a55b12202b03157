"""``imurep watch``: a broker's imurep topics in a terminal."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from imurep.cli.broker_client import add_broker, broker_settings, visitor

if TYPE_CHECKING:
    from imurep.cli.topic_view import Watched
    from imurep.mqtt.broker_config import BrokerConfig

_DESCRIPTION = """\
Shows what imurep publishes to a broker: sensors, the open set, finished sets,
responses to commands. It is the quickest way to see, from any machine, that
imurep works.
"""

_EPILOG = """\
examples:
  imurep watch                              the broker of the settings, or of this machine
  imurep watch --mqtt mqtt://homeassistant.local

Ctrl-C ends it. Without a terminal it prints lines only.
"""

_RETRY_S = 2.0


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "watch",
        help="show what imurep publishes to a broker",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_broker(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Watch until Ctrl-C."""
    from imurep.cli.topic_view import Watched  # noqa: PLC0415 loads rich

    settings = broker_settings(args)
    asyncio.run(_watch(visitor(settings), settings.mqtt.root, Watched(settings.mqtt.root)))
    return 0


async def _watch(config: BrokerConfig, root: str, watched: Watched) -> None:
    """Connect, again and again, and show what comes. The first attempt has to succeed: SinkError."""
    from rich.live import Live  # noqa: PLC0415

    from imurep.cli.tables import console  # noqa: PLC0415
    from imurep.mqtt.client import ConnectionLostError, connected  # noqa: PLC0415 loads paho

    shown = console()
    on_terminal = sys.stdout.isatty()
    been_there = False
    with Live(console=shown, auto_refresh=False, transient=True) as live:
        while True:
            try:
                async with connected(config) as connection:
                    been_there = True
                    await connection.subscribe(f"{root}/#")
                    async for incoming in connection.incoming():
                        line = watched.take(incoming)
                        if line is not None:
                            shown.print(line, soft_wrap=True)
                        if on_terminal:
                            live.update(watched.text(), refresh=True)
            except ConnectionLostError as error:
                if not been_there:
                    raise
                shown.print(f"{error}; trying again", soft_wrap=True)
            await asyncio.sleep(_RETRY_S)
