from __future__ import annotations

import math
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import pytest

from imurep.counting.segmentation.movement_timing import Cue
from imurep.counting.segmentation.movement_tracker import MovementTracker
from imurep.counting.segmentation.segmentation_params import SegmentationParams
from imurep.counting.segmentation.set_onset import OnsetLimits, SetOnset
from imurep.counting.segmentation.turning_points import HysteresisDetector
from tests.counting.segmentation.movements import ranges
from tests.counting.watching import history_of
from tests.motion import Torso

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose

EVERY = 5
"""Steps from pose to pose."""
PARAMS = SegmentationParams()


def tracked(torso: Torso) -> tuple[MovementTracker, list[Cue]]:
    """The set at the beginning of the path, tracked to its end; cues from the onset on."""
    history, tracker, hysteresis_rad = history_of(torso), None, math.radians(17)
    detector = HysteresisDetector(hysteresis_rad, PARAMS.turning_points)
    limits = OnsetLimits.for_session(PARAMS.onset, known=False, single=False, widened=1.0)
    onset = SetOnset(history, limits, PARAMS.onset, PARAMS.tracker)
    cues: list[Cue] = []
    for step in range(0, history.end, EVERY):
        history.now = step + 1
        (x, y, z) = history.gravity(step, step + 1)[0].tolist()
        pose: Pose = (x, y, z)
        if tracker is not None:
            cues += tracker.push(step, history.time_at(step), pose)
        elif detector.push(step, pose):
            turns = onset.find(detector.turns, hysteresis_rad)
            if turns:
                tracker = MovementTracker(
                    turns,
                    history,
                    EVERY,
                    -(2**62),
                    arrived=False,
                    params=PARAMS.tracker,
                    timing=PARAMS.timing,
                )
    assert tracker is not None
    return tracker, cues


def test_every_movement_gives_its_cues_in_order() -> None:
    _, cues = tracked(Torso().hold(1).reps(6).hold(3))
    order = [Cue.DEPARTED, Cue.REACHED, Cue.STOPPED, Cue.TURNED]
    start = order.index(cues[0])
    assert cues == [order[(start + number) % 4] for number in range(len(cues))]
    assert cues.count(Cue.TURNED) == 8
    assert cues[-1] is Cue.STOPPED


def test_without_holds_a_movement_departs_when_it_has_turned() -> None:
    _, cues = tracked(Torso().hold(1).reps(8, 50, (0.8, 0.0, 0.8, 0.0)).hold(3))
    for before, after in pairwise(cues):
        assert (before is Cue.TURNED) == (after is Cue.DEPARTED)


def test_movements_of_a_plain_set() -> None:
    torso = Torso().hold(1).reps(6).hold(3)
    tracker, _ = tracked(torso)
    movements = tracker.finish()
    assert len(movements) == 12
    assert ranges(movements) == pytest.approx([50] * 12, abs=5)
    assert max(movement.endpoint_error for movement in movements) < 0.1
    assert not any(movement.outlier for movement in movements)
    assert all(movement.complete for movement in movements)
    for movement, edges in list(zip(movements, torso.edges, strict=True))[1:]:
        assert movement.timing.end_us == pytest.approx(edges.end_us, abs=40_000)
        assert movement.timing.start_us == pytest.approx(edges.start_us, abs=40_000)


def test_the_range_follows_the_movement() -> None:
    torso = Torso().hold(1)
    for range_deg in (40, 44, 48, 52, 56, 60, 64, 68, 72):
        torso.reps(1, range_deg)
    tracker, _ = tracked(torso.hold(2))
    tracker.finish()
    assert math.degrees(tracker.range_rad) == pytest.approx(68, abs=3)


def test_a_hesitation_is_no_turn() -> None:
    torso = Torso().hold(1).reps(3)
    torso.lean(35, 1).lean(20, 0.6).lean(50, 1).hold(0.5).lean(0, 1.2).hold(2)
    assert len(tracked(torso)[0].finish()) == 8


def test_movements_that_go_elsewhere_are_outliers_until_they_are_usual() -> None:
    torso = Torso().hold(1).reps(4).lean(110, 2).hold(1).lean(60, 1.5).hold(1).lean(110, 1.5).hold(2)
    movements = tracked(torso)[0].finish()
    assert [movement.outlier for movement in movements] == [False] * 8 + [True, True, False]


def test_a_movement_under_way_is_taken_in_when_it_has_arrived() -> None:
    assert len(tracked(Torso().hold(1).reps(4).lean(50, 1.6).lean(5, 1.2))[0].finish()) == 10
    assert len(tracked(Torso().hold(1).reps(4).lean(50, 1.6).lean(30, 1.2))[0].finish()) == 9
    assert len(tracked(Torso().hold(1).reps(4).lean(20, 1.6))[0].finish()) == 8


def test_the_movement_under_way_may_continue() -> None:
    torso = Torso().hold(1).reps(4).lean(50, 1.6)
    tracker, _ = tracked(torso)
    under_way = tracker.current_movement()
    assert not under_way.complete
    assert under_way.timing.end_us == pytest.approx(torso.edges[-1].end_us, abs=60_000)


def test_progress_and_rest() -> None:
    """A rest: nothing has moved on since."""
    torso = Torso().hold(1).reps(4).hold(10)
    tracker, cues = tracked(torso)
    assert tracker.progress_us == pytest.approx(torso.edges[-1].end_us, abs=400_000)
    assert [cue for cue, _ in groupby(cues)][-1] is Cue.STOPPED
