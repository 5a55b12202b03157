"""What can be seen and heard of it: pictures to look at, rules of accessibility, weight."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_page import begin, rep

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.fake_service import FakeService

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PICTURES = Path(os.environ.get("IMUREP_PICTURES", tempfile.gettempdir())) / "imurep-page"
MOST_BYTES = 300_000
SIZES = {
    "phone": (390, 844),
    "small": (320, 568),
    "lying": (844, 390),
    "tablet": (1180, 820),
    "tall": (820, 1180),
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FINGER_PX = 44
"""Of what is tapped: more than WCAG 2.2 asks (24), as much as a moving hand needs."""


def violations(page: Page) -> list[str]:
    """What axe finds, in words. Its script goes past the page's policy, as a debugger's does."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found: dict[str, Any] = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]


def small_targets(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        """least => [...document.querySelectorAll("button, select, input:not([type=checkbox])")]
        .filter(node => node.checkVisibility())
        .filter(node => Math.min(node.offsetHeight, node.offsetWidth) < least)
        .map(node => node.id || node.textContent)""",
        FINGER_PX,
    )
    return found


def overflowing(page: Page) -> bool:
    wider: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return wider


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_state_at_every_size(
    browser: Browser, url: str, service: FakeService, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type] # one of its literals
        reduced_motion="reduce",  # colours that are still changing have no contrast to speak of
    )
    page = context.new_page()
    page.goto(url)
    PICTURES.mkdir(parents=True, exist_ok=True)
    wrong: dict[str, object] = {}

    def look(state: str) -> None:
        page.screenshot(path=PICTURES / f"{size}-{scheme}-{state}.png")
        wrong[state] = violations(page), small_targets(page), overflowing(page)

    expect(page.locator("body[data-link=online]")).to_be_attached()
    look("waiting")
    service.config()
    service.state()
    expect(page.locator("body[data-mode=ready]")).to_be_attached()
    look("ready")
    begin(service)
    for number in range(1, 12):
        rep(service, number, partial=number == 4, range_of_motion_deg=45.0 if number == 4 else 85.0 - number)
    for phase in ("eccentric", "bottom_hold", "concentric"):
        service.state(set_running=True, phase=phase, repetitions=11)
        expect(page.locator(f"#stage[data-phase={phase}]")).to_be_visible()
        look(phase)
    service.rep(12)
    service.state(set_running=True, phase="top_hold", repetitions=12)
    expect(page.locator("#hold.reached")).to_be_visible()
    look("hold")
    ended = datetime.now(UTC) - timedelta(seconds=20)
    service.set_done(10, id="s/0", ended=ended - timedelta(minutes=3))
    service.set_done(12, ended=ended)
    service.state(exercise="back_extension_45", repetitions=12)
    expect(page.locator("body[data-mode=rest]")).to_be_attached()
    look("rest")
    page.locator("#sets button").nth(1).click()
    expect(page.locator("#done-title")).to_contain_text("10 reps")
    look("earlier set")
    page.locator("#open-plan").click()
    look("plan")
    page.locator("#close-plan").click()
    service.state(link="lost", detail="out of reach or off; bring it near")
    expect(page.locator("#notice")).to_be_visible()
    look("lost")
    context.close()
    assert wrong == dict.fromkeys(wrong, ([], [], False))


def test_a_browser_that_cannot_hold_a_sensor_names_those_that_can(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 568})
    context.add_init_script("delete Navigator.prototype.bluetooth")
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#use-here-words")).to_contain_text("Chrome and Edge")
    expect(page.locator("#use-here")).to_be_hidden()
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "small-without-bluetooth.png")
    assert (violations(page), small_targets(page), overflowing(page)) == ([], [], False)
    context.close()


def test_the_number_can_be_read_from_three_metres(page: Page, service: FakeService) -> None:
    begin(service)
    for number in range(8, 13):
        service.rep(number)
    expect(page.locator("#count")).to_have_text("12")
    # A phone of 390 px is 65 to 70 mm wide, so 1 px is 0.17 mm; a digit fills 0.72 of its em. At 3 m a
    # person with half the usual sight reads 9 mm; in a gym, at a glance, three times that is asked for here.
    em_px = float(page.locator("#count").evaluate("node => parseFloat(getComputedStyle(node).fontSize)"))
    assert em_px * 0.72 * 0.17 >= 27
    box = page.locator("#count").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_the_first_load_is_light(browser: Browser, url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    loaded: list[float] = []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto(url)
    expect(page.locator("body[data-link=online]")).to_be_attached()
    assert 100_000 < sum(loaded) < MOST_BYTES
    context.close()
