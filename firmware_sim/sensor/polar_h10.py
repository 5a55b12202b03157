"""The accelerometer of a Polar H10: no gyroscope, whole mg, 25, 50, 100 and 200 Hz.

Rates, ranges and the unit are those of Polar's measurement data specification (polar-ble-sdk).
The maker names neither the part nor its noise: the errors are own estimates of the usual size
for small low-power accelerometers, two to three times those of the LSM6DSO.
"""

from __future__ import annotations

from firmware_sim.sensor.lsm6dso import Axis

RATES_HZ = (25, 50, 100, 200)

ACC_G_PER_LSB = {2: 0.001, 4: 0.001, 8: 0.001}
"""Whole mg in every range."""

CUTOFF_PART = 1 / 2.5
"""Bandwidth relative to the rate; own estimate."""


def accelerometer(range_g: int) -> Axis:
    """Errors of the accelerometer in g; the range makes no difference that is known."""
    del range_g
    return Axis(noise=220e-6, offset=0.040, scale=0.010, per_kelvin=0.0005, instability=100e-6)
