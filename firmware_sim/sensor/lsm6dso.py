"""Numbers of one real part: ST LSM6DSO, data sheet DS12140 Rev 2, table 2 (typical, 25 degrees C).

The wire names scales, so any part would do; this one has the rates 26, 52,
104 and 208 Hz. Bias instability and warming up are not in the data sheet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RATES_HZ = (26, 52, 104, 208)

ACC_G_PER_LSB = {2: 0.000061, 4: 0.000122, 8: 0.000244, 16: 0.000488}
"""Sensitivity by range, g per LSB."""
GYR_DPS_PER_LSB = {125: 0.004375, 250: 0.00875, 500: 0.0175, 1000: 0.035, 2000: 0.070}
"""Sensitivity by range, deg/s per LSB; int16 ends 14.7 % above the nominal range."""
ACC_NOISE_UG = {2: 70.0, 4: 75.0, 8: 80.0, 16: 110.0}
"""Noise density by range, ug/sqrt(Hz), high-performance mode."""

CUTOFF_PART = 1 / 3.1
"""Bandwidth relative to the rate: 33 Hz at 104 Hz (gyroscope LPF1, application note AN5192)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Errors of one kind of sensor, all three axes alike; the unit is g or deg/s."""

    noise: float
    """White noise density, unit/sqrt(Hz), one-sided as data sheets have it."""
    offset: float
    """Standard deviation of the offset at switching on."""
    scale: float
    """Standard deviation of the sensitivity error; the tolerance of 1 % taken as two sigma."""
    per_kelvin: float
    """Standard deviation of the offset's change with temperature."""
    instability: float
    """Peak Allan deviation of the wandering bias (a first-order Gauss-Markov process)."""
    wander_s: float = 100.0
    """Correlation time of the wandering bias; own estimate."""


def accelerometer(range_g: int) -> Axis:
    """Errors of the accelerometer in g."""
    return Axis(
        noise=ACC_NOISE_UG[range_g] * 1e-6,
        offset=0.020,
        scale=0.005,
        per_kelvin=0.0001,
        instability=40e-6,  # the same maker's ISM330DHCX states 40 ug
    )


def gyroscope() -> Axis:
    """Errors of the gyroscope in deg/s."""
    return Axis(
        noise=0.0038,
        offset=1.0,
        scale=0.005,
        per_kelvin=0.010,
        instability=8.0 / 3600.0,  # the same maker's ISM330DHCX states 3 deg/h; a consumer part on skin: 8
    )


WARMING_K = 8.0
"""From room to skin: how much it warms up under the strap; own estimate."""
WARMING_S = 300.0
"""Time constant of warming up; own estimate."""


def warming_k(t_s: np.ndarray) -> np.ndarray:
    """Temperature above that at the start, kelvin."""
    return np.asarray(WARMING_K * (1.0 - np.exp(-t_s / WARMING_S)))
