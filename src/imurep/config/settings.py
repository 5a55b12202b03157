"""Settings of the service: a TOML file, the environment and flags; each overrides those before.

This is the only reader of either. Every setting has a default, so an empty file
will do; a name that is not known is an error, since it is most likely a typo.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from imurep.config.sections import Bluetooth, Data, Mqtt, Web
from imurep.errors import ConfigError
from imurep.exercises import exercise_named
from imurep.util.paths import settings_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_settings import PydanticBaseSettingsSource

FILE_NAME = "imurep.toml"
FILE_VARIABLE = "IMUREP_CONFIG"


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
        """Order of precedence: flags, environment, file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(file: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read all settings; ``flags`` holds those that were given, nested like the file.

    Without ``file`` it is the one that ``IMUREP_CONFIG`` names, else ``imurep.toml``
    where the platform keeps settings, if there is one. Raises ConfigError, with
    the setting's name, for whatever is not allowed.
    """
    path = _file(file)

    class SettingsWithFile(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    try:
        return SettingsWithFile(**(flags or {}))
    except ValidationError as error:
        raise ConfigError(_message(error, path)) from error
    except SettingsError as error:
        msg = f"{error}; check the variables that begin with IMUREP_"
        raise ConfigError(msg) from error
    except (OSError, ValueError) as error:  # no file, no TOML
        msg = f"{path}: {error}; correct the file, or give another one with --config"
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


def _message(error: ValidationError, path: Path | None) -> str:
    """The first thing that is wrong, in one line, by the name of its setting."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    wrong = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        wrong = "is not a setting; docs/reference/settings.md lists them all"
    where = f"{path}, the environment or a flag" if path else "the environment or a flag"
    return f"{name}: {wrong} (from {where})"
