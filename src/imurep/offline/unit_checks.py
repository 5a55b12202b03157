"""Finds the usual mistakes with units in the numbers of a recording, which would explain a wrong count.

The limits stand far outside of what 370 recordings of eight public data sets
hold, uncalibrated ones and running among them: a median force of 6.2 to
13.4 m/s2, 99 % of the rates below 11 rad/s, and a gyroscope that turns 0.33 to
8 times as far as the accelerometer (which does not see turns about the vertical).
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.events import Packet

_FORCE_MS2 = (4.0, 25.0)
_RATE_RADS = 35.0
"""2000 deg/s, the range of usual sensors."""
_TURNS = 0.2
"""The gyroscope's share of the accelerometer's turns; rad/s taken for deg/s make a 57th."""
_WINDOW_S = 0.5
_LEAST_RAD = 0.05
"""A smaller turn of a window's mean is noise."""
_ENOUGH_RAD = 2.0
_LARGEST = 1e9
"""No sensor reads so much, in any unit."""


class UnitChecks:
    """Checks the units of samples from a CSV file or from arrays; a sensor's units are known."""

    def __init__(self) -> None:
        self._forces_ms2: list[float] = []
        self._rate_rads = 0.0
        self._turned_rad = np.zeros(2)

    def add(self, packet: Packet) -> None:
        """Take a packet into account; rows that are not finite are left out."""
        acc_ms2, gyr_rads, stamps_us = packet.acc_ms2, packet.gyr_rads, packet.stamps_us
        if acc_ms2 is None:
            return
        usable = _usable(acc_ms2) if gyr_rads is None else _usable(acc_ms2) & _usable(gyr_rads)
        if not usable.all():
            acc_ms2 = acc_ms2[usable]
            gyr_rads = None if gyr_rads is None else gyr_rads[usable]
            stamps_us = None if stamps_us is None else stamps_us[usable]
        if len(acc_ms2) == 0:
            return
        self._forces_ms2.append(float(np.median(_lengths(acc_ms2))))
        if gyr_rads is None or stamps_us is None:
            return
        rates_rads = _lengths(gyr_rads)
        self._rate_rads = max(self._rate_rads, float(np.percentile(rates_rads, 99)))
        seconds = float(stamps_us[-1] - stamps_us[0]) / 1e6
        if seconds > _WINDOW_S:
            self._turned_rad += _turned_rad(acc_ms2, rates_rads, seconds)

    def warnings(self) -> list[str]:
        """What looks wrong and what to check, one sentence each."""
        found = []
        force_ms2 = median(self._forces_ms2 or [9.8])
        if not _FORCE_MS2[0] <= force_ms2 <= _FORCE_MS2[1]:
            found.append(
                f"the accelerometer reads {_number(force_ms2)} m/s2 most of the time, where gravity alone "
                "makes 9.8; check its unit (acc_x_ms2, acc_x_g or acc_x_mg), and that gravity is in it"
            )
        if self._rate_rads > _RATE_RADS:
            found.append(
                f"the gyroscope reads up to {_number(np.degrees(self._rate_rads))} deg/s, "
                "more than any trunk turns; check its unit (gyr_x_dps or gyr_x_rads)"
            )
        acc_rad, gyr_rad = self._turned_rad.tolist()
        if acc_rad > _ENOUGH_RAD and gyr_rad < _TURNS * acc_rad:
            found.append(
                f"the gyroscope turns {_number(gyr_rad / acc_rad)} times as far as the accelerometer; "
                "check its unit (gyr_x_dps or gyr_x_rads), and whether it was on"
            )
        return found


def _turned_rad(
    acc_ms2: NDArray[np.float64], rates_rads: NDArray[np.float64], seconds: float
) -> NDArray[np.float64]:
    """How far gravity turned from window to window, and the gyroscope in the same time."""
    size = max(1, round(len(acc_ms2) * _WINDOW_S / seconds))
    windows = len(acc_ms2) // size
    mean = acc_ms2[: windows * size].reshape(windows, size, 3).mean(axis=1)
    length = _lengths(mean)
    product = length[1:] * length[:-1]
    cosine = np.einsum("ij,ij->i", mean[1:], mean[:-1]) / np.where(product > 0, product, 1.0)
    acc_rad = np.arccos(np.clip(cosine, -1.0, 1.0))
    spun_rad = rates_rads[: windows * size].reshape(windows, size).mean(axis=1) * _WINDOW_S
    gyr_rad = (spun_rad[1:] + spun_rad[:-1]) / 2
    turns = (acc_rad > _LEAST_RAD) & (product > 0)
    return np.array([acc_rad[turns].sum(), gyr_rad[turns].sum()])


def _usable(vectors: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Rows that are finite and small enough to be squared, shape (n,)."""
    return np.asarray((np.abs(vectors) < _LARGEST).all(axis=1))


def _lengths(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.linalg.norm(vectors, axis=1)
    return lengths


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"
