"""What is known of the person and of the session when a set begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from imurep.counting.motion.pose import Pose
    from imurep.exercises import Exercise


class SetEnds(NamedTuple):
    """The poses of the trunk at the top and at the bottom of a set."""

    top: Pose
    bottom: Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class SetContext:
    """What is known when a set begins."""

    exercise: Exercise | None
    """The exercise that the person chose; None: it is to be recognised."""
    recent_exercises: Collection[str]
    """Names of the exercises that the person did last time."""
    min_reps: int
    """Fewest reps that make a set."""
    after_us: int
    """End of the set before."""
    gyroscope: bool
    prior: float
    """Log-odds of a set that is added for what is known of the session."""
    upright: Pose | None
    """The pose of standing; None where it is not known surely enough."""
    before: SetEnds | None
    """The ends of the set before; None where its exercise was not known."""

    @property
    def top_assumed(self) -> bool:
        """Whether the pose of standing does not show which end of the set is the top."""
        return self.upright is None
