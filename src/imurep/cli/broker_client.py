"""What commands that talk to a broker, and are not the service, share."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from imurep.config import Settings
    from imurep.mqtt.broker_config import BrokerConfig


def add_broker(parser: argparse.ArgumentParser) -> None:
    """Add ``--config`` and ``--mqtt``."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: imurep.toml in the usual place)"
    )
    parser.add_argument(
        "--mqtt",
        metavar="URL",
        help="broker: mqtt:// or mqtts://[user@]host[:port] "
        "(default: that of the settings, else this machine's)",
    )


def broker_settings(args: argparse.Namespace) -> Settings:
    """Settings, with the broker that was given. Raises ConfigError."""
    from imurep.config import load  # noqa: PLC0415 loads pydantic

    return load(args.config, {"mqtt": {"url": args.mqtt}} if args.mqtt else {})


def visitor(settings: Settings) -> BrokerConfig:
    """How the broker is reached beside the service, with a client id that does not end its connection."""
    from imurep.service.broker_access import broker_config  # noqa: PLC0415

    return replace(broker_config(settings), client_id=f"imurep-{secrets.token_hex(4)}")
