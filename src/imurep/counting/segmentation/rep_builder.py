"""From movements between two ends to reps: tempo, holds, range, partial ones marked.

A rep lasts from its first movement until the next rep's first movement. The
same movements give the same reps.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.counting.motion.pose import angle
from imurep.events import Rep, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.counting.motion.pose import Pose
    from imurep.counting.motion.sagittal_plane import SagittalPlane
    from imurep.counting.segmentation.movement_tracker import Movement
    from imurep.counting.segmentation.segmentation_params import RepBuilderParams


def group_into_reps(movements: Sequence[Movement]) -> list[tuple[Movement, Movement | None, Movement | None]]:
    """Group movements into reps: the first one, the second one, and the one after them."""
    padded = [*movements, None, None]
    return [(movements[i], padded[i + 1], padded[i + 2]) for i in range(0, len(movements), 2)]


class RepBuilder:
    """Describes the reps of one set."""

    def __init__(
        self,
        set_id: str,
        *,
        upright: Pose | None,
        gyroscope: bool,
        plane: SagittalPlane | None,
        params: RepBuilderParams,
    ) -> None:
        """Prepare; ``plane`` is that of the set."""
        self._set_id = set_id
        self.upright = upright
        """The pose of standing, where it is known."""
        self._gyroscope = gyroscope
        self._plane = plane
        self._params = params

    def id_of(self, number: int) -> str:
        """Give the id of a rep."""
        return f"{self._set_id}-r{number}"

    def build(
        self,
        number: int,
        movements: tuple[Movement, Movement | None, Movement | None],
        *,
        concentric_first: bool,
        typical_rad: float,
    ) -> Rep:
        """Describe one rep, version 0; the caller counts versions.

        ``movements`` are as in ``group_into_reps``, ``typical_rad`` is the range
        of the set's reps. A rep whose second movement is missing has no end
        yet, unless it ended the set at its top.
        """
        first, second, following_movement = movements
        upright = self.upright
        begun, ended = first.timing, second.timing if second else None
        concentric, eccentric = (begun, ended) if concentric_first else (ended, begun)
        between = (ended.start_us - begun.end_us) / 1e6 if ended else None
        following = (
            (following_movement.timing.start_us - ended.end_us) / 1e6
            if following_movement and ended
            else None
        )
        top_hold, bottom_hold = (between, following) if concentric_first else (following, between)
        seconds, turned_rad, peak_rads, range_rad = (
            begun.duration_s,
            begun.path_rad,
            begun.peak_rads,
            first.range_rad,
        )
        if second:
            seconds += second.timing.duration_s
            turned_rad += second.timing.path_rad
            peak_rads = max(peak_rads, second.timing.peak_rads)
            range_rad = max(range_rad, second.range_rad)
        top, bottom = (
            (first.end_pose, first.start_pose) if concentric_first else (first.start_pose, first.end_pose)
        )
        if second and not concentric_first:
            top = second.end_pose
        return Rep(
            id=self.id_of(number),
            set_id=self._set_id,
            version=0,
            state=State.FINAL if second and second.complete else State.PROVISIONAL,
            start_us=begun.start_us,
            top_us=concentric.end_us if concentric else begun.end_us,
            end_us=ended.end_us if ended else None,
            eccentric_s=eccentric.duration_s if eccentric else None,
            bottom_hold_s=_hold(bottom_hold),
            concentric_s=concentric.duration_s if concentric else None,
            top_hold_s=_hold(top_hold),
            range_of_motion_deg=math.degrees(range_rad),
            range_estimated=not self._gyroscope and not self._is_held(between, following),
            top_inclination_deg=math.degrees(angle(top, upright)) if upright else None,
            bottom_inclination_deg=math.degrees(angle(bottom, upright)) if upright else None,
            peak_rate_dps=math.degrees(peak_rads),
            mean_rate_dps=math.degrees(min(turned_rad / seconds, peak_rads)) if seconds else 0.0,
            partial=range_rad < self._params.partial * typical_rad,
            top_angle_deg=_top_angle_deg(top, bottom, self._plane) if self._plane else None,
        )

    def _is_held(self, *holds_s: float | None) -> bool:
        """Whether the trunk rests at the ends for long enough for gravity to show in the force."""
        return all(hold_s is None or hold_s >= self._params.held_s for hold_s in holds_s)


def _top_angle_deg(top: Pose, bottom: Pose, plane: SagittalPlane) -> float:
    top_deg = math.degrees(plane.angle_rad(top))
    # The plane's angle grows from the end where the set began, which may be either.
    return top_deg if plane.angle_rad(bottom) >= plane.angle_rad(top) else -top_deg


def without_last_hold(last: Rep, *, after_top: bool) -> Rep:
    """Remove the hold after a set's last rep, which is none. ``after_top``: its reps end at the top."""
    return replace(last, top_hold_s=None) if after_top else replace(last, bottom_hold_s=None)


def _hold(seconds: float | None) -> float | None:
    # Two movements that meet without a hold may overlap by a step's rounding.
    return None if seconds is None else max(seconds, 0.0)
