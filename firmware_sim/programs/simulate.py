"""The whole simulator on one page: a session goes in, a recording and its truth come out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from firmware_sim.sensor.link import transmit
from firmware_sim.sensor.measurement import LSM6DSO, POLAR_H10, measure
from firmware_sim.sensor.sensor_setup import ideal_session, place_gaps

if TYPE_CHECKING:
    from firmware_sim.person.motion import Motion
    from firmware_sim.person.script import Span
    from firmware_sim.person.truth import TrueSet
    from firmware_sim.person.workout import Session
    from firmware_sim.sensor.clock import Clock
    from firmware_sim.sensor.ideal_imu import Strap
    from firmware_sim.sensor.link import Delivery, LinkConditions
    from firmware_sim.sensor.sensor_setup import SensorSetup


@dataclass(frozen=True, slots=True)
class Simulated:
    """One simulated session."""

    motion: Motion
    strap: Strap
    clock: Clock
    link: LinkConditions
    delivery: Delivery
    duration_s: float
    sets: list[TrueSet]
    quiet: list[Span]
    neutral: list[Span]


def simulate(
    session: Session, setup: SensorSetup, seed: int, variation: float = 1.0, texture: float = 1.0
) -> Simulated:
    """Simulate a session and its recording. The same arguments give the same result."""
    worn = ideal_session(session, setup, seed, variation, texture)
    t_s = worn.motion.t_s
    duration_s = float(t_s[-1])
    sampled_s = worn.clock.instants_s(duration_s)
    link = replace(
        setup.link,
        gaps=place_gaps(setup.link.gaps, worn.sets, duration_s),
        overruns=place_gaps(setup.link.overruns, worn.sets, duration_s),
    )
    samples = measure(t_s, worn.force_ms2, worn.rate_rads, sampled_s, setup.imu, worn.streams)
    delivery = transmit(samples, worn.clock, link, worn.streams)
    return Simulated(
        worn.motion,
        worn.strap,
        worn.clock,
        link,
        delivery,
        float(sampled_s[-1]),
        worn.sets,
        worn.quiet,
        worn.neutral,
    )


def sensor_json(setup: SensorSetup, made: Simulated) -> dict[str, object]:
    """Describe the sensor for the truth file, values drawn from the seed included."""
    life = {"creep_deg": made.strap.creep_deg} if made.strap.creep_deg else {}
    if setup.variety == "life":
        life |= {"wobble_hz": made.strap.wobble_hz, "wobble_damping": made.strap.wobble_damping}
    return {
        "part": {LSM6DSO: "ST LSM6DSO", POLAR_H10: "Polar H10"}[setup.imu.part],
        "place": made.strap.place,
        "lever_m": list(made.strap.lever_m),
        "mounting_quaternion": [round(value, 6) for value in made.strap.mounting],
        "slip": None
        if made.strap.slip_at_s is None
        else {"at_s": round(made.strap.slip_at_s, 3), "deg": made.strap.slip_deg},
        "wobble": setup.wobble,
        **life,
        "rate_nominal_hz": made.clock.nominal_hz,
        "rate_true_hz": round(made.clock.rate_hz, 4),
        "clock_error_ppm": round(made.clock.clock_error_ppm, 2),
        **{key: value for key, value in asdict(setup.imu).items() if key not in {"rate_hz", "part"}},
        "radio": asdict(made.link),
        "packets_sent": made.delivery.packets_sent,
        "packets_lost": made.delivery.packets_lost,
        "samples_overrun": made.delivery.samples_overrun,
    }
