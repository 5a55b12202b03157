"""A sink that writes a recording."""

from __future__ import annotations

import secrets
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from imurep.model import Packet
from imurep.recording import Header, RecordingWriter

if TYPE_CHECKING:
    from imurep.clock import ServiceClock
    from imurep.model import Notification, SensorStatus
    from imurep.recording import Item


class Recorder:
    """Writes what it receives, and says on standard error how it goes."""

    def __init__(self, out: str, clock: ServiceClock) -> None:
        """Write to ``out``, which must not exist yet."""
        self._out = out
        self._clock = clock
        self._writer: RecordingWriter | None = None
        self._said = ""
        self._received = self._zero_us = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
            print(f"{self._out}: {self._received} notifications", file=sys.stderr)

    def found(
        self, sensor: str, protocol: str, *, recorded: Header | None = None
    ) -> tuple[Notification, ...]:
        """Begin the file."""
        self._zero_us = self._clock.now_us()
        header = recorded or Header(
            session=secrets.token_hex(6), sensor=sensor, protocol=protocol, utc=self._clock.utc()
        )
        self._writer = RecordingWriter(self._out, header)
        return ()

    def received(self, item: Item) -> None:
        """Write what a sensor sent; samples of a CSV file are none of that."""
        if self._writer is not None and not isinstance(item, Packet):
            self._writer.write(replace(item, arrival_us=item.arrival_us - self._zero_us))
            self._received += 1

    def status(self, status: SensorStatus) -> None:
        """Say what changed."""
        said = ": ".join(filter(None, (status.sensor, status.link, status.detail)))
        if said != self._said:
            self._said = said
            print(said, file=sys.stderr)
