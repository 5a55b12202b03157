"""The header line of a CSV file: columns by name, units by suffix (docs/reference/recording-format.md)."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from imurep.util.units import GRAVITY_MS2

_TIME_UNITS = {"s": 1e6, "ms": 1e3, "us": 1.0}
_ACC_UNITS = {"ms2": 1.0, "g": GRAVITY_MS2, "mg": GRAVITY_MS2 / 1000}
_GYR_UNITS = {"dps": math.pi / 180, "rads": 1.0}
_TIME_NAME = re.compile(r"t_(s|ms|us)")
_ACC_NAME = re.compile(r"acc_([xyz])_(ms2|g|mg)")
_GYR_NAME = re.compile(r"gyr_([xyz])_(dps|rads)")
_WANTED = "t_s (or t_ms, t_us), acc_x_ms2, acc_y_ms2, acc_z_ms2 (or _g, _mg)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvColumns:
    """Columns of time, acc x y z and gyr x y z, and the factors to SI units."""

    delimiter: str
    width: int
    indices: tuple[int, ...]
    """Indices in a line of time, acc x y z and, if there are any, gyr x y z."""
    names: tuple[str, ...]
    time_scale: float
    acc_scale: float
    gyr_scale: float | None


def parse_header(line: str) -> CsvColumns:
    """Find the columns in the header line. Raises ValueError with a message for the user."""
    if not line:
        msg = "the file is blank; record again"
        raise ValueError(msg)
    if "\0" in line or ("\ufffd" in line and "acc_" not in line.lower()):
        msg = f"this is neither a recording nor CSV in UTF-8; a CSV file starts with the names {_WANTED}"
        raise ValueError(msg)
    delimiter = max(",;\t", key=line.count)
    names = [name.strip().strip("\"'").strip().lower() for name in line.split(delimiter)]
    time, time_scale = _time_column(names)
    acc, acc_scale = _axes(names, "acc", _ACC_NAME, _ACC_UNITS)
    columns = [time, *acc]
    gyr_scale = None
    if any(name.startswith("gyr_") for name in names):
        gyr, gyr_scale = _axes(names, "gyr", _GYR_NAME, _GYR_UNITS)
        columns += gyr
    return CsvColumns(
        delimiter=delimiter,
        width=len(names),
        indices=tuple(columns),
        names=tuple(names[column] for column in columns),
        time_scale=time_scale,
        acc_scale=acc_scale,
        gyr_scale=gyr_scale,
    )


def _time_column(names: list[str]) -> tuple[int, float]:
    found = [name for name in names if _TIME_NAME.fullmatch(name)]
    if not found:
        msg = f"no time column; the first line has to name the columns: {_WANTED}"
        raise ValueError(msg)
    if len(found) > 1:
        msg = f"more than one time column ({', '.join(found)}); keep one"
        raise ValueError(msg)
    return names.index(found[0]), _TIME_UNITS[found[0].removeprefix("t_")]


def _axes(
    names: list[str], sensor: str, pattern: re.Pattern[str], units: dict[str, float]
) -> tuple[list[int], float]:
    """Columns of x, y, z of one sensor, and the factor of their one unit."""
    matches = [match for name in names if (match := pattern.fullmatch(name))]
    repeated = [name for name, count in Counter(match[0] for match in matches).items() if count > 1]
    if repeated:
        msg = f"column {repeated[0]} appears twice; keep one"
        raise ValueError(msg)
    found_units = sorted({match[2] for match in matches})
    if len(found_units) > 1:
        msg = f"the columns {sensor}_* have different units ({', '.join(found_units)}); give all axes one"
        raise ValueError(msg)
    unit = found_units[0] if found_units else next(iter(units))
    wanted = [f"{sensor}_{axis}_{unit}" for axis in "xyz"]
    missing = [name for name in wanted if name not in names]
    if missing:
        known = ", ".join(f"_{unit}" for unit in units)
        msg = f"column {missing[0]} is missing; give {sensor}_x, {sensor}_y, {sensor}_z with a unit ({known})"
        raise ValueError(msg)
    return [names.index(name) for name in wanted], units[unit]
