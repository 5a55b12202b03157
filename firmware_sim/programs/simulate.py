"""The whole simulator on one page: a session goes in, a recording and its truth come out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person import rotation
from firmware_sim.person.motion import render
from firmware_sim.person.person import draw_person
from firmware_sim.person.streams import Streams
from firmware_sim.person.workout import act, quiet_spans
from firmware_sim.sensor.clock import Clock
from firmware_sim.sensor.imu import Strap, ideal
from firmware_sim.sensor.link import Gap, Radio, transmit
from firmware_sim.sensor.sense import Sensing, sense

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.person.motion import Motion
    from firmware_sim.person.script import Span
    from firmware_sim.person.truth import TrueSet
    from firmware_sim.person.workout import Session
    from firmware_sim.sensor.link import Delivery

BOOT_US = 98_000_000
"""The device was switched on a minute and a half before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """How the sensor is worn and how good it is. None: drawn from the seed."""

    sensing: Sensing = field(default_factory=Sensing)
    radio: Radio = field(default_factory=Radio)
    place: str = "back"
    mounting: tuple[float, float, float, float] | None = None
    slip_deg: float = 0.0
    slip_at_s: float | None = None
    """None: in the middle of the first set."""
    wobble: bool = True
    rate_error_part: float | None = None
    clock_error_ppm: float | None = None


@dataclass(frozen=True, slots=True)
class Simulated:
    """One simulated session."""

    motion: Motion
    strap: Strap
    clock: Clock
    radio: Radio
    delivery: Delivery
    duration_s: float
    sets: list[TrueSet]
    quiet: list[Span]


@dataclass(frozen=True, slots=True)
class Worn:
    """A session as the strap feels it, before any sensor has measured it."""

    streams: Streams
    motion: Motion
    strap: Strap
    clock: Clock
    force_ms2: NDArray[np.float64]
    """In the sensor frame at the motion's times, (n, 3)."""
    rate_rads: NDArray[np.float64]
    """The same."""
    sets: list[TrueSet]
    quiet: list[Span]


def wear(session: Session, sensor: Sensor, seed: int, variation: float = 1.0, texture: float = 1.0) -> Worn:
    """Let a person go through a session with the sensor on. The same arguments give the same result."""
    streams = Streams(seed)
    born = streams if session.person_seed is None else Streams(session.person_seed)
    person = draw_person(born, variation, texture)
    script, sets = act(session, person, streams)
    motion = render(script, person, streams)
    strap = _strap(sensor, sets, streams)
    clock = _clock(sensor, streams)
    force_ms2, rate_rads = ideal(motion, strap)
    return Worn(streams, motion, strap, clock, force_ms2, rate_rads, sets, quiet_spans(script, sets))


def simulate(
    session: Session, sensor: Sensor, seed: int, variation: float = 1.0, texture: float = 1.0
) -> Simulated:
    """Simulate a session and its recording. The same arguments give the same result."""
    worn = wear(session, sensor, seed, variation, texture)
    t_s = worn.motion.t_s
    duration_s = float(t_s[-1])
    sampled_s = worn.clock.instants_s(duration_s)
    radio = replace(
        sensor.radio,
        gaps=placed(sensor.radio.gaps, worn.sets, duration_s),
        overruns=placed(sensor.radio.overruns, worn.sets, duration_s),
    )
    samples = sense(t_s, worn.force_ms2, worn.rate_rads, sampled_s, sensor.sensing, worn.streams)
    delivery = transmit(samples, worn.clock, radio, worn.streams)
    return Simulated(
        worn.motion, worn.strap, worn.clock, radio, delivery, float(sampled_s[-1]), worn.sets, worn.quiet
    )


def knobs(sensor: Sensor, made: Simulated) -> dict[str, object]:
    """What the truth file says of the sensor, drawn values included."""
    return {
        "part": "ST LSM6DSO",
        "place": sensor.place,
        "lever_m": list(made.strap.lever_m),
        "mounting_quaternion": [round(value, 6) for value in made.strap.mounting],
        "slip": None
        if made.strap.slip_at_s is None
        else {"at_s": round(made.strap.slip_at_s, 3), "deg": made.strap.slip_deg},
        "wobble": sensor.wobble,
        "rate_nominal_hz": made.clock.nominal_hz,
        "rate_true_hz": round(made.clock.rate_hz, 4),
        "clock_error_ppm": round(made.clock.clock_error_ppm, 2),
        **{key: value for key, value in asdict(sensor.sensing).items() if key != "rate_hz"},
        "radio": asdict(made.radio),
        "packets_sent": made.delivery.packets_sent,
        "packets_lost": made.delivery.packets_lost,
        "samples_overrun": made.delivery.samples_overrun,
    }


def _strap(sensor: Sensor, sets: list[TrueSet], streams: Streams) -> Strap:
    rng = streams.named("strap")
    up_m = rng.uniform(0.35, 0.45)
    side_m = rng.normal(0.0, 0.02)
    forward_m = rng.uniform(0.09, 0.13) * (-1.0 if sensor.place == "back" else 1.0)
    drawn = rotation.random_quaternion(rng)
    slip_axis = np.array([0.0, 1.0, 0.0]) + rng.normal(0.0, 0.2, 3)
    strap = Strap(
        lever_m=(round(float(up_m), 4), round(float(side_m), 4), round(float(forward_m), 4)),
        mounting=drawn if sensor.mounting is None else sensor.mounting,
        slip_axis=(float(slip_axis[0]), float(slip_axis[1]), float(slip_axis[2])),
    )
    if not sensor.wobble:
        strap = replace(strap, wobble_hz=100.0, wobble_damping=1.0)
    if sensor.slip_deg:
        at_s = sensor.slip_at_s
        if at_s is None:
            at_s = (sets[0].start_s + sets[0].end_s) / 2 if sets else 30.0
        strap = replace(strap, slip_at_s=at_s, slip_deg=sensor.slip_deg)
    return strap


def placed(gaps: tuple[Gap, ...], sets: list[TrueSet], duration_s: float) -> tuple[Gap, ...]:
    """Give every gap a place, and drop those that lie behind the end."""
    amid_s = (sets[0].start_s + sets[0].end_s) / 2 if sets else duration_s / 2
    placed = [gap if gap.start_s is not None else Gap(round(amid_s, 3), gap.seconds) for gap in gaps]
    return tuple(gap for gap in placed if gap.start_s is not None and gap.start_s < duration_s)


def _clock(sensor: Sensor, streams: Streams) -> Clock:
    rng = streams.named("clock")
    rate_error_part = float(rng.uniform(-0.01, 0.01))
    clock_error_ppm = float(rng.normal(0.0, 20.0))
    return Clock(
        nominal_hz=float(sensor.sensing.rate_hz),
        rate_error_part=rate_error_part if sensor.rate_error_part is None else sensor.rate_error_part,
        clock_error_ppm=clock_error_ppm if sensor.clock_error_ppm is None else sensor.clock_error_ppm,
        boot_us=BOOT_US,
    )
