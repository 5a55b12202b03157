"""All that a session shows of upright, and when it is learned.

What people do in a set shows nothing: they are still at its bottom, too. It is
known only later that a set had begun, so the last minutes are kept and learned
from when a set begins, up to the stay at its first end, and when it is over,
from the rest behind it.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from imurep.counting.motion.accelerometer_bias import AccelerometerBias
from imurep.counting.motion.pose import angle, unit
from imurep.counting.motion.standing_reference import StandingReference
from imurep.counting.motion.upright_evidence import UprightCandidate, UprightEvidence

if TYPE_CHECKING:
    from imurep.counting.motion.motion_params import MotionParams
    from imurep.counting.motion.pose import Pose
    from imurep.counting.motion.ring_buffer import SecondStats


class _Second(NamedTuple):
    number: int
    start_us: int
    stats: SecondStats


class SessionUpright:
    """Learns the poses that may be upright."""

    def __init__(self, params: MotionParams, memory_s: int) -> None:
        """Begin without having seen any; sets begin at most ``memory_s`` before they are found."""
        self._params = params.standing
        self._standing = StandingReference(params.standing)
        self._evidence = UprightEvidence(params.standing)
        self._bias = AccelerometerBias(params.accelerometer_bias)
        self._memory_s = memory_s
        self._unlearned: deque[_Second] = deque()

    def push(
        self, number: int, start_us: int, second: SecondStats, *, set_active: bool, set_published: bool
    ) -> None:
        """Take a whole second: its number, its begin, and whether it is of a set."""
        self._bias.push(second.pose, second.upward_ms2)
        if not set_published:
            self._standing.push(number, second.spread_ms2, second.pose, second.acc_ms2)
        self._unlearned.append(_Second(number, start_us, second))
        if not set_active:
            self._learn(max(0, len(self._unlearned) - self._memory_s))

    def learn_before(self, begin_us: int, first_end: Pose, near_rad: float, longest_stay_s: float) -> None:
        """Learn from what came before a set, without the still stay at its first end, which is of the set."""
        before = sum(second.start_us + 1e6 <= begin_us for second in self._unlearned)
        while before:
            _, start_us, stats = self._unlearned[before - 1]
            stayed = angle(unit(stats.pose), first_end) < near_rad
            shaken = stats.spread_ms2 >= self._params.stroll_ms2
            if start_us < begin_us - longest_stay_s * 1e6 or not stayed or shaken:
                break
            before -= 1
        self._learn(before)

    def learn_after(self, rested_us: int) -> None:
        """Learn from what came behind a set."""
        while self._unlearned and self._unlearned[0].start_us <= rested_us:
            self._unlearned.popleft()
        self._learn(len(self._unlearned))

    def _learn(self, seconds: int) -> None:
        for _ in range(seconds):
            number, _, stats = self._unlearned.popleft()
            self._evidence.push(number, stats.spread_ms2, stats.pose, stats.acc_ms2)

    def candidates(self, around: Pose) -> list[UprightCandidate]:
        """Poses that may be upright, as they would be measured while gravity lies about ``around``.

        How people stand beside a walk is the more exact pose of those near it.
        """
        standing, near_rad = self._standing.pose, math.radians(self._params.sway_deg)
        found: list[UprightCandidate] = []
        for pose, log_odds in self._evidence.candidates:
            seen = standing if standing and angle(pose, standing) < near_rad else pose
            found.append(UprightCandidate(self._bias.seen_from(around, seen), log_odds))
        return found
