"""Sessions on disk and through the pipeline, with the notifications of a simulated workout."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imurep import analyze_file
from imurep.counting.motion.orientation import Motion
from imurep.events import Boundary, ExerciseSet, Instruction, LinkEvent, Notification, Rep
from imurep.offline.replay import LastSets
from imurep.recording import open_recording
from imurep.service.clock import ServiceClock
from imurep.service.raw_archive import RawArchive
from imurep.service.session import CountingOptions
from imurep.service.session_manager import SessionManager

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.events import SensorStatus, SessionEvent
    from imurep.recording import RecordingItem

RECORDING = Path(__file__).parents[2] / "recordings" / "good-morning.jsonl.gz"
NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
SENSOR = "back strap"


class Listening:
    def __init__(self) -> None:
        self.events: list[SessionEvent] = []

    def event(self, event: SessionEvent) -> None:
        self.events.append(event)

    def status(self, status: SensorStatus) -> None:
        pass

    def sets(self) -> tuple[ExerciseSet, ...]:
        last = LastSets()
        for event in self.events:
            last.add(event.event)
        return last.in_order()


def notifications() -> list[RecordingItem]:
    return [item for item in open_recording(RECORDING) if not isinstance(item, LinkEvent)]


def begun(directory: Path, listener: Listening, utc: datetime = NOW) -> SessionManager:
    sessions = SessionManager(
        archive=RawArchive(directory, keep_days=7),
        counting=CountingOptions(person="Ann"),
        clock=ServiceClock(utc),
        listeners=[listener],
    )
    sessions.open()
    return sessions


def feed(sessions: SessionManager, items: Sequence[RecordingItem], shift_us: int = 0) -> None:
    for item in items:
        sessions.received(SENSOR, "open_imu", replace(item, arrival_us=item.arrival_us + shift_us))


def test_what_is_counted_live_is_what_a_replay_of_the_kept_session_counts(tmp_path: Path) -> None:
    async def workout() -> Listening:
        listener = Listening()
        sessions = begun(tmp_path, listener)
        feed(sessions, [LinkEvent(0, up=True), *notifications()])
        sessions.close()
        return listener

    listener = asyncio.run(workout())
    (path,) = tmp_path.glob("*.jsonl")
    assert listener.sets() == analyze_file(path).sets
    assert [found.repetitions for found in listener.sets()] == [8]
    assert {event.person for event in listener.events} == {"Ann"}
    assert {event.session for event in listener.events} == {open_recording(path).header.session}
    first = listener.events[0]
    assert NOW < first.utc(first.first_us) < NOW + timedelta(seconds=2)


@pytest.mark.parametrize("part", [0.02, 0.4, 0.55, 0.7, 0.97])
def test_the_session_of_a_killed_service_is_resumed(tmp_path: Path, part: float) -> None:
    items = notifications()
    cut = round(part * len(items))
    away = timedelta(seconds=20)

    async def killed() -> None:
        sessions = begun(tmp_path / "first", Listening())
        feed(sessions, [LinkEvent(0, up=True), *items[:cut]])
        shutil.copytree(tmp_path / "first", tmp_path / "second")  # what the disk has at this moment
        sessions.close()

    async def started_again() -> tuple[Listening, list[Notification]]:
        listener = Listening()
        sessions = begun(tmp_path / "second", listener, NOW + away)
        replayed = list(sessions.replay_notifications(SENSOR, "open_imu"))
        feed(
            sessions,
            [LinkEvent(0, up=True), *items[cut:]],
            shift_us=replayed[-1].arrival_us - items[cut - 1].arrival_us,
        )
        sessions.close()
        return listener, replayed

    asyncio.run(killed())
    listener, replayed = asyncio.run(started_again())
    assert [one.payload for one in replayed] == [
        item.payload for item in items[:cut] if isinstance(item, Notification)
    ]
    assert replayed[-1].arrival_us < items[cut].arrival_us
    (path,) = (tmp_path / "second").glob("*.jsonl")
    assert listener.sets() == analyze_file(path).sets
    assert [found.repetitions for found in listener.sets()] == [8]


def test_reps_that_were_emitted_before_the_kill_are_not_emitted_again(tmp_path: Path) -> None:
    items = notifications()
    cut = round(0.7 * len(items))

    async def events_in(directory: Path) -> list[SessionEvent]:
        listener = Listening()
        sessions = begun(directory, listener)
        if directory.name == "first":
            feed(sessions, items[:cut])
            shutil.copytree(tmp_path / "first", tmp_path / "second")
        event = list(listener.events)
        sessions.close()
        return event

    before = asyncio.run(events_in(tmp_path / "first"))
    again = asyncio.run(events_in(tmp_path / "second"))
    assert any(isinstance(event.event, Rep) for event in before)
    assert [event.event for event in again] == [t.event for t in before if isinstance(t.event, ExerciseSet)]


def test_a_session_left_long_ago_ends_at_once(tmp_path: Path) -> None:
    async def killed() -> None:
        sessions = begun(tmp_path / "first", Listening())
        feed(sessions, notifications())
        shutil.copytree(tmp_path / "first", tmp_path / "second")
        sessions.close()

    async def next_day() -> Listening:
        listener = Listening()
        begun(tmp_path / "second", listener, NOW + timedelta(days=1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return listener

    asyncio.run(killed())
    listener = asyncio.run(next_day())
    assert [found.repetitions for found in listener.sets()] == [8]
    assert not list((tmp_path / "second").glob("*.unfinished.jsonl"))


def test_a_damaged_session_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "x.unfinished.jsonl").write_bytes(b"no header")

    async def start() -> None:
        begun(tmp_path, Listening()).close()

    asyncio.run(start())
    assert [path.name for path in tmp_path.glob("*.jsonl")] == ["x.jsonl"]


def test_a_listener_that_fails_does_not_keep_others_from_being_called(tmp_path: Path) -> None:
    class Broken(Listening):
        def event(self, event: SessionEvent) -> None:
            if isinstance(event.event, ExerciseSet):
                raise ZeroDivisionError(event)

    async def workout() -> Listening:
        listener = Listening()
        sessions = SessionManager(
            archive=RawArchive(tmp_path, keep_days=7),
            counting=CountingOptions(),
            clock=ServiceClock(NOW),
            listeners=[Broken(), listener],
        )
        sessions.open()
        feed(sessions, notifications())
        sessions.close()
        return listener

    assert asyncio.run(workout()).sets()


def test_instructions_are_on_disk_so_a_replay_counts_the_same(tmp_path: Path) -> None:
    items = notifications()
    cut = round(0.6 * len(items))

    async def workout() -> Listening:
        listener = Listening()
        sessions = begun(tmp_path, listener)
        assert not sessions.instruct(SENSOR, exercise="good_morning"), "there is no session yet"
        feed(sessions, [LinkEvent(0, up=True), *items[:cut]])
        assert sessions.instruct(SENSOR, boundary=Boundary.FINISH)
        assert not sessions.instruct("another strap", boundary=Boundary.FINISH)
        feed(sessions, items[cut:])
        sessions.close()
        return listener

    listener = asyncio.run(workout())
    (path,) = tmp_path.glob("*.jsonl")
    assert listener.sets() == analyze_file(path).sets
    assert 0 < sum(found.repetitions for found in listener.sets()) <= 8
    assert all(found.repetitions < 8 for found in listener.sets()), "it was ended by the person"
    assert {found.exercise for found in listener.sets()} == {"good_morning"}
    assert {found.exercise for found in analyze_file(path, exercise="deadlift").sets} == {"deadlift"}


def test_what_was_done_before_is_on_disk_so_a_replay_names_the_same(tmp_path: Path) -> None:
    async def workout(then: str) -> set[str]:
        listener = Listening()
        sessions = begun(tmp_path / then, listener)
        sessions.set_recent_exercises(("good_morning",))
        feed(sessions, [LinkEvent(0, up=True), *notifications()])
        sessions.set_recent_exercises((then,))
        sessions.close()
        (path,) = (tmp_path / then).glob("*.jsonl")
        assert listener.sets() == analyze_file(path).sets
        assert {one.exercise for one in analyze_file(path, recent_exercises=("romanian_deadlift",)).sets} == {
            "romanian_deadlift"
        }
        return {found.exercise for found in listener.sets()}

    assert asyncio.run(workout("romanian_deadlift")) == {"good_morning"}


def test_a_resumed_session_counts_with_what_was_known_at_each_time(tmp_path: Path) -> None:
    items = notifications()
    cut = round(0.6 * len(items))

    async def killed() -> None:
        sessions = begun(tmp_path / "first", Listening())
        sessions.set_recent_exercises(("good_morning",))
        feed(sessions, [LinkEvent(0, up=True), *items[:cut]])
        shutil.copytree(tmp_path / "first", tmp_path / "second")
        sessions.close()

    async def started_again() -> Listening:
        listener = Listening()
        sessions = SessionManager(
            archive=RawArchive(tmp_path / "second", keep_days=7),
            counting=CountingOptions(recent_exercises=("back_extension_45", "romanian_deadlift")),
            clock=ServiceClock(NOW + timedelta(seconds=20)),
            listeners=[listener],
        )
        sessions.open()
        assert {found.exercise for found in listener.sets()} == {"good_morning"}
        sessions.close()
        return listener

    asyncio.run(killed())
    listener = asyncio.run(started_again())
    (path,) = (tmp_path / "second").glob("*.jsonl")
    known = [item.recent_exercises for item in open_recording(path) if isinstance(item, Instruction)]
    assert known == [("good_morning",), ("back_extension_45", "romanian_deadlift")]
    assert {found.exercise for found in listener.sets()} == {"romanian_deadlift"}
    assert listener.sets() == analyze_file(path).sets


def test_an_observer_is_called_with_the_motion(tmp_path: Path) -> None:
    async def workout() -> int:
        sessions = begun(tmp_path, Listening())
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
    async def late() -> Listening:
        listener = Listening()
        sessions = begun(tmp_path, listener)
        feed(sessions, [LinkEvent(0, up=True), *notifications()], shift_us=-600_000_000)
        sessions.close()
        return listener

    listener = asyncio.run(late())
    assert [found.repetitions for found in listener.sets()] == [8]
    first = listener.events[0]
    began = NOW - timedelta(minutes=10)
    assert began - timedelta(seconds=1) < first.utc(first.first_us) < began + timedelta(seconds=2)
    (path,) = tmp_path.glob("*.jsonl")
    assert next(iter(open_recording(path))) == LinkEvent(0, up=True)
