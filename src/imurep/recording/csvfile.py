"""CSV as other loggers write it: columns by name, units by suffix (docs/reference/recording-format.md).

The file is read in chunks of some thousand lines. numpy parses a chunk in
which every line is plain numbers; a chunk that holds anything else - an empty
cell, quotes, a blank line - goes through the csv module, which is slower and
also finds the line and the column of what is wrong.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imurep.events import Packet
from imurep.recording.base import Header, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

GRAVITY_MS2 = 9.80665

_TIME_UNITS = {"s": 1e6, "ms": 1e3, "us": 1.0}
_ACC_UNITS = {"ms2": 1.0, "g": GRAVITY_MS2, "mg": GRAVITY_MS2 / 1000}
_GYR_UNITS = {"dps": math.pi / 180, "rads": 1.0}
_TIME_NAME = re.compile(r"t_(s|ms|us)")
_ACC_NAME = re.compile(r"acc_([xyz])_(ms2|g|mg)")
_GYR_NAME = re.compile(r"gyr_([xyz])_(dps|rads)")
_WANTED = "t_s (or t_ms, t_us), acc_x_ms2, acc_y_ms2, acc_z_ms2 (or _g, _mg)"

_CHUNK_CHARS = 1 << 18
_HEADER_LIMIT = 1 << 16
_LINE_LIMIT = 1 << 20
_MISSING = {"", "na", "nan", "null", "none"}
_BACK_LIMIT_US = 500_000
_TIME_LIMIT_US = 2.0**62
# Far beyond what a sensor on a torso can measure (16 g, 4000 dps): a glitch of the logger, not motion.
_ACC_LIMIT_MS2 = 1e4
_GYR_LIMIT_RADS = 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where the numbers stand in a line (time, acc x y z, gyr x y z), and what makes SI units of them."""

    delimiter: str
    width: int
    columns: tuple[int, ...]
    names: tuple[str, ...]
    time_scale: float
    acc_scale: float
    gyr_scale: float | None


class CsvRecording(Recording):
    """A CSV file: ``t_{s|ms|us}``, ``acc_{x,y,z}_{ms2|g|mg}``, optionally ``gyr_{x,y,z}_{dps|rads}``.

    Gives packets of some thousand rows with the file's own time stamps. A row
    with an empty, infinite or impossible value (beyond 10000 m/s2 or 1000 rad/s)
    is left out and so becomes a gap in time. Stamps may repeat, and step back
    by up to 0.5 s.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        name = re.sub(r"(\.csv)?(\.gz)?$", "", self.path.name, flags=re.IGNORECASE)
        self.header = Header(session=name or self.path.name, sensor="csv", protocol="csv")
        with self._text() as (_, line, number):
            try:
                self._layout = _layout(line)
            except ValueError as error:
                raise self._error(str(error), number) from error

    def __iter__(self) -> Iterator[Packet]:
        rows = 0
        used = 0
        latest_us = -(1 << 62)
        with self._text() as (text, _, number):
            first = number + 1
            for lines in self._chunks(text):
                numbers, table = self._table(lines, first)
                first += len(lines)
                if len(table) == 0:
                    continue
                rows += len(table)
                stamps_us = self._stamps(numbers, table[:, 0], latest_us)
                latest_us = max(latest_us, int(stamps_us.max()))
                packet = self._packet(stamps_us, table)
                if packet is not None:
                    used += len(packet.stamps_us) if packet.stamps_us is not None else 0
                    yield packet
        self._finished()
        if rows == 0:
            what = "there are no rows below the header; record again"
            raise self._error(what)
        if used == 0:
            what = (
                f"all {rows} rows have an empty, infinite or impossible value; check the logger and the units"
            )
            raise self._error(what)

    @contextmanager
    def _text(self) -> Iterator[tuple[io.TextIOWrapper, str, int]]:
        """Open the file behind its header line; give the text, that line and its number."""
        with self._bytes() as stream:
            # Other columns may hold anything: what is not UTF-8 there must not stop the reading.
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace")
            number = 1
            line = text.readline(_HEADER_LIMIT)
            while line.isspace():
                number += 1
                line = text.readline(_HEADER_LIMIT)
            yield text, line, number
            text.detach()

    def _chunks(self, text: io.TextIOWrapper) -> Iterator[list[str]]:
        """Some thousand lines at a time; a file that is one endless line does not fill the memory."""
        rest = ""
        more = True
        while more:
            read = text.read(_CHUNK_CHARS)
            more = len(read) == _CHUNK_CHARS
            piece = rest + read
            end = piece.rfind("\n") + 1 if more else len(piece)
            rest = piece[end:]
            if len(rest) > _LINE_LIMIT:
                what = f"a line is longer than {_LINE_LIMIT} letters; this is no CSV of samples"
                raise self._error(what)
            if end:
                yield io.StringIO(piece[:end]).readlines()

    def _table(self, lines: list[str], first: int) -> tuple[Sequence[int], NDArray[np.float64]]:
        """Numbers of the rows' lines, and their values in the order of ``_Layout.columns``."""
        layout = self._layout
        # loadtxt does not mind extra cells when it is told which to take, so they are counted here.
        if {line.count(layout.delimiter) for line in lines} == {layout.width - 1}:
            try:
                table = np.loadtxt(
                    lines, delimiter=layout.delimiter, usecols=layout.columns, comments=None, ndmin=2
                )
            except ValueError:
                pass
            else:
                return range(first, first + len(lines)), table
        return self._table_with_care(lines, first)

    def _table_with_care(self, lines: list[str], first: int) -> tuple[Sequence[int], NDArray[np.float64]]:
        layout = self._layout
        numbers = []
        values = []
        for number, line in enumerate(lines, start=first):
            if line.isspace():
                continue
            try:
                cells = next(csv.reader([line], delimiter=layout.delimiter))
            except csv.Error as error:
                what = f"this is not a line of CSV ({error}); mend or delete it"
                raise self._error(what, number) from error
            if number == first + len(lines) - 1 and len(cells) < layout.width and not line.endswith("\n"):
                break  # the logger was stopped while it wrote: only the last line of a file has no line end
            if len(cells) != layout.width:
                what = f"{len(cells)} cells where the header has {layout.width}; mend or delete the line"
                raise self._error(what, number)
            numbers.append(number)
            values.append(
                [
                    self._value(cells[column], number, name)
                    for column, name in zip(layout.columns, layout.names, strict=True)
                ]
            )
        return numbers, np.array(values).reshape(-1, len(layout.columns))

    def _value(self, cell: str, number: int, name: str) -> float:
        cell = cell.strip()
        if cell.lower() in _MISSING:
            return math.nan
        try:
            return float(cell)
        except ValueError as error:
            what = f"column {name}: {cell[:40]!r} is not a number; write numbers with a decimal point"
            raise self._error(what, number) from error

    def _stamps(
        self, numbers: Sequence[int], times: NDArray[np.float64], latest_us: int
    ) -> NDArray[np.int64]:
        name = self._layout.names[0]
        scaled = times * self._layout.time_scale
        wrong = ~(np.abs(scaled) < _TIME_LIMIT_US)
        if wrong.any():
            row = int(wrong.argmax())
            value = "empty" if np.isnan(times[row]) else f"{times[row]:g}"
            what = f"column {name}: the time is {value}; every row needs one"
            raise self._error(what, numbers[row])
        stamps_us: NDArray[np.int64] = np.rint(scaled).astype(np.int64)
        back_us = np.maximum(np.maximum.accumulate(stamps_us), latest_us) - stamps_us
        if back_us.max() > _BACK_LIMIT_US:
            row = int((back_us > _BACK_LIMIT_US).argmax())
            what = (
                f"column {name}: the time goes back by {back_us[row] / 1e6:g} s; "
                "sort the rows, or split the file here"
            )
            raise self._error(what, numbers[row])
        return stamps_us

    def _packet(self, stamps_us: NDArray[np.int64], table: NDArray[np.float64]) -> Packet | None:
        layout = self._layout
        acc_ms2 = table[:, 1:4] * layout.acc_scale
        gyr_rads = None if layout.gyr_scale is None else table[:, 4:7] * layout.gyr_scale
        usable = (np.abs(acc_ms2) <= _ACC_LIMIT_MS2).all(axis=1)  # False for NaN
        if gyr_rads is not None:
            usable &= (np.abs(gyr_rads) <= _GYR_LIMIT_RADS).all(axis=1)
        if not usable.all():
            if not usable.any():
                return None
            stamps_us = stamps_us[usable]
            acc_ms2 = acc_ms2[usable]
            gyr_rads = None if gyr_rads is None else gyr_rads[usable]
        return Packet(
            arrival_us=int(stamps_us[0]),
            acc_ms2=np.ascontiguousarray(acc_ms2),
            gyr_rads=None if gyr_rads is None else np.ascontiguousarray(gyr_rads),
            stamps_us=stamps_us,
        )


def _layout(line: str) -> _Layout:
    """Find the columns in the header line. Raises ValueError in words for the user."""
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
    return _Layout(
        delimiter=delimiter,
        width=len(names),
        columns=tuple(columns),
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
        msg = f"column {repeated[0]} is there twice; keep one"
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
