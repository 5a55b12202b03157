"""What the how-tos for other people's programs name is there: entities, topics, keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from imurep.mqtt import commands
from imurep.mqtt.entities import entities
from imurep.mqtt.topics import Topics, device_id
from tests.mqtt.workout import DEV, announce_workout, announcer, finished

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
WORN = "Back Strap 3F2A"


def text_of(name: str) -> str:
    return (HOW_TO / f"{name}.md").read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    found = re.findall(rf"```{language}\n(.*?)```", text_of(name), re.DOTALL)
    assert found
    return found


@pytest.fixture
def published(tmp_path: Path) -> dict[str, Any]:
    """Payloads by topic; all that is retained, and a set."""
    state_announcer = announcer(tmp_path)
    announce_workout(state_announcer)
    payloads = {one.topic: json.loads(one.payload) for one in state_announcer.announcement() if one.schema}
    return {**payloads, Topics().set_event(DEV): state_announcer.set_payload(finished()[0])}


def test_home_assistants_entities_are_there() -> None:
    there = {
        f"{one.platform}." + re.sub(r"\W+", "_", f"{WORN} {one.config['name']}".lower())
        for one in entities(Topics(), device_id(WORN))
        if "name" in one.config
    }
    named = set(re.findall(r"\w+\.back_strap_\w+", text_of("home-assistant")))
    assert len(named) > 15
    assert named <= there


def test_node_reds_flow_is_what_is_explained(published: dict[str, Any]) -> None:
    (explained,) = re.findall(r"```js\n(.*?)```", text_of("node-red"), re.DOTALL)
    flow = {node["type"]: node for node in json.loads(blocks("node-red", "json")[0])}
    assert flow["function"]["func"] == dedent(f"   {explained}").strip()
    assert flow["mqtt in"]["topic"] == Topics().set_event("+")
    keys = set(re.findall(r"found\.(\w+)", explained))
    assert {"id", "version", "replay"} <= keys <= set(published[Topics().set_event(DEV)])


def test_telegraf_reads_keys_of_a_set(published: dict[str, Any]) -> None:
    (toml,) = blocks("grafana", "toml")
    assert f'topics = ["{Topics().set_event("+")}"]' in toml
    paths = re.findall(r'path = "(.*)"', toml)
    assert len(paths) > 10
    for path in paths:
        value = published[Topics().set_event(DEV)]
        for key in path.split("."):
            value = value[key]


def test_openhabs_channels_stand_on_topics_and_keys(published: dict[str, Any]) -> None:
    text = text_of("openhab").replace("\n", " ")
    channels = re.findall(r'stateTopic="(.*?)", transformationPattern="JSONPATH:\$\.(\w+)"', text)
    assert len(channels) == 4
    for topic, key in channels:
        assert key in published[topic.replace(device_id(WORN), DEV)]
    asked = re.findall(r'commandTopic="(.*?)"', text)
    assert asked
    assert set(asked) <= {Topics().command(device_id(WORN), name) for name in commands.NAMES}
    assert f'availabilityTopic="{Topics().availability(device_id(WORN))}"' in text
