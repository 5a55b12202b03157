"""Movements made by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from imurep.counting.segmentation.movement_timing import MovementTiming
from imurep.counting.segmentation.movement_tracker import Movement

if TYPE_CHECKING:
    from collections.abc import Sequence


def movement(
    start_s: float,
    end_s: float,
    range_deg: float = 50.0,
    *,
    back: bool = False,
    **changes: Any,  # noqa: ANN401 any field
) -> Movement:
    """A movement whose peak rate is twice its mean, away from upright or back to it."""
    start_us, end_us = round(start_s * 1e6), round(end_s * 1e6)
    turned_rad = math.radians(range_deg)
    mean_rads = turned_rad / (end_s - start_s) if end_s > start_s else 0.0
    upright, leant = (1.0, 0.0, 0.0), (math.cos(turned_rad), 0.0, -math.sin(turned_rad))
    fields: dict[str, Any] = {
        "start_pose": leant if back else upright,
        "end_pose": upright if back else leant,
        "steps": range(round(start_s * 52), round(end_s * 52) + 1),
        "timing": MovementTiming(start_us, end_us, turned_rad, 2 * mean_rads),
        "range_rad": turned_rad,
        "endpoint_error": 0.0,
        "outlier": False,
        "complete": True,
    }
    return Movement(**(fields | changes))


def movements(
    count: int,
    tempo_s: tuple[float, float, float, float] = (2.0, 0.5, 1.0, 0.5),
    *,
    start_s: float = 1.0,
    back: bool = False,
    **changes: Any,  # noqa: ANN401 any field of a movement, or its range
) -> list[Movement]:
    """So many movements, alternately the first and the second of a rep; the first goes back with ``back``."""
    made: list[Movement] = []
    for number in range(count):
        moving_s, hold_s = tempo_s[:2] if number % 2 == 0 else tempo_s[2:]
        made.append(movement(start_s, start_s + moving_s, back=(number % 2 == 1) != back, **changes))
        start_s += moving_s + hold_s
    return made


def ranges(of: Sequence[Movement]) -> list[float]:
    return [round(math.degrees(one.range_rad), 6) for one in of]
