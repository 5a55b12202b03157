"""Home Assistant's discovery: what it is told so that a sensor appears there by itself.

One retained message for the whole device (2024.12 and later), or one for each
entity (all versions, and openHAB). Both name the same unique ids, so there must
never be more than one of the two: Home Assistant complains, and rightly. It
complains just the same of a removal in the other form, so that is left to
``removal``, when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from imurep.mqtt.entities import entities
from imurep.mqtt.interfaces import Message
from imurep.serialization import dumps

if TYPE_CHECKING:
    from imurep.mqtt.entities import Entity
    from imurep.mqtt.topics import Topics

Form = Literal["device", "component", "off"]

PREFIX = "homeassistant"
TRIGGER = "device_automation"
"""A trigger is no entity: it has no id and is always available."""


def discovery(topics: Topics, dev: str, sensor: str, *, version: str, form: Form) -> list[Message]:
    """Tell of a sensor in one form."""
    node, shown = _node(topics, dev), entities(topics, dev)
    shared = {**_about(topics, dev, sensor, version), "qos": 1}
    if form == "component":
        return [
            _retained(_topic(node, entity), dumps({**_config(topics, dev, entity), **shared}))
            for entity in shown
        ]
    if form == "device":
        components = {
            entity.key: {"platform": entity.platform, **_config(topics, dev, entity)} for entity in shown
        }
        return [_retained(_topic(node), dumps({**shared, "components": components}))]
    return []


def removal(topics: Topics, dev: str) -> list[Message]:
    """Remove all that is retained of a sensor, Home Assistant's device first."""
    node = _node(topics, dev)
    names = [_topic(node), *(_topic(node, entity) for entity in entities(topics, dev))]
    return [_retained(name, b"") for name in (*names, *topics.retained(dev))]


def _config(topics: Topics, dev: str, entity: Entity) -> dict[str, Any]:
    if entity.platform == TRIGGER:
        return dict(entity.config)
    there = [{"topic": topics.bridge_state}]
    if entity.live:
        there.append({"topic": topics.availability(dev)})
    return {
        **entity.config,
        "unique_id": f"{_node(topics, dev)}_{entity.key}",
        "availability": there,
        "availability_mode": "all",
    }


def _about(topics: Topics, dev: str, sensor: str, version: str) -> dict[str, Any]:
    return {
        "device": {
            "identifiers": [_node(topics, dev)],
            "name": sensor,
            "manufacturer": "imurep",
            "model": "torso-worn motion sensor",
            "sw_version": version,
        },
        "origin": {"name": "imurep", "sw_version": version},
    }


def _node(topics: Topics, dev: str) -> str:
    """Keep sensors of several instances at one broker apart."""
    return f"{topics.root.replace('/', '_')}_{dev}"


def _topic(node: str, entity: Entity | None = None) -> str:
    if entity is None:
        return f"{PREFIX}/device/{node}/config"
    return f"{PREFIX}/{entity.platform}/{node}/{entity.key}/config"


def _retained(topic: str, payload: bytes) -> Message:
    return Message(topic=topic, payload=payload, retain=True)
