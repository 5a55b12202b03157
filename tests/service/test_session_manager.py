"""Sessions on disk and through the pipeline, with the notifications of a simulated workout."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imurep.counting.motion.orientation import Motion
from imurep.events import Boundary, ExerciseSet, LinkEvent, Notification, Rep
from imurep.offline.replay import LastSets, count_sets
from imurep.recording import open_recording
from imurep.service.clock import ServiceClock
from imurep.service.raw_archive import Archive
from imurep.service.session import Counting
from imurep.service.session_manager import Sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.events import SensorStatus, SessionEvent
    from imurep.recording import Item

RECORDING = Path(__file__).parents[2] / "recordings" / "good-morning.jsonl.gz"
NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
SENSOR = "back strap"


class Heard:
    def __init__(self) -> None:
        self.events: list[SessionEvent] = []

    def event(self, event: SessionEvent) -> None:
        self.events.append(event)

    def status(self, status: SensorStatus) -> None:
        pass

    def sets(self) -> tuple[ExerciseSet, ...]:
        last = LastSets()
        for told in self.events:
            last.add(told.event)
        return last.in_order()


def notifications() -> list[Item]:
    return [item for item in open_recording(RECORDING) if not isinstance(item, LinkEvent)]


def begun(directory: Path, heard: Heard, utc: datetime = NOW) -> Sessions:
    sessions = Sessions(
        archive=Archive(directory, keep_days=7),
        counting=Counting(person="Ann"),
        clock=ServiceClock(utc),
        listeners=[heard],
    )
    sessions.open()
    return sessions


def feed(sessions: Sessions, items: Sequence[Item], shift_us: int = 0) -> None:
    for item in items:
        sessions.received(SENSOR, "open_imu", replace(item, arrival_us=item.arrival_us + shift_us))


def test_what_is_counted_live_is_what_a_replay_of_the_kept_session_counts(tmp_path: Path) -> None:
    async def workout() -> Heard:
        heard = Heard()
        sessions = begun(tmp_path, heard)
        feed(sessions, [LinkEvent(0, up=True), *notifications()])
        sessions.close()
        return heard

    heard = asyncio.run(workout())
    (path,) = tmp_path.glob("*.jsonl")
    assert heard.sets() == count_sets(path)
    assert [found.repetitions for found in heard.sets()] == [8]
    assert {told.person for told in heard.events} == {"Ann"}
    assert {told.session for told in heard.events} == {open_recording(path).header.session}
    first = heard.events[0]
    assert NOW < first.utc(first.first_us) < NOW + timedelta(seconds=2)


@pytest.mark.parametrize("part", [0.02, 0.4, 0.55, 0.7, 0.97])
def test_a_killed_service_goes_on_with_the_session(tmp_path: Path, part: float) -> None:
    items = notifications()
    cut = round(part * len(items))
    away = timedelta(seconds=20)

    async def killed() -> None:
        sessions = begun(tmp_path / "first", Heard())
        feed(sessions, [LinkEvent(0, up=True), *items[:cut]])
        shutil.copytree(tmp_path / "first", tmp_path / "second")  # what the disk has at this moment
        sessions.close()

    async def started_again() -> tuple[Heard, list[Notification]]:
        heard = Heard()
        sessions = begun(tmp_path / "second", heard, NOW + away)
        said = list(sessions.said_before(SENSOR, "open_imu"))
        feed(
            sessions,
            [LinkEvent(0, up=True), *items[cut:]],
            shift_us=said[-1].arrival_us - items[cut - 1].arrival_us,
        )
        sessions.close()
        return heard, said

    asyncio.run(killed())
    heard, said = asyncio.run(started_again())
    assert [one.payload for one in said] == [
        item.payload for item in items[:cut] if isinstance(item, Notification)
    ]
    assert said[-1].arrival_us < items[cut].arrival_us
    (path,) = (tmp_path / "second").glob("*.jsonl")
    assert heard.sets() == count_sets(path)
    assert [found.repetitions for found in heard.sets()] == [8]


def test_reps_that_were_told_before_the_kill_are_not_told_again(tmp_path: Path) -> None:
    items = notifications()
    cut = round(0.7 * len(items))

    async def told_in(directory: Path) -> list[SessionEvent]:
        heard = Heard()
        sessions = begun(directory, heard)
        if not sessions.open_sessions:
            feed(sessions, items[:cut])
            shutil.copytree(tmp_path / "first", tmp_path / "second")
        told = list(heard.events)
        sessions.close()
        return told

    before = asyncio.run(told_in(tmp_path / "first"))
    again = asyncio.run(told_in(tmp_path / "second"))
    assert any(isinstance(told.event, Rep) for told in before)
    assert [told.event for told in again] == [t.event for t in before if isinstance(t.event, ExerciseSet)]


def test_a_session_left_long_ago_ends_at_once(tmp_path: Path) -> None:
    async def killed() -> None:
        sessions = begun(tmp_path / "first", Heard())
        feed(sessions, notifications())
        shutil.copytree(tmp_path / "first", tmp_path / "second")
        sessions.close()

    async def next_day() -> Heard:
        heard = Heard()
        begun(tmp_path / "second", heard, NOW + timedelta(days=1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return heard

    asyncio.run(killed())
    heard = asyncio.run(next_day())
    assert [found.repetitions for found in heard.sets()] == [8]
    assert not list((tmp_path / "second").glob("*.unfinished.jsonl"))


def test_a_damaged_session_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "x.unfinished.jsonl").write_bytes(b"no header")

    async def start() -> None:
        begun(tmp_path, Heard()).close()

    asyncio.run(start())
    assert [path.name for path in tmp_path.glob("*.jsonl")] == ["x.jsonl"]


def test_a_listener_that_fails_does_not_keep_others_from_hearing(tmp_path: Path) -> None:
    class Broken(Heard):
        def event(self, event: SessionEvent) -> None:
            if isinstance(event.event, ExerciseSet):
                raise ZeroDivisionError(event)

    async def workout() -> Heard:
        heard = Heard()
        sessions = Sessions(
            archive=Archive(tmp_path, keep_days=7),
            counting=Counting(),
            clock=ServiceClock(NOW),
            listeners=[Broken(), heard],
        )
        sessions.open()
        feed(sessions, notifications())
        sessions.close()
        return heard

    assert asyncio.run(workout()).sets()


def test_what_the_person_told_is_kept_so_a_replay_counts_the_same(tmp_path: Path) -> None:
    items = notifications()
    cut = round(0.6 * len(items))

    async def workout() -> Heard:
        heard = Heard()
        sessions = begun(tmp_path, heard)
        assert not sessions.tell(SENSOR, exercise="good_morning"), "there is no session yet"
        feed(sessions, [LinkEvent(0, up=True), *items[:cut]])
        assert sessions.tell(SENSOR, boundary=Boundary.FINISH)
        assert not sessions.tell("another strap", boundary=Boundary.FINISH)
        feed(sessions, items[cut:])
        sessions.close()
        return heard

    heard = asyncio.run(workout())
    (path,) = tmp_path.glob("*.jsonl")
    assert heard.sets() == count_sets(path)
    assert 0 < sum(found.repetitions for found in heard.sets()) <= 8
    assert all(found.repetitions < 8 for found in heard.sets()), "it was ended by the person"
    assert {found.exercise for found in heard.sets()} == {"good_morning"}
    assert {found.exercise for found in count_sets(path, exercise="deadlift")} == {"deadlift"}


def test_who_watches_sees_the_motion(tmp_path: Path) -> None:
    async def workout() -> int:
        sessions = begun(tmp_path, Heard())
        items, seen = notifications(), list[Motion]()
        assert not sessions.watch(SENSOR, seen.append)
        feed(sessions, items[:100])
        assert sessions.watch(SENSOR, seen.append)
        feed(sessions, items[100:120])
        count = len(seen)
        sessions.watch(SENSOR, None)
        feed(sessions, items[120:140])
        sessions.close()
        assert len(seen) == count
        return count

    assert asyncio.run(workout()) > 10


def test_a_session_begins_with_its_first_item_even_if_that_is_old(tmp_path: Path) -> None:
    async def late() -> Heard:
        heard = Heard()
        sessions = begun(tmp_path, heard)
        feed(sessions, [LinkEvent(0, up=True), *notifications()], shift_us=-600_000_000)
        sessions.close()
        return heard

    heard = asyncio.run(late())
    assert [found.repetitions for found in heard.sets()] == [8]
    first = heard.events[0]
    began = NOW - timedelta(minutes=10)
    assert began - timedelta(seconds=1) < first.utc(first.first_us) < began + timedelta(seconds=2)
    (path,) = tmp_path.glob("*.jsonl")
    assert next(iter(open_recording(path))) == LinkEvent(0, up=True)
