"""How long the page takes to open, and a rep from the service to being seen on it, all on loopback."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.broker.mosquitto import Mosquitto
from tests.browser.fake_service import FakeService
from tests.browser.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

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


# Live is a page that shows what the broker tells: everything is loaded, drawn, connected and subscribed.
LIVE = """new MutationObserver((_, watcher) => {
  if (document.body?.dataset.mode !== "set") return;
  window.liveMs = performance.now();
  watcher.disconnect();
}).observe(document, {subtree: true, childList: true, attributes: true});"""


@dataclass(frozen=True, slots=True)
class Load:
    """Milliseconds since the address was entered."""

    ready_ms: float
    """Until document and scripts were there and had run up to their first wait."""
    live_ms: float


def loads(times: int) -> tuple[list[Load], list[Load]]:
    """Open the page in browsers that have never seen it, and then once more in each; quickest first."""
    first, again = [], []
    with _stand() as (browser, url, service):
        service.config()
        service.state(set_running=True, phase="concentric")
        for _ in range(times):
            context = browser.new_context(viewport={"width": 390, "height": 844})
            context.add_init_script(LIVE)
            page = context.new_page()
            page.goto(url)
            first.append(_load(page))
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            page.reload()
            again.append(_load(page))
            context.close()
    return sorted(first, key=_live_ms), sorted(again, key=_live_ms)


def _load(page: Page) -> Load:
    page.wait_for_function("() => window.liveMs")
    ready = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
    return Load(*page.evaluate(f"[{ready}, liveMs]"))


def _live_ms(load: Load) -> float:
    return load.live_ms


def screen_ms(reps: int) -> list[float]:
    """Milliseconds from publishing each provisional rep to its number being painted, in rising order."""
    with _stand() as (browser, url, service):
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
    return sorted(found[number] - sent for number, sent in sent_ms.items())


@contextmanager
def _stand() -> Iterator[tuple[Browser, str, FakeService]]:
    """Run a broker, the page's server, a stand-in for the service, and a browser."""
    with (
        tempfile.TemporaryDirectory() as directory,
        Mosquitto(Path(directory)) as broker,
        served(broker.port) as url,
        FakeService(broker.port) as service,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser, url, service
        browser.close()


def _painted(page: Page, reps: int) -> dict[int, float]:
    page.wait_for_function("least => painted.length >= least", arg=reps)
    return {int(number): at_ms for number, at_ms in page.evaluate("painted")}
