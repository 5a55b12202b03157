"""Which phone's sensor is which source's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from imurep.sources.relay.relay_source import RelaySource


class Carrier(Protocol):
    """The way to the phones and back: raw topics of a broker, say."""

    def listen(self, heard: Callable[[str, bytes], None]) -> None:
        """Hand on what comes up, with the device's name in topics. ``heard`` does not block."""

    def send(self, device: str, payload: bytes) -> None:
        """Send down, now or never."""


class Exchange:
    """Hands what comes up to the source that has the device, or may have it."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self._sources: list[RelaySource] = []
        carrier.listen(self._heard)

    def join(self, source: RelaySource) -> None:
        """Have a part in it from now on."""
        self._sources.append(source)

    def _heard(self, device: str, payload: bytes) -> None:
        source = self._source(device)
        if source is not None:
            source.heard(device, payload)

    def _source(self, device: str) -> RelaySource | None:
        """The one that has it, else one that names it, else one that takes any and has none that is there."""
        named = (source for source in self._sources if source.spec.device == device)
        has = (source for source in self._sources if source.device == device)
        free = (source for source in self._sources if source.spec.device is None and source.is_free)
        return next(has, None) or next(named, None) or next(free, None)
