"""A network cable that can be pulled: a TCP proxy before the broker."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum, auto


class Cable(Enum):
    """How the network is."""

    IN = auto()
    OUT = auto()
    """Connections break, and new ones are refused."""
    HOLE = auto()
    """Connections stay, new ones are made, and nothing goes through."""


class Proxy:
    """Listens on ``port``, passes on to ``target``."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._cable = Cable.IN
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def set(self, cable: Cable) -> None:
        """Pull the cable, or put it back; what was connected through a hole is gone then."""
        self._cable = cable
        if cable is not Cable.HOLE:
            for writer in self._writers:
                writer.transport.abort()
        if cable is Cable.OUT:
            await self.stop()
        elif self._server is None:
            await self.start()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(back)
        ways = [
            asyncio.create_task(self._pass_on(reader, back)),
            asyncio.create_task(self._pass_on(there, writer)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, back):
            end.transport.abort()
            self._writers.discard(end)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await reader.read(65536):
                if self._cable is Cable.IN:
                    writer.write(some)
                    await writer.drain()
