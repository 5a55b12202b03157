"""How a broker is reached: the settings of a connection, and the socket that it runs over.

paho opens the socket itself. What it lets its user bring is a TLS context, which
wraps the socket; so that is where a limit on incoming packets has its place, also
for a connection without TLS (``_PlainContext``).
"""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from imurep.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import ReadableBuffer

MAX_PACKET_BYTES = 128 * 1024
"""Longest packet that is read. Twice the longest message that is used."""
MAX_UNRELEASED = 100
"""Publications at QoS 2 that a broker leaves open. imurep subscribes at QoS 1, so there should be none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Files for an encrypted connection; None stands for what the operating system has."""

    ca: Path | None = None
    """Certificates of the authorities that vouch for the broker."""
    cert: Path | None = None
    """The client's certificate, where the broker asks for one."""
    key: Path | None = None
    """The key of ``cert``; None: it stands in the same file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerConfig:
    """Address of a broker, and the client's identity there."""

    host: str = "127.0.0.1"
    port: int = 1883
    client_id: str
    """One connection each: a broker ends the one before."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls | None = None
    version: Literal["5", "3.1.1"] = "5"
    """Newest version of MQTT that is tried."""

    @property
    def url(self) -> str:
        """Address for people, without anything secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mqtt{'s' if self.tls else ''}://{host}:{self.port}"


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Read the files of an encrypted connection. Raises ConfigError."""
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key)
    except OSError as error:  # ssl's own are such, too
        files = ", ".join(str(file) for file in (tls.ca, tls.cert, tls.key) if file is not None)
        msg = f"TLS: {error.strerror or error}; check mqtt.ca, mqtt.cert and mqtt.key ({files})"
        raise ConfigError(msg) from error
    return context


def socket_context(tls: Tls | None) -> ssl.SSLContext:
    """Context that wraps a socket into a ``LimitedSocket``, with TLS or without. Raises ConfigError."""
    if tls is None:
        return _PlainContext(ssl.PROTOCOL_TLS_CLIENT)
    context = tls_context(tls)
    context.sslsocket_class = _TlsSocket
    return context


class LimitedSocket(socket.socket):
    """A socket that fails once the peer sends what no broker sends, or after ``fail``."""

    problem = ""
    """Why reading and writing fail; empty as long as they do not."""
    _limit: _PacketLimit | None = None  # TLS sockets are made without __init__

    def fail(self, problem: str) -> None:
        """Let all that follows fail, so that the owner closes the socket."""
        self.problem = problem

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive as any socket does. Raises OSError with ``problem``."""
        self._check()
        data = super().recv(bufsize, flags)
        self._limit = self._limit or _PacketLimit()
        if not self._limit.allow(data):
            self.fail("the broker sends more than imurep accepts")
        self._check()
        return data

    def send(self, data: ReadableBuffer, flags: int = 0, /) -> int:
        """Send as any socket does. Raises OSError with ``problem``."""
        self._check()
        return super().send(data, flags)

    def _check(self) -> None:
        if self.problem:
            raise OSError(errno.ECONNABORTED, self.problem)


class _TlsSocket(LimitedSocket, ssl.SSLSocket):  # type: ignore[misc] # its recv is typed without "/"
    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 the library's signature
        """Shake hands; paho leaves the socket open when that fails."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


class _PlainSocket(LimitedSocket):
    def do_handshake(self) -> None:
        """Do nothing: there is no TLS on this connection."""


class _PlainContext(ssl.SSLContext):
    """Wraps sockets without TLS."""

    def wrap_socket(self, sock: socket.socket, *_: Any, **__: Any) -> _PlainSocket:  # type: ignore[override]  # noqa: ANN401 the library's signature
        """Put a limited socket in the place of ``sock``."""
        return _PlainSocket(sock.family, sock.type, sock.proto, fileno=sock.detach())


class _PacketLimit:
    """Follows MQTT's fixed headers in a stream of bytes (MQTT 5.0, section 2.1)."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._rest = 0
        self._unreleased = 0

    def allow(self, data: bytes) -> bool:
        """Whether the stream, with ``data`` behind it, keeps to the limits."""
        at = 0
        while at < len(data):
            if self._rest:
                step = min(self._rest, len(data) - at)
                self._rest -= step
                at += step
                continue
            self._header.append(data[at])
            at += 1
            digits = self._header[1:]
            if digits and (digits[-1] < 0x80 or len(digits) == 4):
                kind, qos = self._header[0] >> 4, self._header[0] >> 1 & 3
                self._unreleased += (kind == 3 and qos == 2) - (kind == 6 and self._unreleased > 0)
                self._rest = sum((digit & 0x7F) << 7 * place for place, digit in enumerate(digits))
                self._header.clear()
                if self._rest > MAX_PACKET_BYTES or self._unreleased > MAX_UNRELEASED:
                    return False
        return True
