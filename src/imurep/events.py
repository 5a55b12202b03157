"""The vocabulary: what flows from a sensor to an event, as frozen values.

Times are int64 microseconds on the session's clock (``_us``), durations in
events are seconds (``_s``), arrays are C-contiguous and owned by nobody: who
receives one does not write to it.

The module is long because all that passes between rooms stands in it, and does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray


# What comes in


@dataclass(frozen=True, slots=True)
class Notification:
    """A GATT payload as it arrived, not decoded yet."""

    arrival_us: int
    """Arrival on the monotonic clock of the host, from the session's zero."""
    channel: str
    """Characteristic, in the terms of the device's protocol (``data``, ``control``)."""
    payload: bytes
    """Its bytes."""


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """The link to the sensor came up or went down."""

    arrival_us: int
    """When, on the clock of the notifications."""
    up: bool
    """True: connected; False: lost."""
    reason: str = ""
    """Why it was lost, as the radio reports it."""


class Boundary(StrEnum):
    """Where a set begins or ends at the person's request."""

    START = "start"
    """A set begins now."""
    FINISH = "finish"
    """The set has ended."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction of the person in the course of a session."""

    arrival_us: int
    """When, on the clock of the notifications."""
    exercise: str | None = None
    """Exercise from the next set on; ``unknown`` leaves it to recognition, None changes nothing."""
    boundary: Boundary | None = None
    """FINISH ends the active set. START does so, too, and discards what may have been the beginning of
    one. None changes nothing."""
    recent_exercises: tuple[str, ...] | None = None
    """What the person did before, the newest last; replaces what was known of it, for an active set, too.
    None changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packet:
    """Consecutive samples of one notification (or of one CSV block).

    A packet holds as much about time as its source knows: ``stamps_us`` when
    every sample has a stamp of its own, else ``index`` and ``time_us`` of its
    first sample, else only ``arrival_us``.
    """

    arrival_us: int
    """Arrival on the clock of the notifications; of arrays, the last stamp."""
    acc_ms2: NDArray[np.float64] | None
    """Specific force, shape (n, 3); None in a packet that holds only gyroscope samples."""
    gyr_rads: NDArray[np.float64] | None
    """Angular rate, shape (n, 3); None when the source has no gyroscope or sends it apart."""
    stamps_us: NDArray[np.int64] | None = None
    """One time stamp per sample, shape (n,)."""
    rate_hz: float | None = None
    """Nominal sampling rate, when the source gives it."""
    stream: int = 0
    """Grows at each start of the sensor's stream; its counters begin anew."""
    sequence: int | None = None
    """Number of the packet, modulo 2**16; None in a backfill."""
    index: int | None = None
    """Number of the first sample, modulo 2**32."""
    time_us: int | None = None
    """Device time of the first sample."""
    backfill: bool = False
    """Sent again on request: it fills a gap and is not new."""
    backfill_end: bool = False
    """The last packet of what was requested."""
    resendable: bool = False
    """The sensor can send its samples again: what is missing before them may still come."""
    apart: bool = False
    """Accelerometer and gyroscope come in packets of their own and are joined by time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImuBlock:
    """Consecutive samples on the session's clock, without a gap inside."""

    time_us: NDArray[np.int64]
    """Instants of the samples, shape (n,)."""
    acc_ms2: NDArray[np.float64]
    """Specific force, shape (n, 3)."""
    gyr_rads: NDArray[np.float64] | None
    """Angular rate, shape (n, 3); None without a gyroscope."""
    rate_hz: float
    """Sampling rate as estimated so far."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples are missing in ``[start_us, end_us)``."""

    start_us: int
    """Where the first missing sample should have been."""
    end_us: int
    """Time of the first sample after them."""


# What a source reports of its sensor; it passes the core by


class Link(StrEnum):
    """How far away a sensor is."""

    SEARCHING = "searching"
    CONNECTING = "connecting"
    STREAMING = "streaming"
    LOST = "lost"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorStatus:
    """The state of one sensor; None is what is not known."""

    sensor: str
    """Its name; the SPEC that is looked for, until it is found."""
    link: Link
    spec: str = ""
    detail: str = ""
    """What is wrong and what to do, in one line; empty: nothing is."""
    battery_percent: int | None = None
    rssi_dbm: int | None = None
    """Signal strength when it was last seen advertising."""


# What comes out


class Phase(StrEnum):
    """What the person does at an instant of a set."""

    CONCENTRIC = "concentric"
    """The movement towards the top."""
    TOP_HOLD = "top_hold"
    """Rest at the top."""
    ECCENTRIC = "eccentric"
    """The movement towards the bottom."""
    BOTTOM_HOLD = "bottom_hold"
    """Rest at the bottom."""


class State(StrEnum):
    """How much an event can be relied on; a later version of its id may change it."""

    PROVISIONAL = "provisional"
    """Seen so far; a later version will follow."""
    FINAL = "final"
    """Complete; only late data still change it."""
    WITHDRAWN = "withdrawn"
    """It turned out to be none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseChange:
    """A phase of a rep began."""

    time_us: int
    """Instant at which it began."""
    phase: Phase
    """The phase that began."""
    rep_id: str
    """The rep that it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """One repetition. ``id`` never changes, ``version`` grows with each event of it."""

    id: str
    """Stable over replays; begins with the session's id."""
    set_id: str
    """The set that it belongs to."""
    version: int
    """Grows with each event of this rep; the highest counts."""
    state: State
    """How much it can be relied on."""
    start_us: int
    """First instant of its first movement."""
    top_us: int
    """Instant at which the top was reached: the end of the concentric."""
    end_us: int | None
    """Last instant of its last movement; None while that is still to come."""
    eccentric_s: float | None
    """Duration of the eccentric; None in a rep that ended its set at the top."""
    bottom_hold_s: float | None
    """Duration of the hold at the bottom; None until the next movement has ended it."""
    concentric_s: float | None
    """Duration of the concentric; None until it is over."""
    top_hold_s: float | None
    """Duration of the hold at the top; None until the next movement has ended it."""
    range_of_motion_deg: float
    """Highest less lowest trunk angle."""
    range_estimated: bool = False
    """Without a gyroscope, the range of a rep that is not held at both ends is an estimate."""
    top_inclination_deg: float | None
    """Angle between the trunk at the top and upright; None where upright was not seen."""
    bottom_inclination_deg: float | None
    """Angle between the trunk at the bottom and upright; None where upright was not seen."""
    peak_rate_dps: float
    """Highest angular rate about the mediolateral axis, either way."""
    mean_rate_dps: float
    """Mean absolute angular rate over the rep's movements."""
    partial: bool
    """Range clearly below that of the set."""
    top_angle_deg: float | None = None
    """Trunk angle at the top in the plane of its set, growing towards the bottom. Its zero is
    the set's own, so it compares reps of one set only; known without upright."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseSet:
    """Reps without a long rest between them."""

    id: str
    """Stable over replays; begins with the session's id."""
    version: int
    """Grows with each event of this set; the highest counts."""
    state: State
    """How much it can be relied on."""
    exercise: str
    """Name in ``EXERCISES``, or ``unknown``."""
    exercise_group: tuple[str, ...]
    """Names that the signal cannot tell apart, ``exercise`` among them."""
    reps: tuple[Rep, ...]
    """The reps in order."""
    start_us: int
    """First instant of the first movement."""
    end_us: int
    """Last instant of the last movement."""
    gyroscope: bool
    """False: tilt from the accelerometer alone, so phases are coarser."""
    top_assumed: bool
    """True: upright is not known surely enough, so which end is the top is a guess."""
    gaps: int
    """Gaps in the data that begin between ``start_us`` and ``end_us``."""
    confidence: float
    """Probability, from 0 to 1, that it is exercise and not daily life."""
    lost_s: float = 0.0
    """How much is missing in them, together."""
    reasons: tuple[str, ...] = ()
    """Why it is this exercise, or none that is known, in sentences for people."""
    contradiction: str = ""
    """What in the set speaks against the exercise that the person chose; empty: nothing."""

    @property
    def repetitions(self) -> int:
        """Number of reps, partial ones included."""
        return len(self.reps)


@dataclass(frozen=True, slots=True, kw_only=True)
class GapEvent:
    """Samples are missing, and counting continues without them.

    Those that come later all the same correct reps and sets, under their ids;
    the gap itself is not taken back.
    """

    start_us: int
    """Where the first missing sample should have been."""
    end_us: int
    """Time of the first sample after them."""


Event = PhaseChange | Rep | ExerciseSet | GapEvent
"""What a pipeline gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """An event and whose it is."""

    session: str
    sensor: str
    person: str
    zero_utc: datetime
    """Wall clock time at the session's zero, from which the event's times count."""
    first_us: int
    """Time of the session's first sample."""
    event: Event

    def utc(self, time_us: int) -> datetime:
        """Wall clock time of an instant of the session."""
        return self.zero_utc + timedelta(microseconds=time_us)
