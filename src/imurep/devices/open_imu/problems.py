"""Why a conversation hangs up, and what the person can do: one line each."""

from __future__ import annotations

from imurep.devices.open_imu.control import Code

STOPPED_THERE = "stopped at the sensor; it goes on when switched off and on, or after a minute"
NO_ANSWER = "the sensor does not answer; bring it closer, or switch it off and on"
NO_SAMPLES = "the sensor says that it streams and sends nothing; switch it off and on"
NO_CHOICE = "the sensor offers nothing that reps can be counted from; use one with an accelerometer"
NO_START = "the sensor does not start (status {code}); switch it off and on"
REFUSALS: dict[int, str] = {
    Code.MTU_TOO_SMALL: "Bluetooth packets are too small for the sensor (MTU {mtu}, it needs 64); "
    "use another Bluetooth adapter, or update its driver",
    Code.CHARGING: "the sensor measures nothing while it charges; unplug it",
    Code.BATTERY_LOW: "the battery of the sensor is too low; charge it",
}
