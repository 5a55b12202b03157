"""What holds for all tests: their order, their signals, and no limit on the time that one example takes."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pytest

# Machines are shared and noisy: how long an example takes says nothing.
settings.register_profile("imurep", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("imurep")

# Shells start what runs in the background with SIGINT ignored, and the programs under test would inherit it.
signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = Path(__file__).parent
WAITING = {"broker", "browser", "cli", "radio", "whole"}
"""Folders whose tests mostly wait: for a browser, a broker, a person who lifts."""
SPREAD = 0.9
"""Part of the run among which they are spread: whoever waits longest is not to begin last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep processors and waits busy side by side; the tests of a module stay together."""
    places: dict[Path, float] = {}
    passed: Counter[bool] = Counter()
    waiting = {item.path: item.path.relative_to(HERE).parts[0] in WAITING for item in items}
    total = Counter(waiting[item.path] for item in items)
    for item in items:
        kind = waiting[item.path]
        share = passed[kind] / total[kind]
        places.setdefault(item.path, share * SPREAD if kind else share)
        passed[kind] += 1
    items.sort(key=lambda item: places[item.path])
