"""The person's motion as arrays: the trunk's angles and the hip's path, evenly spaced in time.

World frame: x up, y to the person's right at the start, z forward - the body
frame of someone who stands upright (docs/reference/frames.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.script import CHANNELS
from firmware_sim.person.texture import texture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.person.person import Person
    from firmware_sim.person.script import Channel, Script
    from firmware_sim.person.streams import Streams

RATE_HZ = 500.0
"""Inner rate: far above what a trunk does (tremor ends at 12 Hz) and above every sensor rate offered."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Trunk and hip; angles in degrees, all arrays (n,) unless it says (n, 3)."""

    t_s: NDArray[np.float64]
    path_deg: NDArray[np.float64]
    """Lean as scripted: what the truth is about."""
    lean_deg: NDArray[np.float64]
    """Lean with breathing, tremor, sway and gait."""
    roll_deg: NDArray[np.float64]
    """Positive to the right."""
    yaw_deg: NDArray[np.float64]
    """Positive to the left, counter-clockwise from above."""
    up_m: NDArray[np.float64]
    forward_m: NDArray[np.float64]
    rock_deg: NDArray[np.float64]
    """Small rotations of the strap's place on the trunk about IS, ML, PA, (n, 3)."""
    acc_ms2: NDArray[np.float64]
    """Further acceleration of the hip, (n, 3) up, right, forward of the person's heading."""


def render(script: Script, person: Person, streams: Streams) -> Motion:
    """Turn a script into arrays."""
    n = int(script.t_s * RATE_HZ) + 1
    t_s = np.arange(n) / RATE_HZ
    paths = {channel: _path(script, channel, t_s) for channel in CHANNELS}
    extra = texture(paths["lean_deg"], t_s, script.bouts, script.jolts, person, streams)
    return Motion(
        t_s=t_s,
        path_deg=paths["lean_deg"],
        lean_deg=paths["lean_deg"] + extra.lean_deg,
        roll_deg=paths["roll_deg"] + extra.roll_deg,
        yaw_deg=paths["yaw_deg"] + extra.yaw_deg,
        up_m=paths["up_m"],
        forward_m=paths["forward_m"],
        rock_deg=extra.rock_deg,
        acc_ms2=extra.acc_ms2,
    )


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
