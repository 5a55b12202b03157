"""Which events become rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imurep.events import Link, SensorStatus, State
from imurep.log import SetLogWriter
from imurep.service.set_log_listener import SetLogListener
from tests.broker.sets import SENSOR, exercise_set, rep, session_event, started

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio


async def test_sets_are_kept_once_they_are_over(tmp_path: Path) -> None:
    log = SetLogWriter(tmp_path / "sets.sqlite")
    listener = SetLogListener(log, lambda event: {"of": event.person, "state": "final"})
    listener.status(SensorStatus(sensor=SENSOR, link=Link.STREAMING))
    listener.event(session_event(rep()))
    listener.event(session_event(exercise_set(1, state=State.PROVISIONAL)))
    listener.event(session_event(exercise_set(2)))
    await log.flush()
    (stored,) = await log.pending(10)
    assert (stored.set_id, stored.sensor, stored.person) == ("session-000002", SENSOR, "Ann")
    assert stored.started_utc == started(2)
    assert stored.payload == {"of": "Ann", "state": "final"}
    await log.close()
