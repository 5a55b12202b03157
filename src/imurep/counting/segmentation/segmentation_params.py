"""Parameters of segmentation: one frozen dataclass a module, ``SegmentationParams`` for all of them.

Where a field is a "share" without more, it is a share of the set's range of motion.
docs/explanation/counting.md has the figures behind the defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from imurep.counting.segmentation.likeness_coefficients import LikenessCoefficients


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningPointParams:
    """Parameters of ``HysteresisDetector`` and of the bank of them that searches for sets."""

    spacing: float = 1.6
    """Ratio of one hysteresis to the next smaller one."""
    largest_deg: float = 30.0
    """The last hysteresis is the first one that is at least this large."""
    looks: int = 8
    """A detector is fed so many poses while the trunk moves by its hysteresis."""
    kept: int = 8
    """Turning points that a detector remembers: a set may have begun before it was detected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOnsetParams:
    """What the first turning points of a set have to be like."""

    turns: int = 4
    """Turning points needed: 4 is out and back and out again."""
    turns_if_expected: int = 3
    """Turning points needed where the exercise is known or one rep makes a set: 3 is out and back."""
    min_range_share: float = 0.8
    """Smallest range at the onset, as a share of the smallest range of a whole set."""
    hystereses: tuple[float, float] = (2.0, 5.0)
    """Smallest and largest range, as multiples of the hysteresis that found the turning points."""
    endpoint_error: float = 0.35
    """How far from an earlier end the trunk may come back to it, as a share."""
    endpoint_error_single: float = 0.45
    """How far from an earlier end the trunk may come back to it where one rep makes a set, as a share."""
    likeness: float = 0.6
    """Smallest movement, as a share of the largest one."""
    movement_s: tuple[float, float] = (0.2, 15.0)
    """Shortest and longest time from leaving one end to the extreme at the other."""
    hold_s: float = 12.0
    """Longest stay at an end."""
    near: float = 0.25
    """Within this share of an end, the trunk is at that end."""
    shake_rms: float = 0.6
    """Largest shaking of the body, as a share of the change of gravity over the range."""
    look_back_s: int = 5
    """Seconds before the trunk left an end that show how far from the other end it was."""
    longest_s: int = 25
    """Longest time that is searched for the moment at which the trunk left an end; bounds the work."""
    leaving: float = 0.2
    """How far the trunk may have gone at that moment, as a share of what is near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementTrackerParams:
    """Parameters of ``MovementTracker``."""

    hysteresis: float = 0.4
    """A movement ends when the trunk has come back by this share."""
    progress: float = 0.02
    """An advance by more than this share is movement, by less a hold."""
    reached: float = 0.7
    """The trunk can have arrived at the other end when it has gone this share."""
    slowing: float = 0.25
    """It arrives when its rate falls below this share of the movement's peak rate."""
    stopped: float = 0.10
    """It stands when its rate is below this share of the movement's peak rate."""
    stopped_s: float = 0.18
    """It has stopped when it has stood for so long."""
    before_s: float = 3.0
    """How long before its turning point the first movement may begin."""
    beyond: float = 0.25
    """Continuing by more than this share after a stop at the usual end is another movement."""
    outlier_endpoint_error: float = 0.45
    """A movement that ends farther than this share from the same end before is an outlier."""
    outlier_range: float = 1.6
    """A movement that is larger than the set's range by this factor is an outlier."""
    undersized: float = 0.6
    """A movement below this share of the set's range, after a pause, belongs to another exercise."""
    pause_s: float = 5.0
    """Shortest pause before an undersized movement."""
    range_movements: int = 6
    """The set's range is the median over so many of the last movements that are no outliers."""
    range_window: int = 12
    """Movements among which those are searched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEndParams:
    """When a set is over."""

    outlier_movements: int = 3
    """A set is over before so many outliers in a row; a slip of the strap makes two."""
    rest_s: tuple[float, float] = (12.0, 20.0)
    """A set is over when nothing has moved for so long: the first one before it was published, and where
    the set does not go, such as beside the bench; else between both. A pause in a rep may last 10 s."""
    rest_factor: float = 4.0
    """Between those bounds, a rest is so many times the median pause of the set at that end."""
    stuck_s: float = 40.0
    """A set is over when the trunk has not arrived at an end for so long, even while it moves."""
    away_s: int = 6
    """A set is over after so long without a movement of it while steps shake the body."""
    away_ms2: float = 1.0
    """Shaking of the body by steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementTimingParams:
    """How the edges of a movement are found, and noise is kept out of them."""

    edge: float = 0.10
    """Share of the peak rate at which a movement begins and ends (normative)."""
    smoothing: float = 0.05
    """Width of the smoothing kernel, as a share of the movement's duration."""
    half_peak_share: float = 0.54
    """Share of its duration that a minimum-jerk movement spends above half of its peak rate."""
    longest_kernel_s: float = 0.35
    """Largest width of the smoothing kernel."""
    part: float = 0.04
    """A stretch above the edge that turns the trunk by less than this share of the whole is noise."""
    part_after_pause: float = 0.15
    """Behind a pause, a stretch that turns the trunk by less is noise: in holds people sway."""
    part_after_rest: float = 0.3
    """Behind a long pause, a stretch that turns the trunk by less is noise."""
    moment_s: float = 0.4
    """Longest interruption that is no pause."""
    pause_s: float = 1.0
    """Longest interruption that is no long pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepBuilderParams:
    """Parameters of the description of a rep."""

    partial: float = 0.7
    """A rep below this share of the set's range is partial."""
    held_s: float = 0.5
    """Without a gyroscope the range is measured, not estimated, when both ends are held for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopBottomParams:
    """How the top of a set is found."""

    same_end: float = 0.35
    """Ends of two sets that are nearer than this share are the same end."""
    sure: float = 0.8
    """Least probability with which a pose is taken for upright."""
    unknown_share: float = 0.2
    """Share of sets that are no exercise known here."""
    other_start: float = 0.1
    """Probability that a set of a chosen exercise begins at the other end: on the way to the first rep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWindowParams:
    """Which movements are the set's own; costs and gains are on the scale of the scores."""

    coefficients: LikenessCoefficients = field(default_factory=LikenessCoefficients)
    """Weights of the likeness, fitted."""
    duration_floor: float = 0.15
    """Standard deviation that reps have at least in the logarithm of their duration."""
    peak_rate_floor: float = 0.15
    """The same of the peak rate."""
    range_floor: float = 0.08
    """The same of the range."""
    pose_floor: float = 0.06
    """The same in the distance between their poses at an end, as a share."""
    pause_floor: float = 0.25
    """The same in the logarithm of 1 s plus the pause."""
    spread_uncertainty: float = 8.0
    """The variance of so many movements is added, shared among those of the set."""
    least_pose_score: float = -3.0
    """Poses lower the score of a movement to this: behind a slip of the strap, all of them are others."""
    least_score: float = -4.0
    """Smallest score of a movement: the one in which the strap slips is unlike all others."""
    odd_cost: float = 2.0
    """Cost of an odd number of movements, half a rep too few or too many."""
    set_down_cost: float = 2.0
    """Further cost of an odd number where reps begin at the bottom and the load is set down there."""
    unlikely_start_cost: float = 3.0
    """Cost of a start at the other end than the recognised exercise has."""
    data_edge_s: float = 3.0
    """Between the edge of the data and a set that is nearer to it, there is no room for anything else."""
    data_edge_gain: float = 4.0
    """Gain of each of the two movements at such an edge of the set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetThresholds:
    """Thresholds that depend on what is known of the session."""

    min_range_deg: float
    """Smallest range of motion of a set."""
    irregularity: float = 0.19
    """Largest irregularity of a set."""
    clear_range_deg: float = 20.0
    """Below this range the allowed irregularity falls with the square of the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClassifierParams:
    """What separates a set of an exercise from daily life.

    Without a gyroscope the push and pull of arms and pedals reads as tilt, so a
    small range has to be very regular to count. With a known exercise even the
    10 degrees of a well-braced deadlift count.
    """

    unknown: SetThresholds = SetThresholds(min_range_deg=14.0)
    """Thresholds where the exercise is not known."""
    unknown_without_gyroscope: SetThresholds = SetThresholds(min_range_deg=20.0, clear_range_deg=36.0)
    """Thresholds where neither the exercise is known nor is there a gyroscope."""
    known: SetThresholds = SetThresholds(min_range_deg=8.0, irregularity=0.25, clear_range_deg=0.0)
    """Thresholds where the exercise is known."""
    known_without_gyroscope: SetThresholds = SetThresholds(
        min_range_deg=15.0, irregularity=0.25, clear_range_deg=0.0
    )
    """Thresholds where the exercise is known, without a gyroscope."""
    max_range_deg: float = 140.0
    """Largest range: no trunk turns farther about the hips; the force in steps and jumps may seem to."""
    min_movement_s: float = 0.3
    """Shortest median movement: a kettlebell swing takes half a second each way."""
    shake_rms: float = 0.6
    """Largest shaking of the body, as a share of the change of gravity over the range."""
    shake_weight: float = 0.3
    """Weight of the shaking in the irregularity; that of the endpoint drift is 1."""
    rhythm_weight: float = 0.2
    """Weight of the spread of the rhythm in the irregularity."""
    usual_change: float = 0.2
    """Change of the logarithms of pause and peak rate, from rep to rep, that is no irregularity yet."""
    pause_weight: float = 0.2
    """Weight of the change of the pauses beyond that: those between chores are irregular."""
    peak_rate_weight: float = 0.4
    """Weight of the change of the peak rates beyond that."""
    few_movements: int = 9
    """With fewer movements, chance is regular more easily."""
    few_share: float = 0.8
    """Share of the irregularity that is allowed then."""

    def thresholds(self, *, gyroscope: bool, known: bool) -> SetThresholds:
        """Thresholds of a session."""
        if gyroscope:
            return self.known if known else self.unknown
        return self.known_without_gyroscope if known else self.unknown_without_gyroscope


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDetectorParams:
    """How poses are searched for sets."""

    pose_hz: float = 10.4
    """Poses a second that are searched; movements are timed with every step."""
    still: float = 0.01
    """Change between two poses, summed over the axes, below which the trunk stands; half a degree."""
    still_poses: int = 4
    """The trunk has stopped when it has stood for so many poses."""
    memory_s: int = 300
    """Length of the history, and so of the longest rep."""
    max_gaps: int = 1000
    """Gaps that are remembered to be counted within sets."""
    steps_at_once: int = 10_000
    """Steps that are converted in one go; after a set, the rest of them is searched again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentationParams:
    """Parameters of all modules of segmentation."""

    detector: SetDetectorParams = field(default_factory=SetDetectorParams)
    turning_points: TurningPointParams = field(default_factory=TurningPointParams)
    onset: SetOnsetParams = field(default_factory=SetOnsetParams)
    tracker: MovementTrackerParams = field(default_factory=MovementTrackerParams)
    set_end: SetEndParams = field(default_factory=SetEndParams)
    timing: MovementTimingParams = field(default_factory=MovementTimingParams)
    reps: RepBuilderParams = field(default_factory=RepBuilderParams)
    top_bottom: TopBottomParams = field(default_factory=TopBottomParams)
    window: SetWindowParams = field(default_factory=SetWindowParams)
    classifier: SetClassifierParams = field(default_factory=SetClassifierParams)
