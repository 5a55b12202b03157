"""The exercises as plain data: postures, rhythm, targets, and what one torso sensor cannot tell apart.

An exercise is one entry in ``EXERCISES``; docs/how-to/add-an-exercise.md shows
how, docs/reference/exercises.md has the table and where the numbers come from.
The ranges are wide on purpose: people and benches differ, and a set outside of
all of them is called unknown rather than something.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from imurep.errors import ConfigError


class Start(StrEnum):
    """The end of the movement at which a rep starts."""

    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True)
class Span:
    """From ``low`` to ``high``, both included."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            msg = f"a span goes from low to high, not from {self.low} to {self.high}"
            raise ValueError(msg)

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is sensible when the person has set nothing else."""

    reps: tuple[int, int]
    """Fewest and most in a set; whoever does more may add weight."""
    tempo_s: tuple[float, float, float, float]
    """Eccentric - bottom hold - concentric - top hold, as measured here (docs/reference/glossary.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRules:
    """What is looked at in its form, besides what holds for every exercise."""

    momentum: bool = True
    """False: momentum is what the exercise is about."""
    straight_line: bool = False
    """The top is a straight line of trunk and legs, which a calibration can measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherName:
    """What another system calls it."""

    group: str
    """Category in FIT; empty in Health Connect, which has none."""
    name: str
    """Empty: it has no name there, only the category."""
    exact: bool
    """False: the nearest there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """What there is to know of an exercise."""

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
    top_deg: Span
    """Inclination of the trunk from upright at the top,"""
    bottom_deg: Span
    """and at the bottom; upright is the pose of walking, which leans forward by a few degrees."""
    range_deg: Span
    """Range of motion of a full rep."""
    rep_s: Span
    """From one rep's start to the next one's: its rhythm."""
    peak_dps: Span
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
    """False: its group has a more common name, which a set gets unless another one is told."""
    set_down: bool = False
    """The load stands on the floor at both ends of the set: who then rises to the top does it without it."""
    distinct: bool = False
    """Rhythm and dynamics alone tell it from all others, even where upright was not seen."""


_DEADLIFTS = ("deadlift", "trap_bar_deadlift")
_HINGES = ("good_morning", "romanian_deadlift")

_NO_FIT_EXTENSION = OtherName(group="hyperextension", name="", exact=False)
_HC_EXTENSION = OtherName(group="", name="BACK_EXTENSION", exact=True)

EXERCISES = {
    exercise.name: exercise
    for exercise in (
        Exercise(
            name="back_extension_45",
            title="back extension (45° bench)",
            starts_at=Start.BOTTOM,
            group=("back_extension_45",),
            top="trunk and legs in a straight line, about 45 degrees from upright",
            top_deg=Span(15, 62),
            bottom_deg=Span(102, 150),
            range_deg=Span(45, 130),
            rep_s=Span(1.5, 20),
            peak_dps=Span(15, 260),
            target=Target(reps=(10, 12), tempo_s=(2.0, 0.5, 1.5, 1.0)),
            form=FormRules(straight_line=True),
            fit=_NO_FIT_EXTENSION,
            health_connect=_HC_EXTENSION,
        ),
        Exercise(
            name="back_extension_90",
            title="back extension (90° bench)",
            starts_at=Start.BOTTOM,
            group=("back_extension_90",),
            top="trunk and legs in a straight line, level",
            top_deg=Span(58, 112),
            bottom_deg=Span(135, 180),
            range_deg=Span(40, 125),
            rep_s=Span(1.5, 20),
            peak_dps=Span(15, 260),
            target=Target(reps=(10, 12), tempo_s=(2.0, 0.5, 1.5, 1.0)),
            form=FormRules(straight_line=True),
            fit=_NO_FIT_EXTENSION,
            health_connect=_HC_EXTENSION,
        ),
        Exercise(
            name="floor_back_extension",
            title="back extension (floor)",
            starts_at=Start.BOTTOM,
            group=("floor_back_extension",),
            top="chest lifted off the floor",
            top_deg=Span(50, 80),
            bottom_deg=Span(74, 102),
            range_deg=Span(10, 34),
            # Faster than this, and level: push-ups look the same to the torso.
            rep_s=Span(3.2, 20),
            peak_dps=Span(8, 45),
            target=Target(reps=(10, 12), tempo_s=(1.5, 0.5, 1.2, 1.5)),
            form=FormRules(),
            fit=_NO_FIT_EXTENSION,
            health_connect=_HC_EXTENSION,
        ),
        Exercise(
            name="good_morning",
            title="good morning",
            starts_at=Start.TOP,
            group=_HINGES,
            common=False,
            top="standing upright",
            top_deg=Span(0, 20),
            bottom_deg=Span(48, 86),
            range_deg=Span(38, 95),
            rep_s=Span(1.75, 20),
            peak_dps=Span(20, 260),
            target=Target(reps=(8, 12), tempo_s=(2.2, 0.3, 1.5, 0.8)),
            form=FormRules(),
            fit=OtherName(group="leg_curl", name="good_morning", exact=True),
            health_connect=OtherName(group="", name="WEIGHTLIFTING", exact=False),
        ),
        Exercise(
            name="deadlift",
            title="deadlift",
            starts_at=Start.BOTTOM,
            group=_DEADLIFTS,
            set_down=True,
            top="standing upright, bar at the hips",
            top_deg=Span(0, 20),
            bottom_deg=Span(44, 84),
            range_deg=Span(30, 90),
            rep_s=Span(1.72, 20),
            peak_dps=Span(15, 260),
            target=Target(reps=(5, 8), tempo_s=(1.4, 0.8, 1.4, 0.7)),
            form=FormRules(),
            fit=OtherName(group="deadlift", name="barbell_deadlift", exact=True),
            health_connect=OtherName(group="", name="DEADLIFT", exact=True),
        ),
        Exercise(
            name="trap_bar_deadlift",
            title="trap-bar deadlift",
            starts_at=Start.BOTTOM,
            group=_DEADLIFTS,
            common=False,
            set_down=True,
            top="standing upright, handles at the hips",
            top_deg=Span(0, 20),
            bottom_deg=Span(26, 60),
            range_deg=Span(20, 70),
            rep_s=Span(1.5, 20),
            peak_dps=Span(12, 140),
            target=Target(reps=(5, 8), tempo_s=(1.4, 0.8, 1.2, 0.7)),
            form=FormRules(),
            fit=OtherName(group="deadlift", name="trap_bar_deadlift", exact=True),
            health_connect=OtherName(group="", name="DEADLIFT", exact=False),
        ),
        Exercise(
            name="romanian_deadlift",
            title="Romanian deadlift",
            starts_at=Start.TOP,
            group=_HINGES,
            top="standing upright, bar at the hips",
            top_deg=Span(0, 20),
            bottom_deg=Span(50, 90),
            range_deg=Span(40, 98),
            rep_s=Span(1.75, 20),
            peak_dps=Span(20, 260),
            target=Target(reps=(8, 12), tempo_s=(2.0, 0.2, 1.3, 0.5)),
            form=FormRules(),
            fit=OtherName(group="deadlift", name="romanian_deadlift", exact=True),
            health_connect=OtherName(group="", name="DEADLIFT", exact=False),
        ),
        Exercise(
            name="kettlebell_swing",
            title="kettlebell swing",
            starts_at=Start.BOTTOM,
            group=("kettlebell_swing",),
            set_down=True,
            distinct=True,
            top="standing upright, the bell at the height of the chest",
            top_deg=Span(0, 30),
            bottom_deg=Span(40, 90),
            range_deg=Span(45, 105),
            rep_s=Span(0.8, 1.72),
            peak_dps=Span(140, 450),
            target=Target(reps=(10, 20), tempo_s=(0.65, 0.0, 0.6, 0.1)),
            form=FormRules(momentum=False),
            fit=OtherName(group="hip_raise", name="kettlebell_swing", exact=True),
            health_connect=OtherName(group="", name="KETTLEBELL_SWING", exact=True),
        ),
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


def title_of(name: str) -> str:
    """Name of an exercise for people; that of another one as it is."""
    known = EXERCISES.get(name)
    return known.title if known else name
