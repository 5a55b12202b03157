"""All numbers of the motion: the grid, the orientation filter, upright, the accelerometer's bias."""

from __future__ import annotations

from dataclasses import dataclass, field

from imurep.counting.motion.upright_coefficients import UprightCoefficients
from imurep.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class OrientationParams:
    """How gravity is found (``orientation``)."""

    grid_hz: float = 52.0
    """Steps a second that the grid comes closest to."""
    cutoff_hz: float = 1.0
    """Corner of the low-pass that makes gravity out of an accelerometer alone."""
    restart_s: float = 0.5
    """A gap longer than this makes the filter start anew: the sensor may have turned in it."""
    other_rate: float = 0.2
    """A rate that differs by more than this share is another one."""
    bias_dps: float = 1.0
    """How far gyroscopes are off when they are switched on: standard deviation of a common part. VQF's own,
    0.5, is passed by one axis in three of such parts."""
    largest_bias_dps: float = 5.0
    """Bound of the gyroscope's bias. VQF's own, 2, is passed by one axis in twenty."""
    rest_dps: float = 0.3
    """Highest angular rate at rest. Whoever wears a sensor sways by 1 deg/s for seconds. Within VQF's own
    bound, 2 deg/s, that is taken for the gyroscope's bias and tilts gravity by up to 4 degrees. A sensor on
    a table is within this."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if min(self.grid_hz, self.cutoff_hz, self.restart_s) <= 0:
            msg = "grid_hz, cutoff_hz and restart_s must be positive"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingParams:
    """What shows how the person stands (``standing_reference``, ``upright_evidence``)."""

    still_ms2: float = 0.3
    """Largest spread of the force within a second of standing."""
    brisk_ms2: float = 6.0
    """Largest spread of walking: briskly."""
    walk_s: int = 5
    """Seconds of walking that are needed, and of standing that are averaged at most."""
    sway_deg: float = 15.0
    """A second whose pose is farther from the mean of the walk ends it; poses farther apart are not one."""
    still_deg: float = 2.5
    """While standing, the trunk turns by less than this from one second to the next."""
    stand_s: int = 2
    """Seconds of standing that are needed; between standing and walking are as many at most."""
    stands: int = 4
    """People never stand twice alike: the median over so many last times is how they stand."""
    near_deg: float = 10.0
    """Walking leans less from standing; so does nobody who sits down in between."""
    memory_s: float = 60.0
    """Evidence for a pose fades to 1/e by so many seconds of evidence of the same kind."""
    coefficients: UprightCoefficients = field(default_factory=UprightCoefficients)
    """How much evidence weighs: fitted."""

    @property
    def stroll_ms2(self) -> float:
        """Least spread of walking, strolling: twice that of standing."""
        return 2 * self.still_ms2


@dataclass(frozen=True, slots=True, kw_only=True)
class AccelerometerBiasParams:
    """How the accelerometer's bias is learned (``accelerometer_bias``)."""

    window_s: int = 5
    """Over so long a body gains no speed; a shorter mean holds more of each movement, a longer one
    of fewer directions."""
    prior: float = 0.03
    """Weight of no bias at all against the mean of what was seen: the square of sensitivity errors
    over biases, 5 over 30 mg, as data sheets have them."""
    largest_ms2: float = 0.6
    """Three times a common bias. Where more is missing it is something else: a fall, wrong units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionParams:
    """All parameters of the motion."""

    orientation: OrientationParams = field(default_factory=OrientationParams)
    """How gravity is found."""
    standing: StandingParams = field(default_factory=StandingParams)
    """What shows how the person stands."""
    accelerometer_bias: AccelerometerBiasParams = field(default_factory=AccelerometerBiasParams)
    """How the accelerometer's bias is learned."""
