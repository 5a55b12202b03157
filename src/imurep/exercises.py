"""The exercises: postures, rhythm, targets, and what one torso sensor cannot tell apart.

The data stand in ``exercises.toml``, one table an exercise; the comment at its
head explains the fields. docs/how-to/add-an-exercise.md shows how to add one,
docs/reference/exercises.md has the table and where the numbers come from.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from imurep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Start(StrEnum):
    """The end of the movement at which a rep starts."""

    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True)
class ValueRange:
    """From ``low`` to ``high``, both included."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            msg = f"a range goes from low to high, not from {self.low} to {self.high}"
            raise ValueError(msg)

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Default target, where the person has set none."""

    reps: tuple[int, int]
    """Fewest and most in a set; whoever does more may add weight."""
    tempo_s: tuple[float, float, float, float]
    """Eccentric - bottom hold - concentric - top hold, as measured here (docs/reference/glossary.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRules:
    """Which figures of form the exercise has, besides those that every exercise has."""

    momentum: bool = True
    """False: momentum is what the exercise is about."""
    straight_line: bool = False
    """The top is a straight line of trunk and legs, which a calibration can measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherName:
    """Name of an exercise in another system."""

    group: str
    """Category in FIT; empty in Health Connect, which has none."""
    name: str
    """Empty: it has no name there, only the category."""
    exact: bool
    """False: the nearest there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """Profile of an exercise."""

    name: str
    """As in settings and in JSON, ``back_extension_45``."""
    title: str
    """For people."""
    starts_at: Start
    """The end at which a rep starts."""
    group: tuple[str, ...]
    """The names that the signal cannot tell apart, its own among them."""
    top: str
    """What the top is, in words."""
    top_deg: ValueRange
    """Inclination of the trunk from upright at the top.

    Upright is the pose of walking, which leans forward by a few degrees."""
    bottom_deg: ValueRange
    """Inclination of the trunk from upright at the bottom."""
    range_deg: ValueRange
    """Range of motion of a full rep."""
    rep_s: ValueRange
    """From one rep's start to the next one's: its rhythm."""
    peak_dps: ValueRange
    """Highest angular rate in a rep: its dynamics."""
    target: Target
    """Reps and tempo that are sensible when the person has set nothing else."""
    form: FormRules
    """Which figures of form it has."""
    fit: OtherName
    """Its name in FIT files."""
    health_connect: OtherName
    """Its name in Health Connect."""
    common: bool = True
    """False: another exercise of its group is the common one, which a set is classified as."""
    set_down: bool = False
    """The load stands on the floor before and after the set; a last rise to the top is without it."""
    distinct: bool = False
    """Rhythm and dynamics alone separate it from all others, even where the pose of standing is unknown."""


class _Table:
    """A table of the file whose fields are taken one by one and checked."""

    def __init__(self, content: object, where: str) -> None:
        if not isinstance(content, dict):
            msg = f"{where} is not a table"
            raise ConfigError(msg)
        self._content, self._where = dict(content), where

    def _take(self, field: str, default: object = None) -> object:
        value = self._content.pop(field, default)
        if value is None:
            self._refuse(f"{field} is missing")
        return value

    def _refuse(self, message: str) -> NoReturn:
        msg = f"{self._where}: {message}"
        raise ConfigError(msg)

    def text(self, field: str, default: str | None = None) -> str:
        value = self._take(field, default)
        if not isinstance(value, str):
            self._refuse(f"{field} must be a text, not {value!r}")
        return value

    def flag(self, field: str, *, default: bool | None = None) -> bool:
        value = self._take(field, default)
        if not isinstance(value, bool):
            self._refuse(f"{field} must be true or false, not {value!r}")
        return value

    def names(self, field: str, default: Sequence[str]) -> tuple[str, ...]:
        value = self._take(field, list(default))
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self._refuse(f"{field} must be a list of names, not {value!r}")
        return tuple(value)

    def pair(self, field: str) -> tuple[float, float]:
        low, high = self._numbers(field, 2)
        if low > high:
            self._refuse(f"{field} must go from low to high, not from {low} to {high}")
        return low, high

    def counts(self, field: str) -> tuple[int, int]:
        low, high = self.pair(field)
        if not (isinstance(low, int) and isinstance(high, int)):
            self._refuse(f"{field} must be whole numbers, not {low} and {high}")
        return low, high

    def choice(self, field: str, choices: Sequence[str]) -> str:
        value = self.text(field)
        if value not in choices:
            self._refuse(f"{field} must be one of {', '.join(choices)}, not {value!r}")
        return value

    def four(self, field: str) -> tuple[float, float, float, float]:
        a, b, c, d = self._numbers(field, 4)
        return a, b, c, d

    def _numbers(self, field: str, count: int) -> list[float]:
        value = self._take(field)
        if (
            not isinstance(value, list)
            or len(value) != count
            or any(isinstance(one, bool) or not isinstance(one, int | float) for one in value)
        ):
            self._refuse(f"{field} must be {count} numbers, not {value!r}")
        return value

    def table(self, field: str, default: object = None) -> _Table:
        return _Table(self._take(field, default), f"{self._where}.{field}")

    def end(self) -> None:
        """Refuse fields that were not taken: a name may be misspelt."""
        if self._content:
            self._refuse(f"unknown field {', '.join(self._content)}")


def _exercise(name: str, table: _Table) -> Exercise:
    target, form = table.table("target"), table.table("form", {})
    exercise = Exercise(
        name=name,
        title=table.text("title"),
        starts_at=Start(table.choice("starts_at", list(Start))),
        group=table.names("group", default=[name]),
        top=table.text("top"),
        top_deg=ValueRange(*table.pair("top_deg")),
        bottom_deg=ValueRange(*table.pair("bottom_deg")),
        range_deg=ValueRange(*table.pair("range_deg")),
        rep_s=ValueRange(*table.pair("rep_s")),
        peak_dps=ValueRange(*table.pair("peak_dps")),
        target=Target(reps=target.counts("reps"), tempo_s=target.four("tempo_s")),
        form=FormRules(
            momentum=form.flag("momentum", default=True),
            straight_line=form.flag("straight_line", default=False),
        ),
        fit=_other_name(table.table("fit")),
        health_connect=_other_name(table.table("health_connect")),
        common=table.flag("common", default=True),
        set_down=table.flag("set_down", default=False),
        distinct=table.flag("distinct", default=False),
    )
    for read in (target, form, table):
        read.end()
    return exercise


def _other_name(table: _Table) -> OtherName:
    name = OtherName(group=table.text("group", ""), name=table.text("name", ""), exact=table.flag("exact"))
    table.end()
    return name


def read_exercises(toml: str) -> dict[str, Exercise]:
    """Read profiles from the text of a file like ``exercises.toml``.

    Raises ConfigError, naming the table and the field, for a field that is
    missing, unknown or of the wrong type, and for groups that do not agree.
    """
    try:
        tables = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        msg = f"{FILE.name}: {error}"
        raise ConfigError(msg) from error
    exercises = {
        name: _exercise(name, _Table(table, f"{FILE.name}: {name}")) for name, table in tables.items()
    }
    for name, exercise in exercises.items():
        group = [exercises[other] for other in exercise.group if other in exercises]
        if (
            name not in exercise.group
            or len(group) != len(exercise.group)
            or any(other.group != exercise.group for other in group)
        ):
            msg = f"{FILE.name}: {name}: group must name it, and be the same in all that it names"
            raise ConfigError(msg)
        if sum(other.common for other in group) != 1:
            msg = f"{FILE.name}: {name}: all but one of its group must have common = false"
            raise ConfigError(msg)
    return exercises


FILE = Path(__file__).with_suffix(".toml")
EXERCISES = read_exercises(FILE.read_text(encoding="utf-8"))
"""The profiles by name."""

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


def title_of(name: str) -> str:
    """Title of an exercise for people; any other name is given as it is."""
    known = EXERCISES.get(name)
    return known.title if known else name
