"""One connection: what the conversation wants done is done, what arrives is handed on."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, assert_never

from imurep.devices.protocol import HangUp, Read, Subscribe, Write
from imurep.events import LinkEvent, Notification
from imurep.sources.ble.error_mapping import RadioError, WayLostError, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

    from imurep.devices.protocol import Conversation, Step
    from imurep.sources.interface import Clock

STEP_S = 10.0
"""Longest that a sensor may take to answer a request; one that takes longer is as good as gone."""
FAREWELL_S = 3.0
"""Longest that a clean stop may take."""
HANG_UP_S = 5.0
"""Longest that closing the link may take."""
LEAST_MTU = 23


class Talk:
    """Carries one connection, from where the link stands until it is gone.

    The link is up when a Talk is made, and that is the first thing that is
    received; the last is its end. ``down`` is to be called when the link is gone.
    """

    def __init__(
        self,
        client: BleakClient,
        conversation: Conversation,
        channels: Mapping[str, str],
        *,
        received: Callable[[Notification | LinkEvent], None],
        fed: Callable[[], None],
        now_us: Clock,
    ) -> None:
        self._client = client
        self._conversation = conversation
        self._channels = channels
        self._received = received
        self._fed = fed
        self._now_us = now_us
        self._steps: deque[Step] = deque()
        self._stir = asyncio.Event()
        self._alarm_us: int | None = None
        self._patience: asyncio.Timeout | None = None
        self._reason = ""
        self._failure: Exception | None = None
        self.ended = ""
        """Why the link is gone; empty while it stands."""
        received(LinkEvent(now_us(), up=True))

    async def run(self) -> HangUp:
        """Talk until the link is gone or nothing is left to say.

        Raises RadioError when the sensor no longer answers, and whatever a receiver raised.
        """
        self._say(self._conversation.connected(self._now_us(), self._mtu()))
        try:
            async with asyncio.timeout(None) as self._patience:
                return await self._until_hung_up()
        except TimeoutError:
            return HangUp()
        finally:
            self._patience = None

    def identify(self) -> bool:
        """Ask the sensor to show itself; whether it can."""
        steps = self._conversation.identify(self._now_us())
        self._say(steps)
        return bool(steps)

    def stop(self) -> None:
        """Tell the sensor to stop, and then let ``run`` end; it does so soon, whatever the sensor answers."""
        if self._patience is not None and not self._patience.expired():
            self._patience.reschedule(asyncio.get_running_loop().time() + FAREWELL_S)
            self._steps.clear()
            self._say(self._conversation.stop(self._now_us()))

    async def hang_up(self, reason: str) -> None:
        """Close the link, if it still stands."""
        self._reason = reason
        try:
            with contextlib.suppress(RadioError), translated():
                async with asyncio.timeout(HANG_UP_S):
                    await self._client.disconnect()
        finally:
            self.down(reason)

    def down(self, reason: str) -> None:
        """Note that the link is gone; only the first time counts."""
        if not self.ended:
            self.ended = self._reason or reason
            self._stir.set()
            self._received(LinkEvent(self._now_us(), up=False, reason=self.ended))
            self._conversation.disconnected(self._now_us())

    async def _until_hung_up(self) -> HangUp:
        while not self.ended:
            if self._failure is not None:
                raise self._failure
            if self._steps:
                step = self._steps.popleft()
                if isinstance(step, HangUp):
                    return step
                await self._carry_out(step)
            else:
                await self._idle()
        return HangUp()

    async def _idle(self) -> None:
        """Wait until something stirs, or wake the conversation when it wants to be woken."""
        self._stir.clear()
        self._alarm_us = self._conversation.wakes_us
        wait_s = None if self._alarm_us is None else (self._alarm_us - self._now_us()) / 1e6
        if wait_s is not None and wait_s <= 0:
            self._say(self._conversation.wake(self._now_us()))
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._stir.wait()

    async def _carry_out(self, step: Subscribe | Read | Write) -> None:
        try:
            with translated():
                async with asyncio.timeout(STEP_S):
                    value = await self._asked(step)
        except RadioError as error:
            if self.ended or not self._client.is_connected or isinstance(error, WayLostError):
                raise
            self._steps.clear()
            self._say(self._conversation.refused(step, str(error), self._now_us()))
        else:
            if value is not None:
                self._arrived(step.channel, value)

    async def _asked(self, step: Subscribe | Read | Write) -> bytearray | None:
        """Ask the sensor for what a step wants; the value, if it is one that reads."""
        characteristic = self._characteristic(step.channel)
        if characteristic is None:
            msg = f"the sensor has no characteristic for {step.channel}; update its firmware"
            raise RadioError(msg)
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
        if self.ended:
            return
        notification = Notification(self._now_us(), channel, bytes(value))
        try:
            self._received(notification)
            self._say(self._conversation.feed(notification))
            self._fed()
        except Exception as error:  # noqa: BLE001 - raised by run; the stack, which calls this, would only log it
            self._failure = error
            self._stir.set()

    def _say(self, steps: Iterable[Step]) -> None:
        self._steps.extend(steps)
        if self._steps or self._conversation.wakes_us != self._alarm_us:
            self._stir.set()

    def _characteristic(self, channel: str) -> BleakGATTCharacteristic | None:
        return self._client.services.get_characteristic(self._channels[channel])

    def _mtu(self) -> int:
        """ATT MTU of the link. BlueZ does not tell ``mtu_size``, only how much can be written."""
        here = (self._characteristic(channel) for channel in self._channels)
        return max((each.max_write_without_response_size + 3 for each in here if each), default=LEAST_MTU)
