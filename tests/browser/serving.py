"""The page's server in a thread, beside Playwright, which has an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager, contextmanager
from queue import Queue
from typing import TYPE_CHECKING, TypeVar

from imurep.mqtt.broker import free_port
from imurep.mqtt.embedded import amqtt_broker
from imurep.web import Broker, WebServer, about

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager


T = TypeVar("T")


@contextmanager
def served(broker_port: int) -> Iterator[str]:
    """Serve the page for a broker on loopback; gives its address."""
    with _running(lambda: _page(broker_port)) as (url,):
        yield url


@contextmanager
def served_with_amqtt() -> Iterator[tuple[str, int]]:
    """Serve the page for a broker that knows MQTT 3.1.1 only; gives its address, and the broker's port."""

    @asynccontextmanager
    async def both() -> AsyncIterator[tuple[str, int]]:
        port = free_port()
        async with amqtt_broker(port), _page(port) as (url,):
            yield url, port

    with _running(both) as (url, port):
        yield url, port


@asynccontextmanager
async def _page(broker_port: int) -> AsyncIterator[tuple[str]]:
    broker = Broker(host="127.0.0.1", port=broker_port)
    async with WebServer(broker=broker, about=about("imurep")) as server:
        yield (f"http://localhost:{server.port}/",)


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
