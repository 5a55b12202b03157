"""The page's server, with a broker that is any TCP server."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
import pytest

from imurep.errors import SinkError
from imurep.web import BrokerAddress, WebServer, config_for_page
from imurep.web.certificate import self_signed, tls_context
from imurep.web.request_policy import HEADERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

pytestmark = pytest.mark.asyncio


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def broker(serve: Serve = echo) -> AsyncIterator[BrokerAddress]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield BrokerAddress(host="127.0.0.1", port=server.sockets[0].getsockname()[1])


@asynccontextmanager
async def page(
    to: BrokerAddress, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    async with WebServer(broker=to, about=config_for_page("imurep"), tls=tls) as server:
        url = f"{server.scheme}://localhost:{server.port}"
        async with aiohttp.ClientSession(url) as session:
            yield session, url


NOWHERE = BrokerAddress(host="127.0.0.1", port=1)


async def test_files_come_with_the_policy_compressed_and_once() -> None:
    async with page(NOWHERE) as (session, _):
        async with session.get("/", auto_decompress=False) as got:
            assert got.status == 200
            assert {name: got.headers[name] for name in HEADERS} == HEADERS
            assert got.headers["Content-Encoding"] == "gzip"
            assert b"<title>imurep" in gzip.decompress(await got.read())
        known = {"If-None-Match": got.headers["ETag"]}
        async with session.get("/", headers=known) as again:
            assert (again.status, await again.read()) == (304, b"")
            assert "Content-Security-Policy" in again.headers
        async with session.get("/about.json") as response:
            assert json.loads(await response.read())["root"] == "imurep"
        for path in ("/nothing", "/../server.py", "/js/..%2f..%2fserver.py", "/js/"):
            async with session.get(path) as missing:
                assert missing.status == 404
                assert "Content-Security-Policy" in missing.headers


async def test_a_name_that_was_pointed_at_us_gets_nothing() -> None:
    async with page(NOWHERE) as (session, _), session.get("/", headers={"Host": "evil.example"}) as got:
        assert got.status == 421
        assert "<title>" not in await got.text()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
async def test_another_page_cannot_open_the_socket(origin: str | None) -> None:
    async with broker() as to, page(to) as (session, _):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect("/mqtt", protocols=["mqtt"], origin=origin)
        assert refused.value.status == 403


async def test_bytes_go_through_both_ways_untouched() -> None:
    sent = bytes(range(256)) * 400
    async with broker() as to, page(to) as (session, url):
        async with session.ws_connect("/mqtt", protocols=["mqtt"], origin=url) as socket:
            assert socket.protocol == "mqtt"
            await socket.send_bytes(sent)
            back = b""
            while len(back) < len(sent):
                back += await socket.receive_bytes(timeout=10)
        assert back == sent


async def test_another_protocol_than_mqtt_is_refused() -> None:
    async with broker() as to, page(to) as (session, url), session.ws_connect("/mqtt", origin=url) as socket:
        closed = await socket.receive(timeout=10)
        assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.PROTOCOL_ERROR)


async def test_a_broker_that_is_not_there_is_reported() -> None:
    async with page(NOWHERE) as (session, url):
        async with session.ws_connect("/mqtt", protocols=["mqtt"], origin=url) as socket:
            closed = await socket.receive(timeout=10)
        assert closed.type is aiohttp.WSMsgType.CLOSE
        assert closed.extra == "the broker does not answer"


async def test_a_broker_that_hangs_up_is_reported() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    async with broker(serve) as to, page(to) as (session, url):
        async with session.ws_connect("/mqtt", protocols=["mqtt"], origin=url) as socket:
            await socket.send_bytes(b"x")
            closed = await socket.receive(timeout=10)
        assert closed.extra == "the broker closed the connection"


async def test_a_page_that_goes_away_hangs_up_at_the_broker() -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        gone.set()
        writer.close()

    async with broker(serve) as to, page(to) as (session, url):
        async with session.ws_connect("/mqtt", protocols=["mqtt"], origin=url) as socket:
            await socket.send_bytes(b"x")
        async with asyncio.timeout(10):
            await gone.wait()


async def test_a_page_that_does_not_read_slows_the_broker_down() -> None:
    written = 0
    chunk = bytes(1 << 16)

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        while True:
            writer.write(chunk)
            await writer.drain()
            written += len(chunk)

    async with (
        broker(serve) as to,
        page(to) as (session, url),
        session.ws_connect("/mqtt", protocols=["mqtt"], origin=url) as socket,
    ):
        connection = socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()
        before = -1
        async with asyncio.timeout(30):
            while written != before:
                before = written
                await asyncio.sleep(0.3)
        assert written < 32 << 20  # what the buffers of the system hold, however long one waits
        connection.transport.abort()


async def test_https_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    made = self_signed(tmp_path, {"localhost"}, datetime.now(UTC))
    trusting = ssl.create_default_context(cafile=made[0])
    async with broker() as to, page(to, tls_context(*made)) as (session, url):
        assert url.startswith("https://")
        async with session.get("/", ssl=trusting) as got:
            assert got.status == 200
        async with session.ws_connect("/mqtt", protocols=["mqtt"], origin=url, ssl=trusting) as socket:
            await socket.send_bytes(b"x")
            assert await socket.receive_bytes(timeout=10) == b"x"


async def test_a_broker_behind_tls_is_reached_and_checked(tmp_path: Path) -> None:
    made = self_signed(tmp_path, {"localhost"}, datetime.now(UTC))
    server = await asyncio.start_server(echo, "localhost", 0, ssl=tls_context(*made))
    port = server.sockets[0].getsockname()[1]
    trusting, strange = ssl.create_default_context(cafile=made[0]), ssl.create_default_context()
    async with server:
        async with (
            page(BrokerAddress(host="localhost", port=port, tls=trusting)) as (session, url),
            session.ws_connect("/mqtt", protocols=["mqtt"], origin=url) as socket,
        ):
            await socket.send_bytes(b"x")
            assert await socket.receive_bytes(timeout=10) == b"x"
        async with page(BrokerAddress(host="localhost", port=port, tls=strange)) as (session, url):
            async with session.ws_connect("/mqtt", protocols=["mqtt"], origin=url) as socket:
                closed = await socket.receive(timeout=10)
            assert closed.extra == "the broker does not answer"


async def test_a_port_that_is_taken_is_reported() -> None:
    async with broker() as taken:
        with pytest.raises(SinkError, match="--web-port"):
            async with WebServer(broker=NOWHERE, about={}, port=taken.port):
                pass
