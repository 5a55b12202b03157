"""Simulates sessions, counts them with and without their exercise given, and compares."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_sim.programs.cli import main as simulate
from imurep.evaluate import Trial, compare, count_recording, read_truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imurep.evaluate import Counts, RecordingComparison
    from tests.accuracy.sessions import Session


@dataclass(frozen=True, slots=True)
class Outcome:
    """One session, counted in one way."""

    session: Session
    exercise_given: bool
    comparison: RecordingComparison
    counts: Counts

    @property
    def wrong_reps(self) -> int:
        """Most reps that were missed or invented in one of its sets; one in another place is one."""
        sets = self.comparison.sets
        return max((max(len(one.matched) - sum(one.matched), one.false_reps) for one in sets), default=0)


def count_simulated(session: Session) -> list[Outcome]:
    """Simulate one session and count it in both ways."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            simulate(["record", str(directory / "it"), *session.arguments])
        truth = read_truth(directory / "it.truth.json", directory)
        outcomes = []
        for exercise in dict.fromkeys((None, truth.exercise)):
            found = count_recording(directory / truth.file, Trial(truth.file, exercise=exercise))
            exercise_given = exercise is not None
            outcomes.append(Outcome(session, exercise_given, compare(truth, found), found.counts))
        return outcomes


def count_all(sessions: Sequence[Session], jobs: int, done: Callable[[int], None]) -> list[Outcome]:
    """Count all sessions; the outcomes are in the order of the sessions."""
    if jobs == 1:
        results: dict[int, list[Outcome]] = {}
        for number, session in enumerate(sessions):
            results[number] = count_simulated(session)
            done(len(results))
    else:
        with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
            waiting = {
                pool.submit(count_simulated, session): number for number, session in enumerate(sessions)
            }
            results = {}
            for future in as_completed(waiting):
                results[waiting[future]] = future.result()
                done(len(results))
    return [outcome for number in sorted(results) for outcome in results[number]]
