"""What a person has set for a sensor, and where that is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from imurep.errors import ConfigError, SinkError
from imurep.exercises import exercise_named
from imurep.plan import NO_PLAN
from imurep.util.paths import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from imurep.plan import Plan

FILE_NAME = "plans.json"

_log = structlog.get_logger("imurep")


class Plans:
    """The plans of all sensors, in one small file that is written at each change."""

    def __init__(self, path: Path, usual: Plan = NO_PLAN) -> None:
        """Read the file; a damaged one is begun anew. ``usual`` holds where nothing was set."""
        self.path = path
        self._usual = usual
        self._set: dict[str, dict[str, Any]] = {}
        """What was set, by sensor; nothing else is kept, so that what is usual can change."""
        try:
            self._set = {str(sensor): _checked(fields) for sensor, fields in _read(path).items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, ConfigError) as error:
            _log.warning("what was set for the sensors cannot be read", file=path.name, problem=str(error))

    def of(self, sensor: str) -> Plan:
        """What holds for a sensor."""
        return replace(self._usual, **self._set.get(sensor, {}))

    def all(self) -> dict[str, Plan]:
        """What holds for all sensors for which something was set."""
        return {sensor: self.of(sensor) for sensor in self._set}

    def change(self, sensor: str, **changes: Any) -> Plan:  # noqa: ANN401 the fields of Plan
        """Set some of it, and keep it. Raises SinkError, nothing changed, when the disk does not take it."""
        plan = replace(self.of(sensor), **changes)
        self._keep({**self._set, sensor: self._set.get(sensor, {}) | changes})
        return plan

    def forget(self, sensor: str) -> None:
        """Keep nothing of a sensor. Raises SinkError."""
        self._keep({name: fields for name, fields in self._set.items() if name != sensor})

    def _keep(self, fields: dict[str, dict[str, Any]]) -> None:
        try:
            write_whole(self.path, json.dumps(fields, indent=1) + "\n")
        except OSError as error:
            msg = f"{self.path}: cannot be written: {error.strerror}; make room, or check its permissions"
            raise SinkError(msg) from error
        self._set = fields


def _read(path: Path) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return fields


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """What was set, in the types that it has in a plan. Raises what a damaged file makes it."""
    if "exercise" in fields:
        exercise_named(fields["exercise"])
    if fields.get("target_tempo_s") is not None:
        a, b, c, d = map(float, fields["target_tempo_s"])
        fields["target_tempo_s"] = a, b, c, d
    replace(NO_PLAN, **fields)
    return fields
