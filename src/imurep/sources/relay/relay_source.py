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
from imurep.sources.relay.phone_session import Phone

if TYPE_CHECKING:
    from imurep.devices.protocol import StreamWish
    from imurep.sources.interface import Clock, Sink
    from imurep.sources.relay.device_router import Exchange
    from imurep.sources.spec import RelaySpec

QUIET_S = 5.0
"""The page sends a record a second at least, so after this time it is not there."""
GONE_S = 600.0
"""After this time it is not waited for: the link is taken as ended with the last that was heard."""
PATIENCE_S = 10.0
"""Without any page for so long, a word is due."""
FAREWELL_S = 4.0
"""Longest that a clean stop may take: the sensor is told, and the phone lets go of it."""
TICK_S = 0.5
WAITING = 64
"""Records that wait to be looked at; what is more the phone sends again."""

NOBODY = "no phone relays a sensor yet; open the page on the phone and choose 'Use a sensor on this phone'"
QUIET = "the phone is not heard; it keeps what the sensor sends until it is"

_log = structlog.get_logger("imurep")


class RelaySource:
    """Takes what a phone relays, until ``stop``."""

    def __init__(
        self, spec: RelaySpec, *, exchange: Exchange, wish: StreamWish, sink: Sink, now_us: Clock
    ) -> None:
        """Make a source.

        Args:
            spec: Which device.
            exchange: Shared by all sources; has the way to the phones.
            wish: What the sensor should stream.
            sink: Takes what arrives, called on the event loop.
            now_us: The session's clock.
        """
        self.spec = spec
        self.device = spec.device
        """Name in topics of the device that it has; None: any may come."""
        self._carrier = exchange.carrier
        self._sink = sink
        self._now_us = now_us
        self._phone = Phone(wish, sink)
        self._came: deque[bytes] = deque()
        self._stir = asyncio.Event()
        self._stopping = False
        self._heard_us = now_us()
        self._there_us: int | None = None
        """When the device was last connected to its phone, or a new one came."""
        self._malformed = 0
        self._status: SensorStatus | None = None
        exchange.join(self)

    @property
    def is_free(self) -> bool:
        """Whether another device may come: what was here has been away for a while, or nothing was here."""
        return self._there_us is None or (self._now_us() - self._there_us) / 1e6 > QUIET_S

    async def run(self) -> None:
        """Take in what comes until ``stop``. Raises what the sink raises."""
        try:
            while not self._stopping:
                await self._some()
            await self._take_leave()
        finally:
            self._phone.gone("stopped")
            self._tell(Link.STOPPED)

    def stop(self) -> None:
        """End soon; a sensor that is there is told to stop."""
        self._stopping = True
        self._stir.set()

    def identify(self) -> bool:
        """Let the sensor blink; whether it is there and can."""
        can = self._phone.identify()
        if can:
            self._answer()
        return can

    def heard(self, device: str, payload: bytes) -> None:
        """Note what came up; ``run`` looks at it."""
        if device != self.device or self._there_us is None:
            self.device = device
            self._there_us = self._now_us()
        if len(self._came) < WAITING:
            self._came.append(payload)
            self._stir.set()

    @property
    def _silent_s(self) -> float:
        return (self._now_us() - self._heard_us) / 1e6

    async def _some(self) -> None:
        """Look at what has come, or, if nothing does, at how long that has been so."""
        self._stir.clear()
        if not self._came:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._stir.wait()
        while self._came:
            self._take(self._came.popleft())
        if self._silent_s > GONE_S:
            self._phone.gone("the phone is gone")
        self._tell_link()

    def _take(self, payload: bytes) -> None:
        try:
            record = parse_record(payload)
        except PacketError as error:
            self._malformed += 1
            if self._malformed == 1:
                _log.warning("a page sends what cannot be read", device=self.device, problem=str(error))
            return
        self._heard_us = self._now_us()
        self._phone.heard(record, self._heard_us)
        if self._phone.is_up:
            self._there_us = self._heard_us
        self._answer()

    def _answer(self) -> None:
        if self.device is not None:
            self._carrier.send(self.device, self._phone.answer())

    async def _take_leave(self) -> None:
        """Have the sensor stopped, if it is within reach."""
        if self._silent_s > QUIET_S:
            return
        self._phone.stop()
        end_us = self._now_us() + round(FAREWELL_S * 1e6)
        if self._phone.is_up:
            self._answer()
        while not self._phone.has_taken_leave and self._now_us() < end_us:
            await self._some()
            self._phone.wake(self._now_us())

    def _tell_link(self) -> None:
        phone = self._phone
        if not phone.sensor:
            self._tell(Link.SEARCHING, phone.detail or (NOBODY if self._silent_s > PATIENCE_S else ""))
        elif self._silent_s > QUIET_S and phone.is_up:
            self._tell(Link.LOST, QUIET)
        else:
            self._tell(phone.link, phone.detail)

    def _tell(self, link: Link, detail: str = "") -> None:
        status = SensorStatus(
            sensor=self._phone.sensor or str(self.spec),
            spec=str(self.spec),
            link=link,
            detail=detail,
            battery_percent=self._phone.battery_percent,
        )
        if status != self._status:
            self._status = status
            self._sink.status(status)
