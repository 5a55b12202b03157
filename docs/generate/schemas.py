"""JSON Schemas and an AsyncAPI document, made from the payloads' types and their comments.

``python -m docs.generate.schemas docs/reference`` writes them (``make schemas``);
a test holds the files against what would be written. Schemas are Draft 07, as
AsyncAPI wants them. Further keys are allowed everywhere: readers ignore what
they do not know.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from imurep.mqtt.payloads import (
    ConfigPayload,
    InfoPayload,
    RepPayload,
    ResponsePayload,
    SetPayload,
    StatePayload,
)
from imurep.mqtt.topics import Topics

PAYLOADS = {
    "info": InfoPayload,
    "state": StatePayload,
    "config": ConfigPayload,
    "rep": RepPayload,
    "set": SetPayload,
    "response": ResponsePayload,
}
"""The types by the middle of their names: ``imurep.set/1``."""

DRAFT = "http://json-schema.org/draft-07/schema#"

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null", dict: "object"}

_COMMANDS = {
    "exercise": "Name of the exercise from the next set on; unknown leaves it to recognition.",
    "target_reps": "Repetitions wanted in a set; 0 for none.",
    "target_tempo": "Tempo wanted, such as 3-1-2-1; empty for none.",
    "load_kg": "Load besides the body; empty for unknown.",
    "start_set": "Start a set now; a possible beginning of a set is discarded, an open set ends.",
    "finish_set": "End the open set now.",
    "correct_set": "Set the number of repetitions, the exercise, or both, of the last set or of another one.",
    "delete_set": "Withdraw the last set, or another one.",
    "replay": "Publish all sets since this time once more.",
    "identify": "Make the sensor blink.",
    "calibrate": "Measure the straight line of this exercise on a bench.",
}


def schema(payload: type) -> dict[str, Any]:
    """JSON Schema of a payload, with what it refers to under ``definitions``."""
    definitions: dict[str, Any] = {}
    found = _object(payload, definitions)
    return {"$schema": DRAFT, **found, **({"definitions": definitions} if definitions else {})}


def asyncapi() -> dict[str, Any]:
    """All topics as an AsyncAPI 3.0 document."""
    topics = Topics()
    definitions: dict[str, Any] = {}
    for payload in PAYLOADS.values():
        definitions[_title(payload)] = _object(payload, definitions)
    places = {
        "bridgeState": (topics.bridge_state, "online or offline; also the last will. Retained.", None),
        "bridgeInfo": (topics.bridge_info, "The service and its sensors. Retained.", "info"),
        "availability": (topics.availability("{device}"), "online or offline: the sensor. Retained.", None),
        "state": (topics.state("{device}"), "The present state of a sensor. Retained.", "state"),
        "config": (topics.config("{device}"), "What the person has set. Retained.", "config"),
        "repEvent": (topics.rep_event("{device}"), "Each event of each rep; expires after 60 s.", "rep"),
        "setEvent": (
            topics.set_event("{device}"),
            "Each finished set, each correction; expires after 7 days.",
            "set",
        ),
        "lastSet": (topics.last_set("{device}"), "The newest set. Retained.", "set"),
        "response": (
            topics.response("{device}", "{command}"),
            "The response to a command; expires after 60 s.",
            "response",
        ),
    }
    channels = {name: _channel(*place) for name, place in places.items()}
    operations = {
        f"send{name[0].upper()}{name[1:]}": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
        for name in places
    }
    for command, about in _COMMANDS.items():
        name = f"command_{command}"
        channels[name] = _channel(topics.command("{device}", command), about, "command")
        operations[f"receive_{command}"] = {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}}
    messages = {
        name: {
            "name": f"imurep.{name}/1",
            "contentType": "application/json",
            "payload": {"$ref": f"#/components/schemas/{_title(payload)}"},
        }
        for name, payload in PAYLOADS.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "imurep",
            "version": "1",
            "description": "The messages that imurep publishes, and the commands that it takes. The root of "
            "the topics, imurep, is a setting. In topics a sensor has an id of its own, see bridge/info.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {
                **messages,
                "word": {"contentType": "text/plain", "payload": {"enum": ["online", "offline"]}},
                "command": {
                    "summary": "A plain value, or an object with value, transaction and, for corrections, "
                    "set and exercise. Never retained.",
                    "payload": _COMMAND,
                },
            },
            "schemas": _moved(definitions),
        },
    }


_COMMAND = {
    "type": ["object", "string", "number", "array", "null"],
    "properties": {
        "value": {},
        "transaction": {"type": ["string", "integer"]},
        "set": {"type": "string"},
        "exercise": {"type": "string"},
    },
}


def files() -> dict[str, str]:
    """Paths below docs/reference, and the content of the files."""
    whole: dict[str, dict[str, Any]] = {
        f"schemas/{name}.json": schema(payload) for name, payload in PAYLOADS.items()
    }
    whole["asyncapi.json"] = asyncapi()
    return {path: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for path, content in whole.items()}


def _channel(address: str, about: str, message: str | None) -> dict[str, Any]:
    name = message or "word"
    channel: dict[str, Any] = {
        "address": address,
        "description": about,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
    }
    parameters = {
        "device": {"description": "Id of a sensor: lower-case letters, digits and dashes."},
        "command": {"description": "Name of the command."},
    }
    used = {key: value for key, value in parameters.items() if f"{{{key}}}" in address}
    return {**channel, "parameters": used} if used else channel


def _object(payload: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(payload, include_extras=True)
    comments = _comments(payload)
    properties = {}
    for name, hint in hints.items():
        inner = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
        properties[name] = {**_of(inner, definitions), "description": comments[name]}
    return {
        "title": _title(payload),
        "description": inspect.getdoc(payload),
        "type": "object",
        "properties": properties,
        "required": [name for name, hint in hints.items() if get_origin(hint) is not NotRequired],
    }


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 any type may be asked for
    """Schema of one type; what is an object of its own goes to ``definitions``."""
    origin, args = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        definitions[_title(hint)] = _object(hint, definitions)
        # In Draft 07 nothing may stand beside a reference.
        return {"allOf": [{"$ref": f"#/definitions/{_title(hint)}"}]}
    if origin is Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
    if origin is list:
        return {"type": "array", "items": _of(args[0], definitions)}
    if origin in (Union, UnionType):
        parts = [_of(arg, definitions) for arg in args]
        if all(part.keys() == {"type"} for part in parts):
            return {"type": [part["type"] for part in parts]}
        return {"anyOf": parts}
    return {"type": _SIMPLE[origin or hint]}


def _comments(payload: type) -> dict[str, str]:
    """The string below each key, as in the source; a TypedDict does not know its bases otherwise."""
    found: dict[str, str] = {}
    (definition,) = (
        node for node in ast.parse(inspect.getsource(payload)).body if isinstance(node, ast.ClassDef)
    )
    for base in definition.bases:
        known = vars(sys.modules[payload.__module__]).get(ast.unparse(base))
        if isinstance(known, type) and is_typeddict(known):
            found |= _comments(known)
    for key, below in pairwise(definition.body):
        if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name):
            if not (isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)):
                msg = f"{payload.__name__}.{key.target.id} has no comment"
                raise TypeError(msg)
            found[key.target.id] = " ".join(str(below.value.value).split())
    return found


def _title(payload: type) -> str:
    return payload.__name__.removesuffix("Payload").removesuffix("Fields")


def _moved(value: Any) -> Any:  # noqa: ANN401 any JSON
    """References as they are in an AsyncAPI document."""
    if isinstance(value, dict):
        return {key: _moved(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner) for inner in value]
    if isinstance(value, str):
        return value.replace("#/definitions/", "#/components/schemas/")
    return value


def main(directory: Path) -> None:
    """Write all files."""
    for path, text in files().items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
