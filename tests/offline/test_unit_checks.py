from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imurep.events import Packet
from imurep.offline.unit_checks import UnitChecks
from imurep.util.units import GRAVITY_MS2

if TYPE_CHECKING:
    from numpy.typing import NDArray


def bending(*, acc_scale: float = 1.0, gyr_scale: float = 1.0, rate_hz: float = 50.0) -> Packet:
    """A minute of bends of 60 degrees, four seconds each."""
    time_s = np.arange(round(60 * rate_hz)) / rate_hz
    lean_rad = np.radians(30) * (1 - np.cos(2 * np.pi * time_s / 4))
    zero = np.zeros_like(time_s)
    force: NDArray[np.float64] = GRAVITY_MS2 * np.stack([np.cos(lean_rad), zero, -np.sin(lean_rad)], axis=1)
    rate = np.stack([zero, -np.gradient(lean_rad, time_s), zero], axis=1)
    return Packet(
        arrival_us=0,
        stamps_us=np.rint(time_s * 1e6).astype(np.int64),
        acc_ms2=force * acc_scale,
        gyr_rads=rate * gyr_scale,
    )


def warnings_of(*packets: Packet) -> list[str]:
    checks = UnitChecks()
    for packet in packets:
        checks.add(packet)
    return checks.warnings()


def test_right_units_give_no_warning() -> None:
    assert warnings_of() == []
    assert warnings_of(bending()) == []
    assert warnings_of(bending(), bending(rate_hz=12.0), bending(rate_hz=200.0)) == []


@pytest.mark.parametrize(
    ("scale", "reads"),
    [
        (1 / GRAVITY_MS2, "1 m/s2"),
        (GRAVITY_MS2, "96 m/s2"),
        (1000 / GRAVITY_MS2, "1000 m/s2"),
        (0.0, "0 m/s2"),
    ],
)
def test_a_wrong_unit_of_the_accelerometer(scale: float, reads: str) -> None:
    assert any(f"accelerometer reads {reads}" in found for found in warnings_of(bending(acc_scale=scale)))


def test_degrees_taken_for_radians() -> None:
    (found,) = warnings_of(bending(gyr_scale=180 / np.pi))
    assert found.startswith("the gyroscope reads up to 2698 deg/s")


def test_radians_taken_for_degrees() -> None:
    (found,) = warnings_of(bending(gyr_scale=np.pi / 180))
    assert found.startswith("the gyroscope turns 0.017 times as far")


def test_a_still_sensor_gives_no_warning_about_its_gyroscope() -> None:
    still = Packet(
        arrival_us=0,
        stamps_us=np.arange(3000) * 20_000,
        acc_ms2=np.random.default_rng(1).normal((0, 0, GRAVITY_MS2), 0.2, (3000, 3)),
        gyr_rads=np.zeros((3000, 3)),
    )
    assert warnings_of(still) == []


def test_missing_samples_give_no_warning() -> None:
    nothing = np.empty((0, 3))
    assert (
        warnings_of(Packet(arrival_us=0, acc_ms2=nothing, gyr_rads=nothing, stamps_us=np.empty(0, np.int64)))
        == []
    )
    acc_ms2 = bending().acc_ms2
    assert warnings_of(Packet(arrival_us=0, acc_ms2=acc_ms2, gyr_rads=None)) == []
    one = bending()
    assert one.acc_ms2 is not None
    assert one.gyr_rads is not None
    assert one.stamps_us is not None
    single = Packet(
        arrival_us=0, acc_ms2=one.acc_ms2[:1], gyr_rads=one.gyr_rads[:1], stamps_us=one.stamps_us[:1]
    )
    assert warnings_of(single) == []


def test_rows_that_are_not_finite_are_left_out() -> None:
    packet = bending()
    assert packet.acc_ms2 is not None
    assert packet.gyr_rads is not None
    packet.acc_ms2[::3, 1] = np.nan
    packet.acc_ms2[1] = 1e300
    packet.gyr_rads[::5] = np.inf
    assert warnings_of(packet) == []
