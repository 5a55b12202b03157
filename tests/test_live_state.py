from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from imurep import analyze_file
from imurep.events import ExerciseSet, Link, Phase, PhaseChange, Rep, SensorStatus, SessionEvent, State
from imurep.live_state import LiveState
from imurep.offline.replay import Replay

RECORDING = Path(__file__).parents[1] / "recordings" / "good-morning.jsonl.gz"


def session_events() -> list[SessionEvent]:
    replay = Replay(RECORDING)
    return [
        SessionEvent(
            session="one",
            sensor="back",
            person="Ann",
            zero_utc=datetime(2026, 3, 1, tzinfo=UTC),
            first_us=0,
            event=event,
        )
        for event in replay.events()
    ]


def test_the_board_follows_a_set_as_it_happens() -> None:
    board = LiveState()
    counts = []
    phases = set()
    for event in session_events():
        board.event(event)
        back = board.sensors["back"]
        phases.add(back.phase)
        if isinstance(event.event, Rep) and event.event.state is not State.WITHDRAWN:
            counts.append(len(back.reps))
            assert back.last_rep is not None
    assert max(counts) >= 8, "getting up may look like one more"
    assert phases == {None, *Phase}
    assert not back.reps, "the set is over"
    assert back.phase is None
    assert [one.event for one in board.in_order()] == list(analyze_file(RECORDING).sets)


def test_a_withdrawn_rep_or_set_is_gone() -> None:
    board = LiveState()
    events = session_events()
    rep = next(one for one in events if isinstance(one.event, Rep))
    found = next(one for one in reversed(events) if isinstance(one.event, ExerciseSet))
    for one in (rep, found):
        board.event(one)
    assert board.in_order() == [found]
    for one in (rep, found):
        assert isinstance(one.event, Rep | ExerciseSet)
        gone = SessionEvent(
            session=one.session,
            sensor=one.sensor,
            person=one.person,
            zero_utc=one.zero_utc,
            first_us=0,
            event=_withdrawn(one.event),
        )
        board.event(gone)
    assert board.in_order() == []
    assert not board.sensors["back"].reps


def test_status_is_kept_beside_the_count() -> None:
    board = LiveState()
    board.status(SensorStatus(sensor="back", link=Link.STREAMING, battery_percent=80))
    phase = next(one for one in session_events() if isinstance(one.event, PhaseChange))
    board.event(phase)
    board.status(SensorStatus(sensor="back", link=Link.LOST, detail="out of reach"))
    back = board.sensors["back"]
    assert back.status.link is Link.LOST
    assert back.phase is not None


def _withdrawn(event: Rep | ExerciseSet) -> Rep | ExerciseSet:
    return replace(event, state=State.WITHDRAWN, version=event.version + 1)
