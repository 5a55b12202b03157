"""Straight lines in a JSON file of their own: what ``--store FILE`` reads and writes.

Every version of imurep reads and writes the same format. The file is written
whole, to a new one that then replaces it, so a reader never finds half of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from imurep.errors import ConfigError
from imurep.exercises import EXERCISES
from imurep.log.user_data import DAMAGE, checked_lean_deg
from imurep.util.paths import write_whole

if TYPE_CHECKING:
    from pathlib import Path

FORMAT, VERSION = "imurep-store", 1


class JsonStore:
    """The file. It is read anew at each call, so several programs can share it.

    Raises ConfigError when the file is damaged, or cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        """Prepare; a file that is missing is an empty one."""
        self.path = path

    def lines_deg(self, person: str, sensor: str) -> dict[str, float]:
        """Lean of the straight line from standing, degrees, by the exercise that it was calibrated for."""
        return {
            line["exercise"]: line["line_deg"]
            for line in self._read()["lines"]
            if (line["person"], line["sensor"]) == (person, sensor)
        }

    def set_line(self, person: str, sensor: str, exercise: str, line_deg: float) -> None:
        """Keep a calibrated line in place of the one before."""
        store = self._read()
        line = {"person": person, "sensor": sensor, "exercise": exercise, "line_deg": round(line_deg, 2)}
        kept = [one for one in store["lines"] if _key(one) != _key(line)]
        store["lines"] = sorted([*kept, line], key=_key)
        try:
            write_whole(self.path, json.dumps(store, indent=1) + "\n")
        except OSError as error:
            raise self._refused(error) from error

    def _read(self) -> dict[str, Any]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {"format": FORMAT, "version": VERSION, "lines": [], "last_time": {}}
        except (OSError, UnicodeDecodeError) as error:
            raise self._refused(error) from error
        try:
            return _checked(json.loads(text))
        except DAMAGE as error:
            msg = f"{self.path}: damaged; repair it, or delete it and calibrate again (imurep calibrate)"
            raise ConfigError(msg) from error

    def _refused(self, error: OSError | UnicodeDecodeError) -> ConfigError:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return ConfigError(f"{self.path}: cannot be used: {why}; choose another file with --store")


def _key(line: dict[str, Any]) -> tuple[str, str, str]:
    return line["person"], line["sensor"], line["exercise"]


def _checked(store: dict[str, Any]) -> dict[str, Any]:
    if (store["format"], store["version"]) != (FORMAT, VERSION):
        msg = "another format"
        raise ValueError(msg)
    return {
        "format": FORMAT,
        "version": VERSION,
        "lines": [
            {
                "person": str(line["person"]),
                "sensor": str(line["sensor"]),
                "exercise": str(line["exercise"]),
                "line_deg": checked_lean_deg(line["line_deg"]),
            }
            for line in store["lines"]
        ],
        "last_time": {
            str(person): [EXERCISES[name].name for name in names]
            for person, names in sorted(store["last_time"].items())
        },
    }
