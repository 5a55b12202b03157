"""Builds the sources of samples that the settings name."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

from imurep.devices import KINDS
from imurep.devices.protocol import StreamRequest
from imurep.errors import ConfigError
from imurep.service.adapter_selection import adapter_for
from imurep.sources import RelaySpec, ReplaySource, ReplaySpec, parse_spec
from imurep.sources.ble import BleSource, SensorScanner
from imurep.sources.relay import DeviceRouter, RelaySource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from imurep.config import Settings
    from imurep.service.clock import ServiceClock
    from imurep.sources import Sink, Source
    from imurep.sources.relay import RelayTransport


@asynccontextmanager
async def source_builders(
    settings: Settings, clock: ServiceClock, transport: RelayTransport | None = None
) -> AsyncIterator[list[Callable[[Sink], Source]]]:
    """Give what builds each source around its sink; the radio that they share is closed in the end.

    ``transport`` is the way to phones that hold sensors; None: there is none.
    Raises ConfigError for a SPEC or a backend that cannot be.
    """
    router = None if transport is None else DeviceRouter(transport)
    scanner = SensorScanner(adapter_for(settings.bluetooth.backend), KINDS)

    def builder(text: str) -> Callable[[Sink], Source]:
        spec = parse_spec(text)
        if isinstance(spec, ReplaySpec):
            return lambda sink: ReplaySource(spec.path, sink=sink, now_us=clock.now_us)
        if isinstance(spec, RelaySpec):
            if router is None:
                msg = f"{spec}: a sensor that a phone holds needs a broker; use imurep run with --mqtt"
                raise ConfigError(msg)
            return lambda sink: RelaySource(
                spec, router=router, stream_request=StreamRequest(), sink=sink, now_us=clock.now_us
            )
        return lambda sink: BleSource(
            spec,
            scanner=scanner,
            stream_request=StreamRequest(),
            sink=sink,
            now_us=clock.now_us,
            rng=Random(),  # noqa: S311 spreads attempts, keeps no secret
        )

    try:
        yield [builder(text) for text in settings.sensors]
    finally:
        await scanner.close()
