"""A WebSocket of the page, passed on to the broker's own port byte by byte.

So one port and one certificate serve page and data, the broker needs no
WebSocket listener, and the page's packets - its CONNECT with user and password
above all - reach the broker unchanged.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from aiohttp import WSCloseCode, WSMsgType

if TYPE_CHECKING:
    import ssl
    from collections.abc import Coroutine

    from aiohttp import web

SUBPROTOCOL = "mqtt"

CONNECT_S = 5.0
HEARTBEAT_S = 20.0
"""Interval of pings. A phone that does not answer for one and a half of these is disconnected."""
MAX_MESSAGE_BYTES = 1 << 20
"""Of what the page sends in one frame."""
CHUNK_BYTES = 1 << 14
"""Of what the broker sends. Nothing is read ahead: a phone that is slow slows the broker's connection,
and the broker has limits of its own for that."""

_log = structlog.get_logger("imurep")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Address of the broker."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


async def proxy(socket: web.WebSocketResponse, broker: BrokerAddress) -> None:
    """Pass bytes on in both directions until either end closes; then close both."""
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(broker.host, broker.port, ssl=broker.tls)
    except OSError as error:  # TimeoutError and ssl.SSLError are OSErrors
        _log.warning("the page cannot reach the broker: it does not answer", problem=str(error))
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"the broker does not answer")
        return
    try:
        await _first_of(_up(socket, writer), _down(reader, socket))
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"the broker closed the connection")


async def _up(socket: web.WebSocketResponse, writer: asyncio.StreamWriter) -> None:
    async for message in socket:
        if message.type is not WSMsgType.BINARY:
            return  # MQTT over WebSockets is binary [MQTT-6.0.0-1]
        writer.write(message.data)
        await writer.drain()


async def _down(reader: asyncio.StreamReader, socket: web.WebSocketResponse) -> None:
    while data := await reader.read(CHUNK_BYTES):
        await socket.send_bytes(data)


async def _first_of(*ways: Coroutine[None, None, None]) -> None:
    """Run all until one ends, whatever ended it: a broken connection is the usual way."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
                raise outcome
