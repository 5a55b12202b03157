"""The page's server: its files, and the WebSocket to the broker, on one port."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Self

import structlog
from aiohttp import WSCloseCode, web

from imurep.errors import SinkError
from imurep.web.files import file_of, page_files
from imurep.web.request_policy import HEADERS, host_is_known, is_own_origin, own_names
from imurep.web.ws_proxy import HEARTBEAT_S, MAX_MESSAGE_BYTES, SUBPROTOCOL, pipe

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import TracebackType

    from aiohttp.typedefs import Handler

    from imurep.web.files import File
    from imurep.web.ws_proxy import BrokerAddress

MAX_PAGES = 32
"""At a time: each holds a connection to the broker."""
STOPPING_S = 1.0

_log = structlog.get_logger("imurep")


class WebServer:
    """Serves from ``async with`` until its end."""

    def __init__(
        self,
        *,
        broker: BrokerAddress,
        about: Mapping[str, object],
        bind: str = "127.0.0.1",
        port: int = 0,
        names: tuple[str, ...] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare.

        ``about`` is what the page has to know beforehand (``about.json``), port 0
        any that is free, ``names`` are more names that it may be called by.
        """
        self._broker = broker
        self._about = about
        self._bind = bind
        self._port = port
        self._names = own_names(names)
        self._tls = tls
        self._files: dict[str, File] = {}
        self._open: set[web.WebSocketResponse] = set()
        app = web.Application(middlewares=[self._checked])
        app.add_routes([web.get("/mqtt", self._mqtt), web.get("/{name:.*}", self._file)])
        app.on_response_prepare.append(_with_headers)
        app.on_shutdown.append(self._hang_up)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOPPING_S)

    @property
    def port(self) -> int:
        """The port, once it serves."""
        port: int = self._runner.addresses[0][1]
        return port

    @property
    def scheme(self) -> str:
        """The first part of its address."""
        return "http" if self._tls is None else "https"

    async def __aenter__(self) -> Self:
        """Begin to serve. Raises SinkError where the port cannot be had."""
        self._files = await asyncio.to_thread(page_files)
        self._files["about.json"] = file_of("about.json", json.dumps(self._about).encode())
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._bind, self._port, ssl_context=self._tls).start()
        except OSError as error:
            await self._runner.cleanup()
            msg = f"the page cannot be served at {self._bind}:{self._port}: {error.strerror}; "
            msg += "choose another port with --web-port, or --no-web"
            raise SinkError(msg) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up, and stop."""
        await self._runner.cleanup()

    @web.middleware
    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not host_is_known(request.host, self._names):
            raise web.HTTPMisdirectedRequest(
                text="imurep does not know itself by this name; docs/how-to/phone.md says how to tell it.\n"
            )
        return await handler(request)

    async def _file(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        headers = {"Content-Type": file.content_type, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        known = request.if_none_match or ()
        if any(tag.value == file.etag for tag in known):
            return web.Response(status=304, headers={**headers, "ETag": f'"{file.etag}"'})
        body = file.body
        if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = file.packed
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, headers={**headers, "ETag": f'"{file.etag}"'})

    async def _mqtt(self, request: web.Request) -> web.StreamResponse:
        if not is_own_origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden(text="Only the page of this server may do that.\n")
        if len(self._open) >= MAX_PAGES:
            raise web.HTTPServiceUnavailable(text="Too many pages are open.\n")
        socket = web.WebSocketResponse(
            protocols=(SUBPROTOCOL,), heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE_BYTES, compress=False
        )
        await socket.prepare(request)
        if socket.ws_protocol != SUBPROTOCOL:
            await socket.close(code=WSCloseCode.PROTOCOL_ERROR, message=b"the subprotocol is mqtt")
            return socket
        self._open.add(socket)
        try:
            await pipe(socket, self._broker)
        finally:
            self._open.discard(socket)
        return socket

    async def _hang_up(self, _app: web.Application) -> None:
        for socket in tuple(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"imurep stops")


async def _with_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
