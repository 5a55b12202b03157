"""WitMotion WT901BLE and its like: docs/reference/sensors/witmotion.md."""

from imurep.devices.kind import SensorKind
from imurep.devices.witmotion.conversation import WitMotionConversation
from imurep.devices.witmotion.decoder import WitMotionDecoder

__all__ = ["KIND", "WitMotionConversation", "WitMotionDecoder"]

_UUID = "0000ff{}-0000-1000-8000-00805f9a34fb"
"""Not the base of the Bluetooth SIG, which ends in 9b34fb."""

KIND = SensorKind(
    name="witmotion",
    title="WitMotion WT901BLE",
    decoder=WitMotionDecoder,
    conversation=WitMotionConversation,
    channels={"data": _UUID.format("e4"), "command": _UUID.format("e9")},
    services=frozenset({_UUID.format("e5")}),
    names=("WT901", "BWT901", "WTSD", "WT9"),
)
