"""Parameters of assessment: one frozen dataclass a module, ``AssessmentParams`` for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from imurep.counting.motion.motion_params import StandingParams


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfPlaneParams:
    """How the deviation from the plane of movement is measured."""

    movements: int = 8
    """Number of last movements that are measured."""
    least_span: float = 1e-3
    """Sine of the angle between the ends of a movement below which they span no plane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseClassifierParams:
    """Limits of the classification of a set that are no exercise's own."""

    out_of_plane_deg: float = 15.0
    """Largest deviation from the plane of movement; a hinge has up to 8 degrees on the simulator."""
    disagreement_deg: float = 12.0
    """Largest difference between the range and the difference of the inclinations."""
    disagreement_share: float = 0.25
    """That difference as a share of the range; the larger of the two limits holds."""
    past_upright: float = 0.45
    """How far the top may be past upright, as a share of the bottom's inclination; rowing has far more."""
    grip_s: float = 1.7
    """Shortest stay at the bottom that may be taking hold of a load; picking up a plate takes less."""
    grip_factor: float = 2.0
    """It is also at least so many times as long as the stays after it."""
    grip_reps: int = 3
    """Number of first reps in which a load may be taken hold of."""
    calm_ms2: float = StandingParams().still_ms2
    """Spread of the force that breathing, tremor and straps make by themselves."""
    lever_m: float = 0.3
    """Usual distance of the sensor from the hip: largest spread of the force beyond that, per square of the
    peak rate; hinges have 0.27."""
    slack_deg: float = 10.0
    """How far a chosen exercise may be beyond its limits without contradiction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormParams:
    """Parameters of the figures of form. Pairs are ramps: none at the first value, all at the second."""

    throw_per_s: tuple[float, float] = (1.2, 2.2)
    """Momentum: peak angular rate, in ranges a second."""
    rest_s: tuple[float, float] = (0.35, 0.10)
    """Momentum: rest at the bottom before the lift, and at the top."""
    over_deg: float = 10.0
    """A top that is over the straight line by more is flagged; such sensors are good to about 6."""
    on_tempo_s: float = 0.5
    """Largest deviation of a phase that is on tempo."""
    on_tempo_part: float = 0.25
    """That deviation as a share of the phase's target; the larger of the two limits holds."""
    few_reps: int = 3
    """Reps at either end of a set that slowing compares, and fewest that unsteadiness is measured of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationParams:
    """What counts as standing and as holding the straight line."""

    hold_s: float = StandingParams().stand_s
    """Shortest time of standing, and of holding the line."""
    still_deg: float = StandingParams().still_deg
    """Largest change of a still pose; breathing and sway change it by less, getting on a bench by more."""
    still_ms2: float = 0.5
    """Spread of the force in a quarter: steps make more, the tremor of a held line makes less."""
    alive_deg: float = 0.03
    """Nobody is stiller than this: mean distance of the quarters from their mean pose."""
    near_deg: float = StandingParams().near_deg
    """People lean less than this from standing when they walk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentParams:
    """Parameters of all modules of assessment."""

    out_of_plane: OutOfPlaneParams = field(default_factory=OutOfPlaneParams)
    exercise_classifier: ExerciseClassifierParams = field(default_factory=ExerciseClassifierParams)
    form: FormParams = field(default_factory=FormParams)
    calibration: CalibrationParams = field(default_factory=CalibrationParams)
