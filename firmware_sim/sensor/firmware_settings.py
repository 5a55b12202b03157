"""What differs from one sensor with this firmware to the next."""

from __future__ import annotations

from dataclasses import dataclass

LOWEST_MTU = 64
"""One sample of three sensors, its header and some reserve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareSettings:
    """Sizes, delays and defaults of a sensor."""

    ring_s: float = 60.0
    """How much RESEND can bring back, at 104 Hz with both sensors."""
    highest_mtu: int = 247
    first_index: int = 1000
    """Index of the first sample of the first stream after boot; the sensor sampled before."""
    slow_start_s: float = 0.0
    """Time from START to its answer: the IMU has to wake."""
    latency_ms: int = 200
    """Latency where START has none."""
    linger_s: int = 60
    """Linger time where START has none."""
    longest_linger_s: int = 3600
    clock_ppm: int = 100
    """Tolerance of the clock that info states."""
    rate_per_mille: int = 20
    """Tolerance of the sampling rate that info states."""
