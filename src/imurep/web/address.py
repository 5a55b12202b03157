"""Where a phone finds the page, in letters and as a code to scan."""

from __future__ import annotations

import io
import ipaddress
import socket


def reachable_host(bind: str) -> str:
    """What others write to reach a server that is bound to ``bind``."""
    try:
        address = ipaddress.ip_address(bind)
    except ValueError:
        return bind
    if not address.is_unspecified:
        return bind
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which way a packet would go
        except OSError:
            return socket.gethostname()
        own: str = probe.getsockname()[0]
        return own


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def url_of(scheme: str, host: str, port: int) -> str:
    """Address of the page."""
    usual = {"http": 80, "https": 443}[scheme]
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}/" if port == usual else f"{scheme}://{shown}:{port}/"


def qr_text(url: str) -> str:
    """The address as a QR code in block characters, for a terminal of either colour."""
    import segno  # noqa: PLC0415 only where others can reach the page

    out = io.StringIO()
    segno.make(url, micro=False).terminal(out, compact=True)
    return out.getvalue()
