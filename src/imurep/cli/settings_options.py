"""Options that the commands around live sensors share, as settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imurep.cli.arguments import port_number, positive_int

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


def add_sensors(parser: argparse.ArgumentParser, *, others: str) -> None:
    """Add ``--sensor``; ``others`` names what it takes besides Bluetooth sensors, for the help."""
    parser.add_argument(
        "--sensor",
        action="append",
        dest="sensors",
        metavar="SPEC",
        help=f"ble (any supported sensor, the default), ble:NAME, ble:ADDRESS{others}",
    )


def add_service(parser: argparse.ArgumentParser) -> None:
    """Add the options of a service that counts."""
    add_settings(parser)
    add_sensors(
        parser, others=", relay or relay:DEVICE (a sensor that a phone holds), or replay:FILE; repeatable"
    )
    parser.add_argument("--person", metavar="NAME", help="who wears the sensor")
    parser.add_argument("--exercise", metavar="NAME", help="the exercise, if it is always the same")
    parser.add_argument(
        "--min-reps", type=positive_int, metavar="N", help="smallest number of reps in a set (default: 3)"
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="directory for sets and raw sessions")
    parser.add_argument(
        "--mqtt",
        metavar="URL",
        help="broker to publish to: mqtt:// or mqtts://[user@]host[:port]",
    )
    page = parser.add_argument_group("the page for the phone, if there is a broker")
    page.add_argument("--no-web", action="store_true", help="serve no page")
    page.add_argument("--web-port", type=port_number, metavar="N", help="its port (default: 8420)")
    page.add_argument(
        "--web-bind",
        metavar="ADDRESS",
        help="address to listen at (default: 127.0.0.1; 0.0.0.0: all networks)",
    )
    page.add_argument(
        "--web-self-signed", action="store_true", help="https, with a certificate that the service creates"
    )


def flags(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given as flags, nested like the settings file."""
    given = {
        "sensors": tuple(args.sensors) if getattr(args, "sensors", None) else None,
        "person": getattr(args, "person", None),
        "exercise": getattr(args, "exercise", None),
        "min_reps": getattr(args, "min_reps", None),
        "bluetooth": {"backend": args.backend} if args.backend else None,
        "data": {"directory": args.data_dir} if getattr(args, "data_dir", None) else None,
        "mqtt": {"url": args.mqtt} if getattr(args, "mqtt", None) else None,
        "web": _web_flags(args) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _web_flags(args: argparse.Namespace) -> dict[str, Any]:
    given = {
        "enabled": False if getattr(args, "no_web", False) else None,
        "port": getattr(args, "web_port", None),
        "bind": getattr(args, "web_bind", None),
        "self_signed": True if getattr(args, "web_self_signed", False) else None,
    }
    return {name: value for name, value in given.items() if value is not None}
