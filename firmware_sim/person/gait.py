"""Walking and stairs, as the trunk shows them.

Amplitudes were set by comparison with two people of UCI DSA who walk (torso,
25 Hz): acceleration RMS 1.4-1.7 up, 0.8-1.0 sideways, 0.9-1.5 m/s2 fore and
aft; angular rate RMS 12-17 about IS, 11-14 about ML, 8-11 deg/s about PA;
sharp peaks, flat troughs, no two steps alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.noise import band_noise, ramps, slow_noise, within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.person.disturbances import Disturbances
    from firmware_sim.person.person import Person
    from firmware_sim.person.script import Bout

STRIKE_HZ = 12.0
STRIKE_DECAY_S = 0.05
ROUGH_HZ = (1.5, 6.0)
ROUGH_CENTRE_HZ = 3.3
ROUGH_DPS = (7.0, 6.0, 3.0)
"""RMS of the irregular part of the angular rate about IS, ML, PA; DSA has 8, 5-9, 3 in 2-6 Hz."""
ROUGH_MS2 = (0.35, 0.35, 0.3)


def add_gait(
    found: Disturbances, t_s: NDArray[np.float64], bout: Bout, person: Person, rng: np.random.Generator
) -> None:
    """Add the steps of one bout: the trunk falls and rises with each, and swings with each pair."""
    part = within(t_s, bout)
    if part.stop - part.start < 2:
        return
    t = t_s[part]
    stairs = bout.kind == "stairs"
    step_hz = person.step_hz * (0.85 if stairs else 1.0) * rng.uniform(0.96, 1.04)
    ramp = bout.strength * person.gait * ramps(t, bout, 0.5)
    size = ramp * (1.0 + 0.18 * slow_noise(rng, t, 0.9))
    wander = np.cumsum(slow_noise(rng, t, 0.6)) * (t[1] - t[0])
    step = 2 * np.pi * (step_hz * (t - t[0])) + wander
    stride = step / 2
    high = 1.4 if stairs else 1.0

    # Heel strike: a short knock at each step, no two alike.
    since_s = np.mod(step / (2 * np.pi), 1.0) / step_hz
    knocks = rng.uniform(0.4, 1.4, int(step.max() / (2 * np.pi)) + 2)
    knock = knocks[np.clip((step / (2 * np.pi)).astype(int), 0, knocks.size - 1)]
    strike = knock * np.sin(2 * np.pi * STRIKE_HZ * since_s) * np.exp(-since_s / STRIKE_DECAY_S)

    rough = band_noise(rng, t, 6, ROUGH_HZ) * ramp[:, np.newaxis]
    found.rock_deg[part] += rough[:, :3] * np.array(ROUGH_DPS) / (2 * np.pi * ROUGH_CENTRE_HZ)
    acc = found.acc_ms2[part]
    acc += rough[:, 3:] * np.array(ROUGH_MS2)
    acc[:, 0] += size * high * (2.0 * np.cos(step - 0.8) + 0.85 * np.cos(2 * step - 1.6) + 1.8 * strike)
    acc[:, 1] += size * (
        1.3 * np.sin(stride) + 0.55 * np.sin(3 * stride + 0.5) + 0.4 * strike * np.sin(stride)
    )
    acc[:, 2] += size * (0.6 * np.cos(step + 0.6) + 0.3 * np.cos(2 * step) - 0.7 * strike)
    found.lean_deg[part] += size * (0.8 * np.sin(step + 0.8) + 0.2 * np.sin(2 * step))
    found.lean_deg[part] += ramp * (4.0 if stairs else 0.0)
    found.roll_deg[part] += size * 2.0 * np.sin(stride + 0.3)
    found.yaw_deg[part] += size * 3.2 * np.sin(stride + 1.9)
