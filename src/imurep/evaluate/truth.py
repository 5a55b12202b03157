"""Truth files: what happened in a recording, rep by rep (docs/reference/truth-format.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imurep.errors import RecordingError
from imurep.events import Phase
from imurep.exercises import EXERCISES, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = "imurep-truth"
VERSION = 1
SUFFIX = ".truth.json"

_FIRST_MOVEMENTS = {"concentric": Phase.CONCENTRIC, "eccentric": Phase.ECCENTRIC}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRep:
    """One rep; seconds from the recording's first sample. None: does not exist, or nobody knows."""

    start_s: float
    top_s: float
    end_s: float
    eccentric_s: float | None = None
    bottom_hold_s: float | None = None
    concentric_s: float | None = None
    top_hold_s: float | None = None
    range_of_motion_deg: float | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueSet:
    """One set."""

    exercise: str
    first_movement: Phase
    reps: tuple[TrueRep, ...]
    """At least one."""

    @property
    def start_s(self) -> float:
        """Start of its first movement."""
        return self.reps[0].start_s

    @property
    def end_s(self) -> float:
        """End of its last movement."""
        return self.reps[-1].end_s


@dataclass(frozen=True, slots=True)
class QuietInterval:
    """Time in which nothing may be counted, or need not be, ``[start_s, end_s)``."""

    start_s: float
    end_s: float
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What happened in one recording."""

    file: str
    """The recording, from the directory that is scored."""
    duration_s: float
    sets: tuple[TrueSet, ...] = field(default=())
    quiet: tuple[QuietInterval, ...] = field(default=())
    neutral: tuple[QuietInterval, ...] = field(default=())
    """Time in which a rep is neither right nor wrong, such as one that fails."""

    @property
    def exercise(self) -> str | None:
        """The exercise, where the recording has just one and it has a profile."""
        names = {one.exercise for one in self.sets}
        return names.pop() if len(names) == 1 and names < EXERCISES.keys() else None


def find_truths(directory: Path) -> tuple[Path, ...]:
    """All truth files in a directory and those below it."""
    return tuple(sorted(directory.rglob(f"*{SUFFIX}")))


def read_truth(path: Path, directory: Path) -> Truth:
    """Read a truth file; raises RecordingError when it is none, or not consistent."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path}: cannot be read as JSON: {error}"
        raise RecordingError(msg) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        msg = f"{path}: not a truth file; it must be an object with the format {FORMAT!r}"
        raise RecordingError(msg)
    if found.get("version") != VERSION:
        msg = f"{path}: version {found.get('version')!r} of the truth format is unknown, only {VERSION}"
        raise RecordingError(msg)
    try:
        return _truth(found, path, directory)
    except KeyError as error:
        msg = f"{path}: {error} is missing"
        raise RecordingError(msg) from None
    except (TypeError, ValueError, AttributeError) as error:
        msg = f"{path}: not a valid truth file: {error}"
        raise RecordingError(msg) from error


def _truth(found: dict[str, Any], path: Path, directory: Path) -> Truth:
    name = str(found["recording"])
    if Path(name).name != name:
        msg = f"the recording {name!r} must lie in the same folder"
        raise ValueError(msg)
    duration_s = float(found["duration_s"])
    sets = tuple(_set(one, number) for number, one in enumerate(found["sets"], start=1))
    if any(later.start_s < one.end_s for one, later in pairwise(sets)):
        msg = "sets are not in order of time"
        raise ValueError(msg)
    quiet = found.get("quiet")
    return Truth(
        file=(path.relative_to(directory).parent / name).as_posix(),
        duration_s=duration_s,
        sets=sets,
        quiet=_outside(sets, duration_s) if quiet is None else tuple(_stretch(one) for one in quiet),
        neutral=tuple(_stretch(one) for one in found.get("neutral", ())),
    )


def _set(found: dict[str, Any], number: int) -> TrueSet:
    exercise = str(found["exercise"])
    if exercise not in EXERCISES and exercise != UNKNOWN:
        msg = f"set {number}: no exercise is called {exercise!r}"
        raise ValueError(msg)
    first = str(found["first_movement"])
    if first not in _FIRST_MOVEMENTS:
        msg = f"set {number}: first_movement is {first!r}, neither concentric nor eccentric"
        raise ValueError(msg)
    reps = tuple(_rep(one, f"set {number}, rep {at}") for at, one in enumerate(found["reps"], start=1))
    if not reps or len(reps) != int(found["repetitions"]):
        msg = f"set {number}: {len(reps)} reps, but repetitions is {found['repetitions']}"
        raise ValueError(msg)
    if any(later.start_s < rep.end_s for rep, later in pairwise(reps)):
        msg = f"set {number}: reps are not in order of time"
        raise ValueError(msg)
    return TrueSet(exercise=exercise, first_movement=_FIRST_MOVEMENTS[first], reps=reps)


def _rep(found: dict[str, Any], where: str) -> TrueRep:
    def number(key: str) -> float | None:
        value = found.get(key)
        return None if value is None else float(value)

    rep = TrueRep(
        start_s=float(found["start_s"]),
        top_s=float(found["top_s"]),
        end_s=float(found["end_s"]),
        eccentric_s=number("eccentric_s"),
        bottom_hold_s=number("bottom_hold_s"),
        concentric_s=number("concentric_s"),
        top_hold_s=number("top_hold_s"),
        range_of_motion_deg=number("range_of_motion_deg"),
        partial=bool(found.get("partial", False)),
    )
    if not rep.start_s <= rep.top_s <= rep.end_s or rep.start_s == rep.end_s:
        msg = f"{where}: start_s, top_s and end_s are not in order"
        raise ValueError(msg)
    return rep


def _stretch(found: dict[str, Any]) -> QuietInterval:
    return QuietInterval(float(found["start_s"]), float(found["end_s"]), str(found.get("what", "")))


def _outside(sets: Sequence[TrueSet], duration_s: float) -> tuple[QuietInterval, ...]:
    edges = [0.0, *(edge for one in sets for edge in (one.start_s, one.end_s)), duration_s]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple(QuietInterval(start_s, end_s) for start_s, end_s in pairs if end_s > start_s)
