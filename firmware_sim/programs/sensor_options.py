"""Options of the sensor and how it is worn, which ``record`` and ``serve`` share, and the setup they give."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from firmware_sim.programs import option_types
from firmware_sim.programs.option_types import add_number, add_repeatable
from firmware_sim.sensor import lsm6dso
from firmware_sim.sensor.link import LinkConditions
from firmware_sim.sensor.measurement import LSM6DSO, PARTS, POLAR_H10, ImuSettings
from firmware_sim.sensor.sensor_setup import PLACES, SensorSetup

if TYPE_CHECKING:
    import argparse

DEFAULT_RATES_HZ = {LSM6DSO: 104, POLAR_H10: 100}


def add_sensor_options(parser: argparse.ArgumentParser, parts: tuple[str, ...] = (LSM6DSO,)) -> None:
    """Add the options; ``--sensor`` only where there is a choice of parts."""
    worn = parser.add_argument_group("how the sensor is worn")
    place = "default: back, a Polar H10 on the chest; with --variety life one of the other four"
    worn.add_argument("--place", choices=list(PLACES), help=place)
    worn.add_argument(
        "--mounting",
        type=option_types.mounting,
        metavar="W,X,Y,Z",
        help="quaternion, sensor frame to body frame, or 'straight'; default: random from the seed",
    )
    worn.add_argument(
        "--slip",
        type=option_types.number(-180, 180),
        default=0.0,
        metavar="DEG",
        help="angle by which the strap slips",
    )
    add_number(worn, "--slip-at", 0, inf, "S", "when the strap slips (default: amid the first set)")
    creep = "angle by which the strap creeps in ten minutes (default: 0, or some degrees with --variety life)"
    add_number(worn, "--creep", -90, 90, "DEG", creep)
    worn.add_argument("--no-wobble", action="store_true", help="strap and soft tissue are stiff")

    sensor = parser.add_argument_group("the sensor (ST LSM6DSO unless --sensor names another)")
    parser.set_defaults(sensor=LSM6DSO)
    if len(parts) > 1:
        sensor.add_argument(
            "--sensor", choices=parts, help="polar-h10: accelerometer only, whole mg (default: lsm6dso)"
        )
    sensor.add_argument(
        "--rate",
        type=int,
        choices=sorted({rate for part in parts for rate in PARTS[part].RATES_HZ}),
        help=f"Hz (default: {', '.join(f'{DEFAULT_RATES_HZ[part]} of {part}' for part in parts)})",
    )
    for option, choices, default, unit in (
        ("--acc-range", lsm6dso.ACC_G_PER_LSB, 8, "g"),
        ("--gyr-range", lsm6dso.GYR_DPS_PER_LSB, 1000, "deg/s"),
    ):
        sensor.add_argument(
            option, type=int, choices=list(choices), default=default, help=f"{unit} (default: {default})"
        )
    sensor.add_argument("--acc-only", action="store_true", help="no gyroscope")
    errors = "scale of noise, offset, drift and scale errors; 0: a perfect IMU"
    add_number(sensor, "--errors", 0, inf, "X", errors, 1.0)
    add_number(sensor, "--rate-error", -10, 10, "PERCENT", "default: within 1, from the seed")
    add_number(sensor, "--clock-error", -10000, 10000, "PPM", "default: about 20, from the seed")
    add_repeatable(sensor, "--overrun", option_types.gap, "AT:S", "the sensor itself loses these samples")


def setup_of(options: argparse.Namespace, link: LinkConditions | None = None) -> SensorSetup:
    """Build the sensor that the options ask for; without ``link``, on one without faults."""
    rate_hz = options.rate or DEFAULT_RATES_HZ[options.sensor]
    for option, chosen, offered in (
        ("--rate", rate_hz, PARTS[options.sensor].RATES_HZ),
        ("--acc-range", options.acc_range, PARTS[options.sensor].ACC_G_PER_LSB),
    ):
        if chosen not in offered:
            msg = f"{options.sensor} has no {option} {chosen}; choose one of {', '.join(map(str, offered))}"
            raise ValueError(msg)
    return SensorSetup(
        imu=ImuSettings(
            part=options.sensor,
            rate_hz=rate_hz,
            acc_range_g=options.acc_range,
            gyr_range_dps=options.gyr_range,
            gyroscope=not options.acc_only and options.sensor != POLAR_H10,
            errors=options.errors,
        ),
        link=replace(link or LinkConditions(), overruns=tuple(options.overrun)),
        place=options.place or ("chest" if options.sensor == POLAR_H10 else None),
        creep_deg=options.creep,
        variety=options.variety,
        mounting=options.mounting,
        slip_deg=options.slip,
        slip_at_s=options.slip_at,
        wobble=not options.no_wobble,
        rate_error_part=None if options.rate_error is None else options.rate_error / 100,
        clock_error_ppm=options.clock_error,
    )
