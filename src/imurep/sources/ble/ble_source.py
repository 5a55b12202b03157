"""A Bluetooth sensor as a source: finds it, connects, streams, and does so again until it is stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from imurep.devices.kind import parse_battery_level
from imurep.events import Link, Notification, SensorStatus
from imurep.sources.ble.adapter import CONNECT_S
from imurep.sources.ble.connection import DISCONNECT_S, SensorConnection
from imurep.sources.ble.error_mapping import NOT_SEEN, OUT_OF_REACH, UNKNOWN_KIND, BluetoothError, translated
from imurep.util.backoff import Backoff

if TYPE_CHECKING:
    from random import Random

    from imurep.devices.kind import SensorKind
    from imurep.devices.protocol import Conversation, Disconnect, StreamRequest
    from imurep.events import LinkEvent
    from imurep.sources.ble.advertisement import SensorAdvertisement
    from imurep.sources.ble.scanner import SensorReservation, SensorScanner
    from imurep.sources.interface import Clock, Sink
    from imurep.sources.spec import BleSpec

HINT_S = 10.0
"""After so long without the sensor the status gives a reason that is likely."""
GOOD_US = 1_000_000
"""After a stream of this length the next connection is tried at once: any second of it brings samples."""


class BleSource:
    """A sensor over Bluetooth, until ``stop``; while it is out of reach the source searches for it."""

    def __init__(
        self,
        spec: BleSpec,
        *,
        scanner: SensorScanner,
        stream_request: StreamRequest,
        sink: Sink,
        now_us: Clock,
        rng: Random,
    ) -> None:
        """Make a source.

        Args:
            spec: Which sensor.
            scanner: Shared by all sources on one adapter.
            stream_request: What it should stream.
            sink: Is called with what arrives, on the event loop.
            now_us: The session's clock.
            rng: Spreads attempts to connect.
        """
        self._sensor = str(spec)  # until it is found
        self._spec = spec
        self._scanner = scanner
        self._stream_request = stream_request
        self._sink = sink
        self._now_us = now_us
        self._backoff = Backoff(rng)
        self._kind: SensorKind | None = None
        self._conversation: Conversation | None = None
        self._connection: SensorConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._status: SensorStatus | None = None
        self._absent = Link.SEARCHING  # and LOST once it was there
        self._streaming_since_us: int | None = None
        self._battery_percent: int | None = None
        self._rssi_dbm: int | None = None

    async def run(self) -> None:
        """Stream from the sensor until ``stop``; after an error it may be called again.

        Raises ConfigError when the adapter's setting cannot work, and whatever the sink raises.
        """
        self._task = asyncio.create_task(self._keep_connected())
        try:
            await asyncio.wait({self._task})
        finally:
            was_stopping, self._stopping = self._stopping, True
            while not self._task.done():
                # Again and again: before Python 3.12 wait_for, which Bumble and others use, may swallow it.
                self._task.cancel()
                await asyncio.wait({self._task}, timeout=DISCONNECT_S + 1)
            self._stopping = was_stopping
            self._report(Link.STOPPED)
        if not self._task.cancelled():
            self._task.result()

    def stop(self) -> None:
        """End soon: a connected sensor is stopped first, anything else is cancelled."""
        self._stopping = True
        if self._connection is not None:
            self._connection.stop()
        elif self._task is not None:
            self._task.cancel()

    def identify(self) -> bool:
        """Let the sensor blink; give whether it is connected and can."""
        return self._connection is not None and self._connection.identify()

    async def _keep_connected(self) -> None:
        with self._scanner.reserve(self._spec) as reservation:
            while not self._stopping:
                try:
                    again = await self._connect_once(reservation)
                except BluetoothError as error:
                    self._report(self._absent, str(error))
                else:
                    if not again:
                        await asyncio.Event().wait()  # until stop: trying again will not help
                if not self._stopping:
                    await asyncio.sleep(self._backoff.next_s())

    async def _connect_once(self, reservation: SensorReservation) -> bool:
        """Find the sensor, connect and stream, once; give whether to do so again. Raises BluetoothError."""
        sensor = await self._search(reservation)
        kind, conversation = self._identified(sensor)
        self._rssi_dbm = sensor.rssi_dbm
        if sensor.battery_percent is not None:
            self._battery_percent = sensor.battery_percent
        self._report(Link.CONNECTING)
        self._connection = await self._connect(sensor, kind, conversation)
        self._absent = Link.LOST
        end: Disconnect | None = None
        reason = "broken off"
        try:
            if not self._stopping:
                end = await self._connection.run()
                reason = end.problem or "disconnected"
        except BluetoothError as error:
            reason = str(error)
        finally:
            await self._connection.disconnect("stopped" if self._stopping else reason)
            end_reason = self._connection.end_reason
            self._connection = None
            self._end_of_stream()
        if not self._stopping:
            self._report(Link.LOST, end.problem if end and end.problem else f"{end_reason}; looking for it")
        return end is None or end.again

    async def _search(self, reservation: SensorReservation) -> SensorAdvertisement:
        if self._status is None or self._status.link is Link.STOPPED:
            self._report(self._absent)
        hint = asyncio.get_running_loop().call_later(
            HINT_S, self._report, self._absent, OUT_OF_REACH if self._kind else NOT_SEEN
        )
        try:
            return await self._scanner.find(reservation)
        finally:
            hint.cancel()

    def _identified(self, sensor: SensorAdvertisement) -> tuple[SensorKind, Conversation]:
        """Kind and conversation, the same for all connections. Raises BluetoothError for an unknown kind."""
        if self._kind is None or self._conversation is None:
            if sensor.kind is None:
                raise BluetoothError(UNKNOWN_KIND)
            self._kind = sensor.kind
            self._sensor = sensor.label
            self._conversation = sensor.kind.conversation(self._stream_request)
            for notification in self._sink.found(self._sensor, self._kind.protocol):
                self._conversation.feed(notification)
        return self._kind, self._conversation

    async def _connect(
        self, sensor: SensorAdvertisement, kind: SensorKind, conversation: Conversation
    ) -> SensorConnection:
        connection: SensorConnection | None = None

        def on_disconnected(reason: str) -> None:
            if connection is not None:
                connection.disconnected(reason)

        async with self._scanner.exclusive_air():
            with translated():
                await self._scanner.adapter.ready()
                client = self._scanner.adapter.client(sensor.device, on_disconnected)
                async with asyncio.timeout(CONNECT_S + DISCONNECT_S):  # where the stack's own limit fails
                    await client.connect()
        if not client.is_connected:
            raise BluetoothError(OUT_OF_REACH)
        connection = SensorConnection(
            client,
            conversation,
            kind.channels,
            on_item=self._on_item,
            on_fed=self._on_fed,
            now_us=self._now_us,
        )
        return connection

    def _on_item(self, item: Notification | LinkEvent) -> None:
        self._sink.received(item)
        if isinstance(item, Notification) and item.channel == "battery":
            level = parse_battery_level(item.payload)
            if level is not None and self._status is not None:
                self._battery_percent = level
                self._report(self._status.link, self._status.detail)

    def _on_fed(self) -> None:
        """Record when the stream begins."""
        streaming = self._conversation is not None and self._conversation.streaming
        if streaming and self._streaming_since_us is None:
            self._streaming_since_us = self._now_us()
            self._report(Link.STREAMING)

    def _end_of_stream(self) -> None:
        """After a good stream, let the next connection be tried at once."""
        since_us, self._streaming_since_us = self._streaming_since_us, None
        if since_us is not None and self._now_us() - since_us >= GOOD_US:
            self._backoff.reset()

    def _report(self, link: Link, detail: str = "") -> None:
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
