"""The whole way: simulated sensor, Bluetooth stack, service, broker, page's server, browser."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.radio.programs import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from tests.broker.mosquitto import Mosquitto

SPEED = "4"
WORKOUT = ("--exercise", "back_extension_45", "--sets", "1x6", "--tempo", "2-1-1-2", "--no-variation")
TEMPO_S = (2.0, 1.0, 1.0, 2.0)
NEAR_S = 0.35
TIMEOUT_MS = 90_000


@contextmanager
def running(broker: Mosquitto, directory: Path, *faults: str) -> Iterator[str]:
    """A sensor, and a service that reads it; gives the page's address."""
    with Program("firmware_sim", "serve", "--speed", SPEED, *WORKOUT, *faults) as sensor:
        backend = f"bumble:{sensor.word('ready')}"
        to = f"mqtt://127.0.0.1:{broker.port}"
        with Program("tests.browser.service", SPEED, backend, to, directory) as service:
            yield service.word("page for the phone:")
            service.stop()


def seen(page: Page) -> None:
    """Keep each count and each mode that is shown, and how long the tops were held."""
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          window.counts = []; window.holds = [];
          const count = document.querySelector("#count");
          const hold = document.querySelector("#tempo [data-phase=top_hold] .is");
          new MutationObserver(() => document.body.dataset.mode === "set" && counts.push(count.textContent))
            .observe(count, {childList: true, characterData: true, subtree: true});
          new MutationObserver(() => holds.push(hold.textContent))
            .observe(hold, {childList: true, characterData: true, subtree: true});
        })"""
    )


def test_a_whole_set_and_what_is_asked_of_the_service(
    context: BrowserContext, broker: Mosquitto, tmp_path: Path
) -> None:
    page = context.new_page()
    seen(page)
    with running(broker, tmp_path / "data") as url:
        page.goto(url)
        expect(page.locator("body[data-mode=ready]")).to_be_attached(timeout=TIMEOUT_MS)
        page.locator("#open-plan").tap()
        page.get_by_role("button", name="Target reps: more").tap()
        expect(page.locator("#plan-answer")).to_have_text("Saved ✓")
        expect(page.get_by_label("Target reps", exact=True)).to_have_value("1")
        page.locator("#close-plan").tap()
        expect(page.locator("#count")).to_have_text("6", timeout=TIMEOUT_MS)
        expect(page.locator("#done-title")).to_have_text("Set done: 6 reps", timeout=TIMEOUT_MS)
        counts = page.evaluate("counts.map(Number)")
        shown = [*dict.fromkeys(counts)][:6]
        assert [count for count in shown if count >= 3] == [3, 4, 5, 6], "the first three appear together"
        assert shown == sorted(shown)
        tempo = page.locator("#sets .how").inner_text().split(" · ")[1].split(" - ")
        assert all(abs(float(is_s) - s) < NEAR_S for is_s, s in zip(tempo, TEMPO_S, strict=True))
        holds = page.evaluate("holds.map(Number).filter(Number.isFinite)")
        assert abs(holds[0] - TEMPO_S[3]) < NEAR_S
        page.locator("#more").tap()
        page.get_by_role("button", name="It was 7").tap()
        expect(page.locator("#correct-answer")).to_have_text("Corrected ✓")
        expect(page.locator("#done-title")).to_have_text("Set done: 7 reps")
        expect(page.locator("#sets li")).to_have_count(1)
    expect(page.locator("#notice")).to_contain_text("No connection")


def test_a_sensor_out_of_range_amid_a_set(context: BrowserContext, broker: Mosquitto, tmp_path: Path) -> None:
    page = context.new_page()
    with running(broker, tmp_path / "data", "--away", "mid:8") as url:
        page.goto(url)
        expect(page.locator("#sensor-link")).to_have_text("out of reach", timeout=TIMEOUT_MS)
        expect(page.locator("#notice")).to_have_text(re.compile("out of reach"))
        expect(page.locator("#sensor-link")).to_have_text("connected", timeout=TIMEOUT_MS)
        expect(page.locator("#done-title")).to_have_text("Set done: 6 reps", timeout=TIMEOUT_MS)
