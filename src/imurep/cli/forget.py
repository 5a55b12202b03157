"""``imurep forget``: remove a sensor from the broker and from what is kept."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from imurep.cli.broker_client import add_broker, broker_settings, visitor

if TYPE_CHECKING:
    from imurep.mqtt.broker_config import BrokerConfig
    from imurep.mqtt.client import Connection
    from imurep.mqtt.topics import Topics

_DESCRIPTION = """\
Removes a sensor that is no longer used: its retained messages at the broker, so
that it disappears from dashboards, and what was set for it by commands. Its
sets stay in the log, unless --sets is given.

Stop the service first, or switch the sensor off: a running service publishes a
sensor that it sees again. Use forget also before you change the form of Home
Assistant's discovery.
"""

_EPILOG = """\
examples:
  imurep forget "back strap 3f2a"
  imurep forget "back strap 3f2a" --sets --mqtt mqtt://homeassistant.local
"""

_RETAINED_S = 1.0
"""A broker sends what it has retained at once."""


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
    """Clear the broker, then the database. Raises SinkError."""
    from imurep.cli.user_lines import has_user_data, user_data_in  # noqa: PLC0415
    from imurep.mqtt.topics import Topics, device_id  # noqa: PLC0415

    settings = broker_settings(args)
    dev = device_id(args.sensor)
    found = asyncio.run(_remove(visitor(settings), Topics(settings.mqtt.root), dev))
    if dev in found:
        print(f"{args.sensor}: removed from the broker")
    else:
        others = ", ".join(sorted(found)) or "no sensor"
        print(f"{args.sensor}: the broker has nothing of this sensor; it has {others}")
    directory = settings.data.directory
    has_data = has_user_data(directory)
    if not (has_data or args.sets):
        return 0
    with user_data_in(directory, create=has_data) as user_data:
        for name in user_data.plans():
            if device_id(name) == dev:
                user_data.forget_plan(name)
        if args.sets:
            log = user_data.database
            count = sum(log.forget(name) for name in log.sensors() if device_id(name) == dev)
            print(f"{args.sensor}: {count} versions of sets deleted")
    return 0


async def _remove(config: BrokerConfig, topics: Topics, dev: str) -> set[str]:
    """Clear all that is retained of a sensor; gives the device ids that were found on the way."""
    from imurep.mqtt.client import connected  # noqa: PLC0415 loads paho
    from imurep.mqtt.homeassistant import removal  # noqa: PLC0415

    async with connected(config) as connection:
        found = await _sensors(connection, topics, dev)
        for message in removal(topics, dev):
            await connection.publish(message)
    return found


async def _sensors(connection: Connection, topics: Topics, wanted: str) -> set[str]:
    """Sensors of which the broker has retained something, by device id; stops at the wanted one."""
    before, _, after = topics.config("+").partition("+")
    found: set[str] = set()
    await connection.subscribe(topics.config("+"))
    with suppress(TimeoutError):
        async with asyncio.timeout(_RETAINED_S):
            async for incoming in connection.incoming():
                found.add(incoming.topic.removeprefix(before).removesuffix(after))
                if wanted in found:
                    break
    return found
