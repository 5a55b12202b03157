"""The options of ``serve`` alone, and what they mean as an air and its sensors. Needs no Bumble."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from firmware_sim.programs import option_types
from firmware_sim.programs.option_types import add_number, add_repeatable
from firmware_sim.sensor.emulated.catalog import ALIASES, MODELS
from firmware_sim.sensor.firmware_settings import LOWEST_MTU, FirmwareSettings
from firmware_sim.sensor.link import MTU
from firmware_sim.sensor.outbox import DEFAULT_MTU

if TYPE_CHECKING:
    import argparse

OPEN_IMU = "open_imu"
NAME = "IMU-SIM"
ADDRESS = "F6:00:00:00:00:01"
"""A static random address."""


@option_types.with_message
def moment(text: str) -> float | None:
    """Parse a second of the workout, or ``mid`` (None)."""
    return None if text == option_types.MID else option_types.number(0)(text)


def kind(text: str) -> str:
    """Return the current name of a kind of sensor."""
    return ALIASES.get(text, text)


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Add what only ``serve`` has."""
    _add_sensors(parser.add_argument_group("the sensors"))
    _add_air(parser.add_argument_group("the air"))

    happens = parser.add_argument_group(
        "what happens to the first sensor (AT: second of the workout, or mid: amid the first set)"
    )
    add_repeatable(
        happens, "--away", option_types.gap, "AT:S", "the sensor is out of range from AT for S seconds"
    )
    add_repeatable(happens, "--reboot", moment, "AT", "the firmware crashes and restarts")
    add_repeatable(happens, "--stop", moment, "AT", "its button is pressed")

    time = parser.add_argument_group("time")
    add_number(time, "--speed", 0.01, 1000, "X", "run X times as fast as real time", 1.0)
    since = "the workout began then, from the 'begin' line of an earlier run (default: at the first START)"
    add_number(time, "--since", 0, inf, "UNIX_S", since)
    until = "end S seconds after the last workout (default: only at SIGINT or SIGTERM)"
    add_number(time, "--until-done", 0, inf, "S", until)


def _add_sensors(sensors: argparse._ArgumentGroup) -> None:
    sensors.add_argument(
        "--sensors",
        type=int,
        choices=range(1, 65),
        default=1,
        metavar="N",
        help="number of sensors, each on a person of its own (default: 1)",
    )
    sensors.add_argument(
        "--kind",
        type=kind,
        choices=(OPEN_IMU, *MODELS),
        default=OPEN_IMU,
        help="the project's own sensor, or an emulated one of another maker; polar is polar-h10 "
        "(default: open_imu)",
    )
    sensors.add_argument(
        "--name",
        help="name of the first sensor; -2, -3 ... follow in the others' names (default: that of its kind)",
    )
    sensors.add_argument(
        "--address",
        default=ADDRESS,
        help=f"address of the first sensor; the others count up from it (default: {ADDRESS})",
    )
    sensors.add_argument(
        "--mtu",
        type=int,
        choices=range(DEFAULT_MTU, MTU + 1),
        default=MTU,
        metavar="BYTES",
        help=f"highest MTU; below {LOWEST_MTU} the sensor cannot stream (default: {MTU})",
    )
    add_number(sensors, "--ring", 1, 3600, "S", "how much RESEND can bring back", 60.0)
    add_number(sensors, "--slow-start", 0, 60, "S", "delay of the response to START", 0.0)
    sensors.add_argument(
        "--battery", type=int, choices=range(101), default=100, metavar="PERCENT", help="default: 100"
    )


def _add_air(air: argparse._ArgumentGroup) -> None:
    air.add_argument(
        "--hci-port",
        type=int,
        default=0,
        metavar="PORT",
        help="port of HCI over TCP on loopback (default: any free)",
    )
    where = air.add_mutually_exclusive_group()
    where.add_argument("--air-only", action="store_true", help="run no sensor here; sensors join with --air")
    where.add_argument(
        "--air", metavar="tcp-client:HOST:PORT", help="join an air that runs in another process"
    )
    add_number(air, "--interval", 0, 4000, "MS", "connection interval; 0: no delay", 30.0)
    add_number(air, "--loss", 0, 90, "PERCENT", "packets lost on the air, which are sent again", 0.0)
    add_number(air, "--burst", 1, inf, "N", "mean run of losses in packets", 1.0)
    add_number(air, "--supervision", 0.1, 32, "S", "supervision timeout", 2.0)


def settings_of(options: argparse.Namespace) -> FirmwareSettings:
    """Build the firmware's settings."""
    return FirmwareSettings(ring_s=options.ring, highest_mtu=options.mtu, slow_start_s=options.slow_start)


def name_of(options: argparse.Namespace, number: int) -> str:
    """Return the name of a sensor, counted from 0."""
    usual = NAME if options.kind == OPEN_IMU else MODELS[options.kind].name
    name = options.name or usual
    return name if number == 0 else f"{name}-{number + 1}"


def address_of(options: argparse.Namespace, number: int) -> str:
    """Return the address of a sensor, counted from 0. Raises ValueError for what is no address."""
    digits = options.address.replace(":", "")
    try:
        value = int(digits, 16)
    except ValueError:
        value = -1
    if len(digits) != 12 or value < 0:
        msg = f"{options.address!r} is no address like {ADDRESS}"
        raise ValueError(msg)
    octets = f"{(value + number) % 2**48:012X}"
    return ":".join(octets[at : at + 2] for at in range(0, 12, 2))
