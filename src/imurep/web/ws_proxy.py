"""A WebSocket of the page, passed on to the broker's own port byte by byte.

So one port and one certificate serve page and data, the broker needs no
WebSocket listener, and what the page says to the broker - its CONNECT with user
and password above all - reaches the broker untouched.
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
"""A phone that is out of reach does not say so; after one and a half of these it is given up."""
MAX_MESSAGE_BYTES = 1 << 20
"""Of what the page sends in one frame."""
CHUNK_BYTES = 1 << 14
"""Of what the broker sends. Nothing is read ahead: a phone that is slow slows the broker's connection,
and the broker has limits of its own for that."""

_log = structlog.get_logger("imurep")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker listens."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


async def pipe(socket: web.WebSocketResponse, broker: BrokerAddress) -> None:
    """Pass on both ways until either end is gone; then both are closed."""
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(broker.host, broker.port, ssl=broker.tls)
    except OSError as error:  # TimeoutError and ssl.SSLError are OSErrors
        _log.warning("the page cannot be passed on: the broker does not answer", problem=str(error))
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"the broker does not answer")
        return
    try:
        await _first_of(_up(socket, writer), _down(reader, socket))
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"the broker hung up")


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
