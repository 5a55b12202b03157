"""One connection: carries out the conversation's steps and passes on what arrives."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, assert_never

from imurep.devices.protocol import Disconnect, Read, Subscribe, Write
from imurep.events import LinkEvent, Notification
from imurep.sources.ble.error_mapping import BluetoothError, TransportLostError, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

    from imurep.devices.protocol import Conversation, Step
    from imurep.sources.interface import Clock

STEP_S = 10.0
"""Longest time for the answer to a request; a sensor that takes longer counts as lost."""
STOP_S = 3.0
"""Longest time for a clean stop."""
DISCONNECT_S = 5.0
"""Longest time for closing the link."""
LEAST_MTU = 23


class SensorConnection:
    """One connection, from when the link is up until it has ended.

    The link is up when the object is made. The first item that ``on_item`` receives
    is the link event for that, the last one is that of its end. The owner calls
    ``disconnected`` when the link is gone.
    """

    def __init__(
        self,
        client: BleakClient,
        conversation: Conversation,
        channels: Mapping[str, str],
        *,
        on_item: Callable[[Notification | LinkEvent], None],
        on_fed: Callable[[], None],
        now_us: Clock,
    ) -> None:
        self._client = client
        self._conversation = conversation
        self._channels = channels
        self._on_item = on_item
        self._on_fed = on_fed
        self._now_us = now_us
        self._steps: deque[Step] = deque()
        self._wakeup = asyncio.Event()
        self._wakeup_us: int | None = None
        self._stop_timeout: asyncio.Timeout | None = None
        self._reason = ""
        self._failure: Exception | None = None
        self.end_reason = ""
        """Why the link is gone; empty while it is up."""
        on_item(LinkEvent(now_us(), up=True))

    async def run(self) -> Disconnect:
        """Run the conversation until the link is gone or the conversation disconnects.

        Raises BluetoothError when the sensor no longer answers, and whatever a callback raised.
        """
        self._enqueue(self._conversation.connected(self._now_us(), self._mtu()))
        try:
            async with asyncio.timeout(None) as self._stop_timeout:
                return await self._until_disconnect()
        except TimeoutError:
            return Disconnect()
        finally:
            self._stop_timeout = None

    def identify(self) -> bool:
        """Let the sensor show itself, for instance by blinking; give whether it can."""
        steps = self._conversation.identify(self._now_us())
        self._enqueue(steps)
        return bool(steps)

    def stop(self) -> None:
        """Stop the sensor, then let ``run`` end; within ``STOP_S``, whatever the sensor answers."""
        if self._stop_timeout is not None and not self._stop_timeout.expired():
            self._stop_timeout.reschedule(asyncio.get_running_loop().time() + STOP_S)
            self._steps.clear()
            self._enqueue(self._conversation.stop(self._now_us()))

    async def disconnect(self, reason: str) -> None:
        """Close the link if it is still up."""
        self._reason = reason
        try:
            with contextlib.suppress(BluetoothError), translated():
                async with asyncio.timeout(DISCONNECT_S):
                    await self._client.disconnect()
        finally:
            self.disconnected(reason)

    def disconnected(self, reason: str) -> None:
        """Record that the link is gone; only the first call counts."""
        if not self.end_reason:
            self.end_reason = self._reason or reason
            self._wakeup.set()
            self._on_item(LinkEvent(self._now_us(), up=False, reason=self.end_reason))
            self._conversation.disconnected(self._now_us())

    async def _until_disconnect(self) -> Disconnect:
        while not self.end_reason:
            if self._failure is not None:
                raise self._failure
            if self._steps:
                step = self._steps.popleft()
                if isinstance(step, Disconnect):
                    return step
                await self._carry_out(step)
            else:
                await self._idle()
        return Disconnect()

    async def _idle(self) -> None:
        """Wait for steps or for the end of the link; wake the conversation when that is due."""
        self._wakeup.clear()
        self._wakeup_us = self._conversation.wakes_us
        wait_s = None if self._wakeup_us is None else (self._wakeup_us - self._now_us()) / 1e6
        if wait_s is not None and wait_s <= 0:
            self._enqueue(self._conversation.wake(self._now_us()))
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._wakeup.wait()

    async def _carry_out(self, step: Subscribe | Read | Write) -> None:
        try:
            with translated():
                async with asyncio.timeout(STEP_S):
                    value = await self._request(step)
        except BluetoothError as error:
            if self.end_reason or not self._client.is_connected or isinstance(error, TransportLostError):
                raise
            self._steps.clear()
            self._enqueue(self._conversation.refused(step, str(error), self._now_us()))
        else:
            if value is not None:
                self._arrived(step.channel, value)

    async def _request(self, step: Subscribe | Read | Write) -> bytearray | None:
        """Send the request of a step to the sensor; give the value for one that reads."""
        characteristic = self._characteristic(step.channel)
        if characteristic is None:
            msg = f"the sensor has no characteristic for {step.channel}; update its firmware"
            raise BluetoothError(msg)
        match step:
            case Subscribe():
                await self._client.start_notify(
                    characteristic, lambda _, value: self._arrived(step.channel, value)
                )
            case Read():
                return await self._client.read_gatt_char(characteristic)
            case Write():
                await self._client.write_gatt_char(characteristic, step.payload, response=step.response)
            case _:
                assert_never(step)
        return None

    def _arrived(self, channel: str, value: bytearray) -> None:
        if self.end_reason:
            return
        notification = Notification(self._now_us(), channel, bytes(value))
        try:
            self._on_item(notification)
            self._enqueue(self._conversation.feed(notification))
            self._on_fed()
        except Exception as error:  # noqa: BLE001 - run raises it; the stack, which calls this, would only log it
            self._failure = error
            self._wakeup.set()

    def _enqueue(self, steps: Iterable[Step]) -> None:
        self._steps.extend(steps)
        if self._steps or self._conversation.wakes_us != self._wakeup_us:
            self._wakeup.set()

    def _characteristic(self, channel: str) -> BleakGATTCharacteristic | None:
        return self._client.services.get_characteristic(self._channels[channel])

    def _mtu(self) -> int:
        """ATT MTU of the link. BlueZ does not give ``mtu_size``, only how much can be written."""
        found = (self._characteristic(channel) for channel in self._channels)
        return max((each.max_write_without_response_size + 3 for each in found if each), default=LEAST_MTU)
