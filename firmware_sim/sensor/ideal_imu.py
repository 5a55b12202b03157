"""What an ideal sensor under the strap would measure: specific force and angular rate.

The trunk is rigid and turns about the hip; the strap sits some way up it, on
the back or the chest. Soft tissue and strap make a damped spring.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import bilinear, lfilter, lfilter_zi

from firmware_sim.sensor import rotation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.person.motion import Motion

GRAVITY_MS2 = 9.80665
CREEP_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strap:
    """How the sensor is worn."""

    place: str = "back"
    lever_m: tuple[float, float, float] = (0.40, 0.02, -0.11)
    """From the hip to the sensor: up the trunk, to the right, forward (here: on the back)."""
    mounting: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    """Quaternion (w, x, y, z) that takes vectors from the sensor frame to the body frame."""
    wobble_hz: float = 10.0
    """Resonance of sensor, strap and soft tissue; own estimate. A 34 g sensor rang on the skin at its own
    resonance, one of 1.5 g did not (Ziegert and Lewis 1979, J Biomech Eng 101:218)."""
    wobble_damping: float = 0.35
    """Relative to critical; own estimate."""
    wobble_lever_m: float = 0.12
    """A sensor displaced by this tilts by 1 rad, about the width of strap that holds it; own estimate."""
    slip_at_s: float | None = None
    slip_deg: float = 0.0
    slip_axis: tuple[float, float, float] = (0.0, 1.0, 0.0)
    """In the body frame; a strap that slides down mostly tilts the sensor about ML."""
    slip_s: float = 0.3
    creep_deg: float = 0.0
    """How far the strap creeps about ``slip_axis`` in ten minutes, at an even rate."""


def trunk_rotation(motion: Motion) -> NDArray[np.float64]:
    """Body frame to world, (n, 3, 3): yaw about up, lean about ML, roll about PA, then twist about IS."""
    yaw, lean, roll, twist = (
        np.radians(angle) for angle in (motion.yaw_deg, motion.lean_deg, motion.roll_deg, motion.twist_deg)
    )
    turned: NDArray[np.float64] = rotation.about(0, yaw) @ rotation.about(1, -lean) @ rotation.about(2, roll)
    if np.any(twist):
        turned = turned @ rotation.about(0, twist)
    return turned


def trunk_rate(motion: Motion) -> NDArray[np.float64]:
    """Angular rate in the body frame, rad/s, (n, 3)."""
    step_s = motion.t_s[1] - motion.t_s[0]
    yaw, lean, roll = (
        np.gradient(np.radians(angle), step_s) for angle in (motion.yaw_deg, motion.lean_deg, motion.roll_deg)
    )
    zero = np.zeros_like(yaw)
    about_lean = rotation.about(1, -np.radians(motion.lean_deg))
    about_roll = rotation.about(2, np.radians(motion.roll_deg))
    in_leaned = rotation.apply_inverse(about_lean, np.stack([yaw, zero, zero], axis=1))
    in_leaned[:, 1] -= lean
    rate = rotation.apply_inverse(about_roll, in_leaned)
    rate[:, 2] += roll
    if np.any(motion.twist_deg):
        twist = np.radians(motion.twist_deg)
        rate = rotation.apply_inverse(rotation.about(0, twist), rate)
        rate[:, 0] += np.gradient(twist, step_s)
    return rate


def ideal_signals(motion: Motion, strap: Strap) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Specific force (m/s2) and angular rate (rad/s) in the sensor frame, each (n, 3)."""
    step_s = motion.t_s[1] - motion.t_s[0]
    trunk = trunk_rotation(motion)
    heading = rotation.about(0, np.radians(motion.yaw_deg))
    hip_m = np.stack([motion.up_m, np.zeros(motion.t_s.size), motion.forward_m], axis=1)
    at_m = rotation.apply(heading, hip_m) + trunk @ np.asarray(strap.lever_m)
    acc_ms2 = _second_difference(at_m, step_s) + rotation.apply(heading, motion.acc_ms2)

    moved_ms2, tilt_rad = _wobble(rotation.apply_inverse(trunk, acc_ms2), strap, step_s)
    tilt_rad += np.radians(motion.rock_deg)
    up = rotation.apply_inverse(trunk, np.tile([GRAVITY_MS2, 0.0, 0.0], (motion.t_s.size, 1)))
    rate = trunk_rate(motion) + np.gradient(tilt_rad, step_s, axis=0)

    # These tilts are below a degree or two: a first-order rotation of gravity is exact to 0.1 %.
    force = moved_ms2 + up - np.cross(tilt_rad, up)
    slip = _slip(motion.t_s, strap)
    if slip is not None:
        angle_rad, axis = slip
        turned = rotation.about_vector(axis, angle_rad)
        force = rotation.apply_inverse(turned, force)
        rate = rotation.apply_inverse(turned, rate) + np.gradient(angle_rad, step_s)[:, np.newaxis] * axis
    mounting = rotation.of_quaternion(strap.mounting)
    return force @ mounting, rate @ mounting


def _second_difference(path: NDArray[np.float64], step_s: float) -> NDArray[np.float64]:
    acc = np.zeros_like(path)
    acc[1:-1] = (path[2:] - 2 * path[1:-1] + path[:-2]) / step_s**2
    acc[0], acc[-1] = acc[1], acc[-2]
    return acc


def _wobble(
    acc_ms2: NDArray[np.float64], strap: Strap, step_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Acceleration of the sensor on its spring (body frame), and its tilt, rad.

    The spring carries the sensor: base acceleration in, sensor acceleration
    out, with the resonance between; the spring's deflection tilts the sensor.
    """
    natural = 2 * np.pi * strap.wobble_hz
    friction = 2 * strap.wobble_damping * natural
    below = [1.0, friction, natural**2]
    carried = _filter([friction, natural**2], below, acc_ms2, step_s)
    bent_m = _filter([-1.0], below, acc_ms2, step_s)
    tilt_rad = np.zeros_like(acc_ms2)
    # Pushed up or down the trunk (IS) it nods about ML; pushed sideways it rolls about PA.
    tilt_rad[:, 1] = bent_m[:, 0] / strap.wobble_lever_m
    tilt_rad[:, 2] = bent_m[:, 1] / strap.wobble_lever_m
    return carried, tilt_rad


def _filter(
    above: list[float], below: list[float], signal: NDArray[np.float64], step_s: float
) -> NDArray[np.float64]:
    b, a = bilinear(above, below, 1.0 / step_s)
    start = lfilter_zi(b, a)[:, np.newaxis] * signal[0]
    filtered, _ = lfilter(b, a, signal, axis=0, zi=start)
    return np.asarray(filtered)


def _slip(t_s: NDArray[np.float64], strap: Strap) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    if strap.slip_at_s is None and not strap.creep_deg:
        return None
    axis = np.asarray(strap.slip_axis) / np.linalg.norm(strap.slip_axis)
    angle_rad: NDArray[np.float64] = np.radians(strap.creep_deg) * t_s / CREEP_S
    if strap.slip_at_s is not None:
        s = np.clip((t_s - strap.slip_at_s) / strap.slip_s, 0.0, 1.0)
        angle_rad += np.radians(strap.slip_deg) * s**3 * (10 - 15 * s + 6 * s**2)
    return angle_rad, axis
