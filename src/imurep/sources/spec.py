"""Specs of sources: ``ble[:NAME|:ADDRESS]``, ``relay[:DEVICE]`` or ``replay:FILE``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from imurep.errors import ConfigError

_MAC = re.compile(r"[0-9a-f]{2}([:-][0-9a-f]{2}){5}", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DEVICE = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class BleSpec:
    """A sensor over Bluetooth: by name, by address, or, with neither, any that is known."""

    name: str | None = None
    """Advertised name; case does not matter."""
    address: str | None = None
    """MAC with colons in capitals; on macOS, which hides it, a UUID in capitals."""

    @property
    def is_any(self) -> bool:
        """Whether any known sensor will do."""
        return self.name is None and self.address is None

    def names(self, name: str | None, address: str) -> bool:
        """Whether this spec names the sensor that advertises like this; one for any sensor names none."""
        if self.address is not None:
            return address.upper() == self.address
        return self.name is not None and name is not None and name.casefold() == self.name.casefold()

    def __str__(self) -> str:
        wanted = self.address or self.name
        return "ble" if wanted is None else f"ble:{wanted}"


@dataclass(frozen=True, slots=True)
class ReplaySpec:
    """A recording, replayed in real time as if live."""

    path: Path

    def __str__(self) -> str:
        return f"replay:{self.path}"


@dataclass(frozen=True, slots=True)
class RelaySpec:
    """A sensor that a phone holds."""

    device: str | None = None
    """Its name in topics, as the page shows it; None: any that no other spec names."""

    def __str__(self) -> str:
        return "relay" if self.device is None else f"relay:{self.device}"


_ANY: dict[str, BleSpec | RelaySpec] = {"ble": BleSpec(), "relay": RelaySpec()}


def parse_spec(text: str) -> BleSpec | ReplaySpec | RelaySpec:
    """Parse a spec. Raises ConfigError, which lists the valid forms, for anything else."""
    kind, colon, what = text.strip().partition(":")
    what = what.strip()
    if kind in _ANY and not colon:
        return _ANY[kind]
    if kind == "ble" and what:
        if _MAC.fullmatch(what):
            return BleSpec(address=what.upper().replace("-", ":"))
        if _UUID.fullmatch(what):
            return BleSpec(address=what.upper())
        return BleSpec(name=what)
    if kind == "replay" and what:
        return ReplaySpec(Path(what))
    if kind == "relay" and _DEVICE.fullmatch(what):
        return RelaySpec(what)
    msg = (
        f"{text!r} is not a source; write ble (any known sensor), ble:NAME, ble:ADDRESS"
        " (`imurep scan` shows both), relay or relay:DEVICE (a sensor that a phone holds) or replay:FILE"
    )
    raise ConfigError(msg)
