"""Sensor protocols without I/O: conversations with sensors, and decoders of their notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices import movesense, open_imu, polar, witmotion
from imurep.devices.kind import name_for_people
from imurep.devices.protocol import Decoder
from imurep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.devices.kind import SensorKind


__all__ = ["KINDS", "Decoder", "decoder_for", "recognise"]

KINDS: dict[str, SensorKind] = {
    kind.name: kind
    for kind in (
        # A new sensor is a package and a line here: docs/how-to/add-a-sensor.md.
        open_imu.KIND,
        polar.KIND,
        movesense.KIND,
        witmotion.KIND,
    )
}
"""Kinds of sensors by the name of their protocol for people."""


def recognise(name: str | None, services: Iterable[str]) -> SensorKind | None:
    """Kind of a sensor that advertises this name and these service UUIDs; None: no known one."""
    advertised = frozenset(service.lower() for service in services)
    return next((kind for kind in KINDS.values() if kind.fits(name, advertised)), None)


def decoder_for(protocol: str) -> Decoder:
    """Make a decoder for one session, by the protocol's name for people or in files.

    Raises ConfigError for a protocol that does not exist.
    """
    kind = KINDS.get(name_for_people(protocol))
    if kind is None:
        msg = f"unknown sensor protocol {protocol!r}; known: {', '.join(KINDS)}"
        raise ConfigError(msg)
    return kind.decoder()
