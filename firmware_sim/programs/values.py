"""Values of options, read from text. Each refuses in words what it cannot read."""

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


def worded(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Let argparse show the words of a ValueError, which it would replace by its own."""

    @wraps(parse)
    def parsed(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def number(low: float, high: float = math.inf) -> Callable[[str], float]:
    """Make a reader of numbers in [low, high]."""

    @worded
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high or math.isinf(value):
            limits = f"from {low:g} on" if math.isinf(high) else f"from {low:g} to {high:g}"
            msg = f"{text!r} is not a number {limits}"
            raise ValueError(msg)
        return value

    return read


@worded
def sets(text: str) -> tuple[int, int]:
    """Read ``3x12``: sets and reps."""
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    if found is None or int(found[1]) < 1 or int(found[2]) < 1:
        msg = f"{text!r} is not like 3x12: sets, x, reps"
        raise ValueError(msg)
    return int(found[1]), int(found[2])


@worded
def block(text: str) -> tuple[str, tuple[int, int], Tempo | None]:
    """Read ``deadlift:3x5:2-0-1-1``; the tempo may be missing."""
    name, _, rest = text.partition(":")
    how_many, _, tempo = rest.partition(":")
    if name not in EXERCISES:
        msg = f"{name!r} is no exercise; choose one of: {', '.join(EXERCISES)}"
        raise ValueError(msg)
    return name, sets(how_many), Tempo.parse(tempo) if tempo else None


@worded
def numbers(text: str) -> tuple[int, ...]:
    """Read ``4,9``."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        msg = f"{text!r} is not a list of rep numbers like 4,9"
        raise ValueError(msg) from None


@worded
def mounting(text: str) -> tuple[float, float, float, float] | None:
    """Read a quaternion, ``straight``, or ``random`` (None)."""
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


@worded
def gap(text: str) -> Gap:
    """Read ``42:2`` or ``mid:2``."""
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


@worded
def every(text: str) -> tuple[float, float]:
    """Read ``20:0.25``."""
    found = gap(text)
    if not found.start_s:
        msg = f"{text!r} is not like 20:0.25 (every 20 seconds, for a quarter of one)"
        raise ValueError(msg)
    return found.start_s, found.seconds


@worded
def tempo(text: str) -> Tempo:
    """Read ``3-1-2-1``."""
    return Tempo.parse(text)
