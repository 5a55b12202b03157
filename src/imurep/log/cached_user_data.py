"""User data while the service runs: in memory for the event loop, on disk in the log's thread.

A change counts at once, and is written as soon as the disk takes it. What
another program changes, such as ``imurep calibrate``, is read a few seconds later.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from imurep.errors import SinkError
from imurep.exercises import EXERCISES
from imurep.log.takeover import take_over
from imurep.log.user_data import UserData
from imurep.plan import NO_PLAN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imurep.log.database import Database
    from imurep.log.set_log_writer import SetLogWriter
    from imurep.log.user_data import Line
    from imurep.plan import Plan

REFRESH_S = 5.0
"""How often changes of other programs are looked for."""

_log = structlog.get_logger("imurep")


class _Snapshot(NamedTuple):
    plans: dict[str, dict[str, Any]]
    lines_deg: dict[Line, float]
    recent_exercises: dict[str, tuple[str, ...]]
    changes_of_others: int


class CachedPlans:
    """What was set for each sensor."""

    def __init__(
        self, usual: Plan = NO_PLAN, save: Callable[[str, Mapping[str, Any]], None] | None = None
    ) -> None:
        """Begin empty; ``usual`` holds where nothing was set, ``save`` is called with each change."""
        self._usual = usual
        self._save = save
        self._set: dict[str, dict[str, Any]] = {}
        """Only what was set, by sensor, so that ``usual`` can differ the next time."""

    def of(self, sensor: str) -> Plan:
        """What holds for a sensor."""
        return replace(self._usual, **self._set.get(sensor, {}))

    def all(self) -> dict[str, Plan]:
        """What holds for all sensors for which something was set."""
        return {sensor: self.of(sensor) for sensor in self._set}

    def change(self, sensor: str, **changes: Any) -> Plan:  # noqa: ANN401 the fields of Plan
        """Set some fields of a sensor's plan; gives the new one."""
        plan = replace(self.of(sensor), **changes)
        self._set[sensor] = self._set.get(sensor, {}) | changes
        if self._save is not None:
            self._save(sensor, changes)
        return plan

    def fill(self, settings: dict[str, dict[str, Any]]) -> None:
        """Replace all that was set."""
        self._set = settings


class CachedUserData:
    """Plans of the sensors, straight lines, and recent exercises. Empty until ``load``."""

    def __init__(self, log: SetLogWriter, usual: Plan = NO_PLAN) -> None:
        """Write through ``log``; ``usual`` is the plan where nothing was set."""
        self.plans = CachedPlans(usual, self._save_plan)
        self._log = log
        self._lines_deg: dict[Line, float] = {}
        self._recent_exercises: dict[str, tuple[str, ...]] = {}
        self._must_take_over = False
        self._changes_of_others = -1
        self._revision = 0
        """Grows with each change, so that one made while the disk is read is not undone."""

    def lines_deg(self, person: str, sensor: str) -> dict[str, float]:
        """Lean of the person's straight lines from standing, degrees, by exercise."""
        return {
            exercise: line_deg
            for (whose, by, exercise), line_deg in self._lines_deg.items()
            if (whose, by) == (person, sensor)
        }

    def set_line(self, person: str, sensor: str, exercise: str, line_deg: float) -> None:
        """Keep a calibrated line in place of the one before."""
        self._lines_deg[person, sensor, exercise] = round(line_deg, 2)
        self._write(lambda user_data: user_data.set_line(person, sensor, exercise, line_deg))

    def recent_exercises(self, person: str) -> tuple[str, ...]:
        """What the person did last in each group of exercises, the newest last."""
        return self._recent_exercises.get(person, ())

    def set_recent_exercise(self, person: str, exercise: str) -> None:
        """Keep what the person did, as the newest; it replaces the one before in its group."""
        group = EXERCISES[exercise].group
        others = (name for name in self.recent_exercises(person) if name not in group)
        self._recent_exercises[person] = (*others, exercise)
        self._write(lambda user_data: user_data.set_recent_exercise(person, exercise))

    async def load(self, *, with_json_files: bool = False) -> None:
        """Read all. ``with_json_files`` takes those of earlier versions over first.

        A database that cannot be used is logged, and read once it can be.
        """
        self._must_take_over = with_json_files
        try:
            await self._refresh()
        except SinkError as error:
            _log.error("plans, straight lines and recent exercises are not known yet", problem=str(error))

    async def run(self) -> None:
        """Read what other programs change, until cancelled."""
        while True:
            await asyncio.sleep(REFRESH_S)
            with suppress(SinkError):  # the log reports its problems itself
                await self._refresh()

    async def _refresh(self) -> None:
        if self._log.has_changes:
            return
        revision, known = self._revision, self._changes_of_others
        snapshot = await self._log.ask(lambda database: _read(self._user_data(database), known))
        if snapshot is not None and revision == self._revision:
            settings, self._lines_deg, self._recent_exercises, self._changes_of_others = snapshot
            self.plans.fill(settings)

    def _save_plan(self, sensor: str, changes: Mapping[str, Any]) -> None:
        self._write(lambda user_data: user_data.set_plan(sensor, changes))

    def _write(self, work: Callable[[UserData], None]) -> None:
        self._revision += 1
        self._log.change(lambda database: work(self._user_data(database)))

    def _user_data(self, database: Database) -> UserData:
        """In the log's thread. What earlier versions kept comes first, so that it replaces no change."""
        if self._must_take_over:
            take_over(database)
            self._must_take_over = False
        return UserData(database)


def _read(user_data: UserData, known: int) -> _Snapshot | None:
    """All user data; None where no other program has changed any."""
    changes = user_data.database.changes_of_others()
    if changes == known:
        return None
    recent = {person: user_data.recent_exercises(person) for person in user_data.people()}
    return _Snapshot(user_data.plans(), user_data.lines_deg(), recent, changes)
