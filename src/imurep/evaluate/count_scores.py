"""Compares what was counted with the truth; pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.evaluate.count_index import UNCALIBRATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imurep.evaluate.batch import Counts
    from imurep.evaluate.count_index import Trial, TruthRow


@dataclass(frozen=True, slots=True)
class SetScore:
    """Sets of one data set and activity, nothing told."""

    dataset: str
    activity: str
    right: int
    """Files whose reps, summed over the sets found, are within the tolerance."""
    total: int
    mean_abs_error: float
    in_one_set: int
    split: int
    """Files found in more than one set; in the rest nothing was found."""


@dataclass(frozen=True, slots=True)
class RightScore:
    """Files of one data set and activity, and how many of them are exact."""

    dataset: str
    activity: str
    right: int
    total: int


@dataclass(frozen=True, slots=True)
class QuietScore:
    """Hours of one data set in which there is no set."""

    dataset: str
    hours: float
    false_sets: int
    false_reps: int
    in_headline: bool

    @property
    def false_sets_per_hour(self) -> float:
        """Sets announced per hour."""
        return self.false_sets / self.hours if self.hours else 0.0

    @property
    def false_reps_per_hour(self) -> float:
        """Reps in them per hour."""
        return self.false_reps / self.hours if self.hours else 0.0


@dataclass(frozen=True, slots=True)
class Miss:
    """A file that is off."""

    file: str
    expected: int
    """Reps that it holds (in a quiet one: in sets)."""
    got: Counts
    why: str
    trial: Trial


@dataclass(frozen=True, slots=True)
class Score:
    """All that ``imurep evaluate`` prints."""

    sets: tuple[SetScore, ...]
    told: tuple[RightScore, ...]
    """The same sets with the exercise told, where it has a name here."""
    singles: tuple[RightScore, ...]
    quiet: tuple[QuietScore, ...]
    misses: tuple[Miss, ...]

    @property
    def right(self) -> int:
        """Sets counted right."""
        return sum(part.right for part in self.sets)

    @property
    def total(self) -> int:
        """Sets in all."""
        return sum(part.total for part in self.sets)

    @property
    def headline(self) -> QuietScore:
        """The quiet hours that count, taken together."""
        parts = [part for part in self.quiet if part.in_headline]
        return QuietScore(
            "all",
            sum(part.hours for part in parts),
            sum(part.false_sets for part in parts),
            sum(part.false_reps for part in parts),
            in_headline=True,
        )


def score(rows: Iterable[TruthRow], counts: Mapping[Trial, Counts]) -> Score:
    """Score the counts; they answer every trial of ``plan(rows)``."""
    rows = tuple(rows)
    sets = [row for row in rows if row.is_set]
    told = [(row, row.told) for row in sets if row.told is not None]
    singles = [(row, row.alone) for row in rows if row.is_single]
    quiet = [row for row in rows if row.is_quiet]
    return Score(
        sets=tuple(_sets(name, part, counts) for name, part in _grouped(sets)),
        told=_exact(told, counts),
        singles=_exact(singles, counts),
        quiet=_quiet(quiet, counts),
        misses=tuple(_misses(sets, told, singles, quiet, counts)),
    )


def _sets(name: tuple[str, str], rows: Sequence[TruthRow], counts: Mapping[Trial, Counts]) -> SetScore:
    errors = [_error(row, counts) for row in rows]
    found = [len(counts[row.plain]) for row in rows]
    return SetScore(
        *name,
        right=sum(error <= row.tolerance for error, row in zip(errors, rows, strict=True)),
        total=len(rows),
        mean_abs_error=sum(errors) / len(rows),
        in_one_set=found.count(1),
        split=sum(number > 1 for number in found),
    )


def _exact(
    trials: Iterable[tuple[TruthRow, Trial]], counts: Mapping[Trial, Counts]
) -> tuple[RightScore, ...]:
    groups: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for row, trial in trials:
        groups[row.dataset, row.activity].append(sum(counts[trial]) == row.reps)
    return tuple(RightScore(*name, sum(right), len(right)) for name, right in sorted(groups.items()))


def _quiet(rows: Iterable[TruthRow], counts: Mapping[Trial, Counts]) -> tuple[QuietScore, ...]:
    groups: defaultdict[str, list[TruthRow]] = defaultdict(list)
    for row in rows:
        groups[row.dataset].append(row)
    return tuple(
        QuietScore(
            dataset,
            hours=sum(row.seconds for row in part) / 3600,
            false_sets=sum(len(counts[row.plain]) for row in part),
            false_reps=sum(sum(counts[row.plain]) for row in part),
            in_headline=dataset not in UNCALIBRATED,
        )
        for dataset, part in sorted(groups.items())
    )


def _misses(
    sets: Iterable[TruthRow],
    told: Iterable[tuple[TruthRow, Trial]],
    singles: Iterable[tuple[TruthRow, Trial]],
    quiet: Iterable[TruthRow],
    counts: Mapping[Trial, Counts],
) -> Iterator[Miss]:
    for row in sets:
        got = counts[row.plain]
        if _error(row, counts) > row.tolerance:
            yield Miss(row.file, row.reps or 0, got, "count", row.plain)
        elif len(got) != 1:
            yield Miss(row.file, row.reps or 0, got, "split", row.plain)
    for row, trial in (*told, *singles):
        if sum(counts[trial]) != row.reps:
            yield Miss(row.file, row.reps or 0, counts[trial], "count", trial)
    for row in quiet:
        if counts[row.plain]:
            yield Miss(row.file, 0, counts[row.plain], f"no set here ({row.activity})", row.plain)


def _error(row: TruthRow, counts: Mapping[Trial, Counts]) -> int:
    return abs(sum(counts[row.plain]) - (row.reps or 0))


def _grouped(rows: Iterable[TruthRow]) -> list[tuple[tuple[str, str], list[TruthRow]]]:
    groups: defaultdict[tuple[str, str], list[TruthRow]] = defaultdict(list)
    for row in rows:
        groups[row.dataset, row.activity].append(row)
    return sorted(groups.items())
