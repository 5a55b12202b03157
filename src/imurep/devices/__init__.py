"""Sensor protocols: bytes in, samples out, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from imurep.devices.open_imu import OpenImuDecoder
from imurep.errors import ConfigError

if TYPE_CHECKING:
    from imurep.model import Notification, Packet


class Decoder(Protocol):
    """Turns one sensor's notifications into packets; it remembers what the sensor says of its stream."""

    def feed(self, notification: Notification) -> Packet | None:
        """Decode one notification; None when it holds no samples.

        Raises PacketError, and nothing else, for one that is malformed.
        """


DECODERS: dict[str, type[Decoder]] = {"open_imu": OpenImuDecoder}
"""By the name of the protocol, as recordings have it in their header."""


def decoder_for(protocol: str) -> Decoder:
    """Make a decoder for one session. Raises ConfigError for a protocol that does not exist."""
    try:
        return DECODERS[protocol]()
    except KeyError:
        msg = f"unknown sensor protocol {protocol!r}; known: {', '.join(DECODERS)}"
        raise ConfigError(msg) from None
