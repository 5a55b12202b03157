"""The person's motion as arrays: the trunk's angles and the hip's path, evenly spaced in time.

World frame: x up, y to the person's right at the start, z forward - the body
frame of someone who stands upright (docs/reference/frames.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.disturbances import Disturbances, add_jolt, add_roughness, add_sway, breathing_deg
from firmware_sim.person.gait import add_gait
from firmware_sim.person.noise import band_noise, envelope
from firmware_sim.person.script import CHANNELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.person.person import Person
    from firmware_sim.person.random_streams import RandomStreams
    from firmware_sim.person.script import Channel, Script

RATE_HZ = 500.0
"""Internal rate: far above what a trunk does (tremor ends at 12 Hz) and above every sensor rate offered."""
TREMOR_HZ = (8.0, 12.0)


@dataclass(frozen=True, slots=True)
class Motion:
    """Trunk and hip; angles in degrees, all arrays (n,) unless stated."""

    t_s: NDArray[np.float64]
    path_deg: NDArray[np.float64]
    """Lean as scripted, which the truth describes."""
    lean_deg: NDArray[np.float64]
    """Lean with breathing, tremor, sway and gait."""
    roll_deg: NDArray[np.float64]
    """Positive to the right."""
    yaw_deg: NDArray[np.float64]
    """Positive to the left, counter-clockwise from above."""
    twist_deg: NDArray[np.float64]
    """About the trunk's long axis, positive to the left."""
    up_m: NDArray[np.float64]
    forward_m: NDArray[np.float64]
    rock_deg: NDArray[np.float64]
    """Small rotations of the strap's place on the trunk about IS, ML, PA, (n, 3)."""
    acc_ms2: NDArray[np.float64]
    """Further acceleration of the hip, (n, 3) up, right, forward of the person's heading."""


def render(script: Script, person: Person, streams: RandomStreams) -> Motion:
    """Turn a script into arrays."""
    n = int(script.t_s * RATE_HZ) + 1
    t_s = np.arange(n) / RATE_HZ
    paths = {channel: _path(script, channel, t_s) for channel in CHANNELS}
    extra = _disturbances(paths["lean_deg"], t_s, script, person, streams)
    return Motion(
        t_s=t_s,
        path_deg=paths["lean_deg"],
        lean_deg=paths["lean_deg"] + extra.lean_deg,
        roll_deg=paths["roll_deg"] + extra.roll_deg,
        yaw_deg=paths["yaw_deg"] + extra.yaw_deg,
        twist_deg=paths["twist_deg"],
        up_m=paths["up_m"],
        forward_m=paths["forward_m"],
        rock_deg=extra.rock_deg,
        acc_ms2=extra.acc_ms2,
    )


def _disturbances(
    path_deg: NDArray[np.float64],
    t_s: NDArray[np.float64],
    script: Script,
    person: Person,
    streams: RandomStreams,
) -> Disturbances:
    """Render what lies on top of the script; ``path_deg`` is the trunk's scripted lean at ``t_s``."""
    walking = envelope(t_s, [bout for bout in script.bouts if bout.kind != "set"], 0.5)
    straining = envelope(t_s, [bout for bout in script.bouts if bout.kind == "set"], 1.0)
    found = Disturbances(*np.zeros((3, t_s.size)), *np.zeros((2, t_s.size, 3)))

    add_sway(found, t_s, person.sway_deg * np.clip(1.0 - walking, 0.0, 1.0), streams.named("sway"))
    calm = 0.3 + 0.7 * np.clip(1.0 - walking, 0.0, 1.0)
    found.lean_deg += calm * breathing_deg(t_s, straining, script.efforts, person, streams.named("breathing"))
    tremor = band_noise(streams.named("tremor"), t_s, 2, TREMOR_HZ)
    found.lean_deg += person.tremor_deg * straining * tremor[:, 0]
    found.roll_deg += 0.5 * person.tremor_deg * straining * tremor[:, 1]
    rate_dps = np.abs(np.gradient(path_deg, t_s[1] - t_s[0]))
    add_roughness(found, t_s, rate_dps, straining, person, streams.named("roughness"))

    for number, bout in enumerate(script.bouts):
        if bout.kind != "set":
            add_gait(found, t_s, bout, person, streams.named("gait", number))
    rng = streams.named("jolts")
    for jolt in script.jolts:
        add_jolt(found, t_s, jolt, rng)
    return found


def _path(script: Script, channel: Channel, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    moves = script.moves[channel]
    path = np.full(t_s.size, moves[0].start if moves else script.now[channel])
    bounds = np.searchsorted(t_s, np.array([(move.start_s, move.end_s) for move in moves]).reshape(-1, 2))
    for k, move in enumerate(moves):
        first, last = bounds[k]
        then = bounds[k + 1][0] if k + 1 < len(moves) else t_s.size
        path[first:last] = move.at(t_s[first:last])
        path[last:then] = move.end
    return path
