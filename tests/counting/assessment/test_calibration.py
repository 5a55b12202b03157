from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from imurep.counting.assessment.calibration import Calibration, Step
from imurep.counting.motion.orientation import Motion
from imurep.errors import ConfigError
from imurep.exercises import EXERCISES
from tests.counting.watching import STEP_HZ, motion_of
from tests.motion import Torso

BENCH_45, BENCH_90 = EXERCISES["back_extension_45"], EXERCISES["back_extension_90"]
BREATH = 1.5
"""Noise that stands for all that stirs in a person who is still."""
MOUNTINGS = [(1.0, 0.0, 0.0, 0.0), (0.2, -0.5, 0.7, 0.1), (0.0, 1.0, 0.0, 0.0)]


def calibrated(
    torso: Torso,
    exercise: str = "back_extension_45",
    packet: int | None = None,
    mounting: tuple[float, float, float, float] = MOUNTINGS[0],
) -> Calibration:
    calibration = Calibration(EXERCISES[exercise])
    motion = motion_of(torso.record(STEP_HZ, mounting=mounting, noise=BREATH))
    size = packet or len(motion.time_us)
    for start in range(0, len(motion.time_us), size):
        calibration.push(Motion(motion.time_us[start : start + size], motion.rows[start : start + size]))
    return calibration


@pytest.mark.parametrize("mounting", MOUNTINGS)
@pytest.mark.parametrize(("exercise", "line_deg"), [("back_extension_45", 41.0), ("back_extension_90", 93.0)])
def test_the_line_is_the_lean_from_standing(
    exercise: str, line_deg: float, mounting: tuple[float, float, float, float]
) -> None:
    torso = Torso(3).hold(3).walk(6).lean(line_deg + 3, 1.5).hold(4).lean(3, 2).hold(3)
    found = calibrated(torso, exercise, mounting=mounting)
    assert found.line_deg == pytest.approx(line_deg, abs=0.3)
    assert found.next is Step.DONE
    assert found.complaint() == ""


def test_it_names_the_next_step() -> None:
    torso = Torso().hold(1)
    assert calibrated(torso).next is Step.STAND
    assert calibrated(torso.hold(2)).next is Step.HOLD
    assert calibrated(torso.walk(4).lean(45, 1.5).hold(1)).next is Step.HOLD
    assert calibrated(torso.hold(2)).next is Step.DONE


def test_the_longest_hold_counts() -> None:
    """People wait on the bench with their hands on the handles, and hang, and stand up again."""
    torso = Torso().hold(3).walk(6).lean(27, 1).hold(2.5).lean(45, 1).hold(4).lean(125, 2).hold(6)
    assert calibrated(torso.lean(0, 2).hold(9)).line_deg == pytest.approx(45, abs=0.3)


def test_settling_into_the_hold_counts_little() -> None:
    torso = Torso().hold(3).walk(6).lean(47.5, 1.5).hold(1.5).lean(45, 1).hold(4)
    assert calibrated(torso).line_deg == pytest.approx(45, abs=0.3)


@pytest.mark.parametrize("offset_ms2", [(0.2, 0.0, 0.0), (0.0, 0.1, -0.3), (-0.2, 0.0, 0.2)])
def test_what_the_accelerometer_adds_is_taken_off(offset_ms2: tuple[float, float, float]) -> None:
    torso = Torso().hold(5).walk(9).lean(93, 1.5).hold(6).lean(3, 2).hold(5)
    recorded = torso.record(STEP_HZ, noise=BREATH)
    found = Calibration(BENCH_90)
    found.push(motion_of(replace(recorded, acc_ms2=recorded.acc_ms2 + np.array(offset_ms2))))
    assert found.line_deg == pytest.approx(93, abs=0.3)


def test_standing_like_the_walk_counts_and_sitting_does_not() -> None:
    torso = Torso(-20).hold(9).lean(0, 1).hold(3).walk(6).lean(45, 2).hold(4)
    assert calibrated(torso).line_deg == pytest.approx(45, abs=0.3)


def test_a_sensor_on_a_table_does_not_stand() -> None:
    on_a_table = motion_of(Torso().hold(20).record(STEP_HZ))
    found = Calibration(BENCH_90)
    found.push(on_a_table)
    assert found.next is Step.STAND


@pytest.mark.parametrize(
    ("torso", "exercise", "message"),
    [
        (Torso().hold(1).lean(45, 2).lean(10, 2), "back_extension_45", "nobody was seen to stand still"),
        (
            Torso().hold(3).walk(6).lean(45, 2).lean(0, 2),
            "back_extension_45",
            "no pose was held for 2 seconds",
        ),
        (Torso().hold(3).lean(45, 2).hold(4), "back_extension_90", "held is 45° from standing"),
        (Torso().hold(3).lean(88, 2).hold(4), "back_extension_45", "held is 88° from standing"),
    ],
)
def test_what_is_refused_and_why(torso: Torso, exercise: str, message: str) -> None:
    found = calibrated(torso, exercise)
    assert found.line_deg is None
    assert message in found.complaint()
    assert "hold the" in found.complaint()


@pytest.mark.parametrize("packet", [1, 7, 64])
def test_however_it_is_cut(packet: int) -> None:
    torso = Torso().hold(3).walk(6).lean(45, 1.5).hold(4)
    assert calibrated(torso, packet=packet).line_deg == calibrated(torso).line_deg


def test_a_pose_does_not_continue_after_a_gap() -> None:
    motion = motion_of(Torso().hold(3).lean(45, 1.5).hold(2.5).record(STEP_HZ, noise=BREATH))
    kept = np.abs(motion.time_us - motion.time_us[-1] + 1_250_000) > 300_000
    found = Calibration(BENCH_45)
    found.push(Motion(motion.time_us[kept], motion.rows[kept]))
    assert found.next is Step.HOLD


def test_what_has_no_straight_line_cannot_be_calibrated() -> None:
    with pytest.raises(ConfigError, match="deadlift has no straight line"):
        Calibration(EXERCISES["deadlift"])
