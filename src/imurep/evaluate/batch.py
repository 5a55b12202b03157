"""Counts recordings for an evaluation, in several processes."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.offline.replay import LastSets, Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from imurep.evaluate.count_index import Trial
    from imurep.events import ExerciseSet

Counts = tuple[int, ...]
"""Reps of each set that was counted in a recording."""


@dataclass(frozen=True, slots=True)
class CountedRecording:
    """The sets that were counted in a recording."""

    sets: tuple[ExerciseSet, ...]
    first_us: int
    """Time of the recording's first sample."""

    @property
    def counts(self) -> Counts:
        """Reps of each set."""
        return tuple(one.repetitions for one in self.sets)


def count_all(
    directory: Path,
    trials: Sequence[Trial],
    *,
    jobs: int = 1,
    done: Callable[[int], None] = lambda _: None,
) -> dict[Trial, Counts]:
    """Count all trials, in ``jobs`` processes; ``done`` is called with how many have been counted."""
    return {
        trial: found.counts
        for trial, found in count_recordings(directory, trials, jobs=jobs, done=done).items()
    }


def count_recordings(
    directory: Path,
    trials: Sequence[Trial],
    *,
    jobs: int = 1,
    done: Callable[[int], None] = lambda _: None,
) -> dict[Trial, CountedRecording]:
    """Count all trials as ``count_all`` does, and keep the sets."""
    results: dict[Trial, CountedRecording] = {}
    for trial, found in _found(directory, trials, jobs):
        results[trial] = found
        done(len(results))
    return results


def count_recording(path: Path, trial: Trial) -> CountedRecording:
    """Count one recording."""
    replay = Replay(path, exercise=trial.exercise, min_reps=trial.min_reps)
    last = LastSets()
    for event in replay.events():
        last.add(event)
    return CountedRecording(last.in_order(), replay.first_us)


def _found(directory: Path, trials: Sequence[Trial], jobs: int) -> Iterator[tuple[Trial, CountedRecording]]:
    if jobs == 1 or len(trials) < 2:
        yield from ((trial, count_recording(directory / trial.file, trial)) for trial in trials)
        return
    # Spawned, not forked: the same on every system, and safe where libraries have started threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(trials)), mp_context=context) as pool:
        # The longest first, so that no process is left alone with one at the end.
        ordered = sorted(trials, key=lambda trial: _size(directory / trial.file), reverse=True)
        waiting = {pool.submit(count_recording, directory / trial.file, trial): trial for trial in ordered}
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
