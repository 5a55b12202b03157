"""One connection to a broker, in asyncio, on paho's public interface.

paho encodes, decodes and keeps the state of the protocol. It is driven the way
that its documentation gives for an event loop of one's own: ``loop_read`` and
``loop_write`` when the socket is ready, ``loop_misc`` once a second. Only
connecting, which blocks, happens in a thread; callbacks are set once that is
over, so that all of them come on the event loop.

Why not aiomqtt: docs/explanation/delivery.md. The module is long because it is
all that uses paho.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from imurep.errors import SinkError
from imurep.mqtt.broker_config import MAX_PACKET_BYTES, MAX_UNRELEASED, LimitedSocket, socket_context
from imurep.mqtt.interfaces import Incoming

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from paho.mqtt.reasoncodes import ReasonCode

    from imurep.mqtt.broker_config import BrokerConfig
    from imurep.mqtt.interfaces import Message

TIMEOUT_S = 2.5
"""For a connection, and for an acknowledgement. With the longest back-off, less than the 5 s in which
the service has to be back."""
KEEPALIVE_S = 5
"""A broker ends the connection after one and a half of it without a packet, paho after two at most."""
MISC_S = 1.0
"""Between two looks at the keep-alive."""
LARGEST_BYTES = MAX_PACKET_BYTES // 2
"""Largest payload of an incoming message that is used. No command is longer than a line."""
WAITING = MAX_UNRELEASED
"""Incoming messages that wait to be read; more are dropped. With the size that bounds the memory."""

_UNSUPPORTED_VERSION = 132
"""Reason code of MQTT 5: the broker speaks another version."""

_T = TypeVar("_T")


class ConnectionLostError(SinkError):
    """The connection cannot be made, or is gone."""


class RequestRefusedError(SinkError):
    """The broker refuses a publication or a subscription. The connection stays."""


class _VersionError(ConnectionLostError):
    """The broker does not speak this version of MQTT."""


class Connection:
    """A connection that was made. Once lost it stays lost; the next one is another object."""

    def __init__(self, config: BrokerConfig, will: Message | None, context: ssl.SSLContext) -> None:
        """Prepare a connection with ``config.version``; ``connected`` makes and ends it."""
        self._config = config
        self._dropped = 0
        self._loop = asyncio.get_running_loop()
        # The demo's loop runs faster than the world. The broker does not.
        self._timeout_s = TIMEOUT_S * float(getattr(self._loop, "speed", 1.0))
        self._answered: asyncio.Future[ReasonCode] = self._loop.create_future()
        """The broker's answer to CONNECT."""
        self._ended: asyncio.Future[str] = self._loop.create_future()
        """Why the connection ended."""
        self._acknowledgements: dict[int, asyncio.Future[list[ReasonCode]]] = {}
        """Of publications and subscriptions that wait for one, by packet id."""
        self._incoming: asyncio.Queue[Incoming] = asyncio.Queue(WAITING)
        self._misc: asyncio.Task[None] | None = None
        self._paho = paho.Client(
            CallbackAPIVersion.VERSION2,
            config.client_id,
            protocol=MQTTProtocolVersion.MQTTv5 if self._is_v5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        self._paho.connect_timeout = TIMEOUT_S
        self._paho.tls_set_context(context)
        if config.user is not None:
            self._paho.username_pw_set(config.user, config.password)
        if will is not None:
            self._paho.will_set(will.topic, will.payload, will.qos, will.retain)

    @property
    def version(self) -> str:
        """MQTT version that was agreed on."""
        return self._config.version

    @property
    def dropped(self) -> int:
        """Number of incoming messages that were too large, too many or malformed."""
        return self._dropped

    async def publish(self, message: Message) -> None:
        """Publish, and at QoS 1 wait until the broker has it.

        Raises ConnectionLostError, at once when the connection ends, and RequestRefusedError.
        """
        info = self._send(message, message.qos)
        if info.rc:
            raise ConnectionLostError(self._why("not connected"))
        if message.qos == 0:
            return
        (reason,) = await self._acknowledged(info.mid)
        if reason.is_failure:
            msg = f"publishing to {message.topic} was refused: {reason}; allow imurep's user to write it"
            raise RequestRefusedError(msg)

    def publish_nowait(self, message: Message) -> None:
        """Publish at QoS 0, without a check: the message arrives, or does not."""
        self._send(message, 0)

    async def subscribe(self, topic: str) -> None:
        """Subscribe at QoS 1. Raises ConnectionLostError and RequestRefusedError."""
        code, packet_id = self._paho.subscribe(topic, qos=1)
        if code or packet_id is None:
            raise ConnectionLostError(self._why("not connected"))
        if any(reason.is_failure for reason in await self._acknowledged(packet_id)):
            msg = f"subscribing to {topic} was refused; allow imurep's user to read it"
            raise RequestRefusedError(msg)

    async def incoming(self) -> AsyncIterator[Incoming]:
        """Messages from the broker, until the connection ends. Raises ConnectionLostError then."""
        while True:
            getting = asyncio.ensure_future(self._incoming.get())
            try:
                await self._either(getting)
                if not getting.done():
                    raise ConnectionLostError(self._why("the connection ended"))
                yield getting.result()
            finally:
                getting.cancel()

    async def lost(self) -> None:
        """Wait until the connection ends. Raises ConnectionLostError then."""
        await asyncio.wait({self._ended})
        raise ConnectionLostError(self._why("the connection ended"))

    async def open(self) -> None:
        """Connect. Raises ConnectionLostError, and then nothing stays open."""
        connecting = self._loop.run_in_executor(None, self._connect)
        try:
            await asyncio.shield(connecting)
            self._attach()
            await self._either(self._answered, timeout_s=self._timeout_s)
        except asyncio.CancelledError:
            # The thread that connects cannot be stopped; the connection that it makes is closed.
            connecting.add_done_callback(self._abandon)
            raise
        except (OSError, ValueError) as error:
            raise self._not_made(str(error)) from error
        if not self._answered.done():
            self._abort("no answer came")
            raise self._not_made(self._ended.result())
        reason = self._answered.result()
        if reason.is_failure:
            self._abort(str(reason))
            raise self._not_made(str(reason), version=reason.value == _UNSUPPORTED_VERSION)

    def hang_up(self, problem: str) -> None:
        """Close the socket without a goodbye: then the broker publishes the will."""
        self._abort(problem)

    async def close(self) -> None:
        """Send a goodbye if the broker is there, and leave nothing open."""
        try:
            if self._paho.disconnect() == MQTTErrorCode.MQTT_ERR_SUCCESS:
                await asyncio.wait({self._ended}, timeout=self._timeout_s)
        finally:
            self._abort("closed")
            self._release()

    # What is sent

    def _send(self, message: Message, qos: int) -> paho.MQTTMessageInfo:
        return self._paho.publish(
            message.topic, message.payload, qos, message.retain, self._properties_of(message)
        )

    def _properties_of(self, message: Message) -> Properties | None:
        if not self._is_v5:
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

    async def _acknowledged(self, packet_id: int) -> list[ReasonCode]:
        """Wait for an acknowledgement and return its reason codes. Raises ConnectionLostError."""
        acknowledgement: asyncio.Future[list[ReasonCode]] = self._loop.create_future()
        self._acknowledgements[packet_id] = acknowledgement
        try:
            await self._either(acknowledgement, timeout_s=self._timeout_s)
        finally:
            del self._acknowledgements[packet_id]
        if not acknowledgement.done():
            raise ConnectionLostError(self._why("no acknowledgement came"))
        return acknowledgement.result()

    async def _either(self, future: asyncio.Future[Any], *, timeout_s: float | None = None) -> None:
        """Wait for ``future``, or for the end of the connection."""
        both: set[asyncio.Future[Any]] = {future, self._ended}
        await asyncio.wait(both, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)

    # The socket

    @property
    def _is_v5(self) -> bool:
        return self._config.version == "5"

    def _connect(self) -> None:
        """Connect and send CONNECT, in a thread. Raises OSError and ValueError."""
        limits = None
        if self._is_v5:
            limits = _properties(PacketTypes.CONNECT)
            limits.MaximumPacketSize = MAX_PACKET_BYTES
            limits.ReceiveMaximum = WAITING
        self._paho.connect(self._config.host, self._config.port, KEEPALIVE_S, properties=limits)

    def _attach(self) -> None:
        """Serve the socket on the event loop, once the thread is done with it. Raises OSError."""
        client, sock = self._paho, self._paho.socket()
        if not isinstance(sock, LimitedSocket):
            raise ConnectionResetError("the broker closed the connection")  # noqa: EM101, TRY003 `open` has the sentence
        client.on_connect = lambda _c, _u, _flags, reason, _p: _set(self._answered, reason)
        client.on_disconnect = lambda _c, _u, _flags, reason, _p: _set(
            self._ended, sock.problem or str(reason)
        )
        client.on_publish = lambda _c, _u, packet_id, reason, _p: self._acknowledge(packet_id, [reason])
        client.on_subscribe = lambda _c, _u, packet_id, reasons, _p: self._acknowledge(packet_id, reasons)
        client.on_message = lambda _c, _u, message: self._take(message)

        def watch(*_: object) -> None:
            self._loop.add_writer(sock, self._serve, client.loop_write)

        def unwatch(*_: object) -> None:
            self._loop.remove_writer(sock)

        def detach(*_: object) -> None:
            self._loop.remove_reader(sock)

        client.on_socket_register_write = watch
        client.on_socket_unregister_write = unwatch
        client.on_socket_close = detach
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a rep waits 40 ms for an ACK
        self._loop.add_reader(sock, self._serve, self._read)
        if client.want_write():
            watch()
        self._misc = asyncio.create_task(self._keep_alive())

    def _serve(self, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 it ends the connection, whatever it is
            self._abort(str(error))

    def _read(self) -> None:
        self._paho.loop_read()
        while isinstance(sock := self._paho.socket(), ssl.SSLSocket) and sock.pending():
            self._paho.loop_read()  # of what TLS has decoded, the event loop sees nothing

    async def _keep_alive(self) -> None:
        while self._paho.loop_misc() == MQTTErrorCode.MQTT_ERR_SUCCESS:  # noqa: ASYNC110 nothing to wait for
            await asyncio.sleep(MISC_S)

    def _acknowledge(self, packet_id: int, reasons: list[ReasonCode]) -> None:
        if packet_id in self._acknowledgements:
            _set(self._acknowledgements[packet_id], reasons)

    def _take(self, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
            if len(message.payload) > LARGEST_BYTES:
                self._dropped += 1
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
            self._dropped += 1

    def _abandon(self, connecting: asyncio.Future[None]) -> None:
        if not connecting.cancelled():
            connecting.exception()  # retrieved, so that asyncio does not log it
        self._abort("closed")

    def _abort(self, problem: str) -> None:
        """Close the socket without a goodbye: paho closes one that cannot be written to."""
        if self._misc is not None:
            self._misc.cancel()
        sock = self._paho.socket()
        if isinstance(sock, LimitedSocket):
            sock.fail(problem)
            self._paho.disconnect()
            self._paho.loop_write()
        _set(self._ended, problem)

    def _release(self) -> None:
        """Drop what waits to be read; else a reference cycle would hold megabytes until it is collected."""
        client = self._paho
        client.on_connect = client.on_disconnect = client.on_publish = None
        client.on_subscribe = client.on_message = client.on_socket_close = None
        client.on_socket_register_write = client.on_socket_unregister_write = None
        while not self._incoming.empty():
            self._incoming.get_nowait()

    def _why(self, otherwise: str) -> str:
        return f"connection lost: {self._ended.result()}" if self._ended.done() else otherwise

    def _not_made(self, problem: str, *, version: bool = False) -> ConnectionLostError:
        """What to do about a connection that was not made."""
        kind = _VersionError if version else ConnectionLostError
        return kind(
            f"{self._config.url}: {problem}; check that the broker runs there, and user, password and TLS"
        )


@asynccontextmanager
async def connected(config: BrokerConfig, *, will: Message | None = None) -> AsyncIterator[Connection]:
    """Connect with MQTT 5, or with 3.1.1 when the broker has no more, and disconnect in the end.

    Raises ConnectionLostError when there is no connection, and ConfigError for unusable TLS files.
    """
    context = await asyncio.to_thread(socket_context, config.tls)
    connection = Connection(config, will, context)
    try:
        await connection.open()
    except _VersionError:
        if config.version == "3.1.1":
            raise
        connection = Connection(replace(config, version="3.1.1"), will, context)
        await connection.open()
    try:
        yield connection
    except ConnectionLostError as error:
        connection.hang_up(str(error))
        raise
    finally:
        await connection.close()


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call] # paho has no types here


def _set(future: asyncio.Future[_T], result: _T) -> None:
    if not future.done():
        future.set_result(result)
