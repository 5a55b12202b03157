"""``python -m tests.bluez TRANSPORT``: be org.bluez on the bus of ``DBUS_SYSTEM_BUS_ADDRESS``.

TRANSPORT is any that Bumble knows, such as the ``tcp-client:HOST:PORT`` that
``python -m firmware_sim serve`` prints. Says ``ready`` on standard output.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys

from firmware_sim.programs.paced_loop import PacedLoop
from tests.bluez.daemon import serve


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.bluez", description=__doc__)
    parser.add_argument("transport")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="live X times as fast")
    options = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.ERROR)
    address = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    if address is None:
        sys.exit("DBUS_SYSTEM_BUS_ADDRESS has to name a private bus")

    def ready() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    with asyncio.Runner(loop_factory=lambda: PacedLoop(options.speed)) as runner:
        runner.run(serve(address, options.transport, ready))


if __name__ == "__main__":
    main()
