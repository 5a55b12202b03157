"""The sensor's two clocks: one that samples, and one that stamps.

They are wrong independently of each other: the sampling rate by up to a
percent (an oscillator in the IMU), the stamps by some ten parts per
million (the crystal of the radio chip).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Errors of both clocks."""

    nominal_hz: float
    rate_error_part: float = 0.0
    """True rate over nominal rate, less 1; +-1 % is usual (Polar on its H10: +-1 %)."""
    clock_error_ppm: float = 0.0
    """Seconds on the device's clock over true seconds, less 1, in millionths; a crystal has +-20 ppm,
    a calibrated RC oscillator +-500 ppm (Nordic DevZone 127748)."""
    boot_us: int = 0
    """What the device's clock shows at the first sample."""

    @property
    def rate_hz(self) -> float:
        """True sampling rate."""
        return self.nominal_hz * (1.0 + self.rate_error_part)

    def instants_s(self, duration_s: float) -> NDArray[np.float64]:
        """True times of all samples of a recording, from 0."""
        return np.arange(int(duration_s * self.rate_hz) + 1) / self.rate_hz

    def stamp_us(self, t_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """What the device's clock shows at true times."""
        elapsed = np.rint(t_s * 1e6 * (1.0 + self.clock_error_ppm * 1e-6)).astype(np.int64)
        return elapsed + self.boot_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Crystal:
    """What a device that was switched on at some moment shows, against true time."""

    booted_s: float
    """True time of its boot."""
    error_ppm: float = 0.0

    def us(self, true_s: float) -> int:
        """Device time at a true time."""
        return round((true_s - self.booted_s) * 1e6 * (1.0 + self.error_ppm * 1e-6))

    def true_s(self, us: float) -> float:
        """True time at a device time."""
        return self.booted_s + us / (1e6 * (1.0 + self.error_ppm * 1e-6))
