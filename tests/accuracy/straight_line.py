"""How well a calibrated straight line finds tops that are over it, with simulated people on benches.

Each person calibrates once and works out another day, with the strap put on
anew: the same sensor the same way round, give or take 15 degrees, or a sensor
of other errors in any mounting at all. The workouts' tops lie evenly between
5 degrees under and 25 over the line.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import statistics
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from firmware_sim.programs.cli import main as simulate
from imurep.counting.assessment.calibration import Calibration
from imurep.counting.assessment.form_metrics import OVER_DEG, form_of
from imurep.exercises import EXERCISES
from imurep.offline.replay import LastSets, Replay
from tests.accuracy.targets import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BENCHES = tuple(name for name, exercise in EXERCISES.items() if exercise.form.straight_line)
OVERS_DEG = (-5.0, 25.0)
BAND_DEG = 3.0
"""Further than this from the limit, tops have to be classified right nearly always."""
SAME_S = 1.0
ALIKE_DEG = 15.0
LEAST = 0.95


class Person(NamedTuple):
    exercise: str
    seed: int
    over_deg: float
    alike: bool
    """The same sensor, the same way round."""

    @property
    def days(self) -> tuple[list[str], list[str]]:
        """Options of the day of the calibration, and of that of the workout."""
        if not self.alike:
            return ["--seed", str(self.seed + 300)], ["--seed", str(self.seed + 600)]
        rng = np.random.default_rng(self.seed)
        first = Rotation.random(random_state=rng)
        away = rng.normal(size=3)
        away *= math.radians(rng.uniform(0.0, ALIKE_DEG)) / np.linalg.norm(away)
        same = ["--seed", str(self.seed + 300)]
        return [*same, _mounting(first)], [*same, _mounting(first * Rotation.from_rotvec(away))]


class Top(NamedTuple):
    """How far a top was over the line; found is None where nothing was reported."""

    true_deg: float
    found_deg: float | None

    @property
    def over(self) -> bool:
        return self.true_deg > OVER_DEG

    @property
    def flagged(self) -> bool:
        return self.found_deg is not None and self.found_deg > OVER_DEG


def tops_of_all(base: int, each: int, jobs: int, *, alike: bool) -> list[Top]:
    """So many people for each bench, on the seeds from ``base`` on."""
    low, high = OVERS_DEG
    people = [
        Person(name, base + 1000 * at + k, low + (k + 0.5) / each * (high - low), alike)
        for at, name in enumerate(BENCHES)
        for k in range(each)
    ]
    with ProcessPoolExecutor(jobs) as pool:
        return [top for tops in pool.map(_tops, people) for top in tops]


def _tops(one: Person) -> list[Top]:
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        who = ("--exercise", one.exercise, "--person", str(one.seed))
        first_day, other_day = one.days
        calibrating, working = f"{folder}/line", f"{folder}/it"
        simulate(["record", calibrating, *who, "--calibrate", *first_day])
        over = ("--sets", "2x6", "--over-line", f"{one.over_deg:.2f}")
        simulate(["record", working, *who, *over, *other_day])
        calibration = Calibration(EXERCISES[one.exercise])
        for _ in Replay(f"{calibrating}.jsonl.gz", observer=calibration.push).events():
            pass
        replay, last = Replay(f"{working}.jsonl.gz"), LastSets()
        for event in replay.events():
            last.add(event)
        truth = json.loads(Path(f"{working}.truth.json").read_text(encoding="utf-8"))
    found = {
        (rep.top_us - replay.first_us) / 1e6: form.over_line_deg
        for one_set in last.in_order()
        for rep, form in zip(one_set.reps, form_of(one_set, line_deg=calibration.line_deg).reps, strict=True)
    }
    tops = []
    for one_set in truth["sets"]:
        for rep in one_set["reps"]:
            true_deg = one_set["straight_line_deg"] - rep["top_lean_deg"]
            near = [over_deg for at_s, over_deg in found.items() if abs(at_s - rep["top_s"]) < SAME_S]
            tops.append(Top(true_deg, near[0] if near else None))
    return tops


def _mounting(turned: Rotation) -> str:
    x, y, z, w = turned.as_quat()
    return f"--mounting={w:.6f},{x:.6f},{y:.6f},{z:.6f}"


def lines(how: str, tops: Sequence[Top]) -> Iterator[Line]:
    """What is reached by straps that were put on so."""
    over, others = [top for top in tops if top.over], [top for top in tops if not top.over]
    far_over = [top for top in over if top.true_deg > OVER_DEG + BAND_DEG]
    far_others = [top for top in others if top.true_deg < OVER_DEG - BAND_DEG]
    yield _share(f"over the line by 10 deg is flagged, {how}", over, flagged=True)
    yield _share(f"what is not is not, {how}", others, flagged=False)
    yield _share("  over by 13 deg is flagged", far_over, flagged=True)
    yield _share("  over by less than 7 deg is not", far_others, flagged=False)
    errors_deg = [top.found_deg - top.true_deg for top in tops if top.found_deg is not None]
    text = f"mean {statistics.fmean(errors_deg):+.1f}, sd {statistics.pstdev(errors_deg):.1f} deg"
    yield Line("  error of a top", "", f"{text}, of {len(errors_deg)}/{len(tops)}", None)


def _share(what: str, tops: Sequence[Top], *, flagged: bool) -> Line:
    right = sum(top.flagged is flagged for top in tops)
    reached = f"{right / len(tops):.4f} ({right}/{len(tops)})"
    return Line(what, f">= {LEAST:g}", reached, right >= LEAST * len(tops))
