"""The angle of a trunk that turns about the hip, from the force at the sensor alone.

A sensor at the lever ``L`` from the hip feels, in the plane of the movement, with
``u`` the direction of gravity in the sensor, ``u'`` at right angles to it in the
sense in which its angle grows, and ``L'`` the lever turned alike:

    f = g u  -  L' angle''  -  L angle'^2  +  (h u + k u') angle''

``h`` and ``k`` are how far the hip goes up and along per radian: in a deadlift or
a swing it moves as the trunk turns. A low-pass takes all of f for gravity: in a
swing the trunk seems to turn by half as much again, and each movement of a hinge
seems to begin and to end where its acceleration changes sign.

The angle at each step and the four numbers are fitted together by least squares
(Gauss-Newton). The force has two components in the plane and the angle is one,
so each step shows a little of the lever: the more, the faster the movement. A
prior takes its place where little is seen. The angle is kept smooth by the square
of its third derivative, which acts as a low-pass of sixth order without delay;
steps that are far off, such as a bar set down, count less (Huber weights).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imurep.util.units import GRAVITY_MS2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.counting.segmentation.segmentation_params import HipHingeParams

    Floats = NDArray[np.float64]

_HUBER = 2.5
"""Residuals beyond so many standard deviations count less."""
_MEDIAN_RAYLEIGH = 1.1774
"""Median length of a vector of which both components have the standard deviation 1."""
_LEAST_NOISE = 1e-3
"""Standard deviation that residuals have at least, in g: that of a common part."""
_LARGEST_STEP_RAD = 0.5
"""The model is linear enough over so much."""
_CONVERGED_RAD = 2e-4


def fit_hinge(
    force_ms2: Floats,
    seen: Floats,
    step_s: float,
    cutoff_hz: float,
    upright: Floats | None,
    params: HipHingeParams,
) -> Floats:
    """Fit the angle of gravity, in radians, shape (n,), without jumps.

    ``force_ms2`` (n, 2) is the specific force in the plane, on an even grid;
    ``seen`` (n,) is 1 where it was measured, 0 where it is made up.
    ``upright``: the direction of gravity of a person who stands, as far as it
    lies in the plane; None where it is not known. The trunk is kept smooth
    beyond ``cutoff_hz``.
    """
    from scipy.linalg import solveh_banded  # noqa: PLC0415  half of what starting the service takes

    force = force_ms2 / GRAVITY_MS2
    angle = _direction(force, round(0.5 / (cutoff_hz * step_s)))
    difference = np.array([-1.0, 3.0, -3.0, 1.0]) * (2 * math.pi * cutoff_hz * step_s) ** -3
    penalty = _roughness(len(angle), difference)
    # Lever (2), hip up and along; in units of g, as the force.
    prior = np.zeros(4)
    lever_sd_m = params.lever_sd_m
    if upright is None:
        lever_sd_m = math.hypot(params.lever_m, params.lever_sd_m)
    else:
        prior[:2] = params.lever_m / GRAVITY_MS2 * upright
    certainty = (GRAVITY_MS2 / np.array([lever_sd_m, lever_sd_m, params.hip_m, params.hip_m])) ** 2
    geometry, weight = prior.copy(), seen
    for _ in range(params.iterations):
        residual, by_angle, by_geometry = _linearised(force, angle, geometry, step_s)
        size = np.hypot(residual[:, 0], residual[:, 1])
        noise = max(float(np.median(size[seen > 0])) / _MEDIAN_RAYLEIGH, _LEAST_NOISE)
        weight = seen / np.maximum(1.0, size / (_HUBER * noise))
        columns = np.stack(
            [
                _transposed(by_angle, weight, residual) - _slope(angle, difference),
                *(_transposed(by_angle, weight, one) for one in by_geometry),
            ],
            axis=1,
        )
        solved = solveh_banded(_normal_matrix(by_angle, weight) + penalty, columns, check_finite=False)
        coupled = columns[:, 1:].T
        pull = certainty * noise**2 / params.evidence
        inner = np.array([[(a * b * weight[:, None]).sum() for b in by_geometry] for a in by_geometry])
        along = np.array([(one * residual * weight[:, None]).sum() for one in by_geometry])
        change = np.linalg.solve(
            inner - coupled @ solved[:, 1:] + np.diag(pull),
            along - coupled @ solved[:, 0] - pull * (geometry - prior),
        )
        turn = solved[:, 0] - solved[:, 1:] @ change
        largest = float(np.abs(turn).max())
        share = min(1.0, _LARGEST_STEP_RAD / max(largest, _CONVERGED_RAD))
        angle = angle + share * turn
        geometry = geometry + share * change
        if largest < _CONVERGED_RAD:
            break
    return angle


def _direction(force: Floats, width: int) -> Floats:
    """Angle of the force after smoothing over ``width`` steps each way: where the fit starts."""
    kernel = np.hanning(2 * width + 3)[1:-1]
    padded = np.pad(force, ((width, width), (0, 0)), mode="edge")
    x, y = (np.convolve(padded[:, i], kernel, mode="valid") for i in (0, 1))
    angle: Floats = np.unwrap(np.arctan2(y, x))
    return angle


def _roughness(n: int, difference: Floats) -> Floats:
    """Upper bands of the penalty's normal matrix, shape (4, n)."""
    bands, inner = np.zeros((4, n)), n - 3
    for i, left in enumerate(difference):
        for j in range(i, 4):
            bands[3 + i - j, j : j + inner] += left * difference[j]
    return bands


def _slope(angle: Floats, difference: Floats) -> Floats:
    """Half the gradient of the penalty, shape (n,)."""
    third = np.convolve(angle, difference[::-1], mode="valid")
    return np.convolve(third, difference, mode="full")


def _linearised(
    force: Floats, angle: Floats, geometry: Floats, step_s: float
) -> tuple[Floats, tuple[Floats, Floats, Floats], tuple[Floats, ...]]:
    """What the model leaves of the force, and how the model changes: with the angle, with the geometry.

    With the angle of the step before, of the step and of the one after it, each (n, 2).
    """
    first, second = np.zeros_like(angle), np.zeros_like(angle)
    first[1:-1] = (angle[2:] - angle[:-2]) / (2 * step_s)
    second[1:-1] = (angle[2:] - 2 * angle[1:-1] + angle[:-2]) / step_s**2
    lever, (rise, travel) = geometry[:2], geometry[2:]
    crossed = np.array([-lever[1], lever[0]])
    up = np.stack((np.cos(angle), np.sin(angle)), axis=1)
    ahead = np.stack((-up[:, 1], up[:, 0]), axis=1)
    first, second = first[:, None], second[:, None]
    by_second = rise * up + travel * ahead - crossed
    residual = force - up - second * by_second + first**2 * lever
    direct = ahead * (1 + rise * second) - up * (travel * second)
    before = by_second / step_s**2 + first * lever / step_s
    after = by_second / step_s**2 - first * lever / step_s
    here = direct - 2 * by_second / step_s**2
    before[[0, -1]] = after[[0, -1]] = 0.0
    here[[0, -1]] = direct[[0, -1]]
    by_geometry = (
        np.hstack((-(first**2), -second)),
        np.hstack((second, -(first**2))),
        second * up,
        second * ahead,
    )
    return residual, (before, here, after), by_geometry


def _transposed(by_angle: tuple[Floats, Floats, Floats], weight: Floats, values: Floats) -> Floats:
    """Product of the transposed, weighted derivatives by the angle with (n, 2) values: shape (n,)."""
    before, here, after = by_angle
    weighted = values * weight[:, None]
    out: Floats = (here * weighted).sum(axis=1)
    out[:-1] += (before * weighted).sum(axis=1)[1:]
    out[1:] += (after * weighted).sum(axis=1)[:-1]
    return out


def _normal_matrix(by_angle: tuple[Floats, Floats, Floats], weight: Floats) -> Floats:
    """Upper bands of the derivatives' normal matrix, shape (4, n); the highest band is empty."""
    before, here, after = by_angle

    def product(a: Floats, b: Floats) -> Floats:
        out: Floats = (a * b).sum(axis=1) * weight
        return out

    bands = np.zeros((4, len(weight)))
    bands[3] = product(here, here)
    bands[3, :-1] += product(before, before)[1:]
    bands[3, 1:] += product(after, after)[:-1]
    bands[2, 1:] = product(before, here)[1:] + product(here, after)[:-1]
    bands[1, 2:] = product(before, after)[1:-1]
    return bands
