"""One call for arrays: the same pipeline as for packets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.pipeline import Pipeline
from imurep.errors import PacketError
from imurep.events import Packet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from imurep.events import Event


def analyze(
    time_us: ArrayLike,
    acc_ms2: ArrayLike,
    gyr_rads: ArrayLike | None = None,
    *,
    exercise: str | None = None,
    min_reps: int = 3,
) -> tuple[Event, ...]:
    """Count the reps and sets in a recording held as arrays.

    ``time_us``: int64 microseconds, shape (n,); stamps may repeat and jitter.
    ``acc_ms2``: specific force in m/s2, shape (n, 3), about +9.81 along the axis
    that points up when still. ``gyr_rads``: angular rate in rad/s, shape (n, 3),
    or None. Rows that are not finite count as missing.

    Returns all events in the order in which they became known; the sets that
    stand are the ``ExerciseSet`` events in state ``FINAL``. Raises PacketError
    for arrays that cannot be used, ConfigError for an unknown exercise.
    """
    stamps = _stamps(time_us)
    packet = Packet(
        arrival_us=int(stamps[-1]) if len(stamps) else 0,
        acc_ms2=_vectors("acc_ms2", acc_ms2, len(stamps)),
        gyr_rads=None if gyr_rads is None else _vectors("gyr_rads", gyr_rads, len(stamps)),
        stamps_us=stamps,
    )
    pipeline = Pipeline(exercise=exercise, min_reps=min_reps)
    return (*pipeline.push(packet), *pipeline.flush())


def _stamps(time_us: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    stamps = np.asarray(time_us)
    if stamps.ndim != 1:
        msg = f"time_us has shape {stamps.shape}; it must be (n,)"
        raise PacketError(msg)
    if len(stamps) and not np.issubdtype(stamps.dtype, np.integer):
        msg = f"time_us is {stamps.dtype}; it must be whole microseconds (int64): round seconds * 1e6 first"
        raise PacketError(msg)
    return np.ascontiguousarray(stamps, dtype=np.int64)


def _vectors(name: str, values: ArrayLike, n: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    try:
        vectors = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{name} cannot be read as numbers: {error}"
        raise PacketError(msg) from error
    if vectors.size == 0 and n == 0:
        return vectors.reshape(0, 3)
    if vectors.shape != (n, 3):
        msg = f"{name} has shape {vectors.shape}; with {n} time stamps it must be ({n}, 3)"
        raise PacketError(msg)
    return vectors
