"""What is kept of a person from one session to the next: straight lines, and what was done last time.

One small JSON file, where the operating system keeps such data of a user. It
is written whole, to a new file that then takes the old one's place: whoever
reads it finds the old state or the new one, never half of either.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imurep.errors import ConfigError
from imurep.exercises import EXERCISES
from imurep.util.paths import data_path, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ME = "me"
"""Who it is when nobody was named."""
FORMAT, VERSION = "imurep-store", 1

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Kept:
    lines_deg: Mapping[Key, float]
    """By person, sensor and exercise."""
    last_time: Mapping[str, tuple[str, ...]]
    """By person: at most one exercise of each group."""


class Store:
    """The file; it is read anew at each question, so that several programs can share it.

    Raises ConfigError when the file is damaged, or cannot be read or written.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Prepare; without a path it is the user's own."""
        self.path = data_path() / "store.json" if path is None else path

    def lines_deg(self, person: str, sensor: str) -> dict[str, float]:
        """Lean of the straight line from standing, degrees, by the exercise that it was calibrated for."""
        return {
            exercise: line_deg
            for (whose, by, exercise), line_deg in self._read().lines_deg.items()
            if (whose, by) == (person, sensor)
        }

    def keep_line(self, person: str, sensor: str, exercise: str, line_deg: float) -> None:
        """Keep a calibrated line in place of the one before."""
        kept = self._read()
        lines_deg = {**kept.lines_deg, (person, sensor, exercise): round(line_deg, 2)}
        self._write(_Kept(lines_deg, kept.last_time))

    def last_time(self, person: str) -> tuple[str, ...]:
        """What the person said they did, the last time, of exercises that one sensor cannot tell apart."""
        return self._read().last_time.get(person, ())

    def keep_last_time(self, person: str, exercise: str) -> None:
        """Keep what the person said they did; of its group, nothing else is kept."""
        group = EXERCISES[exercise].group
        if len(group) == 1:
            return  # the signal tells it
        kept = self._read()
        others = tuple(name for name in kept.last_time.get(person, ()) if name not in group)
        self._write(_Kept(kept.lines_deg, {**kept.last_time, person: (*others, exercise)}))

    def _read(self) -> _Kept:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return _Kept({}, {})
        except (OSError, UnicodeDecodeError) as error:
            raise self._refused(error) from error
        try:
            return _parse(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            msg = f"{self.path}: damaged; mend it, or delete it and calibrate again (imurep calibrate)"
            raise ConfigError(msg) from error

    def _write(self, kept: _Kept) -> None:
        text = json.dumps(_fields(kept), indent=1) + "\n"
        try:
            write_whole(self.path, text)
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError | UnicodeDecodeError) -> ConfigError:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return ConfigError(f"{self.path}: cannot be used: {why}; choose another file with --store")


def _fields(kept: _Kept) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "lines": [
            {"person": person, "sensor": sensor, "exercise": exercise, "line_deg": line_deg}
            for (person, sensor, exercise), line_deg in sorted(kept.lines_deg.items())
        ],
        "last_time": {person: list(names) for person, names in sorted(kept.last_time.items())},
    }


def _parse(fields: dict[str, Any]) -> _Kept:
    if (fields["format"], fields["version"]) != (FORMAT, VERSION):
        msg = "another format"
        raise ValueError(msg)
    return _Kept(
        {
            (str(line["person"]), str(line["sensor"]), str(line["exercise"])): _lean_deg(line["line_deg"])
            for line in fields["lines"]
        },
        {
            str(person): tuple(EXERCISES[name].name for name in names)
            for person, names in fields["last_time"].items()
        },
    )


def _lean_deg(value: float) -> float:
    if not 0.0 <= value <= 180.0:
        msg = f"{value} is no lean"
        raise ValueError(msg)
    return float(value)
