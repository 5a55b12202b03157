"""A sensor that a phone holds, as a source."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from imurep.errors import PacketError
from imurep.events import Link, SensorStatus
from imurep.sources.relay.codec import parse_record
from imurep.sources.relay.phone_session import PhoneSession

if TYPE_CHECKING:
    from imurep.devices.protocol import StreamRequest
    from imurep.sources.interface import Clock, Sink
    from imurep.sources.relay.device_router import DeviceRouter
    from imurep.sources.spec import RelaySpec

SILENT_S = 5.0
"""A page sends at least one record a second; after this time without any it counts as unreachable."""
GONE_S = 600.0
"""After this time without a record the link counts as ended, at the time of the last record."""
HINT_S = 10.0
"""After this time without any page the status gives the likely reason."""
STOP_S = 4.0
"""Longest time for a clean stop: the sensor is stopped, and the phone disconnects from it."""
TICK_S = 0.5
QUEUE_LIMIT = 64
"""Number of messages that wait for being processed; the phone repeats those beyond."""

NO_PHONE = "no phone relays a sensor yet; open the page on the phone and choose 'Use a sensor on this phone'"
PHONE_SILENT = "no connection to the phone; it keeps what the sensor sends until there is one"

_log = structlog.get_logger("imurep")


class RelaySource:
    """Receives what a phone relays, until ``stop``."""

    def __init__(
        self,
        spec: RelaySpec,
        *,
        router: DeviceRouter,
        stream_request: StreamRequest,
        sink: Sink,
        now_us: Clock,
    ) -> None:
        """Make a source.

        Args:
            spec: Which device.
            router: Shared by all relay sources; has the transport to the phones.
            stream_request: What the sensor should stream.
            sink: Is called with what arrives, on the event loop.
            now_us: The session's clock.
        """
        self.spec = spec
        self.device = spec.device
        """Name in topics of the device that it has; None: none yet."""
        self._transport = router.transport
        self._sink = sink
        self._now_us = now_us
        self._session = PhoneSession(stream_request, sink)
        self._queue: deque[bytes] = deque()
        self._wakeup = asyncio.Event()
        self._stopping = False
        self._received_us = now_us()
        self._connected_us: int | None = None
        """When the sensor was last connected to its phone, or a new device appeared."""
        self._malformed = 0
        self._status: SensorStatus | None = None
        router.add(self)

    @property
    def is_free(self) -> bool:
        """Whether it may take another device: it has none, or none that was connected lately."""
        return self._connected_us is None or (self._now_us() - self._connected_us) / 1e6 > SILENT_S

    async def run(self) -> None:
        """Process messages until ``stop``. Raises what the sink raises."""
        try:
            while not self._stopping:
                await self._process()
            await self._stop_sensor()
        finally:
            self._session.end("stopped")
            self._report(Link.STOPPED)

    def stop(self) -> None:
        """End soon; a connected sensor is stopped first."""
        self._stopping = True
        self._wakeup.set()

    def identify(self) -> bool:
        """Let the sensor blink; give whether it is connected and can."""
        can = self._session.identify()
        if can:
            self._answer()
        return can

    def on_message(self, device: str, payload: bytes) -> None:
        """Queue a message of a phone for ``run``."""
        if device != self.device or self._connected_us is None:
            self.device = device
            self._connected_us = self._now_us()
        if len(self._queue) < QUEUE_LIMIT:
            self._queue.append(payload)
            self._wakeup.set()

    @property
    def _silence_s(self) -> float:
        return (self._now_us() - self._received_us) / 1e6

    async def _process(self) -> None:
        """Process the queue, after waiting for a message for one tick at most."""
        self._wakeup.clear()
        if not self._queue:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._wakeup.wait()
        while self._queue:
            self._receive(self._queue.popleft())
        if self._silence_s > GONE_S:
            self._session.end("the phone is gone")
        self._report_link()

    def _receive(self, payload: bytes) -> None:
        try:
            record = parse_record(payload)
        except PacketError as error:
            self._malformed += 1
            if self._malformed == 1:
                _log.warning("a page sends malformed messages", device=self.device, problem=str(error))
            return
        self._received_us = self._now_us()
        self._session.receive(record, self._received_us)
        if self._session.is_up:
            self._connected_us = self._received_us
        self._answer()

    def _answer(self) -> None:
        if self.device is not None:
            self._transport.send(self.device, self._session.answer())

    async def _stop_sensor(self) -> None:
        """Stop the sensor if its phone is reachable."""
        if self._silence_s > SILENT_S:
            return
        self._session.stop()
        end_us = self._now_us() + round(STOP_S * 1e6)
        if self._session.is_up:
            self._answer()
        while not self._session.is_stopped and self._now_us() < end_us:
            await self._process()
            self._session.wake(self._now_us())

    def _report_link(self) -> None:
        session = self._session
        if not session.sensor:
            self._report(Link.SEARCHING, session.detail or (NO_PHONE if self._silence_s > HINT_S else ""))
        elif self._silence_s > SILENT_S and session.is_up:
            self._report(Link.LOST, PHONE_SILENT)
        else:
            self._report(session.link, session.detail)

    def _report(self, link: Link, detail: str = "") -> None:
        status = SensorStatus(
            sensor=self._session.sensor or str(self.spec),
            spec=str(self.spec),
            link=link,
            detail=detail,
            battery_percent=self._session.battery_percent,
        )
        if status != self._status:
            self._status = status
            self._sink.status(status)
