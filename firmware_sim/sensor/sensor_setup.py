"""How a sensor is worn and how good it is, and the signals that a session gives under its strap."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.motion import render
from firmware_sim.person.person import draw_person
from firmware_sim.person.random_streams import RandomStreams
from firmware_sim.person.workout import quiet_spans, write_session
from firmware_sim.sensor import rotation
from firmware_sim.sensor.clock import Clock
from firmware_sim.sensor.ideal_imu import Strap, ideal_signals
from firmware_sim.sensor.link import Gap, LinkConditions
from firmware_sim.sensor.measurement import ImuSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.person.motion import Motion
    from firmware_sim.person.script import Span
    from firmware_sim.person.truth import TrueSet
    from firmware_sim.person.workout import Session, Variety


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the trunk a sensor sits, in metres from the hip."""

    up_m: tuple[float, float]
    away_m: tuple[float, float]
    """Before the hip's axis, or behind it."""
    side_m: float = 0.0
    """To the right, on average."""
    behind: bool = False


PLACES = {
    "back": Place((0.35, 0.45), (0.09, 0.13), behind=True),  # under the shoulder blades
    "chest": Place((0.35, 0.45), (0.09, 0.13)),
    "upper-back": Place((0.42, 0.52), (0.09, 0.13), behind=True),  # between the shoulder blades
    "lower-back": Place((0.08, 0.20), (0.08, 0.13), behind=True),
    "hip": Place((0.0, 0.10), (-0.04, 0.08), side_m=0.14),  # on a belt, at the side
}
"""Where the sensor sits; own estimates. A rigid trunk turns alike at all of them: only the lever differs."""
DRAWN_PLACES = ("chest", "upper-back", "lower-back", "hip")
CREEP_DEG = 3.0
"""Standard deviation of the creeping within ten minutes; own estimate."""
RINGING_HZ = (8.0, 15.0)
RINGING_DAMPING = (0.1, 0.3)
"""Resonance and damping of strap and soft tissue from person to person; own estimates."""
BOOT_US = 98_000_000
"""Device time at the first sample: it was switched on a minute and a half before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSetup:
    """How the sensor is worn and how good it is. None: drawn from the seed."""

    imu: ImuSettings = field(default_factory=ImuSettings)
    link: LinkConditions = field(default_factory=LinkConditions)
    place: str | None = None
    """One of ``PLACES``; None: the back, or drawn from ``DRAWN_PLACES`` with the variety of life."""
    mounting: tuple[float, float, float, float] | None = None
    slip_deg: float = 0.0
    slip_at_s: float | None = None
    """When the strap slips; None: in the middle of the first set."""
    creep_deg: float | None = None
    """How far the strap creeps in ten minutes; None: not at all, or drawn with the variety of life."""
    wobble: bool = True
    variety: Variety = "plain"
    """life: place, creeping and the ringing of soft tissue are drawn."""
    rate_error_part: float | None = None
    clock_error_ppm: float | None = None


@dataclass(frozen=True, slots=True)
class IdealSession:
    """A session as an ideal sensor under the strap would measure it."""

    streams: RandomStreams
    motion: Motion
    strap: Strap
    clock: Clock
    force_ms2: NDArray[np.float64]
    """Specific force in the sensor frame at the motion's times, (n, 3)."""
    rate_rads: NDArray[np.float64]
    """Angular rate in the sensor frame at the motion's times, (n, 3)."""
    sets: list[TrueSet]
    quiet: list[Span]
    neutral: list[Span]


def ideal_session(
    session: Session, setup: SensorSetup, seed: int, variation: float = 1.0, texture: float = 1.0
) -> IdealSession:
    """Let a person go through a session with the sensor on. The same arguments give the same result."""
    streams = RandomStreams(seed)
    born = streams if session.person_seed is None else RandomStreams(session.person_seed)
    person = draw_person(born, variation, texture)
    script, sets = write_session(session, person, streams)
    motion = render(script, person, streams)
    strap = _strap(setup, sets, streams)
    clock = _clock(setup, streams)
    force_ms2, rate_rads = ideal_signals(motion, strap)
    quiet = quiet_spans(script, sets)
    return IdealSession(streams, motion, strap, clock, force_ms2, rate_rads, sets, quiet, script.neutral)


def _strap(setup: SensorSetup, sets: list[TrueSet], streams: RandomStreams) -> Strap:
    rng = streams.named("strap")
    life = _drawn_wearing(streams) if setup.variety == "life" else Strap()
    place = setup.place or life.place
    where = PLACES[place]
    up_m = rng.uniform(*where.up_m)
    side_m = where.side_m + rng.normal(0.0, 0.02)
    forward_m = rng.uniform(*where.away_m) * (-1.0 if where.behind else 1.0)
    drawn = rotation.random_quaternion(rng)
    slip_axis = np.array([0.0, 1.0, 0.0]) + rng.normal(0.0, 0.2, 3)
    strap = replace(
        life,
        place=place,
        creep_deg=life.creep_deg if setup.creep_deg is None else setup.creep_deg,
        lever_m=(round(float(up_m), 4), round(float(side_m), 4), round(float(forward_m), 4)),
        mounting=drawn if setup.mounting is None else setup.mounting,
        slip_axis=(float(slip_axis[0]), float(slip_axis[1]), float(slip_axis[2])),
    )
    if not setup.wobble:
        strap = replace(strap, wobble_hz=100.0, wobble_damping=1.0)
    if setup.slip_deg:
        at_s = setup.slip_at_s
        if at_s is None:
            at_s = (sets[0].start_s + sets[0].end_s) / 2 if sets else 30.0
        strap = replace(strap, slip_at_s=at_s, slip_deg=setup.slip_deg)
    return strap


def _drawn_wearing(streams: RandomStreams) -> Strap:
    rng = streams.named("wearing")
    return Strap(
        place=DRAWN_PLACES[int(rng.integers(len(DRAWN_PLACES)))],
        creep_deg=round(float(CREEP_DEG * rng.standard_normal()), 2),
        wobble_hz=round(float(rng.uniform(*RINGING_HZ)), 2),
        wobble_damping=round(float(rng.uniform(*RINGING_DAMPING)), 3),
    )


def place_gaps(gaps: tuple[Gap, ...], sets: list[TrueSet], duration_s: float) -> tuple[Gap, ...]:
    """Place gaps without a start amid the first set, and drop those behind the end."""
    amid_s = (sets[0].start_s + sets[0].end_s) / 2 if sets else duration_s / 2
    found = [gap if gap.start_s is not None else Gap(round(amid_s, 3), gap.seconds) for gap in gaps]
    return tuple(gap for gap in found if gap.start_s is not None and gap.start_s < duration_s)


def _clock(setup: SensorSetup, streams: RandomStreams) -> Clock:
    rng = streams.named("clock")
    rate_error_part = float(rng.uniform(-0.01, 0.01))
    clock_error_ppm = float(rng.normal(0.0, 20.0))
    return Clock(
        nominal_hz=float(setup.imu.rate_hz),
        rate_error_part=rate_error_part if setup.rate_error_part is None else setup.rate_error_part,
        clock_error_ppm=clock_error_ppm if setup.clock_error_ppm is None else setup.clock_error_ppm,
        boot_us=BOOT_US,
    )
