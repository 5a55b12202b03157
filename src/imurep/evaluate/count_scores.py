"""Compares counts with the true counts of ``index.json``."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.evaluate.count_index import UNCALIBRATED
from imurep.evaluate.quiet_metrics import QuietMetrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imurep.evaluate.batch import Counts
    from imurep.evaluate.count_index import Trial, TruthRow


@dataclass(frozen=True, slots=True)
class SetCountScore:
    """Sets of one data set and activity, counted without being given the exercise."""

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
class ExactCountScore:
    """Files of one data set and activity, and how many of them are exact."""

    dataset: str
    activity: str
    right: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietCountScore(QuietMetrics):
    """What was counted in the hours of one data set in which there is no set."""

    dataset: str
    in_headline: bool


@dataclass(frozen=True, slots=True)
class Miscount:
    """A file with a wrong count."""

    file: str
    expected: int
    """Reps that it holds (in a quiet one: in sets)."""
    got: Counts
    why: str
    trial: Trial


@dataclass(frozen=True, slots=True)
class CountScore:
    """Scores of all counts, as ``imurep evaluate`` prints them."""

    sets: tuple[SetCountScore, ...]
    with_exercise: tuple[ExactCountScore, ...]
    """Sets counted with the exercise given, where it has a name here."""
    singles: tuple[ExactCountScore, ...]
    quiet: tuple[QuietCountScore, ...]
    misses: tuple[Miscount, ...]

    @property
    def right(self) -> int:
        """Sets counted right."""
        return sum(part.right for part in self.sets)

    @property
    def total(self) -> int:
        """Sets in all."""
        return sum(part.total for part in self.sets)

    @property
    def headline(self) -> QuietCountScore:
        """The quiet hours that count, taken together."""
        parts = [part for part in self.quiet if part.in_headline]
        return QuietCountScore(
            dataset="all",
            hours=sum(part.hours for part in parts),
            false_sets=sum(part.false_sets for part in parts),
            false_reps=sum(part.false_reps for part in parts),
            in_headline=True,
        )


def score_counts(rows: Iterable[TruthRow], counts: Mapping[Trial, Counts]) -> CountScore:
    """Score the counts; they answer every trial of ``plan_trials(rows)``."""
    rows = tuple(rows)
    sets = [row for row in rows if row.is_set]
    given = [(row, row.with_exercise) for row in sets if row.with_exercise is not None]
    singles = [(row, row.single_rep) for row in rows if row.is_single]
    quiet = [row for row in rows if row.is_quiet]
    return CountScore(
        sets=tuple(_sets(name, part, counts) for name, part in _grouped(sets)),
        with_exercise=_exact(given, counts),
        singles=_exact(singles, counts),
        quiet=_quiet(quiet, counts),
        misses=tuple(_misses(sets, given, singles, quiet, counts)),
    )


def _sets(name: tuple[str, str], rows: Sequence[TruthRow], counts: Mapping[Trial, Counts]) -> SetCountScore:
    errors = [_error(row, counts) for row in rows]
    found = [len(counts[row.without_exercise]) for row in rows]
    return SetCountScore(
        *name,
        right=sum(error <= row.tolerance for error, row in zip(errors, rows, strict=True)),
        total=len(rows),
        mean_abs_error=sum(errors) / len(rows),
        in_one_set=found.count(1),
        split=sum(number > 1 for number in found),
    )


def _exact(
    trials: Iterable[tuple[TruthRow, Trial]], counts: Mapping[Trial, Counts]
) -> tuple[ExactCountScore, ...]:
    groups: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for row, trial in trials:
        groups[row.dataset, row.activity].append(sum(counts[trial]) == row.reps)
    return tuple(ExactCountScore(*name, sum(right), len(right)) for name, right in sorted(groups.items()))


def _quiet(rows: Iterable[TruthRow], counts: Mapping[Trial, Counts]) -> tuple[QuietCountScore, ...]:
    groups: defaultdict[str, list[TruthRow]] = defaultdict(list)
    for row in rows:
        groups[row.dataset].append(row)
    return tuple(
        QuietCountScore(
            dataset=dataset,
            hours=sum(row.seconds for row in part) / 3600,
            false_sets=sum(len(counts[row.without_exercise]) for row in part),
            false_reps=sum(sum(counts[row.without_exercise]) for row in part),
            in_headline=dataset not in UNCALIBRATED,
        )
        for dataset, part in sorted(groups.items())
    )


def _misses(
    sets: Iterable[TruthRow],
    given: Iterable[tuple[TruthRow, Trial]],
    singles: Iterable[tuple[TruthRow, Trial]],
    quiet: Iterable[TruthRow],
    counts: Mapping[Trial, Counts],
) -> Iterator[Miscount]:
    for row in sets:
        got = counts[row.without_exercise]
        if _error(row, counts) > row.tolerance:
            yield Miscount(row.file, row.reps or 0, got, "count", row.without_exercise)
        elif len(got) != 1:
            yield Miscount(row.file, row.reps or 0, got, "split", row.without_exercise)
    for row, trial in (*given, *singles):
        if sum(counts[trial]) != row.reps:
            yield Miscount(row.file, row.reps or 0, counts[trial], "count", trial)
    for row in quiet:
        if counts[row.without_exercise]:
            yield Miscount(
                row.file,
                0,
                counts[row.without_exercise],
                f"no set here ({row.activity})",
                row.without_exercise,
            )


def _error(row: TruthRow, counts: Mapping[Trial, Counts]) -> int:
    return abs(sum(counts[row.without_exercise]) - (row.reps or 0))


def _grouped(rows: Iterable[TruthRow]) -> list[tuple[tuple[str, str], list[TruthRow]]]:
    groups: defaultdict[tuple[str, str], list[TruthRow]] = defaultdict(list)
    for row in rows:
        groups[row.dataset, row.activity].append(row)
    return sorted(groups.items())
