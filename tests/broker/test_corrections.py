"""Corrections of sets by two phones, with a real broker and the whole service, over restarts."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imurep.log import FILE_NAME, Database
from imurep.log.user_data import UserData
from tests.broker.harness import watching
from tests.radio.programs import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.broker.harness import Watcher
    from tests.broker.mosquitto import Mosquitto

pytestmark = pytest.mark.asyncio

RECORDINGS = Path(__file__).parents[2] / "recordings"
SPEED = "30"
NO_RADIO = "bumble:tcp-client:127.0.0.1:9"
DEV = "imurep/sim"


@contextmanager
def counting(recording: str, mosquitto: Mosquitto, directory: Path) -> Iterator[None]:
    """A service that replays a recording, and then waits for a sensor that never comes."""
    broker = f"mqtt://127.0.0.1:{mosquitto.port}"
    replayed = f"replay:{RECORDINGS / recording}.jsonl.gz"
    with Program("tests.browser.service", SPEED, NO_RADIO, broker, directory, replayed, "ble") as service:
        yield
        assert service.stop() == 0


def objects(watcher: Watcher, topic: str) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in watcher.on(topic) if payload]


async def test_the_last_of_two_phones_wins_and_is_remembered(tmp_path: Path, mosquitto: Mosquitto) -> None:
    data = tmp_path / "data"
    async with watching(mosquitto.port) as one, watching(mosquitto.port) as other:
        with counting("good-morning", mosquitto, data):
            await one.until(lambda: bool(objects(one, f"{DEV}/last_set")))
            counted = objects(one, f"{DEV}/event/set")[-1]
            assert counted["exercise"] == "romanian_deadlift", "the more common one"
            for phone, exercise in ((one, "deadlift"), (other, "good_morning")):
                command = {"set": counted["id"], "exercise": exercise}
                phone.publish(f"{DEV}/cmd/correct_set", json.dumps(command).encode())
            await one.until(lambda: len(objects(one, f"{DEV}/response/correct_set")) == 2)
            first, last = [answer["data"] for answer in objects(one, f"{DEV}/response/correct_set")]
            assert (first["version"], last["version"]) == (1000, 1001)
            one.publish(f"{DEV}/cmd/correct_set", b'{"exercise": "good_morning", "value": 7}')
            await one.until(lambda: objects(one, f"{DEV}/last_set")[-1]["repetitions"] == 7)
        corrected = objects(one, f"{DEV}/last_set")[-1]
        assert corrected["exercise"] == "good_morning"
        assert corrected["counted_exercise"] == "romanian_deadlift"
        assert corrected["id"] == counted["id"]

        with counting("romanian-deadlift", mosquitto, data):
            await one.until(lambda: objects(one, f"{DEV}/event/set")[-1]["id"] != counted["id"])
        next_one = objects(one, f"{DEV}/event/set")[-1]
        assert next_one["exercise"] == next_one["counted_exercise"] == "good_morning", "as it was done before"

        before = len(objects(one, f"{DEV}/state"))
        with counting("good-morning", mosquitto, data):
            await one.until(
                lambda: any(state["set_running"] for state in objects(one, f"{DEV}/state")[before:])
            )
            await one.until(lambda: not objects(one, f"{DEV}/state")[-1]["set_running"])
            await asyncio.sleep(0.2)
    with Database(data / FILE_NAME, create=False) as database:
        newest = database.newest(counted["id"])
        assert newest is not None
        assert newest.payload == corrected, "counted again after a restart, it stays as it was corrected"
        assert UserData(database).recent_exercises("me")[-1] == "good_morning"
