"""Sections of the settings: how the radio and the broker are reached, where data is, what the page is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from imurep.errors import ConfigError
from imurep.util.paths import state_path

if TYPE_CHECKING:
    from urllib.parse import SplitResult

PLATFORM = "platform"
BUMBLE = "bumble:"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bluetooth(_Section):
    """How the radio is reached."""

    backend: str = PLATFORM
    """``platform``, or ``bumble:TRANSPORT`` for any HCI transport that Bumble supports."""

    @field_validator("backend")
    @classmethod
    def _known(cls, backend: str) -> str:
        if backend != PLATFORM and not (backend.startswith(BUMBLE) and len(backend) > len(BUMBLE)):
            msg = f"has to be {PLATFORM}, or {BUMBLE}TRANSPORT such as {BUMBLE}usb:0"
            raise ValueError(msg)
        return backend


class Data(_Section):
    """Where data is kept, and for how long."""

    directory: Path = Field(default_factory=state_path)
    """Raw sessions, the log of sets and user data; one running service a directory."""
    keep_days: float = Field(default=7.0, ge=0.0)
    """Raw sessions older than this are deleted."""


class Mqtt(_Section):
    """Which broker everything is published to, and as whom."""

    url: str | None = None
    """``mqtt://`` or ``mqtts://[user@]host[:port]``; None: nothing is published."""
    password: SecretStr | None = None
    password_file: Path | None = None
    """A file that holds the password, and nothing else."""
    ca: Path | None = None
    """Certificates that the broker's is checked against; None: those of the operating system."""
    cert: Path | None = None
    """Our own certificate, where the broker asks for one."""
    key: Path | None = None
    version: Literal["5", "3.1.1"] = "5"
    """Newest version of MQTT that is tried; a few old brokers do not even refuse 5."""
    root: str = "imurep"
    """All topics are below it; each instance at a broker needs its own."""
    client_id: str | None = None
    """None: one that this machine and data directory always have."""
    discovery: Literal["device", "component", "off"] = "device"
    """Form of Home Assistant's discovery."""

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        # What was given is not repeated in the messages: there may be a password in it.
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or parts.path not in {"", "/"} or parts.query:
            msg = "has to be mqtt:// or mqtts://[user@]host[:port]"
            raise ValueError(msg)
        if parts.password is not None:
            msg = "must not hold a password, which others could see; use mqtt.password_file"
            raise ValueError(msg)
        if parts.port == 0:
            msg = "must not have port 0"
            raise ValueError(msg)
        return url

    @field_validator("root")
    @classmethod
    def _is_topic(cls, root: str) -> str:
        if not root or set("+#$\0") & set(root) or not all(root.split("/")):
            msg = "has to be a topic such as imurep or home/imurep, without + # $"
            raise ValueError(msg)
        return root

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.password is not None and self.password_file is not None:
            msg = "has both password and password_file; one is enough"
            raise ValueError(msg)
        if (self.ca or self.cert or self.key) and not self.is_tls:
            msg = "has certificates, but its url is not mqtts://"
            raise ValueError(msg)
        if self.key is not None and self.cert is None:
            msg = "has a key without a cert"
            raise ValueError(msg)
        return self

    @property
    def host(self) -> str:
        """Host of the broker; this machine by default."""
        return self._parts.hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        """TCP port: the one in ``url``, else the usual one."""
        return self._parts.port or (8883 if self.is_tls else 1883)

    @property
    def user(self) -> str | None:
        """Name of the user in ``url``."""
        return unquote(self._parts.username) if self._parts.username else None

    @property
    def is_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self._parts.scheme == "mqtts"

    def read_password(self) -> str | None:
        """The password, wherever it is kept. Raises ConfigError when it cannot be read."""
        if self.password_file is None:
            return None if self.password is None else self.password.get_secret_value()
        try:
            return self.password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "no UTF-8"
            msg = f"mqtt.password_file: {self.password_file}: {why}; allow the service's user to read it"
            raise ConfigError(msg) from error

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url or "")


class Web(_Section):
    """The page for the phone; served where there is a broker."""

    enabled: bool = True
    port: int = Field(default=8420, ge=0, le=65535)
    """0: any that is free."""
    bind: str = "127.0.0.1"
    """Address to listen at: this machine only, or ``0.0.0.0`` for its networks."""
    names: tuple[str, ...] = ()
    """Names by which it is reached besides its own, such as a reverse proxy's."""
    cert: Path | None = None
    """Certificate for https."""
    key: Path | None = None
    """The key of ``cert``."""
    self_signed: bool = False
    """https with a certificate that the service makes."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.cert is None) != (self.key is None):
            msg = "needs both cert and key"
            raise ValueError(msg)
        if self.cert is not None and self.self_signed:
            msg = "has both a certificate and self_signed; one is enough"
            raise ValueError(msg)
        return self

    @property
    def is_tls(self) -> bool:
        """Whether it is served over https."""
        return self.cert is not None or self.self_signed
