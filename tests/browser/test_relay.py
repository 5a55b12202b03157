"""The relay from end to end: what a person at the gym counts on."""

from __future__ import annotations

import signal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.multi_sensor_env import PATIENCE_MS, Gym, numbers, workout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.broker.mosquitto import Mosquitto

SPEED = 4
REPS = 4
MORE_REPS = 7
LONG_REPS = 12
"""So that the set goes on after the outage."""
OUTAGE_S = 60

LOCKS = """window.locks = [];
const ask = navigator.wakeLock.request.bind(navigator.wakeLock);
navigator.wakeLock.request = async (kind) => {
  const lock = await ask(kind);
  locks.push(lock);
  return lock;
};"""
"""Keeps each wake lock that the page gets."""


@pytest.fixture
def gym(broker: Mosquitto, tmp_path: Path) -> Iterator[Gym]:
    """One in which time goes fast."""
    with Gym(tmp_path, broker.port, SPEED) as gym:
        yield gym
        assert gym.broken == []


def test_a_minute_without_network_amid_a_set(broker: Mosquitto, tmp_path: Path) -> None:
    """At the speed of the world: the page's code and all it runs on are what people have."""
    with Gym(tmp_path, broker.port) as gym:
        gym.serve()
        gym.sensor(*workout(LONG_REPS))
        phone = gym.phone(gym.machine())
        phone.take()
        phone.counts(1)
        broker.end(signal.SIGKILL)
        expect(phone.page.locator("#notice")).to_contain_text("No connection")
        phone.page.wait_for_timeout(OUTAGE_S * 1000)
        broker.start()
        phone.has_done(LONG_REPS)
        gym.close()
        assert gym.broken == []
        links, packets = gym.kept()
    assert links == [True, False]
    sent = numbers(packets)
    assert sent == list(range(sent[0], sent[-1] + 1))
    waits_us = [after.arrival_us - before.arrival_us for before, after in pairwise(packets)]
    assert max(waits_us) < 2_000_000  # what was buffered has the times at which the phone got it


def test_a_page_that_is_opened_anew_during_an_outage_sends_what_it_had_kept(
    gym: Gym, broker: Mosquitto
) -> None:
    gym.serve()
    gym.sensor(*workout(REPS))
    phone = gym.phone(gym.machine())
    phone.take()
    phone.counts(1)
    broker.end(signal.SIGKILL)
    expect(phone.page.locator("#relay-words")).to_contain_text("kept and sent later")
    phone.page.reload()
    broker.start()
    expect(phone.page.locator("body[data-link=online]")).to_be_attached()
    phone.take()
    phone.has_done(REPS)
    gym.close()
    links, packets = gym.kept()
    assert links == [True, False, True, False]
    sent = sorted(numbers(packets))
    assert sent == list(range(sent[0], sent[-1] + 1))  # none twice, none missing


def test_a_sensor_out_of_the_phones_reach_amid_a_set(gym: Gym) -> None:
    gym.serve()
    gym.sensor(*workout(REPS), "--away", "mid:8")
    phone = gym.phone(gym.machine())
    phone.take()
    expect(phone.page.locator("#sensor-link")).to_have_text("out of reach", timeout=PATIENCE_MS)
    expect(phone.page.locator("#notice")).to_contain_text("out of reach")
    expect(phone.page.locator("#relay-words")).to_have_text("IMU-SIM: connecting …")
    expect(phone.page.locator("#sensor-link")).to_have_text("connected", timeout=PATIENCE_MS)
    expect(phone.page.locator("#notice")).to_be_hidden()
    phone.has_done(REPS)
    gym.close()
    links, packets = gym.kept()
    assert links == [True, False, True, False]
    sent = sorted(numbers(packets))
    assert sent == list(range(sent[0], sent[-1] + 1))  # what was missed has been sent again


def test_a_page_that_is_hidden_and_then_stopped_by_the_phone_amid_a_set(gym: Gym) -> None:
    gym.serve()
    gym.sensor(*workout(MORE_REPS))
    machine = gym.machine()
    machine.contexts[0].add_init_script(LOCKS)
    phone = gym.phone(machine, alone=True)
    watching = gym.phone(machine)
    phone.take()
    phone.counts(1)
    phone.page.wait_for_function("() => locks.length == 1 && !locks[0].released")
    phone.hide()
    phone.page.wait_for_function("() => locks[0].released")
    watching.counts(3)  # behind another page it goes on
    phone.freeze()
    expect(watching.page.locator("#notice")).to_contain_text(
        "no connection to the phone", timeout=PATIENCE_MS
    )
    phone.thaw()
    phone.page.bring_to_front()
    expect(watching.page.locator("#notice")).to_be_hidden()
    phone.page.wait_for_function("() => !locks.at(-1).released")
    phone.has_done(MORE_REPS)
    watching.has_done(MORE_REPS)
    gym.close()
    links, packets = gym.kept()
    assert links == [True, False]
    sent = numbers(packets)
    assert sent == list(range(sent[0], sent[-1] + 1))


def test_two_phones_and_one_sensor(gym: Gym) -> None:
    gym.serve()
    gym.sensor(*workout(MORE_REPS))
    first, second = gym.phone(gym.machine()), gym.phone(gym.machine())
    first.take()
    second.counts(2)
    first.counts(2)
    second.page.locator("#open-plan").click()
    second.page.get_by_role("button", name="Target reps: more").click()
    expect(first.page.locator("#of")).to_have_text("of 1")
    second.page.locator("#close-plan").click()
    prompt = second.look_for()
    second.counts(4)
    assert prompt.seen == set()  # who is connected does not advertise
    first.page.close()
    second.connected()
    expect(second.page.locator("#sensor-link")).to_have_text("connected", timeout=PATIENCE_MS)
    expect(second.page.locator("#done-title")).to_contain_text("Set done", timeout=PATIENCE_MS)
    gym.close()


def test_sensors_of_other_makers_on_several_phones_at_once(gym: Gym) -> None:
    worn = {
        "Polar H10 00000001": ("h10", 6),
        "Polar Sense 00000001": ("verity", 5),
        "Movesense 000000000001": ("movesense", 4),
        "WT901BLE67": ("wt901", 3),
    }
    gym.serve(len(worn))
    for kind, reps in worn.values():
        gym.sensor("--kind", kind, *workout(reps, lead_in=True))  # what these miss they never send
    machine = gym.machine()
    phones = {name: gym.phone(machine) for name in worn}
    for name, phone in phones.items():
        phone.take(name)
    for name, (_, reps) in worn.items():
        phones[name].has_done(reps)  # each shows its own, whatever the others do
    gym.close()
