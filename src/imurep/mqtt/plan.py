"""What a person has set for a sensor, and where that is kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import structlog

from imurep.errors import ConfigError, SinkError
from imurep.exercises import UNKNOWN, exercise_named
from imurep.places import write_whole

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "plans.json"

_log = structlog.get_logger("imurep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Settings of one sensor; None is not set."""

    exercise: str = UNKNOWN
    """``unknown`` leaves it to recognition."""
    target_reps: int | None = None
    target_tempo_s: tuple[float, float, float, float] | None = None
    """Eccentric - bottom hold - concentric - top hold."""
    load_kg: float | None = None
    """What was lifted besides the body."""


NO_PLAN = Plan()


class Plans:
    """The plans of all sensors, in one small file that is written at each change."""

    def __init__(self, path: Path, usual: Plan = NO_PLAN) -> None:
        """Read the file; a damaged one is begun anew. ``usual`` holds where nothing was set."""
        self.path = path
        self._usual = usual
        self._plans: dict[str, Plan] = {}
        try:
            self._plans = {str(sensor): _plan(fields) for sensor, fields in _read(path).items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, ConfigError) as error:
            _log.warning("what was set for the sensors cannot be read", file=path.name, problem=str(error))

    def of(self, sensor: str) -> Plan:
        """What holds for a sensor."""
        return self._plans.get(sensor, self._usual)

    def all(self) -> dict[str, Plan]:
        """What was set, by sensor."""
        return dict(self._plans)

    def change(self, sensor: str, **changes: Any) -> Plan:  # noqa: ANN401 the fields of Plan
        """Set some of it, and keep it. Raises SinkError, nothing changed, when the disk does not take it."""
        plan = replace(self.of(sensor), **changes)
        self._keep({**self._plans, sensor: plan})
        return plan

    def forget(self, sensor: str) -> None:
        """Keep nothing of a sensor. Raises SinkError."""
        self._keep({name: plan for name, plan in self._plans.items() if name != sensor})

    def _keep(self, plans: dict[str, Plan]) -> None:
        try:
            write_whole(
                self.path, json.dumps({name: asdict(plan) for name, plan in plans.items()}, indent=1) + "\n"
            )
        except OSError as error:
            msg = f"{self.path}: cannot be written: {error.strerror}; make room, or check its permissions"
            raise SinkError(msg) from error
        self._plans = plans


def _read(path: Path) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return fields


def _plan(fields: dict[str, Any]) -> Plan:
    exercise_named(fields["exercise"])
    tempo_s, reps, load_kg = fields["target_tempo_s"], fields["target_reps"], fields["load_kg"]
    return Plan(
        exercise=fields["exercise"],
        target_reps=None if reps is None else int(reps),
        target_tempo_s=None if tempo_s is None else _four(tempo_s),
        load_kg=None if load_kg is None else float(load_kg),
    )


def _four(values: list[float]) -> tuple[float, float, float, float]:
    a, b, c, d = map(float, values)
    return a, b, c, d
