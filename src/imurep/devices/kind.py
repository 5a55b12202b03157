"""What a kind of sensor is: how it is recognised, how one talks to it, how its bytes are decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imurep.devices import Decoder
    from imurep.devices.protocol import Conversation, StreamRequest
    from imurep.events import Notification


BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"

BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"


def parse_battery_level(value: bytes) -> int | None:
    """Read the Battery Level characteristic (0x2A19), in percent; None for what is no level."""
    return value[0] if len(value) == 1 and value[0] <= 100 else None


Anonymous = Callable[["Notification"], "Notification | None"]


def _as_it_is(notification: Notification) -> Notification:
    return notification


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorKind:
    """One line of the table of sensors."""

    protocol: str
    """Its name in recordings and settings."""
    title: str
    """Its name for people."""
    decoder: Callable[[], Decoder]
    conversation: Callable[[StreamRequest], Conversation]
    channels: Mapping[str, str]
    """UUID of the characteristic, by channel; lower case, in full length."""
    services: frozenset[str] = frozenset()
    """A sensor that advertises one of these service UUIDs is of this kind,"""
    names: tuple[str, ...] = ()
    """and so is one whose advertised name begins like this."""
    anonymous: Callable[[], Anonymous] = lambda: _as_it_is
    """Makes, for one session, what takes out of its notifications who the sensor is and what day it is;
    None: nothing is left of one. By default they tell neither."""
    more_services: frozenset[str] = frozenset()
    """Services of its channels that it does not advertise; a browser has to be told beforehand."""

    def fits(self, name: str | None, services: frozenset[str]) -> bool:
        """Whether a sensor that advertises this is of this kind."""
        return bool(self.services & services) or (name or "").startswith(self.names)
