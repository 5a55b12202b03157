from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imurep.events import Packet
from imurep.offline.unit_checks import Doubts

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAVITY_MS2 = 9.80665


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


def words(*packets: Packet) -> list[str]:
    doubts = Doubts()
    for packet in packets:
        doubts.look(packet)
    return doubts.words()


def test_nothing_is_odd_about_right_units() -> None:
    assert words() == []
    assert words(bending()) == []
    assert words(bending(), bending(rate_hz=12.0), bending(rate_hz=200.0)) == []


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
    assert any(f"accelerometer reads {reads}" in said for said in words(bending(acc_scale=scale)))


def test_degrees_taken_for_radians() -> None:
    (said,) = words(bending(gyr_scale=180 / np.pi))
    assert said.startswith("the gyroscope reads up to 2698 deg/s")


def test_radians_taken_for_degrees() -> None:
    (said,) = words(bending(gyr_scale=np.pi / 180))
    assert said.startswith("the gyroscope turns 0.017 times as far")


def test_a_still_sensor_tells_nothing_of_its_gyroscope() -> None:
    still = Packet(
        arrival_us=0,
        stamps_us=np.arange(3000) * 20_000,
        acc_ms2=np.random.default_rng(1).normal((0, 0, GRAVITY_MS2), 0.2, (3000, 3)),
        gyr_rads=np.zeros((3000, 3)),
    )
    assert words(still) == []


def test_what_is_missing_is_no_reason_for_doubt() -> None:
    nothing = np.empty((0, 3))
    assert (
        words(Packet(arrival_us=0, acc_ms2=nothing, gyr_rads=nothing, stamps_us=np.empty(0, np.int64))) == []
    )
    acc_ms2 = bending().acc_ms2
    assert words(Packet(arrival_us=0, acc_ms2=acc_ms2, gyr_rads=None)) == []
    one = bending()
    assert one.acc_ms2 is not None
    assert one.gyr_rads is not None
    assert one.stamps_us is not None
    single = Packet(
        arrival_us=0, acc_ms2=one.acc_ms2[:1], gyr_rads=one.gyr_rads[:1], stamps_us=one.stamps_us[:1]
    )
    assert words(single) == []
