"""What a person changes of a set: versions above all that is counted, with what was counted beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from imurep.exercises import EXERCISES
from imurep.log import FILE_NAME, Database
from imurep.log.user_data import UserData
from imurep.mqtt.corrections import corrected, deleted
from imurep.mqtt.payload_builders import set_payload
from imurep.mqtt.payloads import BY_PERSON
from imurep.plan import NO_PLAN
from tests.mqtt.workout import PLAN, finished

if TYPE_CHECKING:
    from imurep.mqtt.payloads import SetPayload
    from imurep.plan import Plan

BEFORE = Path(__file__).with_name("before_exercise_corrections.sql")
"""A database as ``imurep run --exercise trap_bar_deadlift`` wrote it when only counts could be corrected."""
LINES_DEG = {"back_extension_45": 40.0}


def counted(plan: Plan = NO_PLAN) -> SetPayload:
    return set_payload(finished()[0], plan, lines_deg=LINES_DEG)


def test_a_number_is_a_version_above_all_that_is_counted() -> None:
    payload = counted()
    eleven = corrected(payload, repetitions=11)
    assert (eleven["repetitions"], eleven["counted_repetitions"], eleven["corrected"]) == (11, 12, True)
    assert (eleven["event_type"], eleven["version"]) == ("set_corrected", BY_PERSON)
    ten = corrected(eleven, repetitions=10)
    assert (ten["repetitions"], ten["counted_repetitions"], ten["version"]) == (10, 12, BY_PERSON + 1)
    none = deleted(ten)
    assert (none["state"], none["event_type"], none["version"]) == (
        "withdrawn",
        "set_withdrawn",
        BY_PERSON + 2,
    )
    assert payload["version"] < BY_PERSON, "the first is as it was"


def test_an_exercise_is_corrected_with_all_that_depends_on_it() -> None:
    payload = counted()
    swings = corrected(payload, exercise="kettlebell_swing", lines_deg=LINES_DEG)
    assert {key for key in payload if payload.get(key) != swings.get(key)} == {
        "event_type",
        "version",
        "exercise",
        "exercise_group",
        "exercise_reasons",
        "exercise_corrected",
        "form",
    }
    assert (swings["exercise"], swings["counted_exercise"]) == ("kettlebell_swing", "back_extension_45")
    assert (swings["exercise_group"], swings["exercise_corrected"]) == (["kettlebell_swing"], True)
    assert swings["corrected"] is False, "the number of repetitions is what was counted"
    form = swings["form"]
    assert (form["momentum"], form["over_line_deg"], form["on_tempo_repetitions"]) == (None, None, 0)
    assert form["target_tempo_s"] == list(EXERCISES["kettlebell_swing"].target.tempo_s)
    assert {rep["momentum"] for rep in form["reps"]} == {None}
    assert form["top_spread_deg"] == payload["form"]["top_spread_deg"]


def test_of_an_unknown_exercise_no_group_is_known() -> None:
    unknown = corrected(counted(), exercise="unknown")
    assert (unknown["exercise"], unknown["exercise_group"]) == ("unknown", [])
    assert unknown["form"]["on_tempo_repetitions"] is None


@pytest.mark.parametrize("plan", [NO_PLAN, PLAN])
def test_what_was_counted_comes_back(plan: Plan) -> None:
    payload = counted(plan)
    there = corrected(payload, exercise="kettlebell_swing", lines_deg=LINES_DEG)
    back = corrected(there, exercise="back_extension_45", lines_deg=LINES_DEG)
    assert (back["version"], back["counted_exercise"]) == (BY_PERSON + 1, "back_extension_45")
    form, before = back["form"], payload["form"]
    assert form["momentum"] == pytest.approx(before["momentum"], abs=0.2)
    assert form["over_line_deg"] == pytest.approx(before["over_line_deg"], abs=0.1)
    same = (
        "target_tempo_s",
        "on_tempo_repetitions",
        "over_line_repetitions",
        "lowering_s",
        "slowing_percent",
    )
    assert {key: form.get(key) for key in same} == {key: before.get(key) for key in same}


def test_the_same_again_is_no_other_version() -> None:
    both = corrected(counted(), repetitions=11, exercise="good_morning")
    assert both["version"] == BY_PERSON
    assert (both["corrected"], both["exercise_corrected"]) == (True, True)
    assert corrected(both, repetitions=11, exercise="good_morning") is both
    confirmed = corrected(counted(), exercise="back_extension_45")
    assert confirmed["version"] == BY_PERSON, "what the person confirms, counting does not change either"


def test_one_correction_keeps_the_other() -> None:
    once = corrected(corrected(counted(), repetitions=11), exercise="good_morning")
    assert (once["repetitions"], once["exercise"], once["version"]) == (11, "good_morning", BY_PERSON + 1)
    twice = corrected(once, repetitions=10)
    assert (twice["repetitions"], twice["exercise"], twice["exercise_corrected"]) == (
        10,
        "good_morning",
        True,
    )


def test_a_set_in_a_file_of_before_is_corrected(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as old:
        old.executescript(BEFORE.read_text(encoding="utf-8"))
    with Database(tmp_path / FILE_NAME, create=False) as database:
        user_data = UserData(database)
        assert user_data.recent_exercises("me") == ("trap_bar_deadlift",)
        stored = database.last("sim")
        assert stored is not None
        payload = corrected(cast("SetPayload", stored.payload), exercise="good_morning")
        database.write([(replace(stored, version=payload["version"], payload=payload), False)], ())
        newest = database.newest(stored.set_id)
        assert newest is not None
        assert (newest.version, newest.payload["exercise"]) == (BY_PERSON, "good_morning")
        assert newest.payload["counted_exercise"] == "trap_bar_deadlift"
        user_data.set_recent_exercise("me", "good_morning")
        assert user_data.recent_exercises("me") == ("trap_bar_deadlift", "good_morning")
