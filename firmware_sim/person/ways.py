"""Ways of getting somewhere, as tables: each a few steps, each step a posture to move towards.

A step draws how far it goes, how long it takes and how long the person stays
there; the shape of its movement is drawn as well, since nobody gets up from a
bench with a minimum-jerk movement each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.script import Jolt
from firmware_sim.person.shapes import Bell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firmware_sim.person.exercises import Posture
    from firmware_sim.person.script import Channel, Script

Span = tuple[float, float]
"""Least and most of what is drawn evenly between them."""

FASTEST_DPS = 150.0
"""Peak rate at which people get on and off things; own estimate. Whoever draws less time gets more."""
FASTEST_MS = 1.2
"""Peak speed of the hip on the way; own estimate."""
STEEPNESS = (1.3, 3.0)
"""Exponents of the bell of a step's rate; 2 and 2 are minimum jerk."""
PEAK = 2.3
"""Peak rate of the steepest of these bells, relative to its mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One movement of a way, and the stay behind it."""

    near: str
    """The place whose posture it moves towards."""
    part: Span = (1.0, 1.0)
    """How much of the way from here to there."""
    lean_deg: Span = (0.0, 0.0)
    """Added to that posture's lean."""
    up_m: Span = (0.0, 0.0)
    forward_m: Span = (0.0, 0.0)
    seconds: Span = (1.0, 1.6)
    stay_s: Span = (0.3, 0.8)
    roll_deg: Span = (0.0, 0.0)
    """To the side that this person turns to, as are the next two."""
    yaw_deg: Span = (0.0, 0.0)
    """Relative to where the person looked when the way began."""
    twist_deg: Span = (0.0, 0.0)
    """About the trunk's own long axis, as in rolling over."""
    times: tuple[int, int] = (1, 1)
    """How often, each time to the other side."""
    jolt_ms2: float = 0.0
    """Most of the knock at its end: a foot set down, a bar racked."""


Way = tuple[Step, ...]


def go(script: Script, way: Way, places: Mapping[str, Posture], rng: np.random.Generator) -> None:
    """Walk through a way, from where the person is."""
    side = float(rng.choice((-1.0, 1.0)))
    yaw_deg = script.now["yaw_deg"]
    for step in way:
        for _ in range(int(rng.integers(step.times[0], step.times[1] + 1))):
            _take_step(script, step, places[step.near], side, yaw_deg, rng)
            if step.times[1] > 1:
                side = -side


def _take_step(
    script: Script, step: Step, place: Posture, side: float, yaw_deg: float, rng: np.random.Generator
) -> None:
    part = rng.uniform(*step.part)
    there: dict[Channel, float] = {
        "lean_deg": place.lean_deg + rng.uniform(*step.lean_deg),
        "up_m": place.up_m + rng.uniform(*step.up_m),
        "forward_m": place.forward_m + rng.uniform(*step.forward_m),
    }
    to = {
        channel: script.now[channel] + part * (value - script.now[channel])
        for channel, value in there.items()
    }
    to["roll_deg"] = side * rng.uniform(*step.roll_deg)
    to["yaw_deg"] = yaw_deg + side * rng.uniform(*step.yaw_deg)
    to["twist_deg"] = side * rng.uniform(*step.twist_deg)
    seconds = max(rng.uniform(*step.seconds), _least_s(script, to))
    rise, fall = rng.uniform(*STEEPNESS, 2)
    script.move(seconds, Bell(float(rise), float(fall)), **to)
    if step.jolt_ms2:
        script.jolts.append(Jolt(script.t_s, step.jolt_ms2 * rng.uniform(0.3, 1.0)))
    script.wait(rng.uniform(*step.stay_s))


def _least_s(script: Script, to: Mapping[Channel, float]) -> float:
    far = {channel: abs(value - script.now[channel]) for channel, value in to.items()}
    turned_deg = max(far["lean_deg"], far["roll_deg"], far["yaw_deg"], far["twist_deg"])
    moved_m = float(np.hypot(far["up_m"], far["forward_m"]))
    return PEAK * max(turned_deg / FASTEST_DPS, moved_m / FASTEST_MS)
