"""How long a rep takes from leaving the service to being seen on the page, all on loopback."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.broker.mosquitto import Mosquitto
from tests.browser.serving import served
from tests.browser.teller import Teller

if TYPE_CHECKING:
    from playwright.sync_api import Page

EVERY_S = 0.1
# When the number is in the document, the next frame paints it; the task after that frame has begun is the
# first that can know. Both clocks are this machine's.
WATCH = """() => {
  window.painted = [];
  const count = document.querySelector("#count");
  new MutationObserver(() => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    const now = () => performance.timeOrigin + performance.now();
    port1.onmessage = () => painted.push([Number(count.textContent), now()]);
    port2.postMessage(0);
  })).observe(count, {childList: true, characterData: true, subtree: true});
}"""


def screen_ms(reps: int) -> list[float]:
    """Milliseconds from publishing each provisional rep to its number being painted, in rising order."""
    with (
        tempfile.TemporaryDirectory() as directory,
        Mosquitto(Path(directory)) as broker,
        served(broker.port) as url,
        Teller(broker.port) as service,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(url)
        page.wait_for_selector("body[data-link=online]", state="attached")
        service.config(target_reps=None)
        service.state(set_running=True, phase="concentric")
        page.wait_for_selector("body[data-mode=set]", state="attached")
        page.evaluate(WATCH)
        sent_ms = {}
        for number in range(1, reps + 1):
            sent_ms[number] = 1e3 * time.time()
            service.rep(number)
            time.sleep(EVERY_S)
        found = _painted(page, reps)
        browser.close()
    return sorted(found[number] - sent for number, sent in sent_ms.items())


def _painted(page: Page, reps: int) -> dict[int, float]:
    page.wait_for_function("least => painted.length >= least", arg=reps)
    return {int(number): at_ms for number, at_ms in page.evaluate("painted")}
