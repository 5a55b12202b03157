"""Types of option values. Each raises with a message for the user what it cannot parse."""

from __future__ import annotations

import argparse
import math
import re
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.tempo import Tempo
from firmware_sim.sensor.link import Gap

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MID = "mid"


def with_message(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Make argparse show the message of a ValueError, which it would replace by its own."""

    @wraps(parse)
    def parsed(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def number(low: float, high: float = math.inf) -> Callable[[str], float]:
    """Return a parser of numbers in [low, high]."""

    @with_message
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high or math.isinf(value):
            limits = f"from {low:g} on" if math.isinf(high) else f"from {low:g} to {high:g}"
            msg = f"{text!r} is not a number {limits}"
            raise ValueError(msg)
        return value

    return parse


def add_number(
    group: argparse._ActionsContainer,
    option: str,
    low: float,
    high: float,
    metavar: str,
    help_text: str,
    default: float | None = None,
) -> None:
    """Add an option that takes a number in [low, high]; its help ends with the default, if there is one."""
    shown = help_text if default is None else f"{help_text} (default: {default:g})".lstrip()
    group.add_argument(option, type=number(low, high), default=default, metavar=metavar, help=shown)


def add_repeatable(
    group: argparse._ActionsContainer,
    option: str,
    parse: Callable[[str], object],
    metavar: str,
    help_text: str,
) -> None:
    """Add an option that may be given several times."""
    group.add_argument(
        option, type=parse, action="append", default=[], metavar=metavar, help=f"{help_text}; repeatable"
    )


@with_message
def sets(text: str) -> tuple[int, int]:
    """Parse ``3x12``: sets and reps."""
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    if found is None or int(found[1]) < 1 or int(found[2]) < 1:
        msg = f"{text!r} is not like 3x12: sets, x, reps"
        raise ValueError(msg)
    return int(found[1]), int(found[2])


@with_message
def block(text: str) -> tuple[str, tuple[int, int], Tempo | None]:
    """Parse ``deadlift:3x5:2-0-1-1``; the tempo may be missing."""
    name, _, rest = text.partition(":")
    how_many, _, tempo = rest.partition(":")
    if name not in EXERCISES:
        msg = f"{name!r} is no exercise; choose one of: {', '.join(EXERCISES)}"
        raise ValueError(msg)
    return name, sets(how_many), Tempo.parse(tempo) if tempo else None


@with_message
def numbers(text: str) -> tuple[int, ...]:
    """Parse ``4,9``."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        msg = f"{text!r} is not a list of rep numbers like 4,9"
        raise ValueError(msg) from None


@with_message
def mounting(text: str) -> tuple[float, float, float, float] | None:
    """Parse a quaternion, ``straight``, or ``random`` (None)."""
    if text == "straight":
        return 1.0, 0.0, 0.0, 0.0
    if text == "random":
        return None
    try:
        w, x, y, z = (float(value) for value in text.split(","))
    except ValueError:
        w = x = y = z = 0.0
    length = (w * w + x * x + y * y + z * z) ** 0.5
    if not length > 0:
        msg = f"{text!r} is no quaternion; write four numbers w,x,y,z, or straight, or random"
        raise ValueError(msg)
    return w / length, x / length, y / length, z / length


@with_message
def gap(text: str) -> Gap:
    """Parse ``42:2`` or ``mid:2``."""
    at, _, rest = text.partition(":")
    try:
        at_s = None if at == MID else float(at)
        seconds = float(rest)
    except ValueError:
        at_s, seconds = -1.0, -1.0
    if not ((at_s is None or at_s >= 0) and seconds > 0):
        msg = f"{text!r} is not like 42:2 (from second 42, for 2 seconds) or mid:2 (amid the first set)"
        raise ValueError(msg)
    return Gap(at_s, seconds)


@with_message
def every(text: str) -> tuple[float, float]:
    """Parse ``20:0.25``."""
    found = gap(text)
    if not found.start_s:
        msg = f"{text!r} is not like 20:0.25 (every 20 seconds, for a quarter of one)"
        raise ValueError(msg)
    return found.start_s, found.seconds


@with_message
def tempo(text: str) -> Tempo:
    """Parse ``3-1-2-1``."""
    return Tempo.parse(text)
