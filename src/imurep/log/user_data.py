"""What the database keeps of people: settings of their sensors, straight lines, and recent exercises.

Each row is checked when it is read; a damaged one is reported and skipped.
"""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing, suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from imurep.errors import ConfigError
from imurep.exercises import EXERCISES, exercise_named
from imurep.log.database import text_or_bytes
from imurep.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imurep.log.database import Database

    Line = tuple[str, str, str]
    """Person, sensor and exercise of a straight line."""

MOST_LEAN_DEG = 180.0

DAMAGE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, ConfigError)
"""What reading damaged data can raise."""

_NAMES = {field.name for field in fields(Plan)}
_TABLES = {
    "plan_settings": ("sensor", "name", "value"),
    "straight_lines": ("person", "sensor", "exercise", "line_deg"),
    "recent_exercises": ("person", "exercise"),
    "imported_files": ("digest", "file", "imported_utc"),
}


class UserData:
    """User data in an open database. All that fails raises SinkError."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self.database = database
        """The one that it is in."""

    def plans(self) -> dict[str, dict[str, Any]]:
        """What was set, by sensor and field of ``Plan``; what is not in it was not set."""
        plans: dict[str, dict[str, Any]] = {}
        for row in self.database.rows("SELECT sensor, name, value FROM plan_settings ORDER BY rowid"):
            try:
                sensor, name, value = map(checked_text, row)
                plans.setdefault(sensor, {})[name] = checked_setting(name, json.loads(value))
            except DAMAGE:
                self._report(f"a setting of the sensor {row[0]!r} ({row[1]!r}) is damaged; set it again")
        return plans

    def set_plan(self, sensor: str, changes: Mapping[str, Any]) -> None:
        """Keep settings of a sensor, by field of ``Plan``."""
        with self.database.transaction():
            for name, value in changes.items():
                self.database.execute(
                    "INSERT OR REPLACE INTO plan_settings (sensor, name, value) VALUES (?, ?, ?)",
                    sensor,
                    name,
                    json.dumps(value, allow_nan=False),
                )

    def forget_plan(self, sensor: str) -> None:
        """Delete all settings of a sensor."""
        self.database.execute("DELETE FROM plan_settings WHERE sensor = ?", sensor)

    def lines_deg(self) -> dict[Line, float]:
        """Lean of all straight lines from standing, degrees."""
        lines: dict[Line, float] = {}
        for row in self.database.rows("SELECT person, sensor, exercise, line_deg FROM straight_lines"):
            try:
                person, sensor, exercise = map(checked_text, row[:3])
                lines[person, sensor, exercise] = checked_lean_deg(row[3])
            except DAMAGE:
                self._report(f"a straight line of {row[0]!r} ({row[2]!r}) is damaged; calibrate again")
        return lines

    def set_line(self, person: str, sensor: str, exercise: str, line_deg: float) -> None:
        """Keep a calibrated line, degrees, in place of the one before."""
        self.database.execute(
            "INSERT OR REPLACE INTO straight_lines (person, sensor, exercise, line_deg) VALUES (?, ?, ?, ?)",
            person,
            sensor,
            exercise,
            round(checked_lean_deg(line_deg), 2),
        )

    def people(self) -> list[str]:
        """All of whom recent exercises are kept."""
        people = self.database.rows("SELECT DISTINCT person FROM recent_exercises")
        return [person for (person,) in people if isinstance(person, str)]

    def recent_exercises(self, person: str) -> tuple[str, ...]:
        """What the person did last in each group of exercises, the newest last."""
        rows = self.database.rows(
            "SELECT exercise FROM recent_exercises WHERE person = ? ORDER BY row", person
        )
        known = tuple(name for (name,) in rows if name in EXERCISES)
        if len(known) < len(rows):
            self._report(f"a recent exercise of {person!r} is damaged; choose the exercise again")
        return known

    def set_recent_exercise(self, person: str, exercise: str) -> None:
        """Keep what the person did, as the newest; it replaces the one before in its group."""
        with self.database.transaction():
            for other in EXERCISES[exercise].group:
                self.database.execute(
                    "DELETE FROM recent_exercises WHERE person = ? AND exercise = ?", person, other
                )
            self.database.execute(
                "INSERT INTO recent_exercises (person, exercise) VALUES (?, ?)", person, exercise
            )

    def salvage(self, damaged: Path) -> None:
        """Copy what can still be read of the user data of a damaged database. Raises SinkError."""
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(damaged)) as old,
            self.database.transaction(),
        ):
            old.text_factory = text_or_bytes
            for table, columns in _TABLES.items():
                names = ", ".join(columns)
                insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 constants
                with suppress(sqlite3.Error):  # the rows before the damage are there
                    for row in old.execute(f"SELECT {names} FROM {table} ORDER BY rowid"):  # noqa: S608
                        self.database.execute(insert, *row)

    def _report(self, problem: str) -> None:
        self.database.report(problem)


def checked_text(value: object) -> str:
    """The value, if it is text that can be written. Raises TypeError and ValueError."""
    if not isinstance(value, str):
        msg = f"{value!r} is no text"
        raise TypeError(msg)
    value.encode()  # JSON can hold half of a character, SQLite cannot
    return value


def checked_setting(name: str, value: Any) -> Any:  # noqa: ANN401 a field of Plan
    """A field of ``Plan`` from JSON, in its type. Raises ValueError, TypeError and ConfigError."""
    if name not in _NAMES:
        msg = f"{name!r} cannot be set"
        raise ValueError(msg)
    if name == "exercise":
        exercise_named(checked_text(value))
    elif value is None:
        pass
    elif name == "target_reps":
        if not isinstance(value, int) or value < 1:
            msg = f"{value!r} is not a number of repetitions"
            raise ValueError(msg)
    elif name == "target_tempo_s":
        a, b, c, d = map(_seconds, value)
        return a, b, c, d
    else:
        return _seconds(value)  # kilograms have the same bounds
    return value


def checked_lean_deg(value: float) -> float:
    """An angle from standing, degrees. Raises ValueError and TypeError."""
    if not 0.0 <= value <= MOST_LEAN_DEG:
        msg = f"{value} is not an angle"
        raise ValueError(msg)
    return float(value)


def _seconds(value: float) -> float:
    if not (math.isfinite(value) and value >= 0):
        msg = f"{value!r} is not a number from 0"
        raise ValueError(msg)
    return float(value)
