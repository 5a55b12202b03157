"""Sensor protocols, no I/O: how one talks to a sensor, and what its bytes mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from imurep.devices import movesense, open_imu, polar, witmotion
from imurep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.devices.kind import SensorKind
    from imurep.events import Notification, Packet


class Decoder(Protocol):
    """Turns one sensor's notifications into packets; it remembers what the sensor says of its stream."""

    def feed(self, notification: Notification) -> Packet | None:
        """Decode one notification; None when it holds no samples.

        Raises PacketError, and nothing else, for one that is malformed.
        """


KINDS: dict[str, SensorKind] = {
    kind.protocol: kind
    for kind in (
        # A new sensor is a file and a line here: docs/how-to/add-a-sensor.md.
        open_imu.KIND,
        polar.KIND,
        movesense.KIND,
        witmotion.KIND,
    )
}
"""By the name of the protocol, as recordings have it in their header."""


def recognise(name: str | None, services: Iterable[str]) -> SensorKind | None:
    """Kind of a sensor that advertises this name and these service UUIDs; None: none that is known here."""
    advertised = frozenset(service.lower() for service in services)
    return next((kind for kind in KINDS.values() if kind.fits(name, advertised)), None)


def decoder_for(protocol: str) -> Decoder:
    """Make a decoder for one session. Raises ConfigError for a protocol that does not exist."""
    if protocol not in KINDS:
        msg = f"unknown sensor protocol {protocol!r}; known: {', '.join(KINDS)}"
        raise ConfigError(msg)
    return KINDS[protocol].decoder()
