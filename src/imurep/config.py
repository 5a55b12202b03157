"""Settings of the service: a TOML file, the environment and flags, in rising order.

This is the only reader of either. Every setting has a default, so an empty file
will do; a name that is not known is an error, since it is most likely a typo.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from imurep.errors import ConfigError
from imurep.exercises import exercise_named
from imurep.util.paths import settings_path, state_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

    from pydantic_settings import PydanticBaseSettingsSource

FILE_NAME = "imurep.toml"
FILE_VARIABLE = "IMUREP_CONFIG"
PLATFORM = "platform"
BUMBLE = "bumble:"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bluetooth(_Section):
    """How the radio is reached."""

    backend: str = PLATFORM
    """``platform``, or ``bumble:TRANSPORT`` for any HCI transport that Bumble knows."""

    @field_validator("backend")
    @classmethod
    def _known(cls, backend: str) -> str:
        if backend != PLATFORM and not (backend.startswith(BUMBLE) and len(backend) > len(BUMBLE)):
            msg = f"has to be {PLATFORM}, or {BUMBLE}TRANSPORT such as {BUMBLE}usb:0"
            raise ValueError(msg)
        return backend


class Data(_Section):
    """Where things are kept, and for how long."""

    directory: Path = Field(default_factory=state_path)
    """Raw sessions; one running service a directory."""
    keep_days: float = Field(default=7.0, ge=0.0)
    """Raw sessions older than this are deleted."""


class Mqtt(_Section):
    """Which broker is told of everything, and as whom."""

    url: str | None = None
    """``mqtt://`` or ``mqtts://[user@]host[:port]``; None: no broker is told."""
    password: SecretStr | None = None
    password_file: Path | None = None
    """A file with nothing but the password."""
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
    """How Home Assistant is told of the entities."""

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
            msg = "has no port that can be"
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
        """Where the broker is; this machine by default."""
        return self._parts.hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        """The one in ``url``, else the usual one."""
        return self._parts.port or (8883 if self.is_tls else 1883)

    @property
    def user(self) -> str | None:
        """The one in ``url``."""
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
            msg = f"mqtt.password_file: {self.password_file}: {why}; let the service's user read it"
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
    """Address to listen at; the default is this machine only, ``0.0.0.0`` its networks."""
    names: tuple[str, ...] = ()
    """Names that it is called by besides its own: those of a reverse proxy, say."""
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


class Settings(BaseSettings):
    """All settings of ``imurep run``."""

    model_config = SettingsConfigDict(
        env_prefix="IMUREP_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
    )

    sensors: Annotated[tuple[str, ...], NoDecode] = ("ble",)
    """Which sensors to read, each a SPEC; in the environment separated by commas."""
    person: str = "me"
    """Who wears them."""
    exercise: str | None = None
    """What is done, when it is always the same."""
    min_reps: int = Field(default=3, ge=1)
    bluetooth: Bluetooth = Field(default_factory=Bluetooth)
    data: Data = Field(default_factory=Data)
    mqtt: Mqtt = Field(default_factory=Mqtt)
    web: Web = Field(default_factory=Web)

    @field_validator("sensors", mode="before")
    @classmethod
    def _listed(cls, sensors: object) -> object:
        return tuple(part.strip() for part in sensors.split(",")) if isinstance(sensors, str) else sensors

    @field_validator("sensors")
    @classmethod
    def _some(cls, sensors: tuple[str, ...]) -> tuple[str, ...]:
        if not all(sensors) or not sensors:
            msg = 'has to name at least one sensor; "ble" takes any'
            raise ValueError(msg)
        return sensors

    @field_validator("exercise")
    @classmethod
    def _exists(cls, exercise: str | None) -> str | None:
        if exercise is not None:
            try:
                exercise_named(exercise)
            except ConfigError as error:
                raise ValueError(str(error)) from error
        return exercise

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags over environment over file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(file: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read all settings; ``flags`` holds those that were given, nested like the file.

    Without ``file`` it is the one that ``IMUREP_CONFIG`` names, else ``imurep.toml``
    where the platform keeps settings, if there is one. Raises ConfigError, with
    the setting's name, for whatever is not allowed.
    """
    path = _file(file)

    class Read(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    try:
        return Read(**(flags or {}))
    except ValidationError as error:
        raise ConfigError(_said(error, path)) from error
    except SettingsError as error:
        msg = f"{error}; check the variables that begin with IMUREP_"
        raise ConfigError(msg) from error
    except (OSError, ValueError) as error:  # no file, no TOML
        msg = f"{path}: {error}; mend the file, or give another one with --config"
        raise ConfigError(msg) from error


def _file(file: Path | None) -> Path | None:
    named = file or os.environ.get(FILE_VARIABLE)
    if named is None:
        usual = settings_path() / FILE_NAME
        return usual if usual.is_file() else None
    path = Path(named)
    if not path.is_file():
        msg = f"{path}: there is no such settings file; give another one with --config"
        raise ConfigError(msg)
    return path


def _said(error: ValidationError, path: Path | None) -> str:
    """The first thing that is wrong, in one line, by the name of its setting."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    wrong = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        wrong = "is no setting; docs/reference/settings.md has all of them"
    where = f"{path}, the environment or a flag" if path else "the environment or a flag"
    return f"{name}: {wrong} (from {where})"
