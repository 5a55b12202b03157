"""A browser, a broker, the page's server, and a stand-in for the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.broker.mosquitto import Mosquitto
from tests.browser import chromium
from tests.browser.fake_service import FakeService
from tests.browser.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

PHONE = {"width": 390, "height": 844}
WAIT_MS = 15_000
"""For what takes no time on an idle machine."""


@pytest.fixture(autouse=True)
def _no_coverage_of_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that run for long beside a browser are not measured: other tests run the same code."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for longer than a module: Playwright's event loop runs meanwhile, and others could not."""
    with sync_playwright() as playwright:
        # Root has no sandbox in a container; the page is our own.
        browser = playwright.chromium.launch(
            executable_path=chromium.program(), args=["--no-sandbox", "--enable-features=WebBluetooth"]
        )
        yield browser
        browser.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as broker:
        yield broker


@pytest.fixture
def url(broker: Mosquitto) -> Iterator[str]:
    with served(broker.port) as url:
        yield url


@pytest.fixture
def service(broker: Mosquitto) -> Iterator[FakeService]:
    with FakeService(broker.port) as service:
        yield service


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, color_scheme="dark", has_touch=True)  # type: ignore[arg-type] # its own TypedDict
    context.set_default_timeout(WAIT_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, url: str) -> Iterator[Page]:
    """The page, opened. In the end it has requested nothing from another origin and raised no error."""
    requested: set[str] = set()
    errors: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: requested.add(request.url))
    page.on("websocket", lambda socket: requested.add(socket.url.replace("ws", "http", 1)))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security" in line.text else None)
    page.goto(url)
    expect(page.locator("body[data-link=online]")).to_be_attached()
    yield page
    assert {one for one in requested if not one.startswith(url)} == set()
    assert errors == []
