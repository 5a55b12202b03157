"""Which broker the service uses, and as whom: from the settings, or one of its own for a demo."""

from __future__ import annotations

import hashlib
import platform
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from imurep.mqtt.broker_config import BrokerConfig, Tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from imurep.config import Settings


@asynccontextmanager
async def demo_broker_for(settings: Settings) -> AsyncIterator[tuple[Settings, str]]:
    """Run a broker for this machine; gives the settings with its URL, and a line about it for people.

    Raises ConfigError when there is none to run.
    """
    from imurep.service.demo_broker import demo_broker  # noqa: PLC0415 few need it

    directory = settings.data.directory / "broker"
    directory.mkdir(parents=True, exist_ok=True)
    async with demo_broker(directory) as broker:
        mqtt = settings.mqtt.model_copy(update={"url": broker.url, "version": broker.version})
        about = f"demo broker ({broker.kind}), for this machine only: {broker.url}"
        yield settings.model_copy(update={"mqtt": mqtt}), about


def broker_config(settings: Settings) -> BrokerConfig:
    """How the broker in the settings is reached, as the service. Raises ConfigError."""
    mqtt = settings.mqtt
    return BrokerConfig(
        host=mqtt.host,
        port=mqtt.port,
        client_id=mqtt.client_id or _usual_client_id(settings),
        user=mqtt.user,
        password=mqtt.read_password(),
        version=mqtt.version,
        tls=Tls(ca=mqtt.ca, cert=mqtt.cert, key=mqtt.key) if mqtt.is_tls else None,
    )


def _usual_client_id(settings: Settings) -> str:
    """Always the same for one service, which has its data directory to itself, and for no other.

    So a broker recognises a service that returns, and ends its connection before.
    """
    who = f"{platform.node()} {settings.data.directory.absolute()}"
    return f"imurep-{hashlib.sha256(who.encode()).hexdigest()[:8]}"
