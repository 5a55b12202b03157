"""Our own sensor, "Open IMU Stream" version 1: docs/reference/packet-format.md."""

from imurep.devices.kind import BATTERY_LEVEL, BATTERY_SERVICE, SensorKind
from imurep.devices.open_imu.conversation import OpenImuConversation
from imurep.devices.open_imu.decoder import OpenImuDecoder

__all__ = ["KIND", "OpenImuConversation", "OpenImuDecoder"]

_UUID = "9ae5{:04x}-df2e-4098-bf8d-127a24faf056"

KIND = SensorKind(
    name="open_imu",
    title="Open IMU Stream",
    decoder=OpenImuDecoder,
    conversation=OpenImuConversation,
    channels={
        "info": _UUID.format(2),
        "control": _UUID.format(3),
        "data": _UUID.format(4),
        "status": _UUID.format(5),
        "clock": _UUID.format(6),
        "battery": BATTERY_LEVEL,
    },
    services=frozenset({_UUID.format(1)}),
    more_services=frozenset({BATTERY_SERVICE}),
)
