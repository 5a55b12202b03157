"""The files in docs/reference are what the types say, and what is published fits them.

``asyncapi-3.0.0.json.gz`` is ``schemas/3.0.0-without-$id.json`` of the npm package
@asyncapi/specs 6.11.1, unchanged (Apache-2.0: ``asyncapi-LICENSE``, ``asyncapi-NOTICE``).
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from docs.generate.schemas import PAYLOADS, asyncapi, files, schema
from imurep.mqtt import commands
from imurep.mqtt.topics import Topics
from tests.mqtt.workout import announce_workout, announcer, finished, workout_events

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def validator(name: str) -> Any:  # noqa: ANN401 the library comes without types
    return jsonschema.Draft7Validator(schema(PAYLOADS[name]))


def test_the_files_are_current() -> None:
    for path, text in files().items():
        assert (REFERENCE / path).read_text(encoding="utf-8") == text, "run `make schemas`"
    assert {path.name for path in (REFERENCE / "schemas").iterdir()} == {f"{name}.json" for name in PAYLOADS}


def test_the_schemas_are_schemas() -> None:
    for payload in PAYLOADS.values():
        jsonschema.Draft7Validator.check_schema(schema(payload))


def test_the_asyncapi_document_is_one() -> None:
    of_asyncapi = json.loads(gzip.decompress((Path(__file__).parent / "asyncapi-3.0.0.json.gz").read_bytes()))
    judge = jsonschema.Draft7Validator(of_asyncapi)
    document = asyncapi()
    assert not list(judge.iter_errors(document))
    document["channels"]["state"]["adress"] = "x"
    assert list(judge.iter_errors(document)), "a typo is found"


def test_all_its_references_lead_somewhere() -> None:
    document = asyncapi()
    for reference in references(document):
        at: Any = document
        for part in reference.removeprefix("#/").split("/"):
            at = at[part]
        assert at


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_what_is_published_fits_its_schema(tmp_path: Path) -> None:
    state_announcer = announcer(tmp_path)
    checked: dict[str, int] = dict.fromkeys(PAYLOADS, 0)
    checked.pop("response")
    announce_workout(state_announcer)
    payloads = [
        *state_announcer.announcement(),
        state_announcer.info("the disk is full"),
        *(message for one in workout_events() for message in state_announcer.live(one)),
    ]
    for message in payloads:
        if message.schema is not None:
            name = message.schema.removeprefix("imurep.").removesuffix("/1")
            validator(name).validate(json.loads(message.payload))
            checked[name] += 1
    assert all(checked.values()), checked


@pytest.mark.parametrize("key", ["repetitions", "started", "reps"])
def test_a_payload_that_lacks_something_does_not(key: str, tmp_path: Path) -> None:
    payload: dict[str, Any] = {**announcer(tmp_path).set_payload(finished()[0])}
    del payload[key]
    assert not validator("set").is_valid(payload)


def test_every_example_in_the_docs_fits() -> None:
    text = (REFERENCE / "mqtt.md").read_text(encoding="utf-8")
    seen = set()
    for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL):
        example = json.loads(block)
        name = example["schema"].removeprefix("imurep.").removesuffix("/1")
        validator(name).validate(example)
        seen.add(name)
    assert seen == set(PAYLOADS)


def test_the_examples_in_the_docs_are_what_a_recording_gives(tmp_path: Path) -> None:
    text = (REFERENCE / "mqtt.md").read_text(encoding="utf-8")
    for example in examples(tmp_path):
        block = f"```json\n{json.dumps(example, indent=2, ensure_ascii=False)}\n```"
        assert block in text, f"in mqtt.md put\n{block}"


def examples(directory: Path) -> Iterator[dict[str, Any]]:
    """What was told of the workout: all payloads but responses, the set cut short."""
    state_announcer = announcer(directory)
    reps = []
    for one in workout_events():
        state_announcer.event(one)
        reps += [json.loads(message.payload) for message in state_announcer.live(one)]
    announce_workout(state_announcer)
    yield next(rep for rep in reps if rep["number"] == 6 and rep["top_hold_s"] is not None)
    yield json.loads(state_announcer.info("").payload)
    for message in state_announcer.announcement():
        if message.schema is not None:
            example = json.loads(message.payload)
            if "reps" in example:
                example["reps"], example["form"]["reps"] = example["reps"][:1], example["form"]["reps"][:1]
            yield example


def test_every_command_and_topic_is_in_the_docs_and_in_the_document(tmp_path: Path) -> None:
    text = (REFERENCE / "mqtt.md").read_text(encoding="utf-8")
    channels = {channel["address"] for channel in asyncapi()["channels"].values()}
    for name in commands.NAMES:
        assert f"`{name}`" in text
        assert Topics().command("{device}", name) in channels
    assert len(channels) == len(commands.NAMES) + 9
    assert announcer(tmp_path).topics == Topics()
