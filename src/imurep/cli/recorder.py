"""A sink that writes a recording."""

from __future__ import annotations

import secrets
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from imurep.devices import KINDS
from imurep.devices.kind import name_for_people
from imurep.events import LinkEvent, Notification, Packet
from imurep.recording import Header, RecordingWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from imurep.events import SensorStatus
    from imurep.recording import RecordingItem
    from imurep.service.clock import ServiceClock

ANONYMOUS = "anonymous"


class Recorder:
    """Writes what it receives, and prints the sensor's state on standard error."""

    def __init__(self, out: str, clock: ServiceClock, *, anonymous: bool = False) -> None:
        """Write to ``out``, which must not exist yet; ``anonymous`` leaves out sensor and date."""
        self._out = out
        self._clock = clock
        self._writer: RecordingWriter | None = None
        self._anonymous = anonymous
        self._keep: Callable[[Notification], Notification | None] | None = None
        self._printed = ""
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
        if self._anonymous:
            header = replace(header, session=secrets.token_hex(6), sensor=ANONYMOUS, utc=None)
            kind = KINDS.get(name_for_people(protocol))
            self._keep = kind.anonymous() if kind else None
        self._writer = RecordingWriter(self._out, header)
        return ()

    def received(self, item: RecordingItem) -> None:
        """Write what a sensor sent; samples of a CSV file are none of that."""
        if isinstance(item, Notification) and self._keep is not None:
            kept = self._keep(item)
            if kept is None:
                return
            item = kept
        elif isinstance(item, LinkEvent) and self._anonymous:
            item = replace(item, reason="")  # a Bluetooth stack may put an address into it
        if self._writer is not None and not isinstance(item, Packet):
            self._writer.write(replace(item, arrival_us=item.arrival_us - self._zero_us))
            self._received += 1

    def status(self, status: SensorStatus) -> None:
        """Print what changed."""
        line = ": ".join(filter(None, (status.sensor, status.link, status.detail)))
        if line != self._printed:
            self._printed = line
            print(line, file=sys.stderr)
