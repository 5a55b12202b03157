"""The truth of ``index.json``: how many reps a recording holds, and which counts that asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imurep.errors import RecordingError
from imurep.exercises import EXERCISES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


# What an index does not hold.
NO_TRUNK_EXERCISE = {("mhealth", "knee_bend")}
"""(data set, activity) with a true count of something that the trunk need not show: not scored."""
UNCALIBRATED = {"casale"}
"""Data sets whose tilt cannot be relied on: shown, but not in the headline."""

DEFAULT_MIN_REPS = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """A recording to be counted, and the options."""

    file: str
    exercise: str | None = None
    min_reps: int = DEFAULT_MIN_REPS

    @property
    def options(self) -> str:
        """The options of ``imurep replay`` that count it in this way."""
        exercise = [] if self.exercise is None else [f"--exercise {self.exercise}"]
        least = [] if self.min_reps == DEFAULT_MIN_REPS else [f"--min-reps {self.min_reps}"]
        return " ".join(exercise + least)


Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthRow:
    """What an index holds about one recording."""

    file: str
    seconds: float
    reps: int | None
    """True number of reps; None: unknown, not scored."""
    tolerance: int = 0
    dataset: str = ""
    activity: str = ""

    @property
    def is_set(self) -> bool:
        """Whether it holds a set of a trunk exercise."""
        exercise = (self.dataset, self.activity) not in NO_TRUNK_EXERCISE
        return self.reps is not None and self.reps > 1 and exercise

    @property
    def is_single(self) -> bool:
        """Whether it holds a single bend."""
        return self.reps == 1

    @property
    def is_quiet(self) -> bool:
        """Whether it holds no set; one bend in daily life is none."""
        return self.reps in {0, 1}

    @property
    def without_exercise(self) -> Trial:
        """Count it without being given the exercise."""
        return Trial(self.file)

    @property
    def single_rep(self) -> Trial:
        """Count it so that a single bend is found."""
        return Trial(self.file, min_reps=1)

    @property
    def with_exercise(self) -> Trial | None:
        """Count it with the exercise given; None where that has no name here."""
        return Trial(self.file, exercise=self.activity) if self.activity in EXERCISES else None


def read_index(directory: Path) -> tuple[TruthRow, ...]:
    """Read ``directory/index.json``; raises RecordingError when there is nothing to score in it."""
    path = directory / "index.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        msg = f"{path}: not found; give a directory whose index.json lists recordings and their true counts"
        raise RecordingError(msg) from None
    except (OSError, ValueError) as error:
        msg = f"{path}: cannot be read as JSON: {error}"
        raise RecordingError(msg) from error
    if not isinstance(found, list) or not found:
        msg = f"{path}: lists no recordings; it must be a list of objects with file, seconds and reps"
        raise RecordingError(msg)
    return tuple(_row(entry, f"{path}: entry {at}") for at, entry in enumerate(found, start=1))


def plan_trials(rows: Iterable[TruthRow]) -> tuple[Trial, ...]:
    """Which recordings to count, and how, for ``score``."""
    trials: dict[Trial, None] = {}  # a set that keeps its order
    for row in rows:
        if row.is_set or row.is_quiet:
            trials[row.without_exercise] = None
        if row.is_single:
            trials[row.single_rep] = None
        if row.is_set and row.with_exercise is not None:
            trials[row.with_exercise] = None
    return tuple(trials)


def _row(entry: Any, where: str) -> TruthRow:  # noqa: ANN401 it comes from JSON
    try:
        reps, tolerance = entry["reps"], entry.get("tolerance")
        return TruthRow(
            file=str(entry["file"]),
            seconds=float(entry["seconds"]),
            reps=None if reps is None else int(reps),
            tolerance=0 if tolerance is None else int(tolerance),
            dataset=str(entry.get("dataset", "")),
            activity=str(entry.get("activity", "")),
        )
    except KeyError as error:
        msg = f"{where} has no {error}"
        raise RecordingError(msg) from None
    except (TypeError, ValueError, AttributeError) as error:
        msg = f"{where} is not a valid entry: {error}"
        raise RecordingError(msg) from error
