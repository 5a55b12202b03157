"""The first and the last instant of a movement, from the angular rate.

Detection and measurement are two things: which movement belongs to a rep is
decided by turning points (``turning_points.py``), how long it lasted is decided
here, by the normative rule: a movement lasts from the first to the last instant
at which the rate in its direction is at least 10 % of its own peak.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from imurep.events import Phase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.counting.segmentation.segmentation_params import MovementTimingParams

HALF_PEAK_SHARE = 0.54
"""Share of its duration that a minimum-jerk movement spends above half of its peak rate."""


class Cue(Enum):
    """What a pose means for the movement under way."""

    DEPARTED = auto()
    """The trunk has left an end: a movement has begun."""
    REACHED = auto()
    """The trunk has gone most of the way and is about to stop."""
    STOPPED = auto()
    """The trunk has stopped."""
    TURNED = auto()
    """The trunk is coming back: the movement is complete."""


# The phase that follows on a cue; the flag is whether the movement under way goes to the top.
# What is not in the table changes nothing.
_NEXT = {
    (Phase.BOTTOM_HOLD, Cue.DEPARTED, True): Phase.CONCENTRIC,
    (Phase.ECCENTRIC, Cue.DEPARTED, True): Phase.CONCENTRIC,
    (Phase.CONCENTRIC, Cue.REACHED, True): Phase.TOP_HOLD,
    (Phase.CONCENTRIC, Cue.STOPPED, True): Phase.TOP_HOLD,
    (Phase.TOP_HOLD, Cue.DEPARTED, False): Phase.ECCENTRIC,
    (Phase.CONCENTRIC, Cue.DEPARTED, False): Phase.ECCENTRIC,
    (Phase.ECCENTRIC, Cue.REACHED, False): Phase.BOTTOM_HOLD,
    (Phase.ECCENTRIC, Cue.STOPPED, False): Phase.BOTTOM_HOLD,
}


def next_phase(phase: Phase, cue: Cue, *, rising: bool) -> Phase:
    """Give the phase that follows ``phase`` on a cue."""
    return _NEXT.get((phase, cue, rising), phase)


@dataclass(frozen=True, slots=True)
class MovementTiming:
    """When a concentric or an eccentric was, without the holds around it, and how fast."""

    start_us: int
    end_us: int
    path_rad: float
    """Angle turned in all, back and forth in a hesitation included."""
    peak_rads: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return (self.end_us - self.start_us) / 1e6


def measure_timing(
    time_us: NDArray[np.int64], rate_rads: NDArray[np.float64], params: MovementTimingParams
) -> MovementTiming:
    """Measure the movement within a stretch that goes from one turning point to the next.

    ``rate_rads`` (n,) is the rate in the direction of the movement, the mean
    over the step that ends at ``time_us`` (n,).
    Where nothing moves that way, the movement is the instant of the highest rate.
    """
    zero_us = int(time_us[0])  # floats are relative to it, so that a shift of time shifts the result exactly
    times = (time_us - zero_us).astype(np.float64)
    steps_s = np.empty_like(times)
    np.subtract(times[1:], times[:-1], out=steps_s[1:])
    steps_s[0] = steps_s[1]
    steps_s *= 1e-6
    middle_us = times - steps_s * 5e5
    step_s = (times[-1] - times[0]) / (len(times) - 1) * 1e-6
    half_s = np.count_nonzero(rate_rads >= 0.5 * rate_rads.max()) * step_s
    kernel_s = params.smoothing * half_s / HALF_PEAK_SHARE
    rate = _smoothed(rate_rads, round(kernel_s / step_s))
    peak = float(rate.max())
    if peak <= 0:
        at_us = int(time_us[int(rate.argmax())])
        return MovementTiming(at_us, at_us, path_rad=0.0, peak_rads=0.0)
    edge = params.edge * peak
    above = np.zeros(len(rate) + 2, np.int8)
    above[1:-1] = rate >= edge
    changes = above[1:] - above[:-1]
    starts, ends = (changes > 0).nonzero()[0], (changes < 0).nonzero()[0]
    turned = np.zeros(len(rate) + 1)
    np.cumsum(rate * steps_s, out=turned[1:])
    first, last = _whole(starts.tolist(), (ends - 1).tolist(), turned, times, params)
    return MovementTiming(
        start_us=zero_us + round(_crossing(middle_us, rate, first - 1, first, edge)),
        end_us=zero_us + round(_crossing(middle_us, rate, last + 1, last, edge)),
        path_rad=float(np.abs(rate[first : last + 1] * steps_s[first : last + 1]).sum()),
        peak_rads=float(rate_rads.max()),
    )


def _whole(
    starts: list[int],
    ends: list[int],
    turned: NDArray[np.float64],
    times_us: NDArray[np.float64],
    params: MovementTimingParams,
) -> tuple[int, int]:
    """Join the stretches that make up the movement; give its first and last step.

    It grows from the largest stretch: over a hesitation to another real part,
    over a moment to a small one, but not to a sway in a hold.
    """
    parts = [float(turned[end + 1] - turned[start]) for start, end in zip(starts, ends, strict=True)]
    whole = sum(parts)
    first = last = parts.index(max(parts))

    def belongs(part: int, pause_us: float) -> bool:
        least = params.part if pause_us <= params.moment_s * 1e6 else params.part_after_pause
        return parts[part] >= least * whole

    while first > 0 and belongs(first - 1, times_us[starts[first]] - times_us[ends[first - 1]]):
        first -= 1
    while last < len(parts) - 1 and belongs(last + 1, times_us[starts[last + 1]] - times_us[ends[last]]):
        last += 1
    return starts[first], ends[last]


def _smoothed(rate: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    if width < 2:
        return rate
    kernel = _kernel(width)
    reach = width - 1
    padded = np.empty(len(rate) + 2 * reach)
    padded[:reach] = rate[0]
    padded[reach:-reach] = rate
    padded[-reach:] = rate[-1]
    return np.convolve(padded, kernel, mode="valid")


@cache
def _kernel(width: int) -> NDArray[np.float64]:
    kernel = np.hanning(2 * width + 1)[1:-1]
    normed: NDArray[np.float64] = kernel / kernel.sum()
    return normed


def _crossing(
    at_us: NDArray[np.float64], rate: NDArray[np.float64], below: int, above: int, edge: float
) -> float:
    """Instant between two neighbouring steps at which the rate crosses the edge."""
    if not 0 <= below < len(rate):
        return float(at_us[above])
    share = (edge - rate[above]) / (rate[below] - rate[above])
    return float(at_us[above] + share * (at_us[below] - at_us[above]))
