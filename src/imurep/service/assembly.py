"""Builds a service from its settings, and runs it: sources, archive, sessions, log, publisher, page."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from imurep.service.phone_page import phone_page
from imurep.service.publishing import Publishing
from imurep.service.raw_archive import RawArchive
from imurep.service.runner import Service, stopped_by_signals
from imurep.service.session import CountingOptions
from imurep.service.session_manager import SessionManager
from imurep.service.source_builder import source_builders

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from imurep.config import Settings
    from imurep.service.clock import ServiceClock
    from imurep.service.session_manager import Listener


async def run_service(
    settings: Settings,
    listeners: Sequence[Listener],
    *,
    clock: ServiceClock,
    until: Coroutine[Any, Any, None] | None = None,
    announce: Callable[[str], None] | None = None,
    with_json_files: bool = False,
) -> None:
    """Run until SIGINT or SIGTERM, until ``until`` ends, or until all sources have ended.

    A second signal kills it.

    Args:
        settings: What to build.
        listeners: Called with all that is counted, besides the log and the broker.
        clock: Arrivals and wall clock.
        until: Ends the service when it ends.
        announce: Called with where the page is, for people; None: the log has it.
        with_json_files: Whether user data in the files of imurep 0.1 is taken over.

    Raises ConfigError and SourceError.
    """
    archive = RawArchive(settings.data.directory, keep_days=settings.data.keep_days)
    publishing = Publishing(settings, clock)
    async with publishing.opened(with_json_files=with_json_files) as recent_exercises:
        counting = CountingOptions(
            person=settings.person,
            exercise=settings.exercise,
            min_reps=settings.min_reps,
            recent_exercises=recent_exercises,
        )
        sessions = SessionManager(
            archive=archive,
            counting=counting,
            clock=clock,
            listeners=[*listeners, *publishing.listeners],
        )
        service = Service(sessions)
        async with (
            source_builders(settings, clock, publishing.relay_transport) as builders,
            publishing.running(service, sessions),
            phone_page(settings, announce),
        ):
            for builder in builders:
                service.add(builder)
            with stopped_by_signals(service.stop), _stopped_after(until, service.stop):
                await service.run()


@contextmanager
def _stopped_after(until: Coroutine[Any, Any, None] | None, stop: Callable[[], None]) -> Iterator[None]:
    if until is None:
        yield
        return
    task = asyncio.create_task(until)
    task.add_done_callback(lambda _: stop())
    try:
        yield
    finally:
        task.cancel()
