"""Options of the sensor and how it is worn, which ``record`` and ``serve`` share, and the setup they give."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from firmware_sim.programs import option_types
from firmware_sim.programs.option_types import add_number, add_repeatable
from firmware_sim.sensor import lsm6dso
from firmware_sim.sensor.link import LinkConditions
from firmware_sim.sensor.measurement import ImuSettings
from firmware_sim.sensor.sensor_setup import SensorSetup

if TYPE_CHECKING:
    import argparse


def add_sensor_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    worn = parser.add_argument_group("how the sensor is worn")
    worn.add_argument("--place", choices=["back", "chest"], default="back", help="default: back")
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
    worn.add_argument("--no-wobble", action="store_true", help="strap and soft tissue are stiff")

    sensor = parser.add_argument_group("the sensor (ST LSM6DSO)")
    for option, choices, default, unit in (
        ("--rate", lsm6dso.RATES_HZ, 104, "Hz"),
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
    return SensorSetup(
        imu=ImuSettings(
            rate_hz=options.rate,
            acc_range_g=options.acc_range,
            gyr_range_dps=options.gyr_range,
            gyroscope=not options.acc_only,
            errors=options.errors,
        ),
        link=replace(link or LinkConditions(), overruns=tuple(options.overrun)),
        place=options.place,
        mounting=options.mounting,
        slip_deg=options.slip,
        slip_at_s=options.slip_at,
        wobble=not options.no_wobble,
        rate_error_part=None if options.rate_error is None else options.rate_error / 100,
        clock_error_ppm=options.clock_error,
    )
