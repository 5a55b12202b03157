"""Rotations as matrices of shape (n, 3, 3) or (3, 3), and unit quaternions (w, x, y, z)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def about(axis: int, angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotation about a coordinate axis by the right-hand rule, shape (n, 3, 3)."""
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.zeros((angle_rad.size, 3, 3))
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    matrix[:, axis, axis] = 1.0
    matrix[:, i, i] = cos
    matrix[:, j, j] = cos
    matrix[:, i, j] = -sin
    matrix[:, j, i] = sin
    return matrix


def about_vector(axis: NDArray[np.float64], angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotation about a unit vector (Rodrigues), shape (n, 3, 3)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sin = np.sin(angle_rad)[:, np.newaxis, np.newaxis]
    versine = (1.0 - np.cos(angle_rad))[:, np.newaxis, np.newaxis]
    matrix: NDArray[np.float64] = np.eye(3) + sin * cross + versine * (cross @ cross)
    return matrix


def of_quaternion(quaternion: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrix (3, 3) of a quaternion (w, x, y, z) of any length above 0."""
    w, x, y, z = np.asarray(quaternion, dtype=np.float64) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def random_quaternion(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Draw a rotation, all equally likely."""
    w, x, y, z = rng.standard_normal(4)
    length = float(np.sqrt(w * w + x * x + y * y + z * z))
    return float(w) / length, float(x) / length, float(y) / length, float(z) / length


def apply(matrix: NDArray[np.float64], vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotate vectors (n, 3) by matrices (n, 3, 3)."""
    rotated: NDArray[np.float64] = np.einsum("nij,nj->ni", matrix, vector)
    return rotated


def apply_inverse(matrix: NDArray[np.float64], vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotate vectors (n, 3) back by matrices (n, 3, 3)."""
    rotated: NDArray[np.float64] = np.einsum("nji,nj->ni", matrix, vector)
    return rotated
