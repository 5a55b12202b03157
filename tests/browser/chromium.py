"""The browser of the operating system, unmodified or as Playwright starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Playwright

_START_S = 60.0


def program() -> str:
    """Path of Chromium. Without it the test is skipped; in CI it fails."""
    found = shutil.which("chromium")
    if found is None:
        why = "needs chromium, which is not installed (apt install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return found


@contextmanager
def unmodified(
    playwright: Playwright, directory: Path, *options: str, **environment: str
) -> Iterator[Browser]:
    """Run one with a profile in ``directory``.

    In its first context pages are what they are for people: one behind another is
    hidden, and its timers are slow. Playwright's own ones keep all awake.
    """
    command = [program(), "--headless", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0"]
    # Playwright waits for pages that exist when it connects, forever for one whose first load it misses.
    command.append("--no-startup-window")
    process = subprocess.Popen(
        [*command, f"--user-data-dir={directory}", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        browser = playwright.chromium.connect_over_cdp(_address(directory), no_defaults=True)
        yield browser
        browser.close()
    finally:
        process.terminate()
        process.wait()


def _address(directory: Path) -> str:
    """Wait until it has written where it listens."""
    written = directory / "DevToolsActivePort"
    for _ in range(round(_START_S / 0.05)):
        if written.exists() and (port := written.read_text(encoding="utf-8").partition("\n")[0]):
            return f"http://127.0.0.1:{port}"
        time.sleep(0.05)
    pytest.fail("chromium does not start")
