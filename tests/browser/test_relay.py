"""The relay from end to end: what a person at the gym counts on."""

from __future__ import annotations

import signal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.multi_sensor_env import TIMEOUT_MS, MultiSensorEnv, sample_numbers, workout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.broker.mosquitto import Mosquitto

SPEED = 4
REPS = 4
MORE_REPS = 7
LONG_REPS = 12
"""Enough for the set to outlast the outage."""
OUTAGE_S = 60

LOCKS = """window.locks = [];
const ask = navigator.wakeLock.request.bind(navigator.wakeLock);
navigator.wakeLock.request = async (kind) => {
  const lock = await ask(kind);
  locks.push(lock);
  return lock;
};"""
"""Keeps each wake lock that the page gets."""

SLOW_STORAGE = """const open = indexedDB.open.bind(indexedDB);
indexedDB.open = (...named) => {
  const asked = {};
  setTimeout(() => {
    const request = open(...named);
    request.onsuccess = () => asked.onsuccess(asked.result = request.result);
  }, 8000);
  return asked;
};"""
"""Reading takes 8 s, so that the sensor is chosen before the page has read what it had kept."""


@pytest.fixture
def env(request: pytest.FixtureRequest, broker: Mosquitto, tmp_path: Path) -> Iterator[MultiSensorEnv]:
    """An environment in which time runs faster: as a parameter says, or ``SPEED``."""
    with MultiSensorEnv(tmp_path, broker.port, getattr(request, "param", SPEED)) as env:
        yield env
        assert env.page_errors == []


def test_a_minute_without_network_amid_a_set(broker: Mosquitto, tmp_path: Path) -> None:
    """In real time: the page's code and all it runs on are what people have."""
    with MultiSensorEnv(tmp_path, broker.port) as env:
        env.start_service()
        env.add_sensor(*workout(LONG_REPS))
        phone = env.open_page(env.add_machine())
        phone.connect_sensor()
        phone.wait_for_count(1)
        broker.end(signal.SIGKILL)
        expect(phone.page.locator("#notice")).to_contain_text("No connection")
        phone.page.wait_for_timeout(OUTAGE_S * 1000)
        broker.start()
        phone.wait_for_set(LONG_REPS)
        env.stop_service()
        assert env.page_errors == []
        links, packets = env.recorded()
    assert links == [True, False]
    sent = sample_numbers(packets)
    assert sent == list(range(sent[0], sent[-1] + 1))
    waits_us = [after.arrival_us - before.arrival_us for before, after in pairwise(packets)]
    assert max(waits_us) < 2_000_000  # what was buffered has the times at which the phone got it


def test_a_page_that_is_opened_anew_during_an_outage_sends_what_it_had_kept(
    env: MultiSensorEnv, broker: Mosquitto
) -> None:
    env.start_service()
    env.add_sensor(*workout(REPS))
    phone = env.open_page(env.add_machine())
    phone.connect_sensor()
    phone.wait_for_count(1)
    broker.end(signal.SIGKILL)
    expect(phone.page.locator("#relay-words")).to_contain_text("kept and sent later")
    phone.page.add_init_script(SLOW_STORAGE)
    phone.page.reload()
    broker.start()
    expect(phone.page.locator("body[data-link=online]")).to_be_attached()
    phone.connect_sensor()
    phone.wait_for_set(REPS)
    env.stop_service()
    links, packets = env.recorded()
    assert links == [True, False, True, False]
    sent = sorted(sample_numbers(packets))
    assert sent == list(range(sent[0], sent[-1] + 1))  # none twice, none missing


def test_a_sensor_out_of_the_phones_reach_amid_a_set(env: MultiSensorEnv) -> None:
    env.start_service()
    env.add_sensor(*workout(REPS), "--away", "mid:8")
    phone = env.open_page(env.add_machine())
    phone.connect_sensor()
    expect(phone.page.locator("#sensor-link")).to_have_text("out of reach", timeout=TIMEOUT_MS)
    expect(phone.page.locator("#notice")).to_contain_text("out of reach")
    expect(phone.page.locator("#relay-words")).to_have_text("IMU-SIM: connecting …")
    expect(phone.page.locator("#sensor-link")).to_have_text("connected", timeout=TIMEOUT_MS)
    expect(phone.page.locator("#notice")).to_be_hidden()
    phone.wait_for_set(REPS)
    env.stop_service()
    links, packets = env.recorded()
    assert links == [True, False, True, False]
    sent = sorted(sample_numbers(packets))
    assert sent == list(range(sent[0], sent[-1] + 1))  # what was missed has been sent again


def test_a_page_that_is_hidden_and_then_stopped_by_the_phone_amid_a_set(env: MultiSensorEnv) -> None:
    env.start_service()
    env.add_sensor(*workout(MORE_REPS))
    machine = env.add_machine()
    machine.contexts[0].add_init_script(LOCKS)
    phone = env.open_page(machine, alone=True)
    watching = env.open_page(machine)
    phone.connect_sensor()
    phone.wait_for_count(1)
    phone.page.wait_for_function("() => locks.length == 1 && !locks[0].released")
    phone.hide()
    phone.page.wait_for_function("() => locks[0].released")
    watching.wait_for_count(3)  # it works on behind another page
    phone.freeze()
    expect(watching.page.locator("#notice")).to_contain_text("no connection to the phone", timeout=TIMEOUT_MS)
    phone.thaw()
    phone.page.bring_to_front()
    expect(watching.page.locator("#notice")).to_be_hidden()
    phone.page.wait_for_function("() => !locks.at(-1).released")
    phone.wait_for_set(MORE_REPS)
    watching.wait_for_set(MORE_REPS)
    env.stop_service()
    links, packets = env.recorded()
    assert links == [True, False]
    sent = sample_numbers(packets)
    assert sent == list(range(sent[0], sent[-1] + 1))


def test_two_phones_and_one_sensor(env: MultiSensorEnv) -> None:
    env.start_service()
    env.add_sensor(*workout(MORE_REPS))
    first, second = env.open_page(env.add_machine()), env.open_page(env.add_machine())
    first.connect_sensor()
    second.wait_for_count(2)
    first.wait_for_count(2)
    second.page.locator("#open-plan").click()
    second.page.get_by_role("button", name="Target reps: more").click()
    expect(first.page.locator("#of")).to_have_text("of 1")
    second.page.locator("#close-plan").click()
    prompt = second.request_sensor()
    second.wait_for_count(4)
    assert prompt.seen == set()  # who is connected does not advertise
    first.page.close()
    second.wait_until_connected()
    expect(second.page.locator("#sensor-link")).to_have_text("connected", timeout=TIMEOUT_MS)
    expect(second.page.locator("#done-title")).to_contain_text("Set done", timeout=TIMEOUT_MS)
    env.stop_service()


# All that a WT901 reveals of time is when its packets arrive: the faster, the later on a busy machine.
@pytest.mark.parametrize("env", [2], indirect=True)
def test_sensors_of_other_makers_on_several_phones_at_once(env: MultiSensorEnv) -> None:
    worn = {
        "Polar H10 00000001": ("h10", 6),
        "Polar Sense 00000001": ("verity", 5),
        "Movesense 000000000001": ("movesense", 4),
        "WT901BLE67": ("wt901", 3),
    }
    env.start_service(len(worn))
    for kind, reps in worn.values():
        env.add_sensor("--kind", kind, *workout(reps, lead_in=True))  # what these miss they never send
    machine = env.add_machine()
    phones = {name: env.open_page(machine) for name in worn}
    for name, phone in phones.items():
        phone.connect_sensor(name)
    for name, (_, reps) in worn.items():
        phones[name].wait_for_set(reps)  # each shows its own, whatever the others do
    env.stop_service()
