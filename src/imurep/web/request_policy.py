"""Which requests the page's server accepts, and what a browser may do with its answers.

A page from elsewhere that a browser on this network shows could reach the
server, too: by its own name, pointed at our address (DNS rebinding), or by
opening our WebSocket across origins. So a name has to be known, and a WebSocket
has to come from our own page.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",  # the WebSocket as well
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    # No text becomes markup or code: only the service worker's address may be made from a string.
    "require-trusted-types-for": "'script'",
    "trusted-types": "shell",
}
_ALLOWED = ("screen-wake-lock=(self)", "camera=()", "geolocation=()", "microphone=()")

HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {who}" for what, who in _POLICY.items()),
    "Permissions-Policy": ", ".join(_ALLOWED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every answer."""


def own_names(more: tuple[str, ...] = ()) -> frozenset[str]:
    """Names by which this machine is called in its network, and those that the settings add."""
    host = socket.gethostname()
    short = host.partition(".")[0]
    return frozenset(_plain(name) for name in ("localhost", host, short, f"{short}.local", *more))


def host_is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header names this machine.

    An address always does: DNS rebinding needs a name.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return _plain(name) in names
    return True


def is_own_origin(origin: str | None, host: str) -> bool:
    """Whether a request comes from the page that was loaded from ``host``; browsers always send it."""
    if origin is None:
        return False
    scheme, _, place = origin.partition("://")
    return scheme in {"http", "https"} and place.casefold() == host.casefold()


def _plain(name: str) -> str:
    return name.casefold().rstrip(".")
