"""Sensors that speak PMD, such as the Polar H10 and Verity Sense: docs/reference/sensors/polar.md."""

from imurep.devices.kind import BATTERY_LEVEL, BATTERY_SERVICE, SensorKind
from imurep.devices.polar.conversation import PmdConversation
from imurep.devices.polar.decoder import PmdDecoder
from imurep.devices.polar.frames import Undated

__all__ = ["KIND", "PmdConversation", "PmdDecoder"]

_UUID = "fb005c8{}-02e7-f387-1cad-8acd2d8df0c8"

KIND = SensorKind(
    protocol="pmd",
    title="Polar H10, Verity Sense, OH1",
    decoder=PmdDecoder,
    conversation=PmdConversation,
    channels={
        "control": _UUID.format(1),
        "data": _UUID.format(2),
        "battery": BATTERY_LEVEL,
    },
    # The service of the protocol is not advertised, and the one that is (FEEE) watches have, too.
    names=("Polar H10", "Polar Sense", "Polar Verity", "Polar OH1"),
    more_services=frozenset({_UUID.format(0), BATTERY_SERVICE}),
    anonymous=Undated,
)
