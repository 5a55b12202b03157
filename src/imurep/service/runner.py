"""Runs the sources of a service, each with a sink into its session, until a signal or ``stop`` ends them."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from imurep.errors import ImurepError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imurep.events import Notification, SensorStatus
    from imurep.recording import Header, RecordingItem
    from imurep.service.session_manager import SessionManager
    from imurep.sources import Sink, Source

RETRY_S = 5.0
"""Before a source that failed is run again."""

_log = structlog.get_logger("imurep")


class Service:
    """Runs its sources until ``stop``."""

    def __init__(self, sessions: SessionManager) -> None:
        """Prepare; nothing happens before ``run``."""
        self._sessions = sessions
        self._sources: list[Source] = []
        self._sinks: list[_SourceSink] = []
        self._stopping = False

    def add(self, source: Callable[[Sink], Source]) -> None:
        """Add a source, which gets a sink of its own."""
        sink = _SourceSink(self._sessions)
        self._sinks.append(sink)
        self._sources.append(source(sink))

    def identify(self, sensor: str) -> bool:
        """Let a sensor show which one it is; gives whether it is there and can."""
        pairs = zip(self._sources, self._sinks, strict=True)
        asked = [source.identify() for source, sink in pairs if sink.sensor == sensor]
        return any(asked)

    async def run(self) -> None:
        """Read all sources until ``stop``, or until all have ended. Raises ConfigError and SourceError."""
        self._sessions.open()
        try:
            async with asyncio.TaskGroup() as group:
                for source in self._sources:
                    group.create_task(self._read(source))
        except* ImurepError as errors:
            raise errors.exceptions[0] from None
        finally:
            self._sessions.close()

    def stop(self) -> None:
        """End in order: sensors stop streaming, open sets end, files are closed."""
        self._stopping = True
        for source in self._sources:
            source.stop()

    async def _read(self, source: Source) -> None:
        while not self._stopping:
            try:
                await source.run()
            except ImurepError:
                raise
            except Exception:  # noqa: BLE001 whatever it is, it is logged
                # A bug must not stop the other sensors, nor this one for long.
                _log.exception("a source failed", again_in_s=RETRY_S)
                await asyncio.sleep(RETRY_S)
            else:
                break


class _SourceSink:
    """Hands on what one source reads to its sensor's session."""

    def __init__(self, sessions: SessionManager) -> None:
        self._sessions = sessions
        self.sensor = self._protocol = ""
        self._recorded: Header | None = None

    def found(self, sensor: str, protocol: str, *, recorded: Header | None = None) -> Iterator[Notification]:
        self.sensor, self._protocol, self._recorded = sensor, protocol, recorded
        return self._sessions.replay_notifications(sensor, protocol)

    def received(self, item: RecordingItem) -> None:
        self._sessions.received(self.sensor, self._protocol, item, recorded=self._recorded)

    def status(self, status: SensorStatus) -> None:
        self._sessions.status(status)


@contextmanager
def stopped_by_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call ``stop`` at the first SIGINT or SIGTERM; the second one has its usual effect."""
    loop = asyncio.get_running_loop()
    usual = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for one, handler in usual.items():
            signal.signal(one, handler)

    def first(_number: int, _frame: object) -> None:
        restore()
        loop.call_soon_threadsafe(stop)

    for one in usual:
        signal.signal(one, first)
    try:
        yield
    finally:
        restore()
