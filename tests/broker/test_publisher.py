"""What a real broker gets to hear."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import TYPE_CHECKING

import pytest

from imurep.mqtt.outbox import WINDOW
from tests.broker.harness import standing, watching
from tests.broker.sets import started

if TYPE_CHECKING:
    from pathlib import Path

    from tests.broker.mosquitto import Mosquitto

pytestmark = pytest.mark.asyncio

BRIDGE = "imurep/bridge/state"
DEV = "imurep/back-strap"


async def test_all_is_announced_in_order_and_the_bridge_comes_last(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port):
        await watcher.until(lambda: bool(watcher.on(BRIDGE)))
        topics = [topic for topic, _, _ in watcher.received]
    first_round = topics[: topics.index(BRIDGE) + 1]
    discovery = [topic for topic in first_round if topic.startswith("homeassistant/")]
    assert "homeassistant/device/imurep_back-strap/config" in discovery
    assert first_round[len(discovery) :] == [
        f"{DEV}/config",
        f"{DEV}/state",
        f"{DEV}/availability",
        "imurep/bridge/info",
        BRIDGE,
    ]


async def test_a_clean_end_ends_the_session_and_a_late_joiner_knows_it(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    async with watching(mosquitto.port) as watcher:
        async with standing(tmp_path, mosquitto.port) as harness:
            await harness.connected()
            harness.set_done(1)
        await watcher.until(lambda: watcher.on(BRIDGE)[-1:] == [b"offline"])
        assert watcher.sets() == [("session-000001", 1)]
        assert watcher.on(f"{DEV}/availability")[-1] == b"offline"
        assert [topic for topic, _, _ in watcher.received][-1] == BRIDGE
    async with watching(mosquitto.port) as late:
        await late.until(lambda: bool(late.on(BRIDGE)))
        assert late.on(BRIDGE) == [b"offline"]
        await late.until(lambda: bool(late.on(f"{DEV}/last_set")))
        assert json.loads(late.on(f"{DEV}/last_set")[0])["id"] == "session-000001"
        assert late.sets() == []  # an event is over


async def test_sets_wait_for_the_broker_and_come_in_order(tmp_path: Path, mosquitto: Mosquitto) -> None:
    many = 3 * WINDOW
    mosquitto.end(signal.SIGTERM)
    async with standing(tmp_path, mosquitto.port) as harness:
        for number in range(many):
            harness.set_done(number)
        harness.rep_done(1)  # nobody listens
        mosquitto.start()
        async with watching(mosquitto.port) as watcher:
            await watcher.until(lambda: (f"session-{many - 1:06d}", 1) in watcher.sets())
            firsts = list(dict.fromkeys(watcher.sets()))
        assert firsts[-5:] == [(f"session-{number:06d}", 1) for number in range(many - 5, many)]
        assert firsts == sorted(firsts)
        assert watcher.on(f"{DEV}/event/rep") == []


async def test_reps_are_published_as_they_happen_and_the_state_less_often(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    many = 40
    async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port) as harness:
        await harness.connected()
        await watcher.until(lambda: bool(watcher.on(f"{DEV}/state")))
        before = len(watcher.on(f"{DEV}/state"))
        for number in range(many):
            harness.rep_done(number)
            await asyncio.sleep(0)
        await watcher.until(lambda: len(watcher.on(f"{DEV}/event/rep")) == many)
        await watcher.until(lambda: json.loads(watcher.on(f"{DEV}/state")[-1])["repetitions"] == many)
        assert len(watcher.on(f"{DEV}/state")) - before <= 4
    numbers = [json.loads(one)["number"] for one in watcher.on(f"{DEV}/event/rep")]
    assert numbers == list(range(1, many + 1))


async def test_a_sensor_that_comes_later_is_announced(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port) as harness:
        await harness.connected()
        harness.found("chest")
        await watcher.until(lambda: bool(watcher.on("imurep/chest/availability")))
        await watcher.until(lambda: bool(watcher.on("homeassistant/device/imurep_chest/config")))


async def test_its_own_stale_will_is_put_right(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port) as harness:
        await harness.connected()
        await watcher.until(lambda: watcher.on(BRIDGE) == [b"online"])
        watcher.publish(BRIDGE, b"offline", retain=True)
        await watcher.until(lambda: watcher.on(BRIDGE) == [b"online", b"offline", b"online"])


async def test_home_assistants_birth_is_answered_with_everything(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    discovery = "homeassistant/device/imurep_back-strap/config"
    async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port) as harness:
        await harness.connected()
        await watcher.until(lambda: len(watcher.on(BRIDGE)) == 1)
        watcher.publish("homeassistant/status", b"online")
        await watcher.until(lambda: len(watcher.on(discovery)) == 2 and len(watcher.on(BRIDGE)) == 2)


async def test_commands_are_answered_unless_they_were_retained(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with watching(mosquitto.port) as watcher:
        watcher.publish(f"{DEV}/cmd/load_kg", b"old", retain=True)
        await watcher.until(lambda: bool(watcher.on(f"{DEV}/cmd/load_kg")))
        async with standing(tmp_path, mosquitto.port) as harness:
            await harness.connected()
            watcher.publish(f"{DEV}/cmd/load_kg", b"fail")
            watcher.publish(f"{DEV}/cmd/load_kg", b"\xff\xfe")
            await watcher.until(lambda: bool(watcher.on(f"{DEV}/response/echo")))
            assert watcher.on(f"{DEV}/response/echo") == [b"\xff\xfe"]
            assert [one.payload for one in harness.commands.asked] == [b"fail", b"\xff\xfe"]


async def test_sets_are_sent_once_more_on_request_new_ones_first(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port) as harness:
        await harness.connected()
        for number in range(4):
            harness.set_done(number)
        harness.set_done(2, version=2)
        await watcher.until(lambda: len(watcher.sets()) == 5)
        assert await harness.publisher.outbox.replay(started(1)) == 3
        harness.set_done(9)
        await watcher.until(lambda: len(watcher.sets()) == 9)
        again = [json.loads(one) for one in watcher.on(f"{DEV}/event/set")][5:]
    assert sorted((one["id"][-1], one["version"], one["replay"]) for one in again) == [
        ("1", 1, True),
        ("2", 2, True),
        ("3", 1, True),
        ("9", 1, False),
    ]


async def test_a_problem_of_the_disk_is_reported_and_sets_come_all_the_same(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    def problem() -> str:
        return str(json.loads(watcher.on("imurep/bridge/info")[-1])["problem"])

    async with watching(mosquitto.port) as watcher:
        async with standing(tmp_path, mosquitto.port) as harness:
            await harness.connected()
            await harness.log.ask(lambda database: database._connection.execute("PRAGMA query_only = ON"))
            harness.set_done(1)
            await watcher.until(lambda: watcher.sets() == [("session-000001", 1)])
            await watcher.until(lambda: "cannot be written" in problem())
            await harness.log.ask(lambda database: database._connection.execute("PRAGMA query_only = OFF"))
            await watcher.until(lambda: problem() == "")
        assert watcher.sets() == [("session-000001", 1)]


async def test_the_broker_reports_offline_when_the_service_is_gone(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port) as harness:
        await harness.connected()
        connection = harness.publisher._connection
        assert connection is not None
        await watcher.until(lambda: watcher.on(BRIDGE) == [b"online"])
        connection._abort("test")  # without a word, as a killed process would
        await watcher.until(lambda: b"offline" in watcher.on(BRIDGE))


async def test_raw_topics_lead_to_the_sources_and_back(tmp_path: Path, mosquitto: Mosquitto) -> None:
    received: list[tuple[str, bytes]] = []
    async with watching(mosquitto.port) as watcher, standing(tmp_path, mosquitto.port) as harness:
        harness.relay_transport.listen(lambda dev, payload: received.append((dev, payload)))
        await harness.connected()
        watcher.publish("imurep/imu-3fa9/raw/up", b"a record")
        watcher.publish("imurep/imu-3fa9/cmd/identify", b"a command")
        await watcher.until(lambda: bool(watcher.on("imurep/back-strap/response/echo")))
        assert received == [("imu-3fa9", b"a record")]
        harness.relay_transport.send("imu-3fa9", b"an answer")
        await watcher.until(lambda: watcher.on("imurep/imu-3fa9/raw/down") == [b"an answer"])
