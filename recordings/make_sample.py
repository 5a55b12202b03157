"""Writes sample.csv: a short made-up workout, the same bytes at each run.

Two sets of hip hinges (8 and 6 reps) with a walk and some standing about
between them, as a sensor on the back would record them. Motion is prescribed
in the trunk's frame (x up along the trunk, y to the wearer's right, z forward)
and turned into the frame of a sensor that nobody strapped on straight.

Numpy only, and nothing of ``imurep``: a mistake there cannot hide here.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEED = 20
RATE_HZ = 52
GRAVITY_MS2 = 9.81
LEVER_M = 0.35
"""From the hip, about which the trunk turns, up to the sensor."""

STANDING_S = 8.0
SETS = (8, 6)
REST_S = (3.0, 24.0, 13.0)
"""Between the sets: standing, walking, standing."""
END_S = 20.0

LEAN_DEG = 55.0
TEMPO_S = (2.0, 0.5, 1.2, 0.8)
"""Down, at the bottom, up, at the top; the movements from their very first to their very last instant."""

ACC_NOISE_MS2 = 0.03
GYR_NOISE_DPS = 0.15
GYR_BIAS_DPS = (0.4, -0.3, 0.2)
MOUNTING_DEG = (20.0, -35.0, 70.0)
"""Turns about z, then y, then x that lead from the trunk's frame to the sensor's."""


def workout(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Lean of the trunk over time, and how much the person walks (0 to 1), both shape (n,)."""
    knots = [(0.0, 0.0), (STANDING_S, 0.0)]
    walk: list[tuple[float, float]] = []
    for ordinal, reps in enumerate(SETS):
        for _ in range(reps):
            down_s, bottom_s, up_s, top_s = np.array(TEMPO_S) * (1 + 0.06 * rng.standard_normal(4))
            bottom_deg = LEAN_DEG + 2.0 * rng.standard_normal()
            top_deg = 0.8 * rng.standard_normal()
            for duration_s, angle_deg in (
                (down_s, bottom_deg),
                (bottom_s, bottom_deg),
                (up_s, top_deg),
                (top_s, top_deg),
            ):
                knots.append((knots[-1][0] + duration_s, angle_deg))
        if ordinal < len(SETS) - 1:
            start_s = knots[-1][0] + REST_S[0]
            walk.append((start_s, start_s + REST_S[1]))
            knots += [(start_s, 0.0), (start_s + REST_S[1] + REST_S[2], 0.0)]
    knots.append((knots[-1][0] + END_S, knots[-1][1]))

    time_s = np.arange(round(knots[-1][0] * RATE_HZ)) / RATE_HZ
    lean = np.zeros_like(time_s)
    for (start_s, start_deg), (end_s, end_deg) in pairwise(knots):
        inside = (time_s >= start_s) & (time_s < end_s)
        lean[inside] = start_deg + (end_deg - start_deg) * minimum_jerk(
            (time_s[inside] - start_s) / (end_s - start_s)
        )
    walking = np.zeros_like(time_s)
    for start_s, end_s in walk:
        walking += minimum_jerk(time_s - start_s) - minimum_jerk(time_s - end_s)
    return lean, walking


def minimum_jerk(part: Floats) -> Floats:
    """Smooth way from 0 to 1 while ``part`` goes from 0 to 1 (doi:10.1523/JNEUROSCI.05-07-01688.1985)."""
    part = np.clip(part, 0.0, 1.0)
    return part**3 * (10.0 - 15.0 * part + 6.0 * part**2)


def sway_deg(rng: np.random.Generator, n: int) -> Floats:
    """Slow, small and never quite periodic, shape (n,)."""
    time_s = np.arange(n) / RATE_HZ
    frequencies_hz = rng.uniform(0.1, 0.6, 5)
    phases = rng.uniform(0.0, 2.0 * np.pi, 5)
    waves = 0.25 * np.sin(2.0 * np.pi * frequencies_hz * time_s[:, None] + phases)
    total: Floats = waves.sum(axis=1)
    return total


def trunk_motion(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Specific force in m/s2 and angular rate in deg/s in the trunk's frame, each of shape (n, 3)."""
    lean_deg, walking = workout(rng)
    time_s = np.arange(len(lean_deg)) / RATE_HZ
    step = 2.0 * np.pi * 1.8 * time_s
    lean_deg += sway_deg(rng, len(lean_deg)) + walking * (3.0 + 1.0 * np.sin(step))
    theta = np.radians(lean_deg)
    rate = np.gradient(theta, time_s)
    acceleration = np.gradient(rate, time_s)

    up_ms2 = walking * (2.0 * np.sin(step) + 0.6 * np.sin(2.0 * step + 0.7))
    forward_ms2 = walking * 0.9 * np.sin(step + 1.1)
    right_ms2 = walking * 0.7 * np.sin(step / 2.0)
    weight_ms2 = GRAVITY_MS2 + up_ms2
    acc_ms2 = np.stack(
        (
            weight_ms2 * np.cos(theta) + forward_ms2 * np.sin(theta) - LEVER_M * rate**2,
            right_ms2,
            -weight_ms2 * np.sin(theta) + forward_ms2 * np.cos(theta) + LEVER_M * acceleration,
        ),
        axis=1,
    )
    gyr_dps = np.stack(
        (
            walking * 12.0 * np.sin(step / 2.0 + 0.4),
            -np.degrees(rate),
            walking * 6.0 * np.sin(step / 2.0 + 1.9),
        ),
        axis=1,
    )
    return acc_ms2, gyr_dps


def mounting() -> Floats:
    """Matrix that turns a vector of the trunk's frame into the sensor's, shape (3, 3)."""
    matrix = np.eye(3)
    for axis, angle in zip((2, 1, 0), np.radians(MOUNTING_DEG), strict=True):
        turn = np.eye(3)
        first, second = (i for i in range(3) if i != axis)
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[first, second] = -np.sin(angle)
        turn[second, first] = np.sin(angle)
        matrix = turn @ matrix
    return matrix


def main(path: Path) -> None:
    """Write the workout to ``path``."""
    rng = np.random.default_rng(SEED)
    acc_ms2, gyr_dps = trunk_motion(rng)
    to_sensor = mounting().T
    acc_ms2 = acc_ms2 @ to_sensor + ACC_NOISE_MS2 * rng.standard_normal(acc_ms2.shape)
    gyr_dps = gyr_dps @ to_sensor + GYR_BIAS_DPS + GYR_NOISE_DPS * rng.standard_normal(gyr_dps.shape)
    header = "t_s,acc_x_ms2,acc_y_ms2,acc_z_ms2,gyr_x_dps,gyr_y_dps,gyr_z_dps"
    rows = (
        f"{i / RATE_HZ:.3f},{a[0]:.2f},{a[1]:.2f},{a[2]:.2f},{g[0]:.1f},{g[1]:.1f},{g[2]:.1f}"
        for i, (a, g) in enumerate(zip(acc_ms2.tolist(), gyr_dps.tolist(), strict=True))
    )
    path.write_bytes(("\n".join((header, *rows)) + "\n").encode())
    print(f"{path}: {len(acc_ms2)} samples, {len(acc_ms2) / RATE_HZ:.1f} s, sets of {SETS} reps")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("sample.csv"))
