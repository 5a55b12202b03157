"""The relay from end to end: sensor, radio, org.bluez, Chromium, page, broker, service.

Page and browser are unmodified. At the speed of the world: the phone's clock and
the service's go equally fast.
"""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from imurep.model import LinkEvent, Notification
from imurep.recording import open_recording
from tests.bluez.bus import private_bus
from tests.browser.conftest import PHONE
from tests.radio.programs import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from tests.broker.mosquitto import Mosquitto

REPS = 3
WORKOUT = (
    *("--exercise", "back_extension_45", "--sets", f"1x{REPS}", "--tempo", "2-1-1-2"),
    *("--no-variation", "--no-lead-in"),
)
OUTAGE_S = 8
PATIENCE_MS = 90_000


@pytest.fixture
def context(tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser on a machine with Bluetooth, and a sensor in reach."""
    chromium = shutil.which("chromium")
    if chromium is None:
        why = "needs chromium, which is not installed (apt install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with ExitStack() as stack:
        bus = stack.enter_context(private_bus(tmp_path))
        sensor = stack.enter_context(Program("firmware_sim", "serve", *WORKOUT))
        bluez = Program("tests.bluez", sensor.word("ready"), DBUS_SYSTEM_BUS_ADDRESS=bus)
        stack.enter_context(bluez).line(0)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--enable-features=WebBluetooth"],
            env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus},
        )
        stack.callback(browser.close)
        yield browser.new_context(viewport=PHONE)  # type: ignore[arg-type] # its own TypedDict


def choose(page: Page) -> None:
    """Press the button, and choose the sensor in the browser's list as a person would."""
    session = page.context.new_cdp_session(page)
    chosen: list[str] = []

    def prompted(event: dict[str, object]) -> None:
        devices = event["devices"]
        assert isinstance(devices, list)
        if devices and not chosen:  # answered twice, the browser ends
            chosen.append(devices[0]["name"])
            session.send("DeviceAccess.selectPrompt", {"id": event["id"], "deviceId": devices[0]["id"]})

    session.on("DeviceAccess.deviceRequestPrompted", prompted)
    session.send("DeviceAccess.enable")
    page.locator("#open-plan").click()
    page.get_by_role("button", name="Use a sensor on this phone").click()
    expect(page.locator("#relay-words")).to_contain_text("connected", timeout=PATIENCE_MS)
    page.locator("#close-plan").click()
    assert chosen == ["IMU-SIM"]


@contextmanager
def relaying(broker: Mosquitto, data: Path) -> Iterator[str]:
    """A service that wants a phone to hold the sensor; gives the page's address."""
    url = f"mqtt://127.0.0.1:{broker.port}"
    with Program("tests.browser.service", 1, "platform", url, data, "relay") as service:
        yield service.word("page for the phone:")
        service.stop()


def opened(context: BrowserContext, url: str, broken: list[str]) -> Page:
    page = context.new_page()
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(url)
    expect(page.locator("body[data-link=online]")).to_be_attached()
    return page


def kept(data: Path) -> tuple[list[bool], list[Notification]]:
    """What the service kept: ups and downs of the link, and packets of samples."""
    (recording,) = data.glob("*.jsonl")
    items = list(open_recording(recording))
    links = [item.up for item in items if isinstance(item, LinkEvent)]
    return links, [item for item in items if isinstance(item, Notification) and item.channel == "data"]


def samples(packets: list[Notification]) -> list[int]:
    """Indices of all samples, as they came."""
    firsts = [int.from_bytes(packet.payload[8:12], "little") for packet in packets]
    sizes = [packet.payload[6] for packet in packets]
    return [first + k for first, size in zip(firsts, sizes, strict=True) for k in range(size)]


def test_a_whole_set_through_the_phone_with_an_outage_in_it(
    context: BrowserContext, broker: Mosquitto, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    broken: list[str] = []
    with relaying(broker, data) as url:
        page = opened(context, url, broken)
        choose(page)
        expect(page.locator("#count")).to_have_text("1", timeout=PATIENCE_MS)
        broker.end(signal.SIGKILL)
        expect(page.locator("#notice")).to_contain_text("No connection")
        page.wait_for_timeout(OUTAGE_S * 1000)
        broker.start()
        expect(page.locator("#done-title")).to_have_text(f"Set done: {REPS} reps", timeout=PATIENCE_MS)
    assert broken == []
    links, packets = kept(data)
    assert links == [True, False]
    indices = samples(packets)
    assert indices == list(range(indices[0], indices[-1] + 1))
    waits_us = [after.arrival_us - before.arrival_us for before, after in pairwise(packets)]
    assert max(waits_us) < 2_000_000  # what was buffered has the times at which the phone got it


def test_a_page_that_is_opened_anew_during_an_outage_sends_what_it_had_kept(
    context: BrowserContext, broker: Mosquitto, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    broken: list[str] = []
    with relaying(broker, data) as url:
        page = opened(context, url, broken)
        choose(page)
        expect(page.locator("#count")).to_have_text("1", timeout=PATIENCE_MS)
        broker.end(signal.SIGKILL)
        page.wait_for_timeout(OUTAGE_S * 500)
        page.reload()
        broker.start()
        expect(page.locator("body[data-link=online]")).to_be_attached()
        choose(page)
        expect(page.locator("#done-title")).to_have_text(f"Set done: {REPS} reps", timeout=PATIENCE_MS)
    assert broken == []
    links, packets = kept(data)
    assert links == [True, False, True, False]
    indices = samples(packets)
    assert sorted(indices) == list(range(indices[0], max(indices) + 1))  # none twice, none missing
