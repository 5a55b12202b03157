from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.cli.topic_view import MOST_SENSORS, Watched
from imurep.mqtt.corrections import corrected
from imurep.mqtt.interfaces import Incoming
from imurep.serialization import dumps
from tests.mqtt.workout import DEV, announce_workout, announcer, finished, workout_events

if TYPE_CHECKING:
    from pathlib import Path


def came(topic: str, payload: bytes, *, retain: bool = False) -> Incoming:
    return Incoming(topic=topic, payload=payload, retain=retain)


def test_a_workout_as_it_is_published(tmp_path: Path) -> None:
    state_announcer, watched = announcer(tmp_path), Watched("imurep")
    announce_workout(state_announcer)
    for message in [
        *state_announcer.announcement(),
        state_announcer.info("the disk is full; make room on it"),
    ]:
        assert watched.take(came(message.topic, message.payload, retain=True)) is None
    assert "service not seen yet" in watched.text().plain
    watched.take(came("imurep/bridge/state", b"online", retain=True))
    shown = watched.text().plain
    for part in ("service online", "disk is full", "Back Strap  streaming  81 % battery  -60 dBm", "12 reps"):
        assert part in shown
    assert "today 3 sets, 36 reps" in shown
    watched.take(came("imurep/bridge/state", b"offline"))
    assert "streaming" not in watched.text().plain, "nobody knows"


def test_sets_and_reps_are_a_line_each(tmp_path: Path) -> None:
    state_announcer, watched = announcer(tmp_path), Watched("imurep")
    payload = state_announcer.set_payload(finished()[0])
    line = watched.take(came(f"imurep/{DEV}/event/set", dumps(payload)))
    assert line is not None
    assert "back extension (45° bench): 12 reps, 10 kg, tempo 2.9-1" in line
    line = watched.take(came(f"imurep/{DEV}/event/set", dumps(corrected(payload, repetitions=11))))
    assert line is not None
    assert line.endswith("(corrected)")
    lines = []
    for one in workout_events():
        state_announcer.event(one)
        lines += [watched.take(came(m.topic, m.payload)) for m in state_announcer.live(one)]
    assert lines.count("rep 7") == 3, "one in each set"


def test_answers_and_forgotten_sensors() -> None:
    watched = Watched("imurep")
    answer = {"status": "error", "error": "x is not allowed; send y"}
    assert watched.take(came("imurep/d/response/load_kg", json.dumps(answer).encode())) == (
        "d load_kg: x is not allowed; send y"
    )
    watched.take(came("imurep/d/state", b'{"sensor": "old strap"}'))
    assert "old strap" in watched.text().plain
    watched.take(came("imurep/d/state", b""))
    assert "old strap" not in watched.text().plain


def test_a_flood_of_sensors_does_not_fill_the_memory() -> None:
    watched = Watched("imurep")
    for number in range(10 * MOST_SENSORS):
        watched.take(came(f"imurep/{number}/state", b'{"link": "streaming"}'))
    assert watched.text().plain.count("\n") <= 2 * MOST_SENSORS


TOPICS = st.sampled_from(
    ["bridge/state", "bridge/info", "d/state", "d/availability", "d/event/set", "d/event/rep",
     "d/response/x", "d", "", "d/e/f/g"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
        ["sensor", "link", "event_type", "tempo", "ended", "repetitions", "load_kg", "battery_percent",
         "state", "version", "eccentric_s", "detail", "problem", "error"]), inner),
    max_leaves=4,
)  # fmt: skip


@given(TOPICS, st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_else_stands_there_is_left_out(topic: str, payload: bytes) -> None:
    watched = Watched("imurep")
    watched.take(came(f"imurep/{topic}", payload))
    assert watched.text().plain.startswith("service ")


@pytest.mark.parametrize("kind", ["set_finished", "set_withdrawn"])
def test_a_set_of_which_little_is_known(kind: str) -> None:
    line = Watched("imurep").take(came("imurep/d/event/set", json.dumps({"event_type": kind}).encode()))
    assert line is not None
    assert "a set: – reps" in line  # noqa: RUF001 not a minus
