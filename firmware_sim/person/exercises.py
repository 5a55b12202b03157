"""The eight exercises: where the trunk and the hip are at both ends, and how fast people go.

Lean is the trunk's inclination from upright, positive forward, past 90 degrees
when the head hangs below the hip. Hip positions are metres from standing,
up and forward. Where no source is named a number is an own estimate.

Sources:
    The brief of this project (EXERCISES.md, after StrengthLog's training
    guide): 45 degree bench from hanging to the straight line, 90 degree bench,
    floor 15-25 degrees of range, trap bar more upright than the straight bar.
    Schellenberg et al. 2013, doi:10.1186/2052-1847-5-27: the trunk moves alike
    in good mornings and deadlifts, the knee bends 5 degrees in the one and
    more than 100 in the other - hence the hips' drop.
    Swinton et al. 2011, doi:10.1519/JSC.0b013e3181e73f87: the hexagonal bar
    shifts work from back to knee: more upright, hips lower.
    Meigh et al. 2021, doi:10.1101/2021.05.13.444085: swings at about 40 a
    minute, 0.7 Hz.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware_sim.person.tempo import Tempo


@dataclass(frozen=True, slots=True)
class Posture:
    """Trunk and hip at one end of an exercise."""

    lean_deg: float
    up_m: float = 0.0
    forward_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """How an exercise is done."""

    name: str
    place: str
    """Where it is done: ``bench``, ``floor``, ``bar`` (on the floor), ``rack``, ``kettlebell``."""
    starts_at_top: bool
    bottom: Posture
    top: Posture
    tempo: Tempo
    """Usual tempo; an own estimate for all but the swing."""
    straight_line_deg: float
    """Lean at which trunk and legs are in line (or, on the floor, the trunk level)."""
    person_deg: float = 3.0
    """Standard deviation of either end from person to person, clipped at twice that."""
    jolt_ms2: float = 0.0
    """Peak acceleration of the trunk when the weight touches down."""
    ballistic: bool = False


_ALL = (
    Exercise(
        name="back_extension_45",
        place="bench",
        starts_at_top=False,
        bottom=Posture(130.0, -0.05, 0.35),  # 125-135: the head hangs, the pelvis rolls over the pad
        top=Posture(45.0, -0.05, 0.35),
        tempo=Tempo(2.0, 0.5, 1.5, 1.0),
        straight_line_deg=45.0,
    ),
    Exercise(
        name="back_extension_90",
        place="bench",
        starts_at_top=False,
        bottom=Posture(170.0, 0.1, 0.3),  # 165-175: short of vertical, hamstrings and pad forbid more
        top=Posture(90.0, 0.1, 0.3),
        tempo=Tempo(2.0, 0.5, 1.5, 1.0),
        straight_line_deg=90.0,
    ),
    Exercise(
        name="floor_back_extension",
        place="floor",
        starts_at_top=False,
        bottom=Posture(90.0, -0.85, 0.0),  # prone: the hip lies where it stood, less 0.95 m less a thigh
        top=Posture(70.0, -0.85, 0.0),
        tempo=Tempo(1.5, 0.6, 1.2, 1.5),
        straight_line_deg=90.0,
        person_deg=1.5,
    ),
    Exercise(
        name="good_morning",
        place="rack",
        starts_at_top=True,
        bottom=Posture(70.0, -0.03, -0.18),
        top=Posture(5.0),
        tempo=Tempo(2.2, 0.3, 1.5, 0.8),
        straight_line_deg=0.0,
    ),
    Exercise(
        name="deadlift",
        place="bar",
        starts_at_top=False,
        bottom=Posture(65.0, -0.30, -0.15),
        top=Posture(3.0),
        tempo=Tempo(1.4, 0.8, 1.4, 0.7),
        straight_line_deg=0.0,
        jolt_ms2=4.5,
    ),
    Exercise(
        name="trap_bar_deadlift",
        place="bar",
        starts_at_top=False,
        bottom=Posture(45.0, -0.35, -0.10),
        top=Posture(3.0),
        tempo=Tempo(1.4, 0.8, 1.2, 0.7),
        straight_line_deg=0.0,
        jolt_ms2=4.5,
    ),
    Exercise(
        name="romanian_deadlift",
        place="rack",
        starts_at_top=True,
        bottom=Posture(75.0, -0.06, -0.20),
        top=Posture(5.0),
        tempo=Tempo(2.0, 0.2, 1.3, 0.5),
        straight_line_deg=0.0,
    ),
    Exercise(
        name="kettlebell_swing",
        place="kettlebell",
        starts_at_top=False,
        bottom=Posture(70.0, -0.10, -0.18),
        top=Posture(-2.0),
        tempo=Tempo(0.65, 0.05, 0.60, 0.12),  # 1.42 s: 0.7 Hz
        straight_line_deg=0.0,
        person_deg=2.5,
        ballistic=True,
    ),
)

EXERCISES = {exercise.name: exercise for exercise in _ALL}
