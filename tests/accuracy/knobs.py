"""``python -m tests.accuracy.knobs FOLDER...``: move each knob by a fifth, and see which sets change.

A folder holds CSV recordings and a ``truth.json`` that names them, or real recordings and an
``index.json``. Knobs are those of docs/explanation/knobs.md that decide from segmentation on.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from imurep.counting.params import CountingParams
from imurep.evaluate import plan_trials, read_index
from tests.accuracy.knob_list import knobs
from tests.accuracy.tape import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imurep.events import ExerciseSet
    from tests.accuracy.tape import Tape

RECORDINGS = Path(__file__).parents[2] / "recordings"
LIBRARY = (
    *(
        "back-extension-90",
        "roll-up",
        "floor-back-extension",
        "good-morning",
        "deadlift",
        "trap-bar-deadlift",
    ),
    *("kettlebell-swing", "accelerometer-only", "slipped-strap", "link-loss"),
)
DEFAULT = CountingParams()
STAGES = ("segmentation.", "assessment.exercise_classifier.", "assessment.out_of_plane.")
"""What decides about sets; the others measure them."""
A_FIFTH = (0.8, 1.2)
ONE_IN = 100
WORST = 12


class Trial(NamedTuple):
    """A recording, and how it is counted."""

    name: str
    tape: Tape
    exercise: str | None = None
    min_reps: int = 3

    def sets(self, params: CountingParams = DEFAULT) -> tuple[ExerciseSet, ...]:
        """Count it."""
        return self.tape.play(params, exercise=self.exercise, min_reps=self.min_reps)


class Moved(NamedTuple):
    """What one knob does at another value."""

    what: str
    changed: list[str]
    """Recordings, one for each set of theirs that is not counted as before."""


def recorded() -> list[Trial]:
    """Of the library a recording of each exercise and sensor, and with a slip and a lossy link."""
    return [Trial(name, record(RECORDINGS / f"{name}.jsonl.gz")) for name in LIBRARY]


def moved(trials: Sequence[Trial], factors: Sequence[float] = A_FIFTH) -> Iterator[Moved]:
    """Move each knob by each factor; one that has whole values is moved by no more than that."""
    before = [trial.sets() for trial in trials]
    for path, value in _knobs(DEFAULT):
        for factor in factors:
            other = value * factor
            if isinstance(value, int):
                other = math.floor(other) if factor > 1 else math.ceil(other)
            if other == value:
                continue
            params = _with(DEFAULT, path, other)
            changed = [
                trial.name
                for trial, usual in zip(trials, before, strict=True)
                for _ in range(changes(usual, trial.sets(params)))
            ]
            yield Moved(f"{'.'.join(map(str, path))} {value:g} -> {other:g}", changed)


def changes(before: Sequence[ExerciseSet], after: Sequence[ExerciseSet]) -> int:
    """Number of sets that are not one set of as many reps afterwards, and of those that are new."""
    count, known = 0, set()
    for one in before:
        met = [other for other in after if one.start_us < other.end_us and other.start_us < one.end_us]
        known |= {other.id for other in met}
        count += [other.repetitions for other in met] != [one.repetitions]
    return count + sum(other.id not in known for other in after)


def _knobs(params: CountingParams) -> Iterator[tuple[tuple[str | int, ...], float]]:
    names = {one.name.partition(".")[2] for one in knobs()}
    for path, value in _leaves(params, (), names, inside=False):
        if ".".join(map(str, path)).startswith(STAGES):
            yield path, value


def _leaves(
    params: Any,  # noqa: ANN401 any of the dataclasses
    path: tuple[str | int, ...],
    names: set[str],
    *,
    inside: bool,
) -> Iterator[tuple[tuple[str | int, ...], float]]:
    """Fields that are on the page, and those of a default that is."""
    for field in fields(params):
        value, to = getattr(params, field.name), (*path, field.name)
        known = inside or f"{type(params).__name__}.{field.name}" in names
        if is_dataclass(value):
            yield from _leaves(value, to, names, inside=known)
        elif known and isinstance(value, tuple):
            yield from (((*to, at), part) for at, part in enumerate(value))
        elif known:
            yield to, value


def _with(params: Any, path: tuple[Any, ...], value: float) -> Any:  # noqa: ANN401 any of the dataclasses
    if not path:
        return value
    if isinstance(params, tuple):
        return (*params[: path[0]], value, *params[path[0] + 1 :])
    return replace(params, **{path[0]: _with(getattr(params, path[0]), path[1:], value)})


def of_folder(folder: Path) -> Iterator[Trial]:
    """All recordings of a folder; none where it has neither list of them."""
    if (folder / "truth.json").is_file():
        for truth in json.loads((folder / "truth.json").read_text("utf-8")):
            yield Trial(truth["file"], record(folder / truth["file"]))
    elif (folder / "index.json").is_file():
        # Hours without a set would take an hour.
        for trial in plan_trials(row for row in read_index(folder) if row.is_set or row.is_single):
            yield Trial(trial.file, record(folder / trial.file), trial.exercise, trial.min_reps)


def print_table(trials: Sequence[Trial]) -> bool:
    """Print the worst knobs; return whether none changes more than one set in a hundred."""
    sets = sum(len(trial.sets()) for trial in trials)
    found = sorted(moved(trials), key=lambda one: -len(one.changed))
    print(f"Knobs moved by a fifth, over {sets} sets; the worst of {len(found)}\n")
    for one in found[:WORST]:
        mark = "MISSED" if len(one.changed) * ONE_IN > sets else "ok"
        print(f"{mark:8}{one.what:58}{len(one.changed):4}  {', '.join(one.changed[:3])}")
    print()
    return len(found[0].changed) * ONE_IN <= sets


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    args = parser.parse_args(argv)
    trials = [*recorded(), *(trial for folder in args.folders for trial in of_folder(folder))]
    sys.exit(0 if print_table(trials) else 1)


if __name__ == "__main__":
    main()
