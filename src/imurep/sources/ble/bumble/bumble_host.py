"""The open adapter: one Bumble host for all scanners and clients on it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason
from bumble import hci
from bumble.core import BaseBumbleError
from bumble.device import ConnectionParametersPreferences, Device
from bumble.transport.common import TransportSpecError

from imurep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bumble.device import Advertisement, Connection
    from bumble.transport.common import Transport

ANSWER_S = 5.0
"""Longest time for an answer of the adapter; one that was pulled out never answers."""

_PREFERENCES = {
    hci.HCI_LE_1M_PHY: ConnectionParametersPreferences(
        connection_interval_min=15,
        connection_interval_max=30,
        # Bumble's own 0.72 s would drop the link whenever the person turns their back to the adapter.
        supervision_timeout=4000,
    )
}


class BumbleHost:
    """An adapter that is open until it is closed or lost."""

    def __init__(self, transport: Transport, device: Device) -> None:
        self._transport = transport
        self._device = device
        self._listeners: list[Callable[[Advertisement], None]] = []
        self._scan = asyncio.Lock()
        device.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)

    @classmethod
    async def open(cls, transport_spec: str, open_hci: Callable[[str], Awaitable[Transport]]) -> BumbleHost:
        """Open the adapter behind an HCI transport.

        Raises ConfigError when Bumble knows no such transport, and bleak's error for
        a missing adapter when it cannot be opened or does not answer.
        """
        try:
            transport = await open_hci(transport_spec)
        except TransportSpecError as error:
            msg = f"bumble:{transport_spec} names no HCI transport; write one such as bumble:usb:0"
            raise ConfigError(msg) from error
        except (BaseBumbleError, OSError, ValueError) as error:
            raise _missing(transport_spec, f"cannot be opened ({error})") from error
        async with contextlib.AsyncExitStack() as undo:
            undo.push_async_callback(transport.close)
            device = Device.with_hci("imurep", hci.Address.ANY_RANDOM, transport.source, transport.sink)
            try:
                async with asyncio.timeout(ANSWER_S):
                    await device.power_on()
            except (BaseBumbleError, TimeoutError) as error:
                raise _missing(transport_spec, "does not answer") from error
            undo.pop_all()
        return cls(transport, device)

    @property
    def lost(self) -> bool:
        """Whether the adapter is gone."""
        return self._transport.source.terminated.done()

    async def close(self) -> None:
        """Release the adapter, also after it was lost."""
        with contextlib.suppress(BaseBumbleError, TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                await self._device.power_off()
        await self._transport.close()

    async def listen(self, listener: Callable[[Advertisement], None]) -> None:
        """Call ``listener`` with every advertisement; the first listener starts the scan."""
        async with self._scan:
            if not self._listeners:
                async with asyncio.timeout(ANSWER_S):
                    await self._device.start_scanning()
            self._listeners.append(listener)

    async def unlisten(self, listener: Callable[[Advertisement], None]) -> None:
        """Remove a listener; removing the last one stops the scan."""
        async with self._scan:
            self._listeners.remove(listener)
            if not self._listeners and not self.lost:
                async with asyncio.timeout(ANSWER_S):
                    await self._device.stop_scanning()

    async def connect(self, address: hci.Address) -> Connection:
        """Connect to a peer, without a time limit; cancelling it leaves nothing behind in the adapter.

        Raises Bumble's errors, and CancelledError when the adapter is lost meanwhile.
        """
        attempt = asyncio.ensure_future(
            self._device.connect(address, connection_parameters_preferences=_PREFERENCES, timeout=None)
        )
        try:
            return await asyncio.shield(attempt)
        except asyncio.CancelledError:
            await self._cancel(attempt)
            raise

    async def _cancel(self, attempt: asyncio.Future[Connection]) -> None:
        """Cancel an attempt; the adapter answers with a failed connection, or with one made just then."""
        with contextlib.suppress(BaseBumbleError, TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(ANSWER_S):
                if not attempt.done():
                    await self._device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
                connection = await attempt
                await connection.disconnect()
        attempt.cancel()

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        for listener in tuple(self._listeners):
            listener(advertisement)


def _missing(transport_spec: str, problem: str) -> BleakBluetoothNotAvailableError:
    what = f"the Bluetooth adapter bumble:{transport_spec} {problem}"
    return BleakBluetoothNotAvailableError(what, BleakBluetoothNotAvailableReason.NO_BLUETOOTH)
