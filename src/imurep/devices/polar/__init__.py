"""Polar sensors, such as the H10 and the Verity Sense: docs/reference/sensors/polar.md."""

from imurep.devices.kind import BATTERY_LEVEL, BATTERY_SERVICE, SensorKind
from imurep.devices.polar.conversation import PolarConversation
from imurep.devices.polar.decoder import PolarDecoder
from imurep.devices.polar.frames import StampShifter

__all__ = ["KIND", "PolarConversation", "PolarDecoder"]

_UUID = "fb005c8{}-02e7-f387-1cad-8acd2d8df0c8"

KIND = SensorKind(
    name="polar",
    title="Polar H10, Verity Sense, OH1",
    decoder=PolarDecoder,
    conversation=PolarConversation,
    channels={
        "control": _UUID.format(1),
        "data": _UUID.format(2),
        "battery": BATTERY_LEVEL,
    },
    # The service of the protocol is not advertised, and the one that is (FEEE) watches have, too.
    names=("Polar H10", "Polar Sense", "Polar Verity", "Polar OH1"),
    more_services=frozenset({_UUID.format(0), BATTERY_SERVICE}),
    anonymous=StampShifter,
)
