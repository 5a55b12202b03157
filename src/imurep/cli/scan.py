"""``imurep scan``: sensors in reach."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from typing import TYPE_CHECKING

from imurep.cli.arguments import positive_float
from imurep.cli.settings_options import add_settings, flags
from imurep.formatting.labels import UNKNOWN

if TYPE_CHECKING:
    from rich.table import Table

    from imurep.config import Settings
    from imurep.sources.ble import ScanResult

_DESCRIPTION = """\
Shows the sensors in reach: name, kind, signal and, where they advertise it,
battery. A sensor that is connected to another device is not visible.
"""

_EPILOG = """\
examples:
  imurep scan                    a live table on a terminal; Ctrl-C ends it
  imurep scan --seconds 5 --json
  imurep scan --all              other Bluetooth devices, too
"""

_SECONDS = 10.0
_STALE_S = 10.0
_REFRESH_S = 0.5


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "scan",
        help="show the sensors in reach",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_settings(parser)
    parser.add_argument(
        "--seconds",
        type=positive_float,
        metavar="S",
        help=f"end after S seconds (default: on a terminal at Ctrl-C, else after {_SECONDS:g} s)",
    )
    parser.add_argument("--json", action="store_true", help="JSON lines, one per sensor, at the end")
    parser.add_argument("--all", action="store_true", help="show devices that imurep does not support, too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Scan, and show what is found."""
    from imurep.config import load  # noqa: PLC0415 loads pydantic

    live = sys.stdout.isatty() and not args.json
    seconds = args.seconds or (None if live else _SECONDS)
    seen = asyncio.run(_scan(load(args.config, flags(args)), seconds, live=live, everything=args.all))
    if args.json:
        for one in seen:
            print(json.dumps(_fields(one)))
    elif not live:
        _print(seen)
    if not seen:
        print("no sensor in reach; wake it, and check that no phone is connected to it", file=sys.stderr)
    return 0


async def _scan(
    settings: Settings, seconds: float | None, *, live: bool, everything: bool
) -> list[ScanResult]:
    """Scan for so long, or until a signal; gives what was seen, strongest signal first."""
    from rich.live import Live  # noqa: PLC0415 loads rich

    from imurep.cli.tables import console  # noqa: PLC0415
    from imurep.devices import KINDS  # noqa: PLC0415 loads numpy
    from imurep.service.adapter_selection import adapter_for  # noqa: PLC0415 loads bleak
    from imurep.service.runner import stopped_by_signals  # noqa: PLC0415
    from imurep.sources.ble import scan  # noqa: PLC0415

    found: dict[str, ScanResult] = {}

    def seen(one: ScanResult) -> None:
        if everything or one.advertisement.kind is not None:
            found[one.advertisement.address] = one

    def in_order() -> list[ScanResult]:
        return sorted(found.values(), key=lambda one: -one.advertisement.rssi_dbm)

    async def refresh(screen: Live) -> None:
        loop = asyncio.get_running_loop()
        begin_s = loop.time()
        while True:
            screen.update(_table(in_order(), loop.time() - begin_s), refresh=True)
            await asyncio.sleep(_REFRESH_S)

    adapter = adapter_for(settings.bluetooth.backend)
    scanning = asyncio.create_task(scan(adapter, KINDS, on_result=seen, seconds=seconds))
    try:
        with (
            stopped_by_signals(scanning.cancel),
            Live(console=console(), auto_refresh=False) if live else contextlib.nullcontext() as screen,
        ):
            showing = asyncio.create_task(refresh(screen)) if screen is not None else None
            with contextlib.suppress(asyncio.CancelledError):
                await scanning
            if showing is not None:
                showing.cancel()
    finally:
        await adapter.close()
    return in_order()


def _table(seen: list[ScanResult], now_s: float | None = None) -> Table:
    """One row per sensor; with ``now_s``, those not seen lately are dim."""
    from imurep.cli.tables import table  # noqa: PLC0415 loads rich

    made = table("name", "kind", "address", "signal", "battery", left=("name", "kind", "address"))
    for one in seen:
        advertisement = one.advertisement
        made.add_row(
            advertisement.name or UNKNOWN,
            advertisement.kind.title if advertisement.kind else UNKNOWN,
            advertisement.address,
            f"{advertisement.rssi_dbm} dBm",
            UNKNOWN if advertisement.battery_percent is None else f"{advertisement.battery_percent} %",
            style="dim" if now_s is not None and now_s - one.last_s > _STALE_S else None,
        )
    return made


def _print(seen: list[ScanResult]) -> None:
    from imurep.cli.tables import console  # noqa: PLC0415 loads rich

    if seen:
        console().print(_table(seen))


def _fields(one: ScanResult) -> dict[str, object]:
    advertisement = one.advertisement
    return {
        "name": advertisement.name,
        "kind": advertisement.kind.protocol if advertisement.kind else None,
        "address": advertisement.address,
        "rssi_dbm": advertisement.rssi_dbm,
        "battery_percent": advertisement.battery_percent,
    }
