"""The page's server in a thread, beside Playwright, which has an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager, contextmanager
from queue import Queue
from typing import TYPE_CHECKING, TypeVar

from imurep.web import BrokerAddress, WebServer, config_for_page

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager


T = TypeVar("T")

TLS_CLOSING_S = 0.5
"""asyncio closes TLS connections some turns of the loop after it was asked to."""


@contextmanager
def served(broker_port: int, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve the page for a broker on loopback, as for phones that may hold a sensor; gives its address."""
    with _running(lambda: _page(broker_port, tls)) as (url,):
        yield url


@asynccontextmanager
async def _page(broker_port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str]]:
    broker = BrokerAddress(host="127.0.0.1", port=broker_port)
    async with WebServer(broker=broker, about=config_for_page("imurep", relay=True), tls=tls) as server:
        yield (f"{server.scheme}://localhost:{server.port}/",)
    if tls is not None:
        await asyncio.sleep(TLS_CLOSING_S)


@contextmanager
def _running(what: Callable[[], AbstractAsyncContextManager[T]]) -> Iterator[T]:
    """Run something in a loop of its own until the end of the block."""
    begun: Queue[tuple[T, asyncio.AbstractEventLoop, asyncio.Event]] = Queue()

    async def run() -> None:
        stop = asyncio.Event()
        async with what() as given:
            begun.put((given, asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    given, loop, stop = begun.get(timeout=20)
    try:
        yield given
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
