"""Who may see and say what: passwords, rights, and a broker of the old protocol."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from imurep.mqtt.broker import find_mosquitto
from tests.broker.mosquitto import Mosquitto
from tests.browser.serving import served, served_with_amqtt
from tests.browser.teller import Teller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

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
    with Teller(guarded.port, user=ANN) as service:
        service.state(set_running=True, repetitions=7)
        expect(locked.get_by_role("dialog", name="Sign in")).to_be_visible()
        expect(locked.locator("#count")).to_have_text("0")
        locked.keyboard.press("Escape")
        expect(locked.get_by_role("dialog", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_said_at_once_and_the_right_one_opens(locked: Page, guarded: Mosquitto) -> None:
    with Teller(guarded.port, user=ANN) as service:
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


def test_a_broker_that_only_knows_the_old_protocol(context: BrowserContext) -> None:
    pytest.importorskip("amqtt")
    with served_with_amqtt() as (url, port):
        page = context.new_page()
        page.goto(url)
        expect(page.locator("body[data-link=online]")).to_be_attached()
        with Teller(port) as service:
            service.state(set_running=True, repetitions=3)
            expect(page.locator("#count")).to_have_text("3")
            page.get_by_role("button", name="Finish set").tap()
            expect(page.locator("#toast")).to_have_text("Set finished ✓")
        page.close()
