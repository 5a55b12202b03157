"""Arrays of samples as one packet, checked: what ``analyze`` accepts as time, acceleration and rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imurep.errors import PacketError
from imurep.events import Packet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_LIMIT_US = 2.0**62
_KINDS = "int64 microseconds, float seconds, datetime64 or timedelta64"


def packet_from_arrays(time: ArrayLike, acc_ms2: ArrayLike, gyr_rads: ArrayLike | None) -> Packet:
    """Check the arrays and put them into a packet with a stamp on every sample.

    See ``imurep.analyze`` for shapes and units. Raises PacketError for arrays that cannot be used.
    """
    stamps_us = time_us_from(time)
    return Packet(
        arrival_us=int(stamps_us[-1]) if len(stamps_us) else 0,
        acc_ms2=_vectors("acc_ms2", acc_ms2, len(stamps_us)),
        gyr_rads=None if gyr_rads is None else _vectors("gyr_rads", gyr_rads, len(stamps_us)),
        stamps_us=stamps_us,
    )


def time_us_from(time: ArrayLike) -> NDArray[np.int64]:
    """Convert times to int64 microseconds, shape (n,): the type of the numbers gives their unit.

    Integers are microseconds, floats seconds, datetime64 instants (counted from
    1970-01-01), timedelta64 durations. Raises PacketError for any other type,
    and for times that are missing or too large.
    """
    stamps = np.asarray(time)
    if stamps.ndim != 1:
        msg = f"time has shape {stamps.shape}; it must be (n,)"
        raise PacketError(msg)
    kind = stamps.dtype.kind
    if kind == "f":
        return _from_seconds(stamps)
    if kind in "mM":
        missing = np.flatnonzero(np.isnat(stamps))
        if len(missing):
            raise PacketError(_missing("NaT", missing))
        stamps = stamps.astype(f"{kind}8[us]").astype(np.int64)
    elif kind == "u" and len(stamps) and int(stamps.max()) > np.iinfo(np.int64).max:
        msg = f"time reaches {stamps.max()}, which is no count of microseconds; check its unit"
        raise PacketError(msg)
    elif kind not in "iu":
        msg = f"time is {stamps.dtype}; it must be {_KINDS}"
        if kind == "O":
            msg += " (times with a time zone: convert them to UTC first, in pandas with .dt.tz_convert(None))"
        raise PacketError(msg)
    return np.ascontiguousarray(stamps, dtype=np.int64)


def _from_seconds(seconds: NDArray[np.floating]) -> NDArray[np.int64]:
    missing = np.flatnonzero(~np.isfinite(seconds))
    if len(missing):
        raise PacketError(_missing(str(seconds[missing[0]]), missing))
    stamps_us = np.rint(seconds.astype(np.float64) * 1e6)
    if len(stamps_us) and np.abs(stamps_us).max() > _LIMIT_US:
        msg = f"time reaches {np.abs(seconds).max():g} s; floats are seconds, give microseconds as int64"
        raise PacketError(msg)
    return stamps_us.astype(np.int64)


def _missing(value: str, rows: NDArray[np.intp]) -> str:
    more = f" and {len(rows) - 1} other rows" if len(rows) > 1 else ""
    return f"time is {value} in row {rows[0]}{more}; leave out rows that have no time"


def _vectors(name: str, values: ArrayLike, n: int) -> NDArray[np.float64]:
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
