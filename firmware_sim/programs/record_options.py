"""The options of ``record``: those it shares with ``serve``, and the link whose losses a recording shows."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from firmware_sim.programs import option_types
from firmware_sim.programs.option_types import add_number, add_repeatable
from firmware_sim.programs.sensor_options import add_sensor_options
from firmware_sim.programs.workout_options import add_workout_options
from firmware_sim.sensor.link import Gap, LinkConditions
from firmware_sim.sensor.measurement import PARTS

if TYPE_CHECKING:
    import argparse

LONGEST_S = 36_000.0
"""Longer than any session; gaps beyond its end are dropped."""


def add_record_options(parser: argparse.ArgumentParser) -> None:
    """Add all options of ``record``."""
    parser.add_argument("out", metavar="OUT", help="file to write, without extension")
    add_workout_options(parser)
    add_sensor_options(parser, parts=tuple(PARTS))
    link = parser.add_argument_group("the link")
    add_number(link, "--latency", 1, 10000, "MS", "longest time that a packet collects samples", 200)
    add_number(link, "--interval", 7.5, 4000, "MS", "connection interval", 45.0)
    add_number(link, "--jitter", 0, inf, "MS", "mean delay of a packet", 3.0)
    add_number(link, "--loss", 0, 90, "PERCENT", "packets lost, in bursts", 0.0)
    add_number(link, "--burst", 1, inf, "N", "mean length of a burst in packets", 3.0)
    gap = "all packets of S seconds from second AT (or mid: amid the first set) are lost"
    add_repeatable(link, "--gap", option_types.gap, "AT:S", gap)
    link.add_argument(
        "--gap-every",
        type=option_types.every,
        metavar="EVERY:S",
        help="lose all packets of S seconds every EVERY seconds, such as 20:0.25",
    )


def link_of(options: argparse.Namespace) -> LinkConditions:
    """Build the link that the options of ``record`` ask for."""
    gaps = list(options.gap)
    if options.gap_every is not None:
        every_s, seconds = options.gap_every
        gaps += [Gap(every_s * k, seconds) for k in range(1, int(LONGEST_S / every_s))]
    return LinkConditions(
        latency_ms=options.latency,
        interval_ms=options.interval,
        jitter_ms=options.jitter,
        loss_part=options.loss / 100,
        loss_burst=options.burst,
        gaps=tuple(gaps),
    )
