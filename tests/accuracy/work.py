"""Simulates a session, counts it with nothing told and told its exercise, and compares."""

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
    told: bool
    comparison: RecordingComparison
    counts: Counts

    @property
    def wrong_reps(self) -> int:
        """Most reps that were missed or invented in one of its sets; one in another place is one."""
        sets = self.comparison.sets
        return max((max(len(one.matched) - sum(one.matched), one.false_reps) for one in sets), default=0)


def work(session: Session) -> list[Outcome]:
    """Do one session."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            simulate(["record", str(directory / "it"), *session.arguments])
        truth = read_truth(directory / "it.truth.json", directory)
        outcomes = []
        for exercise in dict.fromkeys((None, truth.exercise)):
            found = count_recording(directory / truth.file, Trial(truth.file, exercise=exercise))
            told = exercise is not None
            outcomes.append(Outcome(session, told, compare(truth, found), found.counts))
        return outcomes


def work_all(sessions: Sequence[Session], jobs: int, done: Callable[[int], None]) -> list[Outcome]:
    """Do all sessions, in the order in which they are given."""
    if jobs == 1:
        results: dict[int, list[Outcome]] = {}
        for number, session in enumerate(sessions):
            results[number] = work(session)
            done(len(results))
    else:
        with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
            waiting = {pool.submit(work, session): number for number, session in enumerate(sessions)}
            results = {}
            for future in as_completed(waiting):
                results[waiting[future]] = future.result()
                done(len(results))
    return [outcome for number in sorted(results) for outcome in results[number]]
