"""The options of ``serve``, and what they mean as an air and its sensors. Needs no Bumble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.programs import values
from firmware_sim.sensor.emulated.kinds import KINDS
from firmware_sim.sensor.firmware import LOWEST_MTU, Settings
from firmware_sim.sensor.link import MTU
from firmware_sim.sensor.outbox import DEFAULT_MTU

if TYPE_CHECKING:
    import argparse

OWN = "open_imu"
NAME = "IMU-SIM"
ADDRESS = "F6:00:00:00:00:01"
"""A static random address."""


@values.worded
def moment(text: str) -> float | None:
    """Read a second of the workout, or ``mid`` (None)."""
    return None if text == values.MID else values.number(0)(text)


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Add what only ``serve`` has."""
    sensors = parser.add_argument_group("the sensors")
    sensors.add_argument(
        "--sensors",
        type=int,
        choices=range(1, 65),
        default=1,
        metavar="N",
        help="how many, each on a person of its own (default: 1)",
    )
    sensors.add_argument(
        "--kind",
        choices=(OWN, *KINDS),
        default=OWN,
        help="our own sensor, or one of another maker as far as it is known (default: open_imu)",
    )
    sensors.add_argument(
        "--name",
        help="of the first; the others have -2, -3 ... behind it (default: as its kind is called)",
    )
    sensors.add_argument(
        "--address", default=ADDRESS, help=f"of the first; the others count up from it (default: {ADDRESS})"
    )
    sensors.add_argument(
        "--mtu",
        type=int,
        choices=range(DEFAULT_MTU, MTU + 1),
        default=MTU,
        metavar="BYTES",
        help=f"the highest; below {LOWEST_MTU} nothing can be streamed (default: {MTU})",
    )
    sensors.add_argument(
        "--ring",
        type=values.number(1, 3600),
        default=60.0,
        metavar="S",
        help="what RESEND can bring back (default: 60)",
    )
    sensors.add_argument(
        "--slow-start",
        type=values.number(0, 60),
        default=0.0,
        metavar="S",
        help="START is answered so late (default: 0)",
    )
    sensors.add_argument(
        "--battery", type=int, choices=range(101), default=100, metavar="PERCENT", help="default: 100"
    )

    air = parser.add_argument_group("the air")
    air.add_argument(
        "--hci-port",
        type=int,
        default=0,
        metavar="PORT",
        help="of HCI over TCP on loopback (default: any free)",
    )
    where = air.add_mutually_exclusive_group()
    where.add_argument("--air-only", action="store_true", help="no sensor here, they come by --air")
    where.add_argument(
        "--air", metavar="tcp-client:HOST:PORT", help="join an air that runs in another process"
    )
    air.add_argument(
        "--interval",
        type=values.number(0, 4000),
        default=30.0,
        metavar="MS",
        help="of connection; 0: no waiting (default: 30)",
    )
    air.add_argument(
        "--loss",
        type=values.number(0, 90),
        default=0.0,
        metavar="PERCENT",
        help="lost on the way, sent again",
    )
    air.add_argument(
        "--burst", type=values.number(1), default=1.0, metavar="N", help="mean run of losses in packets"
    )
    air.add_argument(
        "--supervision",
        type=values.number(0.1, 32),
        default=2.0,
        metavar="S",
        help="a connection ends after so much silence (default: 2)",
    )

    happens = parser.add_argument_group(
        "what happens to the first sensor (AT: second of the workout, or mid: amid the first set)"
    )
    happens.add_argument(
        "--away",
        type=values.gap,
        action="append",
        default=[],
        metavar="AT:S",
        help="out of range; repeatable",
    )
    happens.add_argument(
        "--reboot", type=moment, action="append", default=[], metavar="AT", help="a crash; repeatable"
    )
    happens.add_argument(
        "--stop",
        type=moment,
        action="append",
        default=[],
        metavar="AT",
        help="its button is pressed; repeatable",
    )

    time = parser.add_argument_group("time")
    time.add_argument(
        "--speed",
        type=values.number(0.01, 1000),
        default=1.0,
        metavar="X",
        help="live so many times as fast (default: 1)",
    )
    time.add_argument(
        "--since",
        type=values.number(0),
        metavar="UNIX_S",
        help="the workout began then, as an earlier run's 'begin' line told (default: at the first START)",
    )
    time.add_argument(
        "--until-done",
        type=values.number(0),
        metavar="S",
        help="end so long after the last workout (default: on SIGINT or SIGTERM only)",
    )


def settings_of(options: argparse.Namespace) -> Settings:
    """What the options say of the firmware."""
    return Settings(ring_s=options.ring, highest_mtu=options.mtu, slow_start_s=options.slow_start)


def name_of(options: argparse.Namespace, number: int) -> str:
    """Name of a sensor, counted from 0."""
    usual = NAME if options.kind == OWN else KINDS[options.kind].name
    name = options.name or usual
    return name if number == 0 else f"{name}-{number + 1}"


def address_of(options: argparse.Namespace, number: int) -> str:
    """Address of a sensor, counted from 0. Raises ValueError for what is no address."""
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
