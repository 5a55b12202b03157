"""Discovery, held against golden documents, and each template rendered over what is really published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import pytest

from imurep.exercises import EXERCISES
from imurep.mqtt import commands
from imurep.mqtt.command_parsing import ParsedCommand, parse
from imurep.mqtt.corrections import corrected
from imurep.mqtt.entities import RECOGNISE, SOMETHING_ELSE, entities
from imurep.mqtt.homeassistant import discovery, removal
from imurep.mqtt.payload_builders import set_payload
from imurep.mqtt.topics import Topics
from imurep.plan import NO_PLAN
from imurep.serialization import dumps
from tests.mqtt.workout import DEV, SENSOR, announce_workout, announcer, finished

if TYPE_CHECKING:
    from imurep.mqtt.homeassistant import Form
    from imurep.mqtt.interfaces import Message
    from imurep.mqtt.state_announcer import StateAnnouncer

FORMS: tuple[Form, ...] = ("device", "component")
GOLDEN = Path(__file__).parents[1] / "golden"
SHOWN = {
    "repetitions": "12",
    "exercise": "back_extension_45",
    "range": "79.42",
    "sets_today": "3",
    "repetitions_today": "36",
    "last_set": "12",
    "battery": "81",
    "signal": "-60",
    "link": "streaming",
    "set_running": "OFF",
    "exercise_choice": RECOGNISE,
    "target_reps": "12",
    "load": "10.0",
    "target_tempo": "3.0-1.0-2.0-1.0",
    "correct_set": "12",
    "correct_exercise": "back_extension_45",
}


def rendered(template: str, payload: bytes) -> str:
    """As Home Assistant does it: native Python values in, text out; what is no JSON is no value_json."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 no HTML
    environment.filters["tojson"] = json.dumps
    values = {"value_json": json.loads(payload)} if payload else {}
    return environment.from_string(template).render(value=payload.decode(), **values)


def published(state_announcer: StateAnnouncer) -> dict[str, bytes]:
    return {message.topic: message.payload for message in state_announcer.announcement()}


@pytest.fixture
def topics_and_values(tmp_path: Path) -> dict[str, bytes]:
    state_announcer = announcer(tmp_path)
    announce_workout(state_announcer)
    return published(state_announcer)


def discovery_messages(form: Form) -> list[Message]:
    return discovery(Topics(), DEV, SENSOR, version="1.2.3", form=form)


@pytest.mark.parametrize("form", ["device", "component"])
def test_discovery_is_what_it_was(form: Form) -> None:
    """Changed on purpose: write what is new into the golden file, and say so in the changelog."""
    documents = {m.topic: json.loads(m.payload) for m in discovery_messages(form)}
    golden = json.loads((GOLDEN / f"homeassistant-{form}.json").read_text(encoding="utf-8"))
    assert documents == golden


def test_every_entity_shows_its_value(topics_and_values: dict[str, bytes]) -> None:
    seen = {}
    for entity in entities(Topics(), DEV):
        topic = entity.config.get("state_topic")
        if entity.platform != "event" and topic is not None:
            assert topic in topics_and_values, "a retained topic, so that it is known after a restart"
            seen[entity.key] = rendered(entity.config["value_template"], topics_and_values[topic])
    assert {key: seen[key] for key in SHOWN} == SHOWN
    assert float(seen["top_hold"]) == pytest.approx(1.0, abs=0.3)
    assert 0 <= float(seen["momentum"]) < 30
    assert len(seen["tempo"].split("-")) == 4
    assert set(seen) == {*SHOWN, "top_hold", "momentum", "tempo"}


def test_what_is_not_known_yet_is_no_error(tmp_path: Path) -> None:
    values = published(announcer(tmp_path, plan=NO_PLAN))
    for entity in entities(Topics(), DEV):
        topic = entity.config.get("state_topic")
        if topic in values:
            shown = rendered(entity.config["value_template"], values[topic])
            if entity.platform == "sensor":
                assert shown in {"None", "0", "unknown", "81", "-60", "streaming"}, entity.key
    assert Topics().last_set(DEV) not in values


def test_when_the_only_set_was_deleted_nothing_is_shown_of_it() -> None:
    """The retained topic is cleared then, and an empty payload has no value_json."""
    last = Topics().last_set(DEV)
    shown = [one.config for one in entities(Topics(), DEV) if one.config.get("state_topic") == last]
    assert [rendered(config["value_template"], b"") for config in shown] == ["None"] * 3
    attributes = [config["json_attributes_template"] for config in shown if "json_attributes_topic" in config]
    assert [json.loads(rendered(template, b"")) for template in attributes] == [{}]


def test_attributes_fit_into_the_recorder(topics_and_values: dict[str, bytes]) -> None:
    for entity in entities(Topics(), DEV):
        if "json_attributes_topic" in entity.config:
            payload = topics_and_values[entity.config["json_attributes_topic"]]
            attributes = json.loads(rendered(entity.config["json_attributes_template"], payload))
            assert attributes
            assert len(json.dumps(attributes)) < 1000


def test_an_event_comes_once(tmp_path: Path) -> None:
    payload = announcer(tmp_path).set_payload(finished()[0])
    (event,) = [one.config for one in entities(Topics(), DEV) if one.platform == "event"]
    (trigger,) = [one.config for one in entities(Topics(), DEV) if one.platform == "device_automation"]
    fresh, again = dumps(payload), dumps({**payload, "replay": True})
    shown = json.loads(rendered(event["value_template"], fresh))
    assert shown["event_type"] in event["event_types"]
    assert shown["repetitions"] == 12
    assert rendered(trigger["value_template"], fresh) == trigger["payload"]
    assert rendered(event["value_template"], again) == ""
    assert rendered(trigger["value_template"], again) != trigger["payload"]


def sent_by(key: str) -> list[str]:
    """The payload of each option of a select."""
    (select,) = [one.config for one in entities(Topics(), DEV) if one.key == key]
    environment = jinja2.Environment(autoescape=False)  # noqa: S701 no HTML
    environment.filters["tojson"] = json.dumps
    template = environment.from_string(select["command_template"])
    return [template.render(value=option) for option in select["options"]]


def test_what_the_selects_send_is_what_is_understood() -> None:
    assert sent_by("exercise_choice") == ["unknown", *EXERCISES]
    parsed = [parse(payload.encode()) for payload in sent_by("correct_exercise")]
    assert parsed == [ParsedCommand(None, exercise=name) for name in (*EXERCISES, "unknown")]


def test_an_unknown_exercise_is_something_else() -> None:
    (select,) = [one.config for one in entities(Topics(), DEV) if one.key == "correct_exercise"]
    unknown = corrected(set_payload(finished()[0]), exercise="unknown")
    assert rendered(select["value_template"], dumps(unknown)) == SOMETHING_ELSE


def test_commands_are_commands_and_never_retained() -> None:
    names = {Topics().command(DEV, name) for name in commands.NAMES}
    asked = [one.config for one in entities(Topics(), DEV) if "command_topic" in one.config]
    assert {config["command_topic"] for config in asked} <= names
    assert len(asked) >= 9
    assert not any("retain" in config for config in asked)


def test_a_form_has_nothing_of_the_other_one() -> None:
    """Not even an empty message: Home Assistant 2025.4 calls it a conflict, for each entity."""
    assert [m.topic for m in discovery_messages("device")] == [
        "homeassistant/device/imurep_back-strap/config"
    ]
    single = [m.topic for m in discovery_messages("component")]
    assert len(set(single)) == len(entities(Topics(), DEV))
    assert not any(topic.startswith("homeassistant/device/") for topic in single)
    assert not discovery_messages("off")
    assert all(m.retain and m.payload for form in FORMS for m in discovery_messages(form))


def test_both_forms_name_the_same_entities() -> None:
    (device,) = [json.loads(m.payload) for m in discovery_messages("device")]
    single = [json.loads(m.payload) for m in discovery_messages("component")]
    ids = {one["unique_id"] for one in device["components"].values() if "unique_id" in one}
    assert ids == {one["unique_id"] for one in single if "unique_id" in one}
    assert len(ids) == len(single) - 1, "the trigger has none"
    assert {json.dumps(one["device"]) for one in single} == {json.dumps(device["device"])}


def test_everything_goes_away_with_the_service_and_live_ones_with_the_sensor() -> None:
    for entity in entities(Topics(), DEV):
        if entity.platform == "device_automation":
            continue
        (device,) = [json.loads(m.payload) for m in discovery_messages("device")]
        there = [one["topic"] for one in device["components"][entity.key]["availability"]]
        assert there[0] == Topics().bridge_state
        assert (Topics().availability(DEV) in there) == entity.live
        assert device["components"][entity.key]["availability_mode"] == "all"


def test_forgetting_clears_every_retained_topic(tmp_path: Path) -> None:
    forgotten = {message.topic for message in removal(Topics(), DEV)}
    assert all(m.retain and not m.payload for m in removal(Topics(), DEV))
    for form in ("device", "component"):
        state_announcer = announcer(tmp_path, form=form)
        announce_workout(state_announcer)
        assert {m.topic for m in state_announcer.announcement() if m.retain} <= forgotten


def test_instances_at_one_broker_stay_apart() -> None:
    other = {m.topic for m in discovery(Topics("home/gym"), DEV, SENSOR, version="1", form="device")}
    assert not other & {m.topic for m in discovery_messages("device")}
