"""The simulated sessions that are scored. No test uses their seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imurep.exercises import EXERCISES

if TYPE_CHECKING:
    from collections.abc import Iterator

SWING = "kettlebell_swing"
SLOW = tuple(name for name in EXERCISES if name != SWING)
TEMPOS = ("3-1-2-1", "2-0-1-3", "4-1-1-0", "2-1-2-2")
RATES_HZ = (26, 52, 104, 208)
MOUNTINGS = 50
ONE_SET = ("--sets", "1x10")
TWO_SETS = ("--sets", "2x10", "--rest", "45")
BAD_LINK = ("--loss", "5", "--gap-every", "20:0.25", "--jitter", "30")

VARIATIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ends at the top": (("--end-at-top",), SLOW),
    "slow eccentric": (("--slow-eccentric", "6"), SLOW),
    "static hold": (("--static-hold", "5"), SLOW),
    "momentum": (("--momentum",), SLOW),
    "roll-up": (("--roll-up",), ("back_extension_45", "back_extension_90", "floor_back_extension")),
    "partial reps": (("--partial", "4,8"), SLOW),
    "hesitation": (("--hesitate", "3,7"), SLOW),
    "fatigue": (("--fatigue", "0.4"), tuple(EXERCISES)),
    "plate behind the head": (
        ("--arms", "behind_head", "--load", "15"),
        ("back_extension_45", "back_extension_90"),
    ),
    "heavy bar": (
        ("--arms", "bar", "--load", "100"),
        ("deadlift", "trap_bar_deadlift", "romanian_deadlift", "good_morning"),
    ),
    "sensor on the chest": (("--place", "chest"), ("back_extension_45", "deadlift", SWING)),
    "upright never seen": (("--no-lead-in", "--cut-after", "1"), ("back_extension_45", "good_morning")),
}


@dataclass(frozen=True, slots=True)
class Session:
    """What is simulated: options of ``python -m firmware_sim record``."""

    group: str
    name: str
    """What it is within its group: an exercise, a variation, ..."""
    exercise: str
    seed: int
    options: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        return (*self.options, "--seed", str(self.seed))


def sessions(base: int) -> Iterator[Session]:
    """All sessions, on the seeds from ``base`` on."""
    for number, exercise in enumerate(EXERCISES):
        first = base + 100 * number
        yield from _plain(exercise, first)
        yield from _impaired(exercise, first)
        yield from _varied(exercise, first + 60)
    rng = np.random.default_rng(base)
    for number in range(MOUNTINGS):
        yield _mounted(number, rng.normal(size=4), base + 900)
    for at in range(5):
        yield Session(
            "daily", "daily life", "none", base + 910 + at, ("--exercise", "none", "--minutes", "10")
        )


def _plain(exercise: str, first: int) -> Iterator[Session]:
    for at in range(8):
        tempo = () if at % 2 == 0 or exercise == SWING else ("--tempo", TEMPOS[at // 2])
        yield _session("plain", exercise, exercise, first + at, *TWO_SETS, *tempo)


def _impaired(exercise: str, first: int) -> Iterator[Session]:
    for at in range(3):
        yield _session("accelerometer only", exercise, exercise, first + 10 + at, *TWO_SETS, "--acc-only")
    for at in range(2):
        yield _session("slip", exercise, exercise, first + 20 + at, *ONE_SET, "--slip", "30")
        yield _session("good link", exercise, exercise, first + 30 + at, *TWO_SETS)
        yield _session("bad link", exercise, exercise, first + 30 + at, *TWO_SETS, *BAD_LINK)
        yield _session("gap", exercise, exercise, first + 40 + at, *ONE_SET, "--gap", "mid:2")
    for rate in RATES_HZ:
        yield _session("rate", f"{rate} Hz", exercise, first + 50, *ONE_SET, "--rate", str(rate))


def _varied(exercise: str, first: int) -> Iterator[Session]:
    for number, (variation, (options, exercises)) in enumerate(VARIATIONS.items()):
        if exercise in exercises:
            for at in range(2):
                yield _session("variation", variation, exercise, first + 2 * number + at, *ONE_SET, *options)


def _session(group: str, name: str, exercise: str, seed: int, *options: str) -> Session:
    return Session(group, name, exercise, seed, ("--exercise", exercise, *options))


def _mounted(number: int, drawn: np.ndarray[tuple[int], np.dtype[np.float64]], seed: int) -> Session:
    blocks = ("back_extension_45:1x5", "good_morning:1x5", "deadlift:1x5", "kettlebell_swing:1x12")
    quaternion = ",".join(f"{value:.6f}" for value in drawn / np.linalg.norm(drawn))
    options = [option for block in blocks for option in ("--block", block)]
    mounting = f"--mounting={quaternion}"
    return Session("mounting", f"mounting {number}", "mixed", seed, (*options, "--rest", "30", mounting))
