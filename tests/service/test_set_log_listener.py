"""Which events become rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imurep.events import Link, SensorStatus, State
from imurep.log import SetLogWriter
from imurep.service.set_log_listener import SetLogListener
from tests.broker.sets import SENSOR, exercise_set, rep, started, told

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio


async def test_sets_are_kept_once_they_are_over(tmp_path: Path) -> None:
    log = SetLogWriter(tmp_path / "sets.sqlite")
    keeper = SetLogListener(log, lambda event: {"of": event.person, "state": "final"})
    keeper.status(SensorStatus(sensor=SENSOR, link=Link.STREAMING))
    keeper.event(told(rep()))
    keeper.event(told(exercise_set(1, state=State.PROVISIONAL)))
    keeper.event(told(exercise_set(2)))
    await log.flush()
    (kept,) = await log.pending(10)
    assert (kept.set_id, kept.sensor, kept.person) == ("session-000002", SENSOR, "Ann")
    assert kept.started_utc == started(2)
    assert kept.payload == {"of": "Ann", "state": "final"}
    await log.close()
