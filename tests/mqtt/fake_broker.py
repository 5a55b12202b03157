"""A broker made of bytes: what a real one would never do, a test can let it do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

CONNECT, PUBLISH, SUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 8, 12, 14


def varint(number: int) -> bytes:
    """Encode a length."""
    coded = bytearray()
    while True:
        number, digit = divmod(number, 128)
        coded.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(coded)


def text(value: bytes) -> bytes:
    """Encode a string; it need not be UTF-8."""
    return len(value).to_bytes(2, "big") + value


class Talk:
    """One connection, from the broker's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.protocol = 0

    async def packet(self) -> tuple[int, bytes]:
        """The next packet's kind and body. Raises IncompleteReadError at the end."""
        first = (await self._reader.readexactly(1))[0]
        length = shift = 0
        while True:
            digit = (await self._reader.readexactly(1))[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                break
        return first >> 4, await self._reader.readexactly(length)

    async def connect(self, code: int = 0) -> None:
        """Take the CONNECT, and answer it."""
        kind, body = await self.packet()
        assert kind == CONNECT
        self.protocol = body[6]
        self.send(0x20, bytes([0, code]) + (b"\0" if self.protocol == 5 else b""))

    async def published(self) -> int:
        """Take a PUBLISH at QoS 1; gives its packet id."""
        while True:
            kind, body = await self.packet()
            if kind == PUBLISH:
                after = 2 + int.from_bytes(body[:2], "big")
                return int.from_bytes(body[after : after + 2], "big")

    def acknowledge(self, packet_id: int, reason: int = 0) -> None:
        """Send a PUBACK."""
        self.send(0x40, packet_id.to_bytes(2, "big") + bytes([reason, 0]))

    def publish(
        self, topic: bytes, payload: bytes, *, qos: int = 0, packet_id: int = 1, properties: bytes = b""
    ) -> None:
        """Send a PUBLISH."""
        number = packet_id.to_bytes(2, "big") if qos else b""
        more = varint(len(properties)) + properties if self.protocol == 5 else b""
        self.send(0x30 | qos << 1, text(topic) + number + more + payload)

    def send(self, first: int, body: bytes) -> None:
        """Send any packet."""
        self.raw(bytes([first]) + varint(len(body)) + body)

    def raw(self, some: bytes) -> None:
        """Send any bytes."""
        self._writer.write(some)

    async def drain(self) -> None:
        """Wait until they are on their way."""
        await self._writer.drain()

    async def end(self) -> None:
        """Wait until the other side hangs up."""
        with suppress(OSError):
            while await self._reader.read(65536):
                pass


@asynccontextmanager
async def peer(script: Callable[[Talk], Awaitable[None]]) -> AsyncIterator[int]:
    """Run ``script`` on each connection and hang up after it; gives the port. Its errors are the test's."""
    errors: list[BaseException] = []
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await script(Talk(reader, writer))
        except (asyncio.IncompleteReadError, OSError):
            pass  # they hung up
        except Exception as error:  # noqa: BLE001 raised below
            errors.append(error)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if errors:
        raise errors[0]
