"""HCI over TCP: each client has a controller of its own on the air.

The format is H4, which Bumble's ``tcp-client`` transport and others speak. A
client that goes away, killed ones too, leaves its radio silent.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bumble.transport.common import StreamPacketSource

from firmware_sim.radio.controller import AirController

if TYPE_CHECKING:
    from firmware_sim.radio.air import Air

HOST = "127.0.0.1"
"""Loopback only: every client that can connect can use the radio."""


class HciServer:
    """A TCP port with controllers behind it."""

    def __init__(self, air: Air) -> None:
        self._air = air
        self._server: asyncio.Server | None = None
        self._clients: set[_Client] = set()

    async def start(self, port: int = 0) -> str:
        """Listen, on any free port by default; return the transport's name for clients. May raise OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self._air, self._clients), HOST, port)
        chosen = self._server.sockets[0].getsockname()[1]
        return f"tcp-client:{HOST}:{chosen}"

    def unplug(self) -> None:
        """Disconnect all clients, as a pulled dongle does; they may connect again."""
        for client in list(self._clients):
            client.abort()

    async def close(self) -> None:
        """Stop listening and disconnect all clients."""
        if self._server is not None:
            self._server.close()
        self.unplug()
        if self._server is not None:
            await self._server.wait_closed()


class _Client(StreamPacketSource):
    """One TCP connection: the line between a host in another process and its controller here."""

    def __init__(self, air: Air, clients: set[_Client]) -> None:
        super().__init__()
        self._air = air
        self._clients = clients
        self._transport: asyncio.WriteTransport | None = None
        self._controller: AirController | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give a host that has connected a controller."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101  # TCP is
        self._transport = transport
        port = transport.get_extra_info("peername")[1]
        self._controller = AirController(f"hci:{port}", self._air)
        self._controller.set_packet_sink(self)
        self.set_packet_sink(self._controller)
        self._clients.add(self)

    def on_packet(self, packet: bytes) -> None:
        """Send a packet of the controller to its host."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(packet)

    def connection_lost(self, exc: Exception | None) -> None:
        """Silence the radio of a host that is gone."""
        del exc
        self._clients.discard(self)
        if self._controller is not None:
            self._controller.set_packet_sink(None)
            self._controller.remove()

    def abort(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()
