"""A hostile broker: a real one behind a proxy that publishes anything in its name."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random

from tests.mqtt.fake_broker import text, varint

MEGABYTE = 1_000_000
DEV = b"imurep/imu-sim-0001"
COMMANDS = [
    DEV + b"/cmd/" + name for name in (b"load_kg", b"target_reps", b"target_tempo", b"exercise", b"x")
]
TOPICS = [
    *COMMANDS,
    b"imurep//cmd/load_kg",
    b"imurep/" + b"a/" * 30_000 + b"cmd/load_kg",
    b"imurep/+/cmd/#",
    b"homeassistant/status",
    b"$SYS/broker",
    b"",
    b"\xff\xfe\xc0\x00/cmd/load_kg",
    "imurep/\u202e\ufeff\x00/cmd/load_kg".encode(),
]
PAYLOADS = [
    b"",
    b"offline",
    b"\xff\xfe\x00",
    b'{"value": 1e999, "transaction": ' + b"[" * 5_000,
    b'{"value": "' + b"9" * 60_000,
    b"-1",
    b"NaN",
    b"no such thing",
]
TOO_LARGE = 0.0005
"""Fraction of messages so large that the service disconnects."""


def publish(topic: bytes, payload: bytes) -> bytes:
    """A message at QoS 0, in MQTT 5."""
    body = text(topic) + b"\0" + payload
    return b"\x30" + varint(len(body)) + body


class HostileBroker:
    """A proxy on ``port`` for the service; while ``floods`` is set it publishes amid the broker's packets."""

    def __init__(self, broker_port: int) -> None:
        self._broker_port = broker_port
        self._rng = Random(1)  # noqa: S311 keeps no secret
        self._server: asyncio.Server | None = None
        self.port = 0
        self.floods = asyncio.Event()
        self.connections = 0
        self.messages = 0
        self.octets = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._broker_port)
        subscribed = asyncio.Event()
        ways = [
            asyncio.create_task(_pass_on(reader, back)),
            asyncio.create_task(_pass_packets_on(there, writer, subscribed)),
            asyncio.create_task(self._flood(writer, subscribed)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, back):
            end.transport.abort()

    async def _flood(self, writer: asyncio.StreamWriter, subscribed: asyncio.Event) -> None:
        await subscribed.wait()
        with suppress(OSError):
            while True:
                await self.floods.wait()
                payload = self._rng.choice(PAYLOADS)
                if self._rng.random() < TOO_LARGE:
                    payload = bytes(MEGABYTE)
                packet = publish(self._rng.choice(TOPICS), payload)
                self.messages += 1
                self.octets += len(packet)
                writer.write(packet)
                await writer.drain()
                await asyncio.sleep(0)  # or the broker would never get its turn


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()


async def _pass_packets_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, subscribed: asyncio.Event
) -> None:
    """Pass on whole packets, so that others fit between them."""
    with suppress(OSError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readexactly(2)
            while head[-1] & 0x80:
                head += await reader.readexactly(1)
            length = sum((digit & 0x7F) << 7 * at for at, digit in enumerate(head[1:]))
            writer.write(head + await reader.readexactly(length))
            await writer.drain()
            if head[0] >> 4 == 9:  # SUBACK
                subscribed.set()
