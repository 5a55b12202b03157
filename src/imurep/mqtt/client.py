"""One connection to a broker, on aiomqtt (asyncio-mqtt's name of today), which nothing else knows.

aiomqtt 2 waits for an acknowledgement until a timeout even when the connection
is gone, and does not look at what an acknowledgement says. Both are mended here
by a subclass, which touches names that are private to aiomqtt and paho; that is
why both are pinned, and what ``tests/broker/test_client.py`` is for.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

import aiomqtt
from aiomqtt import ProtocolVersion
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from imurep.errors import SinkError
from imurep.mqtt.message import Incoming
from imurep.mqtt.tls import tls_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    import paho.mqtt.client as paho
    from paho.mqtt.enums import MQTTErrorCode

    from imurep.mqtt.broker_config import Access
    from imurep.mqtt.message import Message

TIMEOUT_S = 2.5
"""For a connection, and for an acknowledgement. With the longest back-off, less than the 5 s in which
the service has to be back."""
KEEPALIVE_S = 5
"""A broker calls us away after one and a half of it, and we it after two at most."""
LARGEST_BYTES = 64 * 1024
"""Of an incoming message. No command is longer than a line."""
WAITING = 100
"""Incoming messages that wait to be read; more are dropped. With the size that bounds the memory."""

_NO_SUCH_PROTOCOL = 132
"""Reason code of MQTT 5: the broker speaks another version."""

_silent = logging.getLogger("imurep.mqtt.paho")
_silent.disabled = True  # it repeats, unbounded, what a hostile broker sends


class LostError(SinkError):
    """The connection cannot be made, or is gone."""


class RefusedError(SinkError):
    """The broker does not let us: a publication, a subscription. The connection stays."""


class Connection:
    """A connection that was made; it is never made again, the next one is another object."""

    def __init__(self, client: _Client, protocol: ProtocolVersion) -> None:
        self._client = client
        self._protocol = protocol

    @property
    def version(self) -> str:
        """MQTT version that was agreed on."""
        return "5" if self._protocol is ProtocolVersion.V5 else "3.1.1"

    @property
    def dropped(self) -> int:
        """Number of incoming messages that were too large, too many or malformed."""
        return self._client.dropped

    async def publish(self, message: Message) -> None:
        """Publish, and at QoS 1 wait until the broker has it. Raises LostError at once, and RefusedError."""
        await self._client.publish_surely(message, self._properties(message))

    def throw(self, message: Message) -> None:
        """Publish at QoS 0 and look the other way: it arrives, or does not."""
        self._client.publish_unasked(message, self._properties(message))

    async def subscribe(self, topic: str) -> None:
        """Subscribe at QoS 1. Raises LostError and RefusedError."""
        try:
            codes = await self._client.subscribe(topic, qos=1)
        except aiomqtt.MqttError as error:
            raise LostError(str(error)) from error
        if any(_is_failure(code) for code in codes):
            msg = f"subscribing to {topic} was refused; let imurep's user read it"
            raise RefusedError(msg)

    async def incoming(self) -> AsyncIterator[Incoming]:
        """What the broker hands on, until the connection is lost. Raises LostError."""
        while True:
            yield await self._client.next_incoming()

    async def lost(self) -> None:
        """Wait until the connection is lost. Raises LostError."""
        await self._client.lost()

    def _properties(self, message: Message) -> Properties | None:
        if self._protocol is not ProtocolVersion.V5:
            return None
        properties = _properties(PacketTypes.PUBLISH)
        if message.schema is not None:
            properties.ContentType = "application/json"
            properties.PayloadFormatIndicator = 1
            properties.UserProperty = ("schema", message.schema)
        if message.expiry_s is not None:
            properties.MessageExpiryInterval = message.expiry_s
        if message.correlation is not None:
            properties.CorrelationData = message.correlation
        return properties


@asynccontextmanager
async def connected(access: Access, *, will: Message | None = None) -> AsyncIterator[Connection]:
    """Connect: with MQTT 5, and with 3.1.1 when the broker has no more. In the end, take leave of it.

    Raises LostError when there is no connection, and ConfigError for unusable TLS files.
    """
    context = None if access.tls is None else await asyncio.to_thread(tls_context, access.tls)
    protocol = ProtocolVersion.V5 if access.version == "5" else ProtocolVersion.V311
    client = _Client(access, will, context, protocol)
    try:
        await client.open()
    except MqttConnectError as error:
        if protocol is ProtocolVersion.V311 or _code_of(error) != _NO_SUCH_PROTOCOL:
            raise _refused(access, error) from error
        protocol = ProtocolVersion.V311
        client = _Client(access, will, context, protocol)
        try:
            await client.open()
        except aiomqtt.MqttError as again:
            raise _refused(access, again) from again
    except aiomqtt.MqttError as error:
        raise _refused(access, error) from error
    try:
        yield Connection(client, protocol)
    finally:
        await client.close()


class _Client(aiomqtt.Client):
    """aiomqtt's client with its gaps closed; see the module."""

    def __init__(
        self, access: Access, will: Message | None, tls: ssl.SSLContext | None, protocol: ProtocolVersion
    ) -> None:
        super().__init__(
            access.host,
            access.port,
            identifier=access.client_id,
            username=access.user,
            password=access.password,
            tls_context=tls,
            protocol=protocol,
            will=aiomqtt.Will(will.topic, will.payload, will.qos, will.retain) if will else None,
            timeout=TIMEOUT_S,
            keepalive=KEEPALIVE_S,
            logger=_silent,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],  # else a rep waits 40 ms for an ACK
            properties=_limits() if protocol is ProtocolVersion.V5 else None,
        )
        self._client.connect_timeout = TIMEOUT_S
        self._client.loop_read = self._read_within_limits  # type: ignore[method-assign] # aiomqtt calls it
        self.dropped = 0
        self._refusals: dict[int, str] = {}
        self._incoming: asyncio.Queue[Incoming] = asyncio.Queue(WAITING)

    async def open(self) -> None:
        """Connect. Raises MqttError."""
        disconnected = self._disconnected
        opening = asyncio.ensure_future(self.__aenter__())
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            # The thread that connects cannot be stopped; what it brings is closed.
            opening.add_done_callback(self._abandon)
            raise
        except aiomqtt.MqttError:
            self._hang_up()
            raise
        # aiomqtt forgets here what may have happened right after the broker's answer.
        self._disconnected = disconnected

    def _abandon(self, opening: asyncio.Future[Self]) -> None:
        if not opening.cancelled():
            opening.exception()  # nobody is left to care
        self._hang_up()

    async def close(self) -> None:
        """Say goodbye if somebody listens, and leave nothing open."""
        with suppress(aiomqtt.MqttError):
            await self.__aexit__(None, None, None)
        self._hang_up()

    async def publish_surely(self, message: Message, properties: Properties | None) -> None:
        """Publish, and wait for the acknowledgement or for the end of the connection."""
        info = self._client.publish(message.topic, message.payload, message.qos, message.retain, properties)
        if info.rc:
            raise LostError(self._why("not connected"))
        if message.qos == 0 or info.is_published():
            return
        acknowledged = asyncio.Event()
        self._pending_publishes[info.mid] = acknowledged
        waiting = asyncio.ensure_future(acknowledged.wait())
        try:
            await self._first(waiting, timeout_s=TIMEOUT_S)
        finally:
            self._pending_publishes.pop(info.mid, None)
            waiting.cancel()
        if not acknowledged.is_set():
            raise LostError(self._why("no acknowledgement came"))
        refusal = self._refusals.pop(info.mid, None)
        if refusal is not None:
            msg = f"publishing to {message.topic} was refused: {refusal}; let imurep's user write it"
            raise RefusedError(msg)

    def publish_unasked(self, message: Message, properties: Properties | None) -> None:
        """Publish at QoS 0."""
        self._client.publish(message.topic, message.payload, 0, message.retain, properties)

    async def next_incoming(self) -> Incoming:
        """The next message. Raises LostError."""
        getting = asyncio.ensure_future(self._incoming.get())
        try:
            await self._first(getting)
            if not getting.done():
                raise LostError(self._why("the connection ended"))
            return getting.result()
        finally:
            getting.cancel()

    async def lost(self) -> None:
        """Wait for the end. Raises LostError."""
        await asyncio.wait({self._disconnected})
        raise LostError(self._why("the connection ended"))

    async def _first(self, what: asyncio.Future[Any], *, timeout_s: float | None = None) -> None:
        """Wait for something, or for the end of the connection."""
        either: set[asyncio.Future[Any]] = {what, self._disconnected}
        await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)

    def _why(self, otherwise: str) -> str:
        if self._disconnected.done() and (error := self._disconnected.exception()) is not None:
            return f"connection lost: {error}"
        return otherwise

    def _hang_up(self) -> None:
        """Close what aiomqtt leaves open after a failure: a socket that would take our place once more."""
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()  # somebody has looked at it
        self._client._sock_close()  # noqa: SLF001 paho has no public name for it
        if self._misc_task is not None:
            self._misc_task.cancel()

    def _read_within_limits(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read from the socket; an end to whoever sends what no broker would send us."""
        code = type(self._client).loop_read(self._client, max_packets)
        too_large = self._client._in_packet["remaining_length"] > 2 * LARGEST_BYTES  # noqa: SLF001
        too_many = len(self._client._in_messages) > WAITING  # noqa: SLF001 QoS 2, which nobody asked for
        if too_large or too_many:
            msg = "the broker sends more than imurep takes"
            raise aiomqtt.MqttError(msg)
        return code

    def _on_socket_register_write(self, client: paho.Client, userdata: Any, sock: Any) -> None:  # noqa: ARG002, ANN401 the library's signature
        """Write as soon as the socket takes it; paho asks for this from its connecting thread, too."""
        self._loop.call_soon_threadsafe(self._write_to, sock)

    def _write_to(self, sock: Any) -> None:  # noqa: ANN401 one of several kinds
        # It may have been closed since then, and its number may be another file's by now.
        now = self._client.socket()
        if now is not None and now is sock and now.fileno() >= 0:
            self._loop.add_writer(now.fileno(), self._write)

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except Exception as error:  # noqa: BLE001 it ends the connection, whatever it is
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:  # noqa: ARG002, ANN401 the library's signature
        try:
            topic = message.topic
            if len(message.payload) > LARGEST_BYTES:
                self.dropped += 1
                return
            self._incoming.put_nowait(
                Incoming(
                    topic=topic,
                    payload=bytes(message.payload),
                    retain=bool(message.retain),
                    response_topic=getattr(message.properties, "ResponseTopic", None),
                    correlation=getattr(message.properties, "CorrelationData", None),
                )
            )
        except (UnicodeDecodeError, asyncio.QueueFull):
            self.dropped += 1

    def _on_publish(
        self,
        client: paho.Client,
        userdata: Any,  # noqa: ANN401 the library's signature
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,
    ) -> None:
        if mid in self._pending_publishes and _is_failure(reason_code):
            self._refusals[mid] = str(reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)


def _limits() -> Properties:
    """What an honest broker of MQTT 5 keeps to."""
    properties = _properties(PacketTypes.CONNECT)
    properties.MaximumPacketSize = 2 * LARGEST_BYTES
    properties.ReceiveMaximum = WAITING
    return properties


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call] # paho has no types here


def _is_failure(code: int | ReasonCode) -> bool:
    return code.is_failure if isinstance(code, ReasonCode) else code >= 0x80


def _code_of(error: MqttConnectError) -> int | None:
    return error.rc.value if isinstance(error.rc, ReasonCode) else error.rc


def _refused(access: Access, error: aiomqtt.MqttError) -> LostError:
    """Say what to do about a connection that was not made."""
    said = error.rc if isinstance(error, aiomqtt.MqttCodeError) else error
    return LostError(f"{access.url}: {said}; check that the broker runs there, and user, password and TLS")
