"""The exercises: their names, the groups that one torso sensor cannot separate, where a rep starts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from imurep.errors import ConfigError


class Start(StrEnum):
    """The end of the movement at which a rep starts."""

    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """What the counter has to know of an exercise."""

    name: str
    starts_at: Start
    group: tuple[str, ...]
    """The names that the signal cannot tell apart, its own among them."""
    set_down: bool = False
    """The load stands on the floor at the end: who then rises to the top does it without the load."""


_DEADLIFTS = ("deadlift", "trap_bar_deadlift")
_HINGES = ("good_morning", "romanian_deadlift")

EXERCISES = {
    exercise.name: exercise
    for exercise in (
        Exercise(name="back_extension_45", starts_at=Start.BOTTOM, group=("back_extension_45",)),
        Exercise(name="back_extension_90", starts_at=Start.BOTTOM, group=("back_extension_90",)),
        Exercise(name="floor_back_extension", starts_at=Start.BOTTOM, group=("floor_back_extension",)),
        Exercise(name="good_morning", starts_at=Start.TOP, group=_HINGES),
        Exercise(name="deadlift", starts_at=Start.BOTTOM, group=_DEADLIFTS, set_down=True),
        Exercise(name="trap_bar_deadlift", starts_at=Start.BOTTOM, group=_DEADLIFTS, set_down=True),
        Exercise(name="romanian_deadlift", starts_at=Start.TOP, group=_HINGES),
        Exercise(name="kettlebell_swing", starts_at=Start.BOTTOM, group=("kettlebell_swing",), set_down=True),
    )
}

UNKNOWN = "unknown"


def exercise_named(name: str) -> Exercise | None:
    """Look an exercise up by its name; None for ``unknown``.

    Raises ConfigError for any other name.
    """
    if name == UNKNOWN:
        return None
    try:
        return EXERCISES[name]
    except KeyError:
        names = ", ".join((*EXERCISES, UNKNOWN))
        msg = f"unknown exercise {name!r}; choose one of: {names}"
        raise ConfigError(msg) from None
