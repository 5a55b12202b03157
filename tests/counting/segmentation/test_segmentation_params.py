"""Parameters reach the modules that they are of, and each one is described."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING

import pytest

from imurep.counting.assessment import assessment_params
from imurep.counting.assessment.assessment_params import AssessmentParams, ExerciseClassifierParams
from imurep.counting.segmentation import segmentation_params
from imurep.counting.segmentation.segmentation_params import (
    MovementTimingParams,
    MovementTrackerParams,
    RepBuilderParams,
    SegmentationParams,
    SetClassifierParams,
    SetOnsetParams,
)
from imurep.counting.segmentation.set_detector import DEFAULT, DEFAULT_ASSESSMENT, SetDetector
from imurep.events import ExerciseSet, State
from tests.counting.watching import STEP_HZ, motion_of
from tests.motion import Torso

if TYPE_CHECKING:
    from types import ModuleType


def sets_in(
    torso: Torso, params: SegmentationParams = DEFAULT, assessment: AssessmentParams = DEFAULT_ASSESSMENT
) -> list[ExerciseSet]:
    detector = SetDetector(session="t", exercise=None, min_reps=3, params=params, assessment=assessment)
    detector.start(STEP_HZ, gyroscope=True)
    events = [*detector.push(motion_of(torso.record(STEP_HZ))), *detector.flush()]
    return [event for event in events if isinstance(event, ExerciseSet) and event.state is State.FINAL]


def plain() -> Torso:
    return Torso().walk(8).hold(3).reps(6).hold(5)


def test_the_defaults_count_a_plain_set() -> None:
    (found,) = sets_in(plain())
    assert not any(rep.partial for rep in found.reps)


def test_a_larger_least_range_refuses_it() -> None:
    assert sets_in(plain(), SegmentationParams(onset=SetOnsetParams(min_range_deg=70.0))) == []


def test_a_higher_least_confidence_refuses_it() -> None:
    assert sets_in(plain(), SegmentationParams(classifier=SetClassifierParams(least_confidence=1.0))) == []


def test_a_higher_limit_makes_its_reps_partial() -> None:
    (found,) = sets_in(plain(), SegmentationParams(reps=RepBuilderParams(partial=1.5)))
    assert all(rep.partial for rep in found.reps)


def test_a_higher_edge_makes_its_movements_shorter() -> None:
    (found,) = sets_in(plain(), SegmentationParams(timing=MovementTimingParams(edge=0.5)))
    (usual,) = sets_in(plain())
    assert (found.reps[2].concentric_s or 9.0) < 0.8 * (usual.reps[2].concentric_s or 0.0)


def test_a_shorter_rest_cuts_a_set_in_two() -> None:
    torso = plain().reps(6).hold(3)
    assert len(sets_in(torso)) == 1
    assert len(sets_in(torso, SegmentationParams(tracker=MovementTrackerParams(rest_s=4.0)))) == 2


def test_a_stricter_limit_of_assessment_leaves_it_unknown() -> None:
    (usual,) = sets_in(plain())
    assert usual.exercise != "unknown"
    strict = AssessmentParams(exercise_classifier=ExerciseClassifierParams(out_of_plane_deg=-1.0))
    (found,) = sets_in(plain(), assessment=strict)
    assert found.exercise == "unknown"


@pytest.mark.parametrize("module", [segmentation_params, assessment_params])
def test_every_parameter_is_described(module: ModuleType) -> None:
    whole = {"SegmentationParams", "AssessmentParams"}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ClassDef) and node.name not in whole:
            for field, after in zip(node.body, [*node.body[1:], None], strict=True):
                if isinstance(field, ast.AnnAssign):
                    assert isinstance(after, ast.Expr), ast.unparse(field)
