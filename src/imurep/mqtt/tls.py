"""Encryption of a connection to a broker."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from imurep.errors import ConfigError

if TYPE_CHECKING:
    from imurep.mqtt.broker_config import Tls


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Read the files of an encrypted connection. Raises ConfigError."""
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        context.sslsocket_class = _TlsSocket
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key)
    except OSError as error:  # ssl's own are such, too
        files = ", ".join(str(file) for file in (tls.ca, tls.cert, tls.key) if file is not None)
        msg = f"TLS: {error.strerror or error}; check mqtt.ca, mqtt.cert and mqtt.key ({files})"
        raise ConfigError(msg) from error
    return context


class _TlsSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 the library's signature
        """Shake hands; paho leaves the socket open when that fails."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise
