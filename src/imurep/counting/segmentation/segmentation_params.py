"""Parameters of segmentation: one frozen dataclass a module, ``SegmentationParams`` for all of them.

Where a field is a "share" without more, it is a share of the set's range of motion.
docs/explanation/counting.md has the figures behind the defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from imurep.counting.assessment.assessment_params import ExerciseClassifierParams
from imurep.counting.segmentation.exercise_coefficients import ExerciseCoefficients
from imurep.counting.segmentation.likeness_coefficients import LikenessCoefficients, LikenessScales

USUAL_MIN_REPS = 3
"""Fewest reps of a set for which the score of exercise was fitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningPointParams:
    """Parameters of ``HysteresisDetector`` and of the bank of them that searches for sets."""

    spacing: float = 1.5
    """Ratio of one hysteresis to the next smaller one."""
    largest_deg: float = 30.0
    """The last hysteresis is the first one that is at least this large."""
    looks: int = 8
    """A detector is fed so many poses while the trunk moves by its hysteresis."""
    kept: int = 8
    """Turning points that a detector remembers: a set may have begun before it was detected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOnsetParams:
    """What the first turning points of a set have to be like, apart from what its movements are like."""

    min_range_deg: float = 6.4
    """Smallest range: breathing moves the trunk by up to 5 degrees. Without a gyroscope, the push and pull
    of arms and legs reads as tilt: it is one hysteresis of the bank more (``TurningPointParams.spacing``)."""
    hystereses: float = 2.0
    """Smallest range, as a multiple of the hysteresis that found the turning points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementTrackerParams:
    """What the movements of a set are like, from its onset on (``SetOnset``, ``MovementTracker``)."""

    hysteresis: float = 0.4
    """A movement ends when the trunk has come back by this share."""
    same_end: float = 0.35
    """Farther than this share from an end of the set is elsewhere."""
    alike: float = 0.57
    """Smallest movement, as a share of the largest one at the onset, and of a later one that is none of the
    set's. The trunk can have arrived at the other end when it has gone this share of the range."""
    near: float = 0.25
    """Within this share of an end, the trunk is at that end: before it left, and after it stopped there. It
    arrives when its rate falls below as large a share of the movement's peak rate."""
    lead_s: int = 3
    """Seconds before the trunk left an end that show how far from the other end it was; before its turning
    point in which the first movement may begin; and between a set and the edge of the data in which there
    is no room for anything else."""
    rest_s: float = 12.0
    """A stay at an end, or a movement at the onset, that is longer is none of a set: the set is over."""
    progress: float = 0.02
    """An advance by more than this share is movement, by less a hold."""
    stopped_s: float = 0.18
    """It has stopped when it has stood for so long."""
    range_movements: int = 6
    """The set's range is the median over so many of the last movements that are no outliers; they are
    searched for among twice as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEndParams:
    """When a set is over, apart from a rest."""

    outlier_movements: int = 3
    """A set is over before so many outliers in a row; a slip of the strap makes two."""
    away_ms2: float = 1.0
    """Shaking of the body by steps: half a rest with it, and without a movement of the set, ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementTimingParams:
    """How the edges of a movement are found, and noise is kept out of them."""

    edge: float = 0.10
    """Share of the peak rate at which a movement begins and ends (normative)."""
    smoothing: float = 0.05
    """Width of the smoothing kernel, as a share of the movement's duration."""
    part: float = 0.04
    """A stretch above the edge that turns the trunk by less than this share of the whole is noise."""
    part_after_pause: float = MovementTrackerParams().near
    """Behind a pause, a stretch that turns the trunk by less is noise: in holds people sway, near the end."""
    moment_s: float = 0.4
    """Longest interruption that is no pause; the trunk stands once it has stood for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HipHingeParams:
    """How the trunk's angle is fitted to the force of a set, without a gyroscope."""

    lever_m: float = ExerciseClassifierParams().lever_m
    """Usual distance of the sensor from the hip, along the trunk: waist to upper back."""
    lever_sd_m: float = 0.1
    """Standard deviation of it, and of how far before or behind the hip the sensor is."""
    hip_m: float = 0.1
    """Standard deviation of how far the hip goes up and along while the trunk turns by a radian."""
    evidence: float = 0.002
    """Share of the steps that counts as independent evidence of lever and hip: what the model leaves out
    repeats with every rep."""
    cutoff: float = 3.5
    """Up to so many periods within the shorter movement of a rep the angle follows the force."""
    iterations: int = 12
    """Most iterations of the fit; five are usual."""
    around_s: float = 1.5
    """Stretch before and after the set that is fitted with it."""


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

    same_end: float = MovementTrackerParams().same_end
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
    scales: LikenessScales = field(default_factory=LikenessScales)
    """Scales of unlikeness and of what is known apart from the movements, fitted."""
    recent_movements: int = 24
    """While a set is being done, its last movements are compared with so many, which bounds the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClassifierParams:
    """How sure it has to be that movements are exercise; gains are log-odds."""

    coefficients: ExerciseCoefficients = field(default_factory=ExerciseCoefficients)
    """Weights of the features, fitted."""
    sway_deg: float = 12.0
    """What is compared with a range of so many degrees counts half."""
    asked_gain: float = 2.0
    """Gain for what the person asked for: for a chosen exercise, and for each movement that a set may have
    fewer than three reps have. It is what they came for."""
    least_confidence: float = 0.5
    """Confidence from which movements are a set."""
    most_log_odds: float = 20.0
    """Log-odds beyond which nobody can be surer."""

    def prior(self, *, known: bool, min_reps: int) -> float:
        """Log-odds that are added for what is known of a session."""
        return self.asked_gain * (known + 2 * max(0, USUAL_MIN_REPS - min_reps))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDetectorParams:
    """How poses are searched for sets."""

    pose_hz: float = 10.4
    """Poses a second that are searched; movements are timed with every step."""
    still: float = 0.01
    """Change between two poses, summed over the axes, below which the trunk stands; half a degree."""
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
    hinge: HipHingeParams = field(default_factory=HipHingeParams)
    reps: RepBuilderParams = field(default_factory=RepBuilderParams)
    top_bottom: TopBottomParams = field(default_factory=TopBottomParams)
    window: SetWindowParams = field(default_factory=SetWindowParams)
    classifier: SetClassifierParams = field(default_factory=SetClassifierParams)
