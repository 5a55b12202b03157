"""A recording as a source: its items arrive again, at the same intervals."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.events import Link, Packet, SensorStatus
from imurep.offline.replay import pieces
from imurep.recording import open_recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imurep.recording import RecordingItem
    from imurep.sources.interface import Clock, Sink


class ReplaySource:
    """Replays a recording in real time, and ends with it.

    The first item arrives when ``run`` is called. A CSV file arrives in pieces as
    small as a sensor's packets.

    Raises RecordingError from the constructor when there is no recording, and from
    ``run`` when something in it cannot be read.
    """

    def __init__(self, path: str | Path, *, sink: Sink, now_us: Clock) -> None:
        self._recording = open_recording(path)
        self._sink = sink
        self._now_us = now_us
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Replay it to its end, or until ``stop``."""
        header = self._recording.header
        self._sink.found(header.sensor, header.protocol, recorded=header)
        self._sink.status(SensorStatus(sensor=header.sensor, link=Link.STREAMING))
        shift_us: int | None = None
        for item in self._items():
            if shift_us is None:
                shift_us = self._now_us() - item.arrival_us
            await self._until(item.arrival_us + shift_us)
            if self._stopping.is_set():
                break
            self._sink.received(replace(item, arrival_us=item.arrival_us + shift_us))
        self._sink.status(SensorStatus(sensor=header.sensor, link=Link.STOPPED))

    def stop(self) -> None:
        """End before the next item."""
        self._stopping.set()

    def identify(self) -> bool:
        """Give False, since there is no sensor."""
        return False

    def _items(self) -> Iterator[RecordingItem]:
        for item in self._recording:
            if isinstance(item, Packet):
                yield from pieces(item)
            else:
                yield item

    async def _until(self, arrival_us: int) -> None:
        """Wait for a time, or for ``stop``."""
        ahead_s = (arrival_us - self._now_us()) / 1e6
        try:
            async with asyncio.timeout(max(0.0, ahead_s)):
                await self._stopping.wait()
        except TimeoutError:
            return
