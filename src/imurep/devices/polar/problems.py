"""Why a conversation hangs up, and what the person can do: one line each."""

from __future__ import annotations

from imurep.devices.polar.control import Code

NO_ACCELEROMETER = (
    "the sensor offers no accelerometer; use an H10, an OH1 or a Verity Sense, and update its firmware"
)
NO_CHOICE = (
    "the sensor offers no rate of its accelerometer that reps can be counted from; update its firmware"
)
STOPPED = "the sensor stopped measuring by itself; check that it is worn, charged and off its charger"
BUSY = "the sensor measures already and does not let go of it; switch it off and on"

_UPDATE = "update its firmware with the maker's app"
REFUSALS: dict[int, str] = {
    Code.UNKNOWN_OPERATION: f"the sensor does not know the request (status 1); {_UPDATE}",
    Code.UNKNOWN_MEASUREMENT: f"the sensor does not know this measurement (status 2); {_UPDATE}",
    Code.UNSUPPORTED: f"the sensor does not support this measurement (status 3); {_UPDATE}",
    Code.WRONG_LENGTH: f"the sensor takes the request to be of a wrong length (status 4); {_UPDATE}",
    Code.PARAMETER: f"the sensor does not take a setting (status 5); {_UPDATE}",
    Code.ALREADY: BUSY,
    Code.RESOLUTION: f"the sensor does not take the resolution that it offers (status 7); {_UPDATE}",
    Code.RATE: f"the sensor does not take the rate that it offers (status 8); {_UPDATE}",
    Code.RANGE: f"the sensor does not take the range that it offers (status 9); {_UPDATE}",
    Code.MTU: "Bluetooth packets are too small for the sensor (it needs an MTU of 232); "
    "use another Bluetooth adapter, or update its driver",
    Code.CHANNELS: f"the sensor does not take the channels that it offers (status 11); {_UPDATE}",
    Code.STATE: "the sensor cannot measure in the mode it is in (status 12); switch it off and on",
    Code.CHARGING: "the sensor measures nothing on its charger; take it off",
    Code.DISK_FULL: "the memory of the sensor is full; delete recordings in the maker's app",
}
UNKNOWN = "the sensor does not start (status {code}); switch it off and on"


def refusal(code: int) -> str:
    """What a status code means."""
    return REFUSALS.get(code, UNKNOWN.format(code=code))
