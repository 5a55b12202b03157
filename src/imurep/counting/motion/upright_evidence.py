"""Which poses may be upright, and how likely each is: those that people walk in and are still in.

Most of the time that people are neither walking nor exercising they stand or
sit, upright; lying on a bench takes a shorter time, and nobody takes steps in
that pose. So the pose of every still second, and of every second that is shaken
as by steps, is evidence for the poses near it. What is too little by itself
adds up: two steps here, five seconds of waiting there.

The log-odds that a pose is upright grow with the logarithm of both times; their
weights are fitted. Upright may also have been seen nowhere. Old evidence fades,
as straps slip, but only as new evidence of the same kind comes: who lies for an
hour has walked as much as before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from imurep.counting.motion.motion_params import StandingParams
from imurep.counting.motion.pose import angle, unit

if TYPE_CHECKING:
    from imurep.counting.motion.pose import Pose

FORGOTTEN_S = 0.3
"""A pose of less evidence is forgotten; bounds the work."""


class UprightCandidate(NamedTuple):
    """A pose that may be upright."""

    pose: Pose
    log_odds: float
    """Against upright not having been seen at all."""


@dataclass(slots=True)
class FadingMean:
    """Seconds, and the sum of their poses; both fade."""

    seconds: float = 0.0
    total: Pose = (0.0, 0.0, 0.0)

    def fade(self, kept: float) -> None:
        """Keep so much of it."""
        x, y, z = self.total
        self.seconds, self.total = kept * self.seconds, (kept * x, kept * y, kept * z)

    def add(self, pose: Pose) -> None:
        """Add a second."""
        (x, y, z), (a, b, c) = self.total, pose
        self.seconds, self.total = self.seconds + 1.0, (x + a, y + b, z + c)


@dataclass(slots=True)
class Place:
    """Seconds that were spent in much the same pose."""

    walked: FadingMean
    stood: FadingMean

    @property
    def pose(self) -> Pose:
        """How people stand; people lean forward as they walk, so that is only second best."""
        return unit((self.stood if self.stood.seconds else self.walked).total)


class UprightEvidence:
    """Gathers the poses that may be upright, second by second."""

    def __init__(self, params: StandingParams | None = None) -> None:
        """Begin without having seen any."""
        self._params = params = params or StandingParams()
        self._near_rad = math.radians(params.sway_deg)
        self._still_rad = math.radians(params.still_deg)
        self._kept = math.exp(-1 / params.memory_s)
        self.places: list[Place] = []
        """The poses that evidence was seen for."""
        self._last: tuple[int, Pose, Pose] | None = None
        """Number, mean force and mean gravity of the second before."""

    def push(self, second: int, spread_ms2: float, gravity: Pose, acc_ms2: Pose) -> None:
        """Look at a whole second, as ``StandingReference.push`` does."""
        params, force, last = self._params, unit(acc_ms2), self._last
        self._last = second, force, unit(gravity)
        if last is None or second != last[0] + 1:
            return
        if spread_ms2 < params.still_ms2:
            if angle(force, last[1]) < self._still_rad:
                self._place(force).stood.add(force)
                self._fade(walked=False)
        elif params.stroll_ms2 <= spread_ms2 <= params.brisk_ms2 and (
            angle(self._last[2], last[2]) < self._near_rad
        ):
            self._place(self._last[2]).walked.add(self._last[2])
            self._fade(walked=True)

    @property
    def candidates(self) -> list[UprightCandidate]:
        """The poses, the one that comes first in time first."""
        weights = self._params.coefficients
        return [
            UprightCandidate(
                place.pose,
                weights.bias
                + weights.walked * math.log1p(place.walked.seconds)
                + weights.stood * math.log1p(place.stood.seconds),
            )
            for place in self.places
        ]

    def _place(self, pose: Pose) -> Place:
        """Give the place near a pose; a new one where there is none."""
        nearest = min(self.places, key=lambda place: angle(place.pose, pose), default=None)
        if nearest is None or angle(nearest.pose, pose) > self._near_rad:
            nearest = Place(FadingMean(), FadingMean())
            self.places.append(nearest)
        return nearest

    def _fade(self, *, walked: bool) -> None:
        for place in self.places:
            (place.walked if walked else place.stood).fade(self._kept)
        self.places = [
            place for place in self.places if place.walked.seconds + place.stood.seconds > FORGOTTEN_S
        ]
