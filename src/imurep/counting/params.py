"""All parameters of the counting, room by room, so that somebody can experiment.

A sweep is a loop::

    for wait_s in (1.0, 2.0, 4.0):
        pipeline = Pipeline(params=CountingParams(ordering=OrderingParams(wait_s=wait_s)))
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING

from imurep.counting.assessment.assessment_params import AssessmentParams
from imurep.counting.motion.motion_params import MotionParams
from imurep.counting.ordering.ordering_params import OrderingParams
from imurep.counting.segmentation.segmentation_params import SegmentationParams
from imurep.counting.timing.timing_params import TimingParams

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingParams:
    """What ``Pipeline`` counts by; the defaults are what is measured and published."""

    ordering: OrderingParams = field(default_factory=OrderingParams)
    """How long packets wait, and how late they may be."""
    timing: TimingParams = field(default_factory=TimingParams)
    """What counts as a gap, and which rates are taken."""
    motion: MotionParams = field(default_factory=MotionParams)
    """How gravity, upright and the accelerometer's bias are found."""
    segmentation: SegmentationParams = field(default_factory=SegmentationParams)
    """What is a movement, a rep and a set."""
    assessment: AssessmentParams = field(default_factory=AssessmentParams)
    """Which exercise it is, and how it was done."""

    def parts(self) -> Iterator[object]:
        """Give these parameters, those of each room, and those of each of its stages."""
        yield from _parts(self)


def _parts(params: object) -> Iterator[object]:
    if is_dataclass(params):
        yield params
        for one in fields(params):
            yield from _parts(getattr(params, one.name))
