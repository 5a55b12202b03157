"""The one schema of a data directory's database: the log of sets, and what is kept of the people.

``MIGRATIONS`` brings a file from any version to the newest. The file's
``user_version`` is the number of migrations that it went through.
"""

from __future__ import annotations

FILE_NAME = "sets.sqlite"

_SETS = (
    """CREATE TABLE sets (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        sensor TEXT NOT NULL,
        person TEXT NOT NULL,
        started_utc TEXT NOT NULL,
        withdrawn INTEGER NOT NULL,
        sent INTEGER NOT NULL,
        payload TEXT NOT NULL,
        UNIQUE (id, version)
    )""",
    "CREATE INDEX unsent ON sets (row) WHERE NOT sent",
    "CREATE INDEX starts ON sets (started_utc)",
)

_USER_DATA = (
    # One row per setting, its value as JSON: a damaged one costs no other.
    """CREATE TABLE plan_settings (
        sensor TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (sensor, name)
    )""",
    """CREATE TABLE straight_lines (
        person TEXT NOT NULL,
        sensor TEXT NOT NULL,
        exercise TEXT NOT NULL,
        line_deg REAL NOT NULL,
        PRIMARY KEY (person, sensor, exercise)
    )""",
    """CREATE TABLE recent_exercises (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        person TEXT NOT NULL,
        exercise TEXT NOT NULL,
        UNIQUE (person, exercise)
    )""",
    # Files whose contents were taken over, so that none is twice.
    """CREATE TABLE imported_files (
        digest TEXT PRIMARY KEY,
        file TEXT NOT NULL,
        imported_utc TEXT NOT NULL
    )""",
)

MIGRATIONS = (_SETS, _USER_DATA)
"""Statements of each step from one version to the next. Only ever added to."""
