"""The relay from end to end: sensor, radio, org.bluez, Chromium, page, broker, service. Page and browser are unmodified."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.bluez.bus import private_bus
from tests.browser.conftest import PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from tests.broker.mosquitto import Mosquitto

REPS = 3
WORKOUT = (
    *("--exercise", "back_extension_45", "--sets", f"1x{REPS}", "--tempo", "2-1-1-2"),
    *("--no-variation", "--cut-after", "25"),
)
OUTAGE_S = 8
PATIENCE_MS = 120_000


@contextmanager
def program(*command: str, ready: str = "", **environment: str) -> Iterator[str]:
    """Run a program of ours; gives the line in which it says that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdout is not None
    try:
        yield next((line for line in process.stdout if ready in line), "").strip()
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[tuple[BrowserContext, str, str]]:
    """A browser whose Bluetooth is simulated, the sensor's transport, and where the service keeps things."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    with ExitStack() as stack:
        bus = stack.enter_context(private_bus(tmp_path))
        said = stack.enter_context(program("firmware_sim", "serve", *WORKOUT, ready="ready"))
        transport = said.removeprefix("ready ")
        stack.enter_context(
            program("tests.bluez", transport, ready="ready", DBUS_SYSTEM_BUS_ADDRESS=bus)
        )
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--enable-features=WebBluetooth"],
            env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus},
        )
        stack.callback(browser.close)
        context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type] # its own TypedDict
        yield context, transport, str(tmp_path / "data")


def choose(page: Page) -> None:
    """Press the button, and choose the sensor in the browser's list as a person would, once."""
    session = page.context.new_cdp_session(page)
    chosen: list[str] = []

    def prompted(event: dict[str, object]) -> None:
        devices = event["devices"]
        if devices and not chosen:  # answered twice, the browser ends
            assert isinstance(devices, list)
            chosen.append(devices[0]["name"])
            session.send("DeviceAccess.selectPrompt", {"id": event["id"], "deviceId": devices[0]["id"]})

    session.on("DeviceAccess.deviceRequestPrompted", prompted)
    session.send("DeviceAccess.enable")
    page.locator("#open-plan").click()
    page.get_by_role("button", name="Use a sensor on this phone").click()
    expect(page.locator("#relay-words")).to_contain_text("connected", timeout=PATIENCE_MS)
    page.locator("#close-plan").click()
    assert chosen == ["IMU-SIM"]


def test_a_whole_set_through_the_phone_with_an_outage_in_it(
    phone: tuple[BrowserContext, str, str], broker: Mosquitto
) -> None:
    context, _, directory = phone
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda said: print("console", said.text))
    command = ("tests.browser.service", "1", "platform", f"mqtt://127.0.0.1:{broker.port}", directory, "relay")
    with program(*command, ready="page for the phone") as said:
        page.goto(said.split()[-1])
        expect(page.locator("body[data-link=online]")).to_be_attached()
        choose(page)
        expect(page.locator("body[data-mode=ready]")).to_be_attached(timeout=PATIENCE_MS)
        expect(page.locator("#count")).to_have_text("1", timeout=PATIENCE_MS)
        broker.end(9)
        expect(page.locator("#notice")).to_contain_text("No connection")
        page.wait_for_timeout(OUTAGE_S * 1000)
        broker.start()
        expect(page.locator("#done-title")).to_have_text(f"Set done: {REPS} reps", timeout=PATIENCE_MS)
    assert broken == []
