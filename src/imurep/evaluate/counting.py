"""Counts recordings for an evaluation, in several processes."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING

from imurep.replay import count_sets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from imurep.evaluate.truth import Trial

Counts = tuple[int, ...]
"""Reps of each set that was counted in a recording."""


def run(
    directory: Path,
    trials: Sequence[Trial],
    *,
    jobs: int = 1,
    done: Callable[[int], None] = lambda _: None,
) -> dict[Trial, Counts]:
    """Count all trials, in ``jobs`` processes; ``done`` is called with how many have been counted."""
    counts: dict[Trial, Counts] = {}
    for trial, found in _counted(directory, trials, jobs):
        counts[trial] = found
        done(len(counts))
    return counts


def _counted(directory: Path, trials: Sequence[Trial], jobs: int) -> Iterator[tuple[Trial, Counts]]:
    if jobs == 1 or len(trials) < 2:
        yield from (_count(directory, trial) for trial in trials)
        return
    # Spawned, not forked: the same on every system, and safe where libraries have started threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(trials)), mp_context=context) as pool:
        # The longest first, so that no process is left alone with one at the end.
        ordered = sorted(trials, key=lambda trial: _size(directory / trial.file), reverse=True)
        waiting = [pool.submit(_count, directory, trial) for trial in ordered]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _count(directory: Path, trial: Trial) -> tuple[Trial, Counts]:
    sets = count_sets(directory / trial.file, exercise=trial.exercise, min_reps=trial.min_reps)
    return trial, tuple(found.repetitions for found in sets)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
