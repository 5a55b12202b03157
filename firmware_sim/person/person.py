"""The person: what differs from one to the next, and from rep to rep.

All spreads are own estimates unless a source stands beside them; none of the
public data sets has torso recordings of these lifts with labelled phases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_sim.person.exercises import Posture

if TYPE_CHECKING:
    import numpy as np

    from firmware_sim.person.exercises import Exercise
    from firmware_sim.person.random_streams import RandomStreams


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person, drawn from the seed."""

    variation: float
    """Scale of all variation from rep to rep; 0 repeats every rep exactly."""
    movement_cv: float
    """Coefficient of variation of a movement's duration."""
    hold_cv: float
    """Coefficient of variation of a hold's duration."""
    end_part: float
    """Standard deviation of an end's angle, relative to the range."""
    twist_deg: float
    """Yaw at the bottom: nobody is symmetric."""
    side_deg: float
    """Roll at the bottom."""
    breath_hz: float
    breath_deg: float
    """Amplitude; half of the 0.5-1.5 degrees between breathing in and out."""
    tremor_deg: float
    """RMS of the 8-12 Hz tremor in a hold: 0.1-0.25 m/s2 at the strap, as much as is left above 6 Hz in
    torso recordings of deadlifts (flextail)."""
    sway_deg: float
    """RMS of the sway of the trunk in quiet standing."""
    roughness: float
    """Scale of the unsteadiness of movement, 1 for the average."""
    step_hz: float
    """Steps a second; two people of UCI DSA stroll at 1.5-1.7."""
    gait: float
    """Scale of gait accelerations, 1 for the average."""
    offsets_deg: tuple[float, float]
    """Where this person's bottom and top lie, in units of ``Exercise.person_deg``."""

    def ends(self, exercise: Exercise) -> tuple[Posture, Posture]:
        """Bottom and top of an exercise as this person does it."""
        bottom, top = (
            Posture(end.lean_deg + exercise.person_deg * offset, end.up_m, end.forward_m)
            for end, offset in zip((exercise.bottom, exercise.top), self.offsets_deg, strict=True)
        )
        return bottom, top


def draw_person(streams: RandomStreams, variation: float = 1.0, texture: float = 1.0) -> Person:
    """Draw a person. The same seed gives the same one, whatever they do.

    ``texture`` scales what is not in the truth: breathing, tremor, sway and rough movement.
    """
    rng = streams.named("person")

    def clipped(sigma: float) -> float:
        return sigma * float(min(2.0, max(-2.0, rng.standard_normal())))

    return Person(
        variation=variation,
        movement_cv=rng.uniform(0.04, 0.09),
        hold_cv=rng.uniform(0.08, 0.20),
        end_part=rng.uniform(0.01, 0.03),
        twist_deg=clipped(2.0),
        side_deg=clipped(1.5),
        breath_hz=rng.uniform(0.2, 0.3),
        breath_deg=rng.uniform(0.25, 0.75) * texture,
        tremor_deg=rng.uniform(0.003, 0.008) * texture,
        sway_deg=rng.uniform(0.3, 0.5) * texture,
        roughness=rng.uniform(0.6, 1.2) * texture,
        step_hz=1.7 + clipped(0.1),
        gait=1.0 + clipped(0.15),
        offsets_deg=(clipped(1.0), clipped(0.7)),
    )


def clipped_normal(rng: np.random.Generator, size: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Draw standard normal numbers clipped at 2.5: people have bad reps, not impossible ones."""
    return rng.standard_normal(size).clip(-2.5, 2.5)
