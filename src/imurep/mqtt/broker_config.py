"""How a broker is reached, as values. What is secret in it never shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Files for an encrypted connection; None is what the operating system has."""

    ca: Path | None = None
    """Certificates of whoever vouches for the broker."""
    cert: Path | None = None
    """Our own certificate, where the broker asks for one."""
    key: Path | None = None
    """The key of ``cert``; None: it stands in the same file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the broker is, and who we are there."""

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
        """For people, without anything secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mqtt{'s' if self.tls else ''}://{host}:{self.port}"
