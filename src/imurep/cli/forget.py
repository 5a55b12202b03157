"""``imurep forget``: remove a sensor from the broker and from what is kept."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from imurep.cli.brokers import add_broker, broker_settings, visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.mqtt.access import Access
    from imurep.mqtt.message import Message

_DESCRIPTION = """\
Removes a sensor that is not used any more: all that the broker has retained of
it, so that it disappears from dashboards, and what was set for it. Its sets stay
in the log, unless --sets says otherwise.

End the service first, or take the sensor away from it: what it sees is told
again. That is also how to change the form of Home Assistant's discovery.
"""

_EPILOG = """\
examples:
  imurep forget "back strap"
  imurep forget "back strap" --sets --mqtt mqtt://homeassistant.local
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "forget",
        help="remove a sensor from the broker",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sensor", metavar="SENSOR", help="its name, as imurep shows it")
    parser.add_argument("--sets", action="store_true", help="delete its sets from the log, too")
    add_broker(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Clear the broker, then the files. Raises SinkError."""
    from imurep.log import FILE_NAME as SETS  # noqa: PLC0415
    from imurep.log import Database  # noqa: PLC0415
    from imurep.mqtt.homeassistant import removal  # noqa: PLC0415 with what follows, loads numpy
    from imurep.mqtt.plan import FILE_NAME as PLANS  # noqa: PLC0415
    from imurep.mqtt.plan import Plans  # noqa: PLC0415
    from imurep.mqtt.topics import Topics, device_id  # noqa: PLC0415

    settings = broker_settings(args)
    messages = removal(Topics(settings.mqtt.root), device_id(args.sensor))
    asyncio.run(_publish(visitor(settings), messages))
    directory = settings.data.directory
    plans = Plans(directory / PLANS)
    if args.sensor in plans.all():
        plans.forget(args.sensor)
    print(f"{args.sensor}: removed from the broker")
    if args.sets:
        with Database(directory / SETS, create=False) as log:
            count = log.forget(args.sensor)
        print(f"{args.sensor}: {count} versions of sets deleted")
    return 0


async def _publish(access: Access, messages: Sequence[Message]) -> None:
    from imurep.mqtt.client import connected  # noqa: PLC0415 loads aiomqtt

    async with connected(access) as connection:
        for message in messages:
            await connection.publish(message)
