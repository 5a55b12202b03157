"""Small movements on top of the script: breathing, tremor, sway, roughness, and the jolt of a bar that lands.

The truth does not contain them. Where no source is named a number is an own estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.noise import band_noise, slow_noise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firmware_sim.person.person import Person
    from firmware_sim.person.script import Effort, Jolt

IN_SET_BREATHING = 0.6
"""Amplitude of breathing while the trunk is braced, relative to rest."""
EFFORT_ONSET_S = 2.0
"""Within this time after a set its breathing sets in."""
ROUGH_HZ = (1.5, 5.0)
ROUGH_CENTRE_HZ = 3.0
ROUGH_DPS = (0.8, 0.5, 0.4)
"""RMS of the unsteadiness of a trunk under strain that stays where it is, about IS, ML, PA."""
ROUGH_PART = (0.09, 0.07, 0.05)
"""RMS of the unsteadiness of a trunk that moves, relative to its rate. In 2-6 Hz four torso recordings of
deadlifts (flextail) have 2.7-3.3, 2.4-4.7 and 1.5-2.0 deg/s, the movement's own part included."""
ROUGH_MS2 = 0.006
"""RMS acceleration of the hip beside its path, m/s2 per deg/s of the trunk's rate."""
JOLT_HZ = 14.0
JOLT_DECAY_S = 0.06


@dataclass(slots=True)
class Disturbances:
    """Additions to the script; arrays of shape (n,) unless stated."""

    lean_deg: NDArray[np.float64]
    roll_deg: NDArray[np.float64]
    yaw_deg: NDArray[np.float64]
    rock_deg: NDArray[np.float64]
    """Small rotations of the place under the strap about IS, ML, PA, (n, 3): ribs, muscle and skin
    that move on a trunk which does not."""
    acc_ms2: NDArray[np.float64]
    """Acceleration of the hip, up, right, forward, (n, 3)."""


def add_sway(
    found: Disturbances, t_s: NDArray[np.float64], size_deg: NDArray[np.float64], rng: np.random.Generator
) -> None:
    """Add sway of standing (and lying) still, by balance and by the heart's beat."""
    found.lean_deg += size_deg * slow_noise(rng, t_s, 0.6)
    found.roll_deg += size_deg * slow_noise(rng, t_s, 0.5)
    found.yaw_deg += size_deg * slow_noise(rng, t_s, 0.4)
    found.acc_ms2 += 0.02 * band_noise(rng, t_s, 3, (1.0, 5.0))


def breathing_deg(
    t_s: NDArray[np.float64],
    straining: NDArray[np.float64],
    efforts: Iterable[Effort],
    person: Person,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Lean by breathing, (n,); shallower while ``straining`` (0 to 1), faster after ``efforts``."""
    # Faster by up to 20 % in a set, and never quite regular.
    hz = person.breath_hz * (1.0 + 0.2 * np.clip(straining, 0, 1) + 0.1 * slow_noise(rng, t_s, 0.1))
    deeper = np.zeros(t_s.size)
    for effort in efforts:
        since_s = t_s - effort.end_s
        out_of_breath = np.where(since_s > 0, np.exp(-np.maximum(since_s, 0.0) / effort.recovery_s), 0.0)
        out_of_breath *= np.clip(since_s / EFFORT_ONSET_S, 0.0, 1.0)
        hz = hz + out_of_breath * np.maximum(effort.breath_hz - hz, 0.0)
        deeper = np.maximum(deeper, out_of_breath * (effort.depth - 1.0))
    phase = 2 * np.pi * np.cumsum(hz) * (t_s[1] - t_s[0])
    depth = 1.0 + 0.15 * slow_noise(rng, t_s, 0.1) - (1.0 - IN_SET_BREATHING) * np.clip(straining, 0, 1)
    depth = depth + deeper
    breath: NDArray[np.float64] = -person.breath_deg * depth * np.sin(phase)
    return breath


def add_roughness(
    found: Disturbances,
    t_s: NDArray[np.float64],
    rate_dps: NDArray[np.float64],
    straining: NDArray[np.float64],
    person: Person,
    rng: np.random.Generator,
) -> None:
    """Add motor noise, which grows with speed (Harris and Wolpert 1998, doi:10.1038/29528)."""
    noise = band_noise(rng, t_s, 6, ROUGH_HZ)
    strain = np.clip(straining, 0.0, 1.0)[:, np.newaxis] * np.array(ROUGH_DPS)
    rough_dps = person.roughness * (strain + rate_dps[:, np.newaxis] * np.array(ROUGH_PART))
    found.rock_deg += noise[:, :3] * rough_dps / (2 * np.pi * ROUGH_CENTRE_HZ)
    found.acc_ms2 += person.roughness * ROUGH_MS2 * rate_dps[:, np.newaxis] * noise[:, 3:]


def add_jolt(found: Disturbances, t_s: NDArray[np.float64], jolt: Jolt, rng: np.random.Generator) -> None:
    """Add a decaying oscillation."""
    first = int(np.searchsorted(t_s, jolt.at_s))
    last = int(np.searchsorted(t_s, jolt.at_s + 8 * JOLT_DECAY_S))
    since_s = t_s[first:last] - jolt.at_s
    hz = JOLT_HZ * rng.uniform(0.8, 1.2)
    ring = jolt.peak_ms2 * np.exp(-since_s / JOLT_DECAY_S) * np.sin(2 * np.pi * hz * since_s)
    found.acc_ms2[first:last] += ring[:, np.newaxis] * np.array([1.0, rng.normal(0, 0.2), rng.normal(0, 0.3)])
