"""The life of a sensor as a source: find it, connect, talk, and all over again until it is to stop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from imurep.events import Link, Notification, SensorStatus
from imurep.sources.battery import percent
from imurep.sources.ble.adapter import CONNECT_S
from imurep.sources.ble.connection import HANG_UP_S, Talk
from imurep.sources.ble.error_mapping import NOT_SEEN, OUT_OF_REACH, UNKNOWN_KIND, RadioError, translated
from imurep.util.backoff import Backoff

if TYPE_CHECKING:
    from random import Random

    from imurep.devices.kind import SensorKind
    from imurep.devices.protocol import Conversation, HangUp, StreamWish
    from imurep.events import LinkEvent
    from imurep.sources.ble.advertisement import Sighting
    from imurep.sources.ble.scanner import Claim, Finder
    from imurep.sources.interface import Clock, Sink
    from imurep.sources.spec import BleSpec

PATIENCE_S = 10.0
"""A sensor that has not shown itself for so long is worth a word."""
GOOD_US = 1_000_000
"""After a stream that lasted this long, connecting again need not wait: any second of it brings samples."""


class BleSource:
    """A sensor over Bluetooth, held until ``stop``; out of reach, it is looked for as long as it takes."""

    def __init__(
        self,
        spec: BleSpec,
        *,
        finder: Finder,
        wish: StreamWish,
        sink: Sink,
        now_us: Clock,
        chance: Random,
    ) -> None:
        """Make a source.

        Args:
            spec: Which sensor.
            finder: Shared by all sources on one adapter.
            wish: What it should stream.
            sink: Takes what arrives, called on the event loop.
            now_us: The session's clock.
            chance: Spreads attempts to connect.
        """
        self._sensor = str(spec)  # until it is found
        self._spec = spec
        self._finder = finder
        self._wish = wish
        self._sink = sink
        self._now_us = now_us
        self._backoff = Backoff(chance)
        self._kind: SensorKind | None = None
        self._conversation: Conversation | None = None
        self._talk: Talk | None = None
        self._life: asyncio.Task[None] | None = None
        self._stopping = False
        self._status: SensorStatus | None = None
        self._absent = Link.SEARCHING  # and LOST once it was there
        self._streaming_since_us: int | None = None
        self._battery_percent: int | None = None
        self._rssi_dbm: int | None = None

    async def run(self) -> None:
        """Hold the sensor until ``stop``; after an error it may be run again.

        Raises ConfigError when the adapter's setting cannot work, and whatever the sink raises.
        """
        self._life = asyncio.create_task(self._live())
        try:
            await asyncio.wait({self._life})
        finally:
            wanted, self._stopping = self._stopping, True
            while not self._life.done():
                # Again and again: before Python 3.12 wait_for, which Bumble and others use, may swallow it.
                self._life.cancel()
                await asyncio.wait({self._life}, timeout=HANG_UP_S + 1)
            self._stopping = wanted
            self._tell(Link.STOPPED)
        if not self._life.cancelled():
            self._life.result()

    def stop(self) -> None:
        """End soon: a sensor that is connected is told to stop, anything else is broken off."""
        self._stopping = True
        if self._talk is not None:
            self._talk.stop()
        elif self._life is not None:
            self._life.cancel()

    def identify(self) -> bool:
        """Let the sensor blink; whether it is there and can."""
        return self._talk is not None and self._talk.identify()

    async def _live(self) -> None:
        with self._finder.claim(self._spec) as claim:
            while not self._stopping:
                try:
                    wanted = await self._once(claim)
                except RadioError as error:
                    self._tell(self._absent, str(error))
                else:
                    if not wanted:
                        await asyncio.Event().wait()  # for somebody to stop it: trying again will not help
                if not self._stopping:
                    await asyncio.sleep(self._backoff.next_s())

    async def _once(self, claim: Claim) -> bool:
        """Find, connect and talk, once; whether to do so again. Raises RadioError."""
        seen = await self._search(claim)
        kind, conversation = self._known(seen)
        self._rssi_dbm = seen.rssi_dbm
        if seen.battery_percent is not None:
            self._battery_percent = seen.battery_percent
        self._tell(Link.CONNECTING)
        self._talk = await self._connect(seen, kind, conversation)
        self._absent = Link.LOST
        end: HangUp | None = None
        reason = "broken off"
        try:
            if not self._stopping:
                end = await self._talk.run()
                reason = end.problem or "hung up"
        except RadioError as error:
            reason = str(error)
        finally:
            await self._talk.hang_up("stopped" if self._stopping else reason)
            why = self._talk.ended
            self._talk = None
            self._settle()
        if not self._stopping:
            self._tell(Link.LOST, end.problem if end and end.problem else f"{why}; looking for it")
        return end is None or end.again

    async def _search(self, claim: Claim) -> Sighting:
        if self._status is None or self._status.link is Link.STOPPED:
            self._tell(self._absent)
        patience = asyncio.get_running_loop().call_later(
            PATIENCE_S, self._tell, self._absent, OUT_OF_REACH if self._kind else NOT_SEEN
        )
        try:
            return await self._finder.find(claim)
        finally:
            patience.cancel()

    def _known(self, seen: Sighting) -> tuple[SensorKind, Conversation]:
        """Kind and conversation, which stay over all connections. Raises RadioError for a stranger."""
        if self._kind is None or self._conversation is None:
            if seen.kind is None:
                raise RadioError(UNKNOWN_KIND)
            self._kind = seen.kind
            self._sensor = seen.label
            self._conversation = seen.kind.conversation(self._wish)
            for said in self._sink.found(self._sensor, self._kind.protocol):
                self._conversation.feed(said)
        return self._kind, self._conversation

    async def _connect(self, seen: Sighting, kind: SensorKind, conversation: Conversation) -> Talk:
        talk: Talk | None = None

        def down(reason: str) -> None:
            if talk is not None:
                talk.down(reason)

        async with self._finder.quiet():
            with translated():
                await self._finder.radio.ready()
                client = self._finder.radio.client(seen.device, down)
                async with asyncio.timeout(CONNECT_S + HANG_UP_S):  # where the stack's own limit fails
                    await client.connect()
        if not client.is_connected:
            raise RadioError(OUT_OF_REACH)
        talk = Talk(
            client, conversation, kind.channels, received=self._received, fed=self._fed, now_us=self._now_us
        )
        return talk

    def _received(self, item: Notification | LinkEvent) -> None:
        self._sink.received(item)
        if isinstance(item, Notification) and item.channel == "battery":
            level = percent(item.payload)
            if level is not None and self._status is not None:
                self._battery_percent = level
                self._tell(self._status.link, self._status.detail)

    def _fed(self) -> None:
        """Note when the stream begins, and when it ends though the link stands."""
        streaming = self._conversation is not None and self._conversation.streaming
        if streaming and self._streaming_since_us is None:
            self._streaming_since_us = self._now_us()
            self._tell(Link.STREAMING)

    def _settle(self) -> None:
        """After a connection: whether the next one may be tried at once."""
        since_us, self._streaming_since_us = self._streaming_since_us, None
        if since_us is not None and self._now_us() - since_us >= GOOD_US:
            self._backoff.reset()

    def _tell(self, link: Link, detail: str = "") -> None:
        status = SensorStatus(
            sensor=self._sensor,
            spec=str(self._spec),
            link=link,
            detail=detail,
            battery_percent=self._battery_percent,
            rssi_dbm=self._rssi_dbm,
        )
        if status != self._status:
            self._status = status
            self._sink.status(status)
