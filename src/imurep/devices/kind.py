"""The description of a kind of sensor, and the names of protocols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imurep.devices.protocol import Conversation, Decoder, StreamRequest
    from imurep.events import Notification


NAMES_IN_FILES = {"polar": "pmd", "movesense": "gsp"}
"""Protocols whose name in recordings and messages differs from the one for people.

Files keep the name that was theirs first. Options take either.
"""

BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"

Anonymizer = Callable[["Notification"], "Notification | None"]
"""Removes from a notification who the sensor is and what day it is; None: nothing is left of it."""


def name_for_people(protocol: str) -> str:
    """Name of a protocol for people, from that name or from the one in files; unknown ones stay."""
    return next((name for name, in_files in NAMES_IN_FILES.items() if in_files == protocol), protocol)


def parse_battery_level(value: bytes) -> int | None:
    """Read the Battery Level characteristic (0x2A19), in percent; None for what is no level."""
    return value[0] if len(value) == 1 and value[0] <= 100 else None


def _unchanged(notification: Notification) -> Notification:
    return notification


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorKind:
    """A kind of sensor: how it is recognised, and what makes its decoder and its conversation."""

    name: str
    """Name of its protocol for people."""
    title: str
    """Names of its models."""
    decoder: Callable[[], Decoder]
    """Makes a decoder for one session."""
    conversation: Callable[[StreamRequest], Conversation]
    """Makes a conversation with one sensor."""
    channels: Mapping[str, str]
    """UUID of the characteristic, by channel; lower case, in full length."""
    services: frozenset[str] = frozenset()
    """Service UUIDs, each of which only this kind advertises."""
    names: tuple[str, ...] = ()
    """Beginnings of advertised names, each of which only this kind has."""
    anonymous: Callable[[], Anonymizer] = lambda: _unchanged
    """Makes an anonymizer for one session; by default notifications hold nothing to remove."""
    more_services: frozenset[str] = frozenset()
    """Services of its channels that it does not advertise; a browser needs them beforehand."""

    @property
    def protocol(self) -> str:
        """Name of its protocol in recordings and messages."""
        return NAMES_IN_FILES.get(self.name, self.name)

    def fits(self, name: str | None, services: frozenset[str]) -> bool:
        """Whether a sensor that advertises this is of this kind."""
        return bool(self.services & services) or (name or "").startswith(self.names)
