from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from imurep.counting.motion.upright_evidence import UprightCandidate
from imurep.counting.segmentation.segmentation_params import TopBottomParams
from imurep.counting.segmentation.upright_choice import choose_upright
from imurep.exercises import EXERCISES

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose
    from imurep.exercises import Exercise


def lean(deg: float) -> tuple[float, float, float]:
    return (math.cos(math.radians(deg)), 0.0, -math.sin(math.radians(deg)))


def chosen(
    candidates: dict[float, float], first_deg: float, second_deg: float, exercise: Exercise | None = None
) -> Pose | None:
    """``candidates``: their log-odds by their lean."""
    found = [UprightCandidate(lean(deg), log_odds) for deg, log_odds in candidates.items()]
    return choose_upright(found, (lean(first_deg), lean(second_deg)), exercise, TopBottomParams())


def test_nothing_seen_is_nothing_chosen() -> None:
    assert chosen({}, 0, 60) is None


def test_the_likelier_pose_is_chosen_where_both_are_plausible() -> None:
    assert chosen({0: 5.0, 60: 1.0}, 0, 60) == lean(0)
    assert chosen({0: 1.0, 60: 5.0}, 0, 60) == lean(60)
    assert chosen({0: 2.0, 60: 2.0}, 0, 60) is None


def test_poses_that_are_much_the_same_do_not_contradict() -> None:
    assert chosen({0: 2.0, 8: 2.1}, 0, 60) == lean(8)


def test_the_ends_show_who_lies_prone() -> None:
    """A floor back extension: longer prone on the floor than standing before it."""
    assert chosen({0: 1.0, 90: 2.5}, 90, 68) == lean(0)


@pytest.mark.parametrize(("exercise", "expected"), [("deadlift", None), ("good_morning", lean(0))])
def test_a_chosen_exercise_shows_where_it_starts(exercise: str, expected: Pose | None) -> None:
    assert chosen({0: -1.5}, 0, 65, EXERCISES[exercise]) == expected
