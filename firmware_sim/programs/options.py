"""The options of ``record``, and what they mean as a session and a sensor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import ARMS, SetPlan
from firmware_sim.person.workout import Session
from firmware_sim.programs import values
from firmware_sim.programs.simulate import Sensor
from firmware_sim.sensor import part
from firmware_sim.sensor.link import Gap, Radio
from firmware_sim.sensor.sense import Sensing

if TYPE_CHECKING:
    import argparse

NONE = "none"
LONGEST_S = 36_000.0
"""Longer than any session; gaps beyond its end are dropped."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all options of ``record``."""
    parser.add_argument("out", metavar="OUT", help="where to write, without extension")
    add_session_options(parser)
    _add_link_options(parser)


def add_session_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``record`` and ``serve`` share: the person, the sensor and how it is worn."""
    parser.add_argument("--seed", type=int, default=1, help="all chance comes from it (default: 1)")
    parser.add_argument(
        "--person", type=int, metavar="SEED", help="the person of another seed (default: that of --seed)"
    )

    what = parser.add_argument_group("the workout")
    what.add_argument("--exercise", choices=[*EXERCISES, NONE], help="what to do, or none for daily life")
    what.add_argument("--sets", type=values.sets, default=(1, 10), metavar="3x12", help="default: 1x10")
    what.add_argument(
        "--tempo",
        type=values.tempo,
        metavar="3-1-2-1",
        help="eccentric - bottom hold - concentric - top hold in seconds by the normative rule, before human "
        "variation; default: the exercise's usual one",
    )
    what.add_argument(
        "--block",
        type=values.block,
        action="append",
        metavar="EXERCISE:SETSxREPS[:TEMPO]",
        help="one exercise of several, in place of --exercise, --sets and --tempo; repeatable",
    )
    what.add_argument(
        "--rest", type=values.number(0), default=60.0, metavar="S", help="between sets (default: 60)"
    )
    what.add_argument(
        "--minutes",
        type=values.number(0),
        default=0.0,
        metavar="M",
        help="minutes of daily life before the first set, or alone with --exercise none (then 10)",
    )
    what.add_argument(
        "--calibrate",
        action="store_true",
        help="no sets: stand straight, walk to the bench of --exercise, hold the straight line, get off",
    )
    what.add_argument("--no-lead-in", action="store_true", help="start right at the exercise, upright unseen")
    what.add_argument(
        "--cut-after",
        type=values.number(0),
        metavar="S",
        help="stop recording so long after the last rep (default: walk off)",
    )

    _add_way(parser)
    worn = parser.add_argument_group("how the sensor is worn")
    worn.add_argument("--place", choices=["back", "chest"], default="back", help="default: back")
    worn.add_argument(
        "--mounting",
        type=values.mounting,
        metavar="W,X,Y,Z",
        help="quaternion, sensor frame to body frame, or 'straight'; default: random from the seed",
    )
    worn.add_argument(
        "--slip", type=values.number(-180, 180), default=0.0, metavar="DEG", help="the strap slips by so much"
    )
    worn.add_argument(
        "--slip-at", type=values.number(0), metavar="S", help="when (default: amid the first set)"
    )
    worn.add_argument("--no-wobble", action="store_true", help="strap and soft tissue are stiff")

    sensor = parser.add_argument_group("the sensor (ST LSM6DSO)")
    sensor.add_argument("--rate", type=int, choices=part.RATES_HZ, default=104, help="Hz (default: 104)")
    sensor.add_argument("--acc-only", action="store_true", help="no gyroscope")
    sensor.add_argument(
        "--acc-range", type=int, choices=list(part.ACC_G_PER_LSB), default=8, help="g (default: 8)"
    )
    sensor.add_argument(
        "--gyr-range",
        type=int,
        choices=list(part.GYR_DPS_PER_LSB),
        default=1000,
        help="deg/s (default: 1000)",
    )
    sensor.add_argument(
        "--errors",
        type=values.number(0),
        default=1.0,
        metavar="X",
        help="scale of noise, offset, drift and scale errors; 0: a perfect part (default: 1)",
    )
    sensor.add_argument(
        "--rate-error",
        type=values.number(-10, 10),
        metavar="PERCENT",
        help="default: within 1, from the seed",
    )
    sensor.add_argument(
        "--clock-error",
        type=values.number(-10000, 10000),
        metavar="PPM",
        help="default: about 20, from the seed",
    )

    sensor.add_argument(
        "--overrun",
        type=values.gap,
        action="append",
        default=[],
        metavar="AT:S",
        help="the sensor itself loses these samples; repeatable",
    )


def _add_link_options(parser: argparse.ArgumentParser) -> None:
    link = parser.add_argument_group("the link")
    link.add_argument(
        "--latency",
        type=values.number(1, 10000),
        default=200,
        metavar="MS",
        help="longest batch (default: 200)",
    )
    link.add_argument(
        "--interval",
        type=values.number(7.5, 4000),
        default=45.0,
        metavar="MS",
        help="of connection (default: 45)",
    )
    link.add_argument(
        "--jitter", type=values.number(0), default=3.0, metavar="MS", help="mean delay (default: 3)"
    )
    link.add_argument(
        "--loss", type=values.number(0, 90), default=0.0, metavar="PERCENT", help="packets lost, in bursts"
    )
    link.add_argument(
        "--burst", type=values.number(1), default=3.0, metavar="N", help="mean burst (default: 3 packets)"
    )
    link.add_argument(
        "--gap",
        type=values.gap,
        action="append",
        default=[],
        metavar="AT:S",
        help="all packets of S seconds from second AT (or mid: amid the first set) are lost; repeatable",
    )
    link.add_argument(
        "--gap-every",
        type=values.every,
        metavar="EVERY:S",
        help="such a gap every so many seconds, e.g. 20:0.25",
    )


def _add_way(parser: argparse.ArgumentParser) -> None:
    how = parser.add_argument_group("how it is done")
    how.add_argument(
        "--load",
        type=values.number(0, 500),
        default=0.0,
        metavar="KG",
        help="slows and shortens (default: 0)",
    )
    how.add_argument("--arms", choices=list(ARMS), default="crossed", help="default: crossed")
    how.add_argument(
        "--static-hold", type=values.number(0, 600), metavar="S", help="hold this long at the top of each rep"
    )
    how.add_argument("--slow-eccentric", type=values.number(0.2, 60), metavar="S", help="lower this slowly")
    how.add_argument("--momentum", action="store_true", help="fast start, overshoot, rebound at the bottom")
    how.add_argument(
        "--over-line",
        type=values.number(-60, 60),
        metavar="DEG",
        help="go so far over the straight line at the top, or under it (default: the exercise's top)",
    )
    how.add_argument("--roll-up", action="store_true", help="one vertebra after another")
    how.add_argument("--end-at-top", action="store_true", help="stop at the top of the last rep")
    how.add_argument(
        "--partial", type=values.numbers, default=(), metavar="4,9", help="reps with half the range"
    )
    how.add_argument(
        "--hesitate", type=values.numbers, default=(), metavar="3,8", help="reps that stop midway"
    )
    how.add_argument(
        "--fatigue",
        type=values.number(0, 3),
        metavar="PART",
        help="how much longer the last concentric takes (default: 0.1, or 0 with --no-variation)",
    )
    how.add_argument("--no-variation", action="store_true", help="all reps alike: the tempo exactly")

    how.add_argument(
        "--texture",
        type=values.number(0),
        default=1.0,
        metavar="X",
        help="scale of breathing, tremor, sway and rough movement, which the truth leaves out (default: 1)",
    )


def session_of(options: argparse.Namespace) -> Session:
    """Build the session that the options ask for. Raises ValueError in words for the user."""
    if bool(options.block) == bool(options.exercise):
        msg = "say what to do: either --exercise, or one --block or more"
        raise ValueError(msg)
    blocks = options.block or [(options.exercise, options.sets, options.tempo)]
    if options.exercise == NONE:
        return Session(
            daily_s=60.0 * (options.minutes or 10.0),
            lead_in=not options.no_lead_in,
            person_seed=options.person,
        )
    if options.calibrate:
        if not options.exercise or EXERCISES[options.exercise].place != "bench":
            msg = "only what is done on a bench has a straight line: --exercise back_extension_45 or _90"
            raise ValueError(msg)
        return Session(calibrated=EXERCISES[options.exercise], person_seed=options.person)
    fatigue = options.fatigue
    if fatigue is None:
        fatigue = 0.0 if options.no_variation else 0.1
    plans = [
        SetPlan(
            exercise=EXERCISES[name],
            reps=reps,
            tempo=tempo,
            load_kg=options.load,
            arms=options.arms,
            top_hold_s=options.static_hold,
            eccentric_s=options.slow_eccentric,
            momentum=options.momentum,
            over_line_deg=options.over_line,
            roll_up=options.roll_up,
            ends_at_top=options.end_at_top,
            partial=options.partial,
            hesitate=options.hesitate,
            fatigue=fatigue,
        )
        for name, (sets, reps), tempo in blocks
        for _ in range(sets)
    ]
    return Session(
        sets=tuple(plans),
        rest_s=options.rest,
        lead_in=not options.no_lead_in,
        daily_s=60.0 * options.minutes,
        person_seed=options.person,
        cut_after_s=options.cut_after,
    )


def radio_of(options: argparse.Namespace) -> Radio:
    """Build the link that the options of ``record`` ask for."""
    gaps = list(options.gap)
    if options.gap_every is not None:
        every_s, seconds = options.gap_every
        gaps += [Gap(every_s * k, seconds) for k in range(1, int(LONGEST_S / every_s))]
    return Radio(
        latency_ms=options.latency,
        interval_ms=options.interval,
        jitter_ms=options.jitter,
        loss_part=options.loss / 100,
        loss_burst=options.burst,
        gaps=tuple(gaps),
    )


def sensor_of(options: argparse.Namespace, radio: Radio | None = None) -> Sensor:
    """Build the sensor that the options ask for, on a link without faults unless told."""
    return Sensor(
        sensing=Sensing(
            rate_hz=options.rate,
            acc_range_g=options.acc_range,
            gyr_range_dps=options.gyr_range,
            gyroscope=not options.acc_only,
            errors=options.errors,
        ),
        radio=replace(radio or Radio(), overruns=tuple(options.overrun)),
        place=options.place,
        mounting=options.mounting,
        slip_deg=options.slip,
        slip_at_s=options.slip_at,
        wobble=not options.no_wobble,
        rate_error_part=None if options.rate_error is None else options.rate_error / 100,
        clock_error_ppm=options.clock_error,
    )
