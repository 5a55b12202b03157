"""The page's server in a thread, beside Playwright, which has an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from queue import Queue
from typing import TYPE_CHECKING

from imurep.web import Broker, WebServer, about

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served(broker_port: int) -> Iterator[str]:
    """Serve the page for a broker on loopback; gives its address."""
    begun: Queue[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Queue()

    async def serve() -> None:
        stop = asyncio.Event()
        async with WebServer(
            broker=Broker(host="127.0.0.1", port=broker_port), about=about("imurep")
        ) as server:
            begun.put((f"http://localhost:{server.port}/", asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    url, loop, stop = begun.get(timeout=20)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
