"""What the commands around a live service share: their options, and running it until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from imurep.cli.arguments import port_number, positive_int
from imurep.cli.phone import page
from imurep.errors import ConfigError
from imurep.service.publishing import Publishing

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence

    from imurep.config import Settings
    from imurep.service.clock import ServiceClock
    from imurep.service.session_manager import Listener
    from imurep.sources import Sink, Source
    from imurep.sources.relay import Carrier


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add ``--config`` and ``--backend``."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: imurep.toml in the usual place)"
    )
    parser.add_argument(
        "--backend",
        metavar="B",
        help="Bluetooth stack: platform, or bumble:TRANSPORT for any HCI transport, such as bumble:usb:0",
    )


def add_sensors(parser: argparse.ArgumentParser) -> None:
    """Add ``--sensor``."""
    parser.add_argument(
        "--sensor",
        action="append",
        dest="sensors",
        metavar="SPEC",
        help="ble (any known sensor, the default), ble:NAME, ble:ADDRESS, relay (one that a phone holds),"
        " or replay:FILE; repeatable",
    )


def add_service(parser: argparse.ArgumentParser) -> None:
    """Add the options of a service that counts."""
    add_settings(parser)
    add_sensors(parser)
    parser.add_argument("--person", metavar="NAME", help="who wears the sensor")
    parser.add_argument("--exercise", metavar="NAME", help="what is done, when it is always the same")
    parser.add_argument("--min-reps", type=positive_int, metavar="N", help="a set has at least N reps")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where sets and raw sessions are kept")
    parser.add_argument(
        "--mqtt",
        metavar="URL",
        help="broker that is told of everything: mqtt:// or mqtts://[user@]host[:port]",
    )
    page = parser.add_argument_group("the page for the phone, where there is a broker")
    page.add_argument("--no-web", action="store_true", help="serve no page")
    page.add_argument("--web-port", type=port_number, metavar="N", help="its port (default: 8420)")
    page.add_argument(
        "--web-bind", metavar="ADDRESS", help="where to listen (default: 127.0.0.1; 0.0.0.0: all networks)"
    )
    page.add_argument(
        "--web-self-signed", action="store_true", help="https, with a certificate of the service's own making"
    )


def flags(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given as flags, nested like the settings file."""
    given = {
        "sensors": tuple(args.sensors) if getattr(args, "sensors", None) else None,
        "person": getattr(args, "person", None),
        "exercise": getattr(args, "exercise", None),
        "min_reps": getattr(args, "min_reps", None),
        "bluetooth": {"backend": args.backend} if args.backend else None,
        "data": {"directory": args.data_dir} if getattr(args, "data_dir", None) else None,
        "mqtt": {"url": args.mqtt} if getattr(args, "mqtt", None) else None,
        "web": _web_flags(args) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def say_beside(text: str) -> None:
    """Say something to people, beside what the command prints."""
    print(text, file=sys.stderr, flush=True)


def _web_flags(args: argparse.Namespace) -> dict[str, Any]:
    given = {
        "enabled": False if getattr(args, "no_web", False) else None,
        "port": getattr(args, "web_port", None),
        "bind": getattr(args, "web_bind", None),
        "self_signed": True if getattr(args, "web_self_signed", False) else None,
    }
    return {name: value for name, value in given.items() if value is not None}


async def serve(
    settings: Settings,
    listeners: Sequence[Listener],
    *,
    clock: ServiceClock,
    until: Coroutine[Any, Any, None] | None = None,
    say: Callable[[str], None] | None = None,
) -> None:
    """Run the service until SIGINT or SIGTERM, or until its sources have ended; a second signal kills it.

    It also ends when ``until`` has come to its end. ``say`` tells people where the page is;
    without it the log does.

    Raises ConfigError and SourceError.
    """
    from imurep.log.user_data import Store  # noqa: PLC0415
    from imurep.service.raw_archive import RawArchive  # noqa: PLC0415 with what follows, loads numpy, bleak
    from imurep.service.runner import Service  # noqa: PLC0415
    from imurep.service.session import CountingOptions  # noqa: PLC0415
    from imurep.service.session_manager import SessionManager  # noqa: PLC0415

    store = Store()
    if settings.exercise is not None:
        store.keep_last_time(settings.person, settings.exercise)
    archive = RawArchive(settings.data.directory, keep_days=settings.data.keep_days)
    telling = Publishing(settings, clock, store)
    sessions = SessionManager(
        archive=archive,
        counting=CountingOptions(
            person=settings.person,
            exercise=settings.exercise,
            min_reps=settings.min_reps,
            last_time=store.last_time(settings.person),
        ),
        clock=clock,
        listeners=[*listeners, *telling.listeners],
    )
    service = Service(sessions)
    async with (
        sources(settings, clock, telling.carrier) as build,
        telling.running(service, sessions),
        page(settings, say),
    ):
        for one in build:
            service.add(one)
        with stopped_by_signals(service.stop), _at_the_end_of(until, service.stop):
            await service.run()


@asynccontextmanager
async def sources(
    settings: Settings, clock: ServiceClock, carrier: Carrier | None = None
) -> AsyncIterator[list[Callable[[Sink], Source]]]:
    """Sources for all sensors in the settings, not made yet; the radio that they share is closed in the end.

    ``carrier`` is the way to phones that hold sensors; None: there is none.
    Raises ConfigError for a SPEC or a backend that cannot be.
    """
    from imurep.devices import KINDS  # noqa: PLC0415 with what follows, loads numpy, bleak
    from imurep.devices.protocol import StreamWish  # noqa: PLC0415
    from imurep.sources import RelaySpec, ReplaySource, ReplaySpec, parse_spec  # noqa: PLC0415
    from imurep.sources.ble import BleSource, Finder, radio_for  # noqa: PLC0415
    from imurep.sources.relay import Exchange, RelaySource  # noqa: PLC0415

    exchange = None if carrier is None else Exchange(carrier)
    finder = Finder(radio_for(settings.bluetooth.backend), KINDS)

    def builder(text: str) -> Callable[[Sink], Source]:
        spec = parse_spec(text)
        if isinstance(spec, ReplaySpec):
            return lambda sink: ReplaySource(spec.path, sink=sink, now_us=clock.now_us)
        if isinstance(spec, RelaySpec):
            if exchange is None:
                msg = f"{spec}: a phone's sensor comes over a broker; use imurep run, with --mqtt"
                raise ConfigError(msg)
            return lambda sink: RelaySource(
                spec, exchange=exchange, wish=StreamWish(), sink=sink, now_us=clock.now_us
            )
        return lambda sink: BleSource(
            spec,
            finder=finder,
            wish=StreamWish(),
            sink=sink,
            now_us=clock.now_us,
            chance=Random(),  # noqa: S311 spreads attempts, keeps no secret
        )

    try:
        yield [builder(text) for text in settings.sensors]
    finally:
        await finder.close()


@contextmanager
def _at_the_end_of(what: Coroutine[Any, Any, None] | None, stop: Callable[[], None]) -> Iterator[None]:
    if what is None:
        yield
        return
    task = asyncio.create_task(what)
    task.add_done_callback(lambda _: stop())
    try:
        yield
    finally:
        task.cancel()


@contextmanager
def stopped_by_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call ``stop`` at the first SIGINT or SIGTERM; the second one has its usual effect."""
    loop = asyncio.get_running_loop()
    usual = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def back_to_usual() -> None:
        for one, handler in usual.items():
            signal.signal(one, handler)

    def first(_number: int, _frame: object) -> None:
        back_to_usual()
        loop.call_soon_threadsafe(stop)

    for one in usual:
        signal.signal(one, first)
    try:
        yield
    finally:
        back_to_usual()
