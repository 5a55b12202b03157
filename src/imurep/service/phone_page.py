"""Serves the page for the phone beside a live service."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from imurep.errors import ConfigError, SinkError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    from imurep.config import Settings

_log = structlog.get_logger("imurep")


@asynccontextmanager
async def phone_page(settings: Settings, announce: Callable[[str], None] | None) -> AsyncIterator[None]:
    """Serve the page, if there is a broker for it; ``announce`` gets its address, for people (None: the log).

    Raises ConfigError. A port that is taken is no reason not to count: then there is no page,
    and the log has a line about it.
    """
    if settings.mqtt.url is None or not settings.web.enabled:
        yield
        return
    from imurep.web import BrokerAddress, WebServer, config_for_page  # noqa: PLC0415 with what follows, loads aiohttp
    from imurep.web.address import is_loopback, qr_text, reachable_host, url_of  # noqa: PLC0415

    web, mqtt = settings.web, settings.mqtt
    host = reachable_host(web.bind)
    server = WebServer(
        broker=BrokerAddress(host=mqtt.host, port=mqtt.port, tls=_broker_tls(settings)),
        about=config_for_page(mqtt.root, relay=any(text.startswith("relay") for text in settings.sensors)),
        bind=web.bind,
        port=web.port,
        names=web.names,
        tls=await asyncio.to_thread(_tls, settings, host),
    )
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(server)
        except SinkError as error:
            _log.warning("no page for the phone", problem=str(error))
            yield
            return
        for_others = not is_loopback(host)
        if for_others and mqtt.user is None:
            _log.warning(
                "anybody in this network can read and send commands; require a user name at the broker"
            )
        url = url_of(server.scheme, host, server.port)
        if announce is None:
            _log.info("page for the phone", url=url)
        else:
            announce(f"{qr_text(url) if for_others else ''}page for the phone: {url}")
        yield


def _broker_tls(settings: Settings) -> ssl.SSLContext | None:
    """How the page's bytes reach the broker: as imurep's own do, but without imurep's certificate."""
    from imurep.mqtt.broker_config import Tls, tls_context  # noqa: PLC0415 loads ssl

    return tls_context(Tls(ca=settings.mqtt.ca)) if settings.mqtt.is_tls else None


def _tls(settings: Settings, host: str) -> ssl.SSLContext | None:
    web = settings.web
    if not web.is_tls:
        return None
    from imurep.web.certificate import self_signed, tls_context  # noqa: PLC0415 loads cryptography
    from imurep.web.request_policy import own_names  # noqa: PLC0415

    if web.cert is not None and web.key is not None:
        return tls_context(web.cert, web.key)
    try:
        made = self_signed(settings.data.directory, {*own_names(web.names), host}, datetime.now(UTC))
    except OSError as error:
        msg = f"data.directory: no certificate can be kept there: {error}; choose another with --data-dir"
        raise ConfigError(msg) from error
    return tls_context(*made)
