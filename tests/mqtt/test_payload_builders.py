from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from imurep.cli.event_lines import to_json
from imurep.events import ExerciseSet, Link, Rep, SensorStatus, State
from imurep.live_state import LiveState
from imurep.mqtt.corrections import corrected
from imurep.mqtt.payload_builders import (
    availability,
    config_payload,
    rep_payload,
    set_payload,
    state_payload,
    utc_text,
)
from imurep.plan import NO_PLAN
from imurep.serialization import dumps
from tests.mqtt.workout import NOW, PLAN, SENSOR, STREAMING, finished, workout_events

if TYPE_CHECKING:
    from imurep.events import SessionEvent


def reps() -> list[SessionEvent]:
    return [one for one in workout_events() if isinstance(one.event, Rep)]


def test_a_set_has_the_fields_of_a_replay_in_json_lines() -> None:
    for one in finished():
        assert isinstance(one.event, ExerciseSet)
        line = json.loads(
            to_json(one.event, recording="r", sensor=SENSOR, first_us=one.first_us, person="Ann")
        )
        payload = json.loads(dumps(set_payload(one)))
        assert {key: payload[key] for key in line if key not in {"type", "recording"}} == {
            key: value for key, value in line.items() if key not in {"type", "recording"}
        }


def test_so_does_a_rep() -> None:
    for one in reps():
        assert isinstance(one.event, Rep)
        line = json.loads(
            to_json(one.event, recording="r", sensor=SENSOR, first_us=one.first_us, person="Ann")
        )
        payload = json.loads(dumps(rep_payload(one, number=1)))
        assert {key: payload[key] for key in line if key not in {"type", "recording"}} == {
            key: value for key, value in line.items() if key not in {"type", "recording"}
        }


def test_a_set_knows_its_time_of_day_and_what_was_wanted() -> None:
    payload = set_payload(finished()[0], PLAN)
    assert payload["started"] == utc_text(
        NOW + timedelta(microseconds=finished()[0].first_us, seconds=payload["start_s"])
    )
    assert payload["ended"] > payload["started"]
    assert payload["started"].endswith("Z")
    assert (payload["target_reps"], payload["load_kg"]) == (12, 10.0)
    assert payload["target_tempo_s"] == payload["form"]["target_tempo_s"] == [3.0, 1.0, 2.0, 1.0]
    assert payload["form"]["on_tempo_repetitions"] in {11, 12}, "they were done like that"
    assert payload["event_type"] == "set_finished"
    assert payload["quality"] == {"accelerometer_only": False, "gaps": 0, "lost_s": 0.0}
    assert payload["tempo"]["eccentric_s"] == pytest.approx(3.0, abs=0.3)


def test_a_tempo_of_ones_own_is_what_reps_are_held_against() -> None:
    hasty = set_payload(finished()[0], replace(PLAN, target_tempo_s=(0.5, 0.0, 0.5, 0.0)))
    assert hasty["form"]["on_tempo_repetitions"] == 0


def test_a_set_that_was_published_before_is_a_correction() -> None:
    one = finished()[0]
    assert set_payload(one, again=True)["event_type"] == "set_corrected"
    assert isinstance(one.event, ExerciseSet)
    gone = replace(one, event=replace(one.event, state=State.WITHDRAWN))
    assert set_payload(gone, again=True)["event_type"] == "set_withdrawn"


def test_the_state_follows_a_set() -> None:
    board = LiveState()
    board.status(STREAMING)
    counts, last = [], None
    over = [id(one) for one in finished()]
    for one in workout_events():
        board.event(one)
        if id(one) in over:
            last = set_payload(one)
        state = state_payload(board.sensors[SENSOR], utc=NOW, last=last, repetitions_today=100)
        counts.append(state["repetitions"])
        assert state["set_running"] == bool(board.sensors[SENSOR].reps)
        assert (state["repetitions_today"] > 100) == state["set_running"]
    assert max(counts) >= 12
    assert counts[-1] == 12, "it stays where the last set ended"
    assert state["exercise"] == "back_extension_45"
    assert state["phase"] is None
    assert last is not None
    assert state["top_hold_s"] == last["reps"][-1]["top_hold_s"]
    assert state["bottom_hold_s"] == last["reps"][-2]["bottom_hold_s"], "the last one's is never known"
    assert state["tempo"] is not None
    assert state["person"] == "Ann"
    last = corrected(last, exercise="good_morning")
    assert state_payload(board.sensors[SENSOR], utc=NOW, last=last)["exercise"] == "good_morning"


def test_a_sensor_that_has_counted_nothing() -> None:
    board = LiveState()
    board.status(SensorStatus(sensor="x", link=Link.LOST, detail="out of reach"))
    state = state_payload(board.sensors["x"], utc=NOW)
    assert (state["repetitions"], state["set_running"], state["exercise"]) == (0, False, "unknown")
    assert [state["tempo"], state["person"], state["momentum"]] == [None, None, None]
    assert state["detail"] == "out of reach"


def test_only_a_sensor_that_streams_is_available() -> None:
    assert [link for link in Link if availability(link) == b"online"] == [Link.STREAMING]


def test_what_is_not_set_is_null() -> None:
    payload = config_payload("x", NO_PLAN)
    assert payload["exercise"] == "unknown"
    assert [payload["target_reps"], payload["target_tempo_s"], payload["load_kg"]] == [None, None, None]


def test_another_event_is_refused() -> None:
    with pytest.raises(TypeError, match="is no rep"):
        rep_payload(finished()[0])
    with pytest.raises(TypeError, match="is no set"):
        set_payload(reps()[0])


def test_numbers_that_json_does_not_have_never_leave() -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps({"x": float("nan")})
