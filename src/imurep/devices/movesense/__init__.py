"""Movesense sensors, with the GATT SensorData Protocol: docs/reference/sensors/movesense.md."""

from imurep.devices.kind import BATTERY_LEVEL, BATTERY_SERVICE, SensorKind
from imurep.devices.movesense.conversation import MovesenseConversation
from imurep.devices.movesense.decoder import MovesenseDecoder, anonymous

__all__ = ["KIND", "MovesenseConversation", "MovesenseDecoder"]

_UUID = "3480000{}-7185-4d5d-b431-630e7050e8f0"

KIND = SensorKind(
    name="movesense",
    title="Movesense",
    decoder=MovesenseDecoder,
    conversation=MovesenseConversation,
    channels={
        "command": _UUID.format(1),
        "data": _UUID.format(2),
        "battery": BATTERY_LEVEL,
    },
    # A name of that length leaves no room for the UUID of the service in what is advertised.
    services=frozenset({"34802252-7185-4d5d-b431-630e7050e8f0"}),
    names=("Movesense",),
    more_services=frozenset({BATTERY_SERVICE}),
    anonymous=lambda: anonymous,
)
