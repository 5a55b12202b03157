"""Who may read and command: passwords, rights, and a broker of the old protocol."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from imurep.service.demo_broker import find_mosquitto, free_port
from imurep.web.certificate import self_signed, tls_context
from tests.broker.mosquitto import Mosquitto
from tests.browser.fake_service import FakeService
from tests.browser.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

ANN = ("ann", "s3cret-für-Ann")
EVE = ("eve", "other")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that asks for names; of the two that it knows, eve may read nothing of imurep's."""
    passwords, rights = tmp_path / "passwords", tmp_path / "rights"
    passwords.touch(mode=0o600)
    rights.write_text("user ann\ntopic readwrite imurep/#\nuser eve\ntopic read other/#\n", encoding="utf-8")
    more = f"allow_anonymous false\npassword_file {passwords}\nacl_file {rights}\n"
    broker = Mosquitto(tmp_path, more=more)
    tool = f"{find_mosquitto()}_passwd".replace("/sbin/", "/bin/")
    for name, password in (ANN, EVE):
        subprocess.run([tool, "-b", str(passwords), name, password], check=True, capture_output=True)
    with broker:
        yield broker


@pytest.fixture
def locked(context: BrowserContext, guarded: Mosquitto) -> Iterator[Page]:
    with served(guarded.port) as url:
        page = context.new_page()
        page.goto(url)
        yield page


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").tap()


def test_without_a_password_nothing_is_shown(locked: Page, guarded: Mosquitto) -> None:
    with FakeService(guarded.port, user=ANN) as service:
        service.state(set_running=True, repetitions=7)
        expect(locked.get_by_role("dialog", name="Sign in")).to_be_visible()
        expect(locked.locator("#count")).to_have_text("0")
        locked.keyboard.press("Escape")
        expect(locked.get_by_role("dialog", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_shown_at_once_and_the_right_one_opens(locked: Page, guarded: Mosquitto) -> None:
    with FakeService(guarded.port, user=ANN) as service:
        service.state(set_running=True, repetitions=7)
        sign_in(locked, "ann", "guess")
        expect(locked.get_by_role("alert").filter(has_text="Wrong name or password")).to_be_visible()
        sign_in(locked, *ANN)
        expect(locked.get_by_role("dialog")).to_be_hidden()
        expect(locked.locator("#count")).to_have_text("7")
        locked.reload()  # nothing was kept, since nobody asked for it
        expect(locked.get_by_role("dialog", name="Sign in")).to_be_visible()


def test_who_wants_to_stay_signed_in_does_until_signing_out(locked: Page) -> None:
    locked.get_by_label("Stay signed in").check()
    sign_in(locked, *ANN)
    expect(locked.locator("body[data-link=online]")).to_be_attached()
    locked.reload()
    expect(locked.locator("body[data-link=online]")).to_be_attached()
    locked.locator("#open-plan").tap()
    locked.get_by_role("button", name="Sign out").tap()
    expect(locked.get_by_role("dialog", name="Sign in")).to_be_visible()


def test_the_same_over_tls(browser: Browser, guarded: Mosquitto, tmp_path: Path) -> None:
    made = self_signed(tmp_path, {"localhost"}, datetime.now(UTC))
    context = browser.new_context(ignore_https_errors=True, has_touch=True)
    with served(guarded.port, tls_context(*made)) as url, FakeService(guarded.port, user=ANN) as service:
        service.state(set_running=True, repetitions=7)
        page = context.new_page()
        page.goto(url)
        sign_in(page, "ann", "guess")
        expect(page.locator("#login-wrong")).to_have_text("Wrong name or password.")
        expect(page.locator("#count")).to_have_text("0")
        sign_in(page, *ANN)
        expect(page.locator("#count")).to_have_text("7")
        context.close()


def test_who_may_read_nothing_sees_nothing(locked: Page) -> None:
    sign_in(locked, *EVE)
    expect(locked.locator("#count")).to_have_text("0")
    expect(locked.locator("#sensor-name")).to_have_text("No sensor yet")


def test_a_broker_that_only_knows_the_old_protocol(context: BrowserContext) -> None:
    pytest.importorskip("amqtt")
    port = free_port()
    command = [sys.executable, "-m", "tests.browser.amqtt", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as broker, served(port) as url:
        assert broker.stdout is not None
        assert broker.stdout.readline() == "ready\n"
        page = context.new_page()
        page.goto(url)
        expect(page.locator("body[data-link=online]")).to_be_attached()
        with FakeService(port) as service:
            service.state(set_running=True, repetitions=3)
            expect(page.locator("#count")).to_have_text("3")
            page.get_by_role("button", name="Finish set").tap()
            expect(page.locator("#toast")).to_have_text("Set finished ✓")
        page.close()
        broker.kill()
