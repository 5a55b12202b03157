"""CSV as other loggers write it: columns by name, units by suffix (docs/reference/recording-format.md).

The file is read in chunks of some thousand lines. numpy parses a chunk whose
lines are all plain numbers; a chunk with anything else - an empty cell, quotes, a
blank line - goes through the csv module, which is slower and also finds the line
and the column of an error.
"""

from __future__ import annotations

import csv
import io
import math
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from imurep.events import Packet
from imurep.recording.csv_header import parse_header
from imurep.recording.recording import Header, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_CHUNK_CHARS = 1 << 18
_HEADER_LIMIT = 1 << 16
_LINE_LIMIT = 1 << 20
_MISSING = {"", "na", "nan", "null", "none"}
_BACK_LIMIT_US = 500_000
_TIME_LIMIT_US = 2.0**62
# Far beyond what a sensor on a torso can measure (16 g, 4000 dps): a glitch of the logger, not motion.
_ACC_LIMIT_MS2 = 1e4
_GYR_LIMIT_RADS = 1e3


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
                self._columns = parse_header(line)
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
        """Open the file; give the text after its header line, that line and its number."""
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
        """Read some thousand lines at a time; a file of one endless line does not fill the memory."""
        rest = ""
        more = True
        while more:
            read = text.read(_CHUNK_CHARS)
            more = len(read) == _CHUNK_CHARS
            piece = rest + read
            end = piece.rfind("\n") + 1 if more else len(piece)
            rest = piece[end:]
            if len(rest) > _LINE_LIMIT:
                what = f"a line is longer than {_LINE_LIMIT} characters; this is not a CSV file of samples"
                raise self._error(what)
            if end:
                yield io.StringIO(piece[:end]).readlines()

    def _table(self, lines: list[str], first: int) -> tuple[Sequence[int], NDArray[np.float64]]:
        """Parse lines; give the rows' line numbers, and their values ordered as ``CsvColumns.indices``."""
        columns = self._columns
        # loadtxt ignores extra cells when usecols is given, so they are counted here.
        if {line.count(columns.delimiter) for line in lines} == {columns.width - 1}:
            try:
                table = np.loadtxt(
                    lines, delimiter=columns.delimiter, usecols=columns.indices, comments=None, ndmin=2
                )
            except ValueError:
                pass
            else:
                return range(first, first + len(lines)), table
        return self._table_by_cell(lines, first)

    def _table_by_cell(self, lines: list[str], first: int) -> tuple[Sequence[int], NDArray[np.float64]]:
        columns = self._columns
        numbers = []
        values = []
        for number, line in enumerate(lines, start=first):
            if line.isspace():
                continue
            try:
                cells = next(csv.reader([line], delimiter=columns.delimiter))
            except csv.Error as error:
                what = f"this is not a line of CSV ({error}); correct or delete it"
                raise self._error(what, number) from error
            if number == first + len(lines) - 1 and len(cells) < columns.width and not line.endswith("\n"):
                break  # the logger was stopped while it wrote: only the last line of a file has no line end
            if len(cells) != columns.width:
                what = f"{len(cells)} cells where the header has {columns.width}; correct or delete the line"
                raise self._error(what, number)
            numbers.append(number)
            values.append(
                [
                    self._value(cells[column], number, name)
                    for column, name in zip(columns.indices, columns.names, strict=True)
                ]
            )
        return numbers, np.array(values).reshape(-1, len(columns.indices))

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
        name = self._columns.names[0]
        scaled = times * self._columns.time_scale
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
        columns = self._columns
        acc_ms2 = table[:, 1:4] * columns.acc_scale
        gyr_rads = None if columns.gyr_scale is None else table[:, 4:7] * columns.gyr_scale
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
