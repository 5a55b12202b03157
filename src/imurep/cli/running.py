"""What the commands around a live service share: their options, and running it until it is told to stop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imurep.cli.arguments import positive_int

if TYPE_CHECKING:
    import argparse


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add ``--config`` and ``--backend``."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: imurep.toml in the usual place)"
    )
    parser.add_argument(
        "--backend",
        metavar="B",
        help="Bluetooth stack: platform, or bumble:TRANSPORT for any HCI transport, such as bumble:usb:0",
    )


def add_sensors(parser: argparse.ArgumentParser) -> None:
    """Add ``--sensor``."""
    parser.add_argument(
        "--sensor",
        action="append",
        dest="sensors",
        metavar="SPEC",
        help="ble (any known sensor, the default), ble:NAME, ble:ADDRESS, or replay:FILE; repeatable",
    )


def add_service(parser: argparse.ArgumentParser) -> None:
    """Add the options of a service that counts."""
    add_settings(parser)
    add_sensors(parser)
    parser.add_argument("--person", metavar="NAME", help="who wears the sensor")
    parser.add_argument("--exercise", metavar="NAME", help="what is done, when it is always the same")
    parser.add_argument("--min-reps", type=positive_int, metavar="N", help="a set has at least N reps")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where raw sessions are kept")


def flags(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given as flags, nested like the settings file."""
    given = {
        "sensors": tuple(args.sensors) if getattr(args, "sensors", None) else None,
        "person": getattr(args, "person", None),
        "exercise": getattr(args, "exercise", None),
        "min_reps": getattr(args, "min_reps", None),
        "bluetooth": {"backend": args.backend} if args.backend else None,
        "data": {"directory": args.data_dir} if getattr(args, "data_dir", None) else None,
    }
    return {name: value for name, value in given.items() if value is not None}
