"""Asynchronous tests of this folder run in virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.virtual_time import loop_factories

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return loop_factories()
